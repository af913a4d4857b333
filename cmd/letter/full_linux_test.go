package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"
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
		time.Sleep(20 * time.Millisecond) // an escape is a key of its own
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
