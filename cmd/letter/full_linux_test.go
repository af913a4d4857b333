package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"

	"letterlock/client/carriertest"
)

// window is somebody at a terminal with the full-screen client: what a terminal
// draws of the bytes that the program writes.
type window struct {
	t       testing.TB
	program *os.File
	person  *os.File
	vt      *vt.SafeEmulator
	raw     buffer
	ended   chan error
}

func (w *world) window(who string, wide, high int, args ...string) *window {
	w.t.Helper()
	program, person := pty(w.t)
	s := &window{t: w.t, program: program, person: person, vt: vt.NewSafeEmulator(wide, high), ended: make(chan error, 1)}
	s.size(wide, high)
	go s.draw()
	go io.Copy(person, s.vt) // what a terminal answers to questions
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	w.t.Cleanup(cancel)
	go func() {
		s.ended <- run(ctx, append([]string{"--dir", w.folder(who)}, args...), program, program, program)
	}()
	return s
}

func (s *window) draw() {
	for b := make([]byte, 4096); ; {
		n, err := s.person.Read(b)
		if err != nil {
			return
		}
		s.raw.Write(b[:n])
		s.vt.Write(b[:n])
	}
}

// size gives the terminal a size, as a window manager does.
func (s *window) size(wide, high int) {
	s.t.Helper()
	err := unix.IoctlSetWinsize(int(s.program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(wide), Row: uint16(high)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.vt.Resize(wide, high)
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		s.t.Fatal(err)
	}
}

func (s *window) types(keys ...string) {
	for _, k := range keys {
		s.person.WriteString(k)
		if time.Sleep(20 * time.Millisecond); k == escape { // a key of its own, if nothing follows at once
			time.Sleep(80 * time.Millisecond)
		}
	}
}

const (
	enter  = "\r"
	escape = "\x1b"
	up     = "\x1b[A"
	down   = "\x1b[B"
	ctrlG  = "\x07"
	ctrlO  = "\x0f"
	ctrlF  = "\x06"
)

// screen is what stands on it.
func (s *window) screen() string {
	var out []string
	for y := range s.vt.Height() {
		var line strings.Builder
		for x := 0; x < s.vt.Width(); {
			c := s.vt.CellAt(x, y)
			if c == nil || c.Width == 0 {
				x++
				continue
			}
			if c.Content == "" {
				line.WriteByte(' ')
			} else {
				line.WriteString(c.Content)
			}
			x += c.Width
		}
		out = append(out, strings.TrimRight(line.String(), " "))
	}
	return strings.Join(out, "\n")
}

func (s *window) has(texts ...string) {
	s.t.Helper()
	s.wait(func(screen string) string {
		for _, x := range texts {
			if !strings.Contains(screen, x) {
				return "never on the screen: " + x
			}
		}
		return ""
	})
}

func (s *window) not(text string) {
	s.t.Helper()
	s.wait(func(screen string) string {
		if strings.Contains(screen, text) {
			return "still on the screen: " + text
		}
		return ""
	})
}

func (s *window) wait(f func(screen string) string) {
	s.t.Helper()
	said := ""
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if said = f(s.screen()); said == "" {
			return
		}
		select {
		case err := <-s.ended:
			s.t.Fatalf("the program ended: %v\n%s", err, s.screen())
		default:
		}
	}
	s.picture("failed")
	s.t.Fatalf("%s\n%s", said, s.screen())
}

func (s *window) quit() {
	s.t.Helper()
	s.types("\x03")
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		s.t.Fatalf("the program does not end\n%s", s.screen())
	}
}

// picture keeps the screen where LETTER_PICTURES says, to be looked at.
func (s *window) picture(name string) {
	if dir := os.Getenv("LETTER_PICTURES"); dir != "" {
		os.WriteFile(filepath.Join(dir, name+".txt"), []byte(s.screen()), 0o600)
		os.WriteFile(filepath.Join(dir, name+".ansi"), []byte(s.vt.Render()), 0o600)
	}
}

// Two full-screen programs through a server, by keyboard alone: a chat, an
// answer, an edit, a reaction, a deletion, a group, and a search.
func TestTwoFullScreensTalk(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	a, b := w.window("alice", 80, 24), w.window("bob", 120, 30)
	a.has("Chats", alice, "connected", "No chats yet.")
	b.has("connected")
	a.picture("empty")
	a.types("n", enter)
	a.has("The number, in international form:")
	a.types(bob[1:], enter)
	a.has("Nothing yet. What you write here is sealed")
	a.types("hello *bold* ||secret||", "\x1b\r", "a second line", enter)
	b.has("alice", "(1)", "hello bold ▒▒▒▒▒▒")
	b.types(enter)
	b.has("hello bold ▒▒▒▒▒▒", "a second line", "── new ──")
	b.types("good evening", enter)
	a.has("bob", "good evening")
	b.has("✓✓ read") // alice has written to bob, so he is told
	b.types(up)
	b.has("▶")
	b.types(up, " ")
	b.has("hello bold secret")
	b.types("r", "an answer", enter)
	a.has("┃ You: hello bold ▒▒▒▒▒▒", "an answer")
	a.types(up, "1")
	b.has("👍 alice")
	b.types(up, "e", "!", enter)
	a.has("an answer!", "edited")
	a.types(escape)
	b.types("so I am")
	a.has("bob is writing…")
	a.picture("talk-80")
	b.picture("talk-120")
	b.types("\x15", up, up, "d")
	b.has("Delete it for everybody?")
	b.types("y")
	a.has("(deleted)")
	a.not("good evening")
	for _, s := range []*window{a, b} {
		s.quit()
	}
}

// Through the carrier of this repository: a group with a link and roles, a
// photo with its picture and a progress, a voice message, a place, a safety
// number, settings, and every page on a narrow terminal.
func TestAFullScreenThroughTheCarrier(t *testing.T) {
	t.Setenv("COLORTERM", "truecolor")
	t.Setenv("TERM", "xterm-256color")
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.join("carol", carol)
	a, b := h.window("alice", 80, 30), h.window("bob", 80, 30)
	a.has("connected")
	a.types("n", down, enter)
	a.has("The group's name:")
	a.types("Supper", enter)
	a.has("Phone numbers, with commas between:")
	a.types(bob+", "+carol, enter)
	a.has("Supper", "3 members")
	a.types("soup for @bo")
	a.has("Tab takes the first")
	a.types("\t", "?", enter)
	a.has("soup for @bob ?")
	b.has("Supper #", "alice: soup for @bob ?", "(2)")
	b.types(enter)
	b.has("soup for @bob ?")

	photo := filepath.Join(t.TempDir(), "lake.jpg")
	if err := os.WriteFile(photo, gradient(t, 120, 90), 0o600); err != nil {
		t.Fatal(err)
	}
	a.types(ctrlF, filepath.Dir(photo)+"/la", "\t", enter)
	a.has("[photo lake.jpg", "120 x 90", "▀▀▀▀", "✓")
	b.has("[photo lake.jpg", "not fetched yet")
	to := t.TempDir()
	b.types(up)
	b.has("▶")
	b.types("s")
	b.has("Save in which folder?")
	b.types("\x15", to, enter)
	b.has("Saved as " + to)
	b.not("not fetched yet")
	if got, err := os.ReadFile(filepath.Join(to, "lake.jpg")); err != nil || len(got) < 500 {
		t.Errorf("what was saved: %d bytes, %v", len(got), err)
	}
	b.types(escape)
	a.types(ctrlO)
	a.has("Say where you are")
	a.types(down, down, down, enter)
	a.has("Latitude and longitude")
	a.types("38.7223,-9.1393", enter)
	b.has("⌖ geo:38.7223,-9.1393")
	b.picture("group")

	a.types(ctrlG)
	a.has("3 members", "owner", "Open a link: whoever has it comes in")
	a.picture("group-page")
	a.has("▶ bob")
	a.types(enter)
	a.has("Make bob an admin", "Remove bob from the group")
	a.types(down, enter, "y")
	a.has("Done.", "Make bob a plain member")
	a.types(down, escape)
	a.has("bob  admin")
	a.types(escape, escape)
	a.has("Chats")
	b.has("alice: changed the role of You")

	a.types("s")
	a.has("What others see of you", "That you have read it", "shown to people to whom you wrote", "Language", "العربية")
	a.picture("settings")
	a.types(escape, "?")
	a.has("Keys of this page", "search messages")
	a.picture("help")
	a.types(escape, "/", "SOUP")
	a.has("Supper · You", "soup for @bob ?")
	a.types(escape, "d")
	a.has("the one you registered with, this device", "Link another device")
	a.types(escape)
	a.quit()
	b.types(escape, "n", enter)
	b.has("The number")
	b.types("\x15", alice, enter)
	b.has("Nothing yet.")
	b.types("hi", enter, ctrlG)
	b.has("Safety number", "It is the same: mark as verified", "▀▄")
	b.picture("person")
	b.types(down, down, down, down, down, enter)
	b.has("Did you compare all the digits")
	b.types("y")
	b.has("✔ You marked it as verified.")
	b.types(escape, escape)
	b.has("alice ✔")
	b.size(40, 20)
	b.types(down, enter)
	b.has("geo:38.7223,-9.1393")
	b.picture("narrow")
	b.size(15, 5)
	b.has("The window is")
	b.size(60, 20)
	b.has("geo:38.7223,-9.1393")
	b.quit()
}

// gradient is a photo.
func gradient(t testing.TB, wide, high int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			m.Set(x, y, color.RGBA{uint8(2 * x), uint8(2 * y), 200, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostile are texts that would steer a terminal, or turn what stands beside
// them, if they reached it as they are.
var hostile = []string{
	"\x1b]0;owned\x07title", "\x1b[2Jcleared", "\x1b[31mred\x1b[0m", "\x1b]52;c;b3duZWQ=\x07clipboard", "\x1bPq#0;2;0;0;0\x1b\\sixel",
	"\x9b2Jeight bits", "\u009b31mC1", "back\bspace\b\b\b", "carriage\rreturn", "bell\x07", "\u202eturned\u202c", "\u2066isolated", "\x1b_Gf=24;AAAA\x1b\\kitty", "nul\x00end",
}

// What somebody writes, calls themselves, or names a group or a file, reaches
// the terminal without anything that steers it.
func TestHostileTextDoesNotSteerTheFullScreen(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	r := w.letter("bob", carriertest.Code+"\n", "register", "--server", w.url, "--phone", bob, "--name", "\x1b]0;owned\x07bob\x1b[2J")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	w.ok("alice", "send", "--to", bob, "go on")
	w.ok("bob", "receive")
	for _, text := range hostile {
		if r := w.letter("bob", "", "send", "--plain", "--to", alice, "--", "x"+text+"y"); r.code != 0 && !strings.Contains(r.err, "UTF-8") && !strings.Contains(r.err, "cannot be sent") {
			t.Errorf("%q: %s", text, r.err)
		}
	}
	w.ok("bob", "group", "new", "party", "--with", alice)
	w.ok("bob", "send", "--plain", "--to", alice, "שלום עולם (hello)")
	w.ok("bob", "send", "--to", alice, "the last one")
	a := w.window("alice", 80, 40)
	a.has("connected", "the last one", "party")
	a.types(down, enter)
	a.types(escape, "/", "last")
	a.has("the last one")
	a.types(enter)
	a.has("▶", "x[2Jclearedy", "x]0;ownedtitley", "שלום עולם (hello)")
	a.types("i")
	a.has("A message", "Number:")
	a.types(escape, escape, ctrlG)
	a.has("Safety number")
	a.types(escape)
	a.picture("hostile")
	a.quit()
	raw := a.raw.String()
	for _, seq := range []string{"\x1b]0;owned", "\x1b]52;c;b3", "\x1bPq#0", "\x1b_G", "\x9b2J", "\u009b", "\u202e", "\u2066", "xback\b", "bell\x07", "nul\x00"} {
		if strings.Contains(raw, seq) {
			t.Errorf("%q reached the terminal", seq)
		}
	}
	if !strings.Contains(raw, "\u2068") || strings.Count(raw, "\u2068") != strings.Count(raw, "\u2069") {
		t.Errorf("a text that goes from right to left is not kept apart: %d opened, %d closed", strings.Count(raw, "\u2068"), strings.Count(raw, "\u2069"))
	}
}

// NO_COLOR leaves bold and underlined, and not one colour.
func TestTheFullScreenWithoutColours(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	t.Setenv("TERM", "xterm-256color")
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "plain as day")
	b := w.window("bob", 60, 16)
	b.has("plain as day", "(1)")
	b.types(enter)
	b.has("── new ──")
	b.quit()
	if m := regexp.MustCompile("\x1b\\[[0-9;]*\\b(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m").FindString(b.raw.String()); m != "" {
		t.Errorf("a colour in spite of NO_COLOR: %q", m)
	}
}

// The server goes away and comes back: what is written meanwhile waits and
// goes, and the screen says how it stands.
func TestTheFullScreenWithoutAServer(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "first")
	w.move("alice", "http://127.0.0.1:1")
	a := w.window("alice", 80, 24)
	a.has("no connection", "first")
	a.types(enter)
	a.has("Enter send")
	a.types("written without a server", enter)
	a.has("written without a server", "…")
	a.quit()
	w.move("alice", w.url)
	a = w.window("alice", 80, 24)
	a.has("connected")
	a.types(enter)
	a.has("written without a server", "✓")
	a.quit()
	contains(t, w.ok("bob", "receive"), "written without a server")
}

// open --plain goes line by line and draws nothing over.
func TestTheClientLineByLine(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "read me aloud")
	r := w.letter("bob", "1\n", "open", "--plain")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	contains(t, r.out, "1. "+alice+", 1 unread", "Number of a chat", "read me aloud")
	lacks(t, r.out, "\x1b")
	r = w.letter("bob", "7\nq\n", "open", "--plain")
	contains(t, r.out, "! give the number that stands before a chat, 1 to 1")
	w.ok("alice", "group", "new", "Supper", "--with", bob)
	w.ok("bob", "receive")
	w.letter("alice", "soup?\n", "chat", "--group", "Supper")
	contains(t, w.ok("bob", "receive"), "[Supper] "+alice+": soup?")
	contains(t, w.ok("bob", "chats"), "group Supper", alice)
	contains(t, w.ok("bob", "chats", "--json"), `"group":"`, `"name":"Supper"`, `"phone":"`+alice+`"`, `"unread":0`, `"last":{"kind":"message"`)
	contains(t, w.ok("bob", "timer", "--with", alice, "--json"), `"phone":"`+alice+`","timer":0}`)
	contains(t, w.ok("bob", "safety", "--with", alice, "--json"), `"digits":"`, `"verified":false,"changed":false}`)
	w.refused(exitUsage, "needs a terminal", "bob", "open")
}
