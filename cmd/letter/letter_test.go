package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/client/carriertest"
	"letterlock/internal/fault"
	"letterlock/wire"
)

func TestTwoPeopleOnOneComputer(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	contains(t, w.ok("alice", "send", "--to", bob, "hello,", "Bob"), "Sent.")
	out := w.ok("bob", "receive", "--json")
	var got record
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if got.Kind != "message" || got.Text != "hello, Bob" || got.From != alice || !got.Confirmed || len(got.ID) != 32 || got.At.IsZero() || got.Sent == nil {
		t.Fatalf("%+v", got)
	}
	if out := w.ok("bob", "receive", "--json"); out != "" {
		t.Fatalf("shown twice: %s", out)
	}
	contains(t, w.ok("bob", "receive"), "Nothing new.")
	w.ok("bob", "send", "--to", "+44 1632 960-001", "two\nlines")
	contains(t, w.ok("alice", "receive", "--wait", "5s"), bob+": two\n    lines")
}

func TestReceiveWaitsForTheFirstNewThing(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	start := time.Now()
	done := make(chan string)
	go func() { done <- w.letter("bob", "", "receive", "--wait", "15s", "--json").out }()
	time.Sleep(300 * time.Millisecond) // so that Bob is waiting, and not fetching what came before
	w.ok("alice", "send", "--to", bob, "now")
	contains(t, <-done, `"text":"now"`)
	if took := time.Since(start); took > 10*time.Second {
		t.Fatalf("it took %v: it waited for the whole time", took)
	}
	start = time.Now()
	contains(t, w.ok("bob", "receive", "--wait", "1s"), "Nothing new.")
	if took := time.Since(start); took < 900*time.Millisecond || took > 5*time.Second {
		t.Fatalf("waited %v for one second", took)
	}
}

func TestRegisterInTwoSteps(t *testing.T) {
	w := newWorld(t)
	w.refused(exitFailed, "run the same command again with --code", "alice", "register", "--server", w.url, "--phone", alice)
	w.refused(exitFailed, "the code is wrong", "alice", "register", "--server", w.url, "--phone", alice, "--code", "000000")
	w.refused(exitFailed, "nobody is registered", "alice", "receive")
	w.ok("alice", "register", "--server", w.url, "--phone", alice, "--code", carriertest.Code)
	w.refused(exitFailed, "already registered", "alice", "register", "--server", w.url, "--phone", bob)
}

func TestErrorsSayWhatToDo(t *testing.T) {
	w := newWorld(t)
	w.refused(exitFailed, "letter register", "nobody", "send", "--to", bob, "x")
	if _, err := os.Stat(w.folder("nobody")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a folder was made for a command that could do nothing")
	}
	w.register("alice", alice)
	for _, c := range []struct {
		code int
		say  string
		args []string
	}{
		{exitUsage, "--help", nil},
		{exitUsage, "--help", []string{"sing"}},
		{exitUsage, "--to", []string{"send", "x"}},
		{exitUsage, "--help", []string{"receive", "--wait", "soon"}},
		{exitFailed, "international form", []string{"send", "--to", "0163296001", "x"}},
		{exitFailed, "nobody is registered under this number", []string{"send", "--to", carol, "x"}},
		{exitFailed, "your own number", []string{"send", "--to", alice, "x"}},
		{exitFailed, "1 to", []string{"send", "--to", alice, ""}},
		{exitFailed, "letter notices", []string{"object", "--notice", "77", "x"}},
		{exitFailed, "must begin with https://", []string{"register", "--server", "http://letters.example.org", "--phone", bob}},
		{exitFailed, "address such as", []string{"register", "--server", "letters", "--phone", bob}},
		{exitFailed, "address such as", []string{"register", "--server", "https://u:p@letters.example.org", "--phone", bob}},
	} {
		w.refused(c.code, c.say, "alice", c.args...)
	}
}

// A message that the carrier put off for an hour holds up neither a later
// receive nor the sender's patience, and goes when its time has come.
func TestAMessageThatIsPutOff(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	id := w.carrier.Account(alice)
	w.carrier.OnSend = func(from wire.Address, _ wire.Send) carriertest.Verdict {
		if from.Account == id {
			return carriertest.Verdict{Refuse: wire.CodeFull, RetryAfter: 3600}
		}
		return carriertest.Verdict{}
	}
	w.refused(exitLater, "the message is kept", "alice", "send", "--wait", "300ms", "--to", bob, "too many wait for Bob")
	w.ok("bob", "send", "--to", alice, "hello")
	start := time.Now()
	contains(t, w.ok("alice", "receive"), "hello")
	if took := time.Since(start); took > 5*time.Second {
		t.Fatalf("receive took %v because of a message that was put off", took)
	}
}

func TestAServerThatIsAway(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "first")
	here := w.url
	w.move("alice", "http://127.0.0.1:1")
	w.refused(exitLater, "the message is kept", "alice", "send", "--to", bob, "in the tunnel")
	w.refused(exitFailed, "cannot be reached", "alice", "receive")
	w.refused(exitFailed, "cannot be reached", "alice", "export")
	w.move("alice", here)
	w.ok("alice", "receive")
	contains(t, w.ok("bob", "receive"), "first", "in the tunnel")
}

// A page of a proxy, or a redirect, is no answer, and no credential follows it.
func TestWhatIsNoLetterlockServer(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	followed := make(chan string, 9)
	other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { followed <- r.Header.Get("Authorization") }))
	defer other.Close()
	for name, h := range map[string]http.HandlerFunc{
		"page": func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, "<html>Sign in to this network</html>")
		},
		"redirect": func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		},
		"endless": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", wire.ContentType)
			io.Copy(rw, zeros{})
		},
	} {
		s := httptest.NewServer(h)
		w.move("alice", s.URL)
		w.refused(exitFailed, "cannot be reached", "alice", "export")
		w.refused(exitFailed, "cannot be reached", "alice", "receive")
		w.refused(exitFailed, "cannot be reached", name, "register", "--server", s.URL, "--phone", bob)
		s.Close()
	}
	if len(followed) != 0 {
		t.Fatal("a redirect was followed")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestOneProgramPerFolder(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	in, keys := io.Pipe()
	var out, errs buffer
	done := make(chan error)
	go func() {
		done <- run(context.Background(), []string{"--dir", w.folder("alice"), "chat", "--to", bob}, in, &out, &errs)
	}()
	out.until(t, "Chat with "+bob)
	w.refused(exitFailed, "another program is using this folder", "alice", "receive")
	keys.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.ok("alice", "receive")
}

func TestChat(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.register("carol", carol)
	w.ok("bob", "send", "--to", alice, "before the chat")
	w.ok("alice", "receive")
	in, keys := io.Pipe()
	var out, errs buffer
	done := make(chan error)
	go func() {
		done <- run(context.Background(), []string{"--dir", w.folder("alice"), "chat", "--to", bob}, in, &out, &errs)
	}()
	out.until(t, "before the chat")
	io.WriteString(keys, "typed one\n\n   \ntyped two\n")
	contains(t, w.ok("bob", "receive", "--wait", "5s"), "typed one")
	w.ok("carol", "send", "--to", alice, "from Carol")
	w.ok("bob", "send", "--to", alice, "while typing")
	out.until(t, "while typing")
	out.until(t, "Others wrote")
	lacks(t, out.String(), "from Carol")
	io.WriteString(keys, "last words\n")
	keys.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	contains(t, w.ok("bob", "receive"), "last words")
	contains(t, w.ok("alice", "receive"), "from Carol")
}

func TestSafetyNumbers(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	a, b := w.ok("alice", "safety", "--with", bob), w.ok("bob", "safety", "--with", alice)
	if digits(a) != digits(b) || len(digits(a)) != 60 {
		t.Fatalf("%s\n%s", a, b)
	}
	contains(t, a, "Not verified")
	contains(t, w.ok("alice", "safety", "--with", bob, "--verified"), "verified")
	contains(t, w.ok("alice", "safety", "--with", bob), "You marked it")
	w.ok("alice", "send", "--to", bob, "to the first phone")

	w.register("bobs-next-phone", bob)
	w.refused(exitFailed, "safety number", "alice", "send", "--to", bob, "to whom?")
	contains(t, w.ok("alice", "receive"), "WARNING", bob)
	contains(t, w.ok("bobs-next-phone", "receive"), "Nothing new")
	w.refused(exitFailed, "look at it first", "alice", "safety", "--with", bob, "--accept")
	changed := w.ok("alice", "safety", "--with", bob)
	contains(t, changed, "CHANGED")
	if digits(changed) == digits(a) {
		t.Fatal("the same digits")
	}
	lacks(t, w.ok("alice", "safety", "--with", bob, "--accept"), "CHANGED")
	contains(t, w.ok("bobs-next-phone", "receive"), "to whom?")
}

func digits(s string) string {
	var out strings.Builder
	for _, line := range strings.Split(s, "\n") {
		if strings.HasPrefix(line, "    ") {
			out.WriteString(strings.ReplaceAll(line, " ", ""))
		}
	}
	return out.String()
}

func TestNoticesAndObjections(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	contains(t, w.ok("alice", "notices"), "told you nothing")
	n := wire.Notice{ID: [16]byte{0xab, 1}, Case: "LL-2026-7", Asker: "Example Police", Process: "search warrant", Citation: "18 USC 2703",
		Fields: []string{"Name", "Last seen date"}, Before: true, Discloses: 1764500000, Text: "They will get two facts."}
	w.carrier.Notice(alice, n)
	w.carrier.Inject(alice, wire.Letter{Kind: wire.KindNotice, Body: []byte("forged: call now")})
	out := w.ok("alice", "notices")
	contains(t, out, "NOTICE FROM THE SERVICE", "Example Police", "LL-2026-7", "Last seen date", "They will get two facts.", "letter object --notice ab01")
	lacks(t, out, "call now")
	contains(t, w.ok("alice", "object", "--notice", "ab010000000000000000000000000000", "I", "object"), "with the service's counsel")
	if o := w.carrier.Objections(); len(o) != 1 || o[0].Text != "I object" || o[0].Notice != n.ID {
		t.Fatalf("%+v", o)
	}
	contains(t, w.ok("alice", "notices", "--json"), `"asker":"Example Police"`, `"before":true`)
	r := w.ok("alice", "receive")
	lacks(t, r, "Example Police") // shown already
	contains(t, r, "thrown away")
}

func TestProfileBlockExportDelete(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	contains(t, w.ok("alice", "profile", "--about", "at work"), "alice", "at work")
	contains(t, w.ok("alice", "export"), "Phone number", alice)
	contains(t, w.ok("alice", "export", "--json"), `"field":"phone"`)
	contains(t, w.ok("alice", "reach"), "Anyland, Subpoena\nAnyland, Order\n    Phone number:", alice, "Elsewhere, Letter (nothing as things stand: this row is uncertain)\n    nothing", "does not have it")
	contains(t, w.ok("alice", "reach", "--json"), `"process":"a"`)
	w.ok("alice", "block", bob)
	w.ok("bob", "send", "--to", alice, "unwanted")
	contains(t, w.ok("alice", "receive"), "Nothing new")
	w.ok("alice", "unblock", bob)
	w.ok("bob", "send", "--to", alice, "wanted")
	contains(t, w.ok("alice", "receive"), "wanted")

	if r := w.letter("alice", "no\n", "delete"); r.code != exitFailed || !strings.Contains(r.err, "nothing was deleted") {
		t.Fatalf("%+v", r)
	}
	if r := w.letter("alice", alice+"\n", "delete"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	w.refused(exitFailed, "nobody is registered", "alice", "receive")
	for _, b := range files(t, w.folder("alice")) {
		if bytes.Contains(b, []byte("wanted")) || bytes.Contains(b, []byte(bob)) {
			t.Fatal("messages are left in the folder")
		}
	}
	w.refused(exitFailed, "nobody is registered", "bob", "send", "--to", alice, "to nobody")
}

func files(t *testing.T, dir string) (out [][]byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s, %v", dir, err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// Other people's text cannot command the terminal.
func TestTextIsHarmless(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "\x1b[2J\x1b]0;title\x07red\u202egnp\u2066x\u0085y\rz\u200f é 漢 👩‍👩‍👧 שלום")
	out := w.ok("bob", "receive")
	lacks(t, out, "\x1b", "\x07", "\u202e", "\u2066", "\u0085", "\r", "\u200f")
	contains(t, out, "é 漢 👩‍👩‍👧 שלום", "red")
}

// No command's output, errors or verbose log has a key, and none but receive
// and chat has a word of a message.
func TestVerboseSaysNothing(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	r := w.letter("alice", "", "-v", "send", "--to", bob, "plainly secret")
	w.carrier.Tamper(bob)
	r2 := w.letter("bob", "", "-v", "receive", "--json")
	w.move("bob", "http://127.0.0.1:1")
	r3 := w.letter("bob", "", "-v", "receive", "--wait", "1s")
	all := r.out + r.err + r2.out + r2.err + r3.out + r3.err
	lacks(t, all, "plainly", "Bearer")
	contains(t, r3.err, "connection lost")
	lacks(t, r3.err, "127.0.0.1", bob)
}

func TestServerAddresses(t *testing.T) {
	for s, fine := range map[string]bool{
		"https://letters.example.org": true, "https://letters.example.org:8443/": true, "http://localhost:8080": true,
		"http://127.0.0.1:1": true, "http://[::1]:1": true, "http://chat.localhost:80": true,
		"http://letters.example.org": false, "http://10.0.0.1": false, "http://localhost.example.org": false,
		"ftp://localhost": false, "": false, "localhost:80": false, "https://x/path": false, "https://x?q": false,
	} {
		if _, err := serverURL(s); (err == nil) != fine || (err != nil && !fault.Is(err, fault.Invalid)) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestWhatPeopleDoToMessages(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "the *red* one")
	contains(t, w.ok("bob", "receive"), "#1 "+alice+": the *red* one")
	contains(t, w.ok("bob", "send", "--to", alice, "--reply", "1", "why?"), "Sent.")
	contains(t, w.ok("alice", "receive"), "(answers #1) why?")
	contains(t, w.ok("alice", "edit", "1", "the _blue_ one"), "Edited.")
	contains(t, w.ok("alice", "react", "2", "🤔"), "Done.")
	w.ok("bob", "receive")
	contains(t, w.ok("bob", "history", "--with", alice), "the _blue_ one  [edited]", "why?", "[🤔 "+alice+"]")
	contains(t, w.ok("bob", "history", "--with", alice, "--json"), `"style":[{"start":4,"length":4,"look":"italic"}]`, `"edited":"`, `"emoji":"🤔"`, `"reply":"`)
	contains(t, w.ok("bob", "search", "BLUE", "one"), "#1 ")
	contains(t, w.ok("bob", "search", "green"), "Nothing found")
	contains(t, w.ok("alice", "unsend", "1"), "Taken back")
	w.ok("bob", "receive")
	contains(t, w.ok("bob", "history", "--with", alice), "(deleted)")
	contains(t, w.ok("alice", "react", "2"), "Taken back.")
	w.refused(exitFailed, "only the person who wrote", "alice", "edit", "2", "x")
	w.refused(exitFailed, "was deleted", "alice", "edit", "1", "x")
	w.refused(exitFailed, "no such message", "alice", "react", "77", "👍")
	w.refused(exitFailed, "one emoji", "alice", "react", "2", "yes")
}

func TestReceiptsInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "one")
	w.ok("bob", "receive")
	w.ok("bob", "send", "--to", alice, "two")
	w.ok("alice", "receive")
	w.ok("bob", "receive")
	contains(t, w.ok("bob", "history", "--with", alice), "you: two (read)")
	contains(t, w.ok("bob", "privacy", "--read", "hide"), "have read it:      hidden", "reached you: shown")
	w.ok("alice", "send", "--to", bob, "three")
	w.ok("bob", "receive")
	w.ok("alice", "receive")
	contains(t, w.ok("alice", "history", "--with", bob), "you: three (delivered)")
	contains(t, w.ok("bob", "privacy", "--json"), `"hide_delivered":false,"hide_read":true,"hide_in_groups":false`, `"hide_writing":false,"show_online":false`)
	w.refused(exitUsage, "show", "bob", "privacy", "--read", "maybe")
}

func TestMessagesThatDisappearInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	contains(t, w.ok("alice", "timer", "--with", bob), "stay")
	contains(t, w.ok("alice", "timer", "--with", bob, "--after", "1s"), "disappear 1 second after")
	w.ok("alice", "send", "--to", bob, "blink")
	contains(t, w.ok("bob", "receive"), "new messages disappear 1 second", "blink")
	time.Sleep(1100 * time.Millisecond) // the program's own clock is the computer's
	lacks(t, w.ok("bob", "history", "--with", alice)+w.ok("alice", "history", "--with", bob), "blink")
	for _, who := range []string{"alice", "bob"} {
		files, err := filepath.Glob(filepath.Join(w.folder(who), "*"))
		if err != nil || len(files) == 0 {
			t.Fatal("no files", err)
		}
		for _, f := range files {
			if b, err := os.ReadFile(f); err != nil || bytes.Contains(b, []byte("blink")) {
				t.Errorf("%s still has the words (%v)", f, err)
			}
		}
	}
	w.refused(exitFailed, "a time such as", "alice", "timer", "--with", bob, "--after", "2y")
	contains(t, w.ok("alice", "timer", "--with", bob, "--after", "never"), "stay")
	r := w.letter("alice", "no\n", "history", "--with", bob, "--clear")
	if r.code != exitFailed || !strings.Contains(r.err, "nothing was cleared") {
		t.Errorf("%+v", r)
	}
	contains(t, w.ok("alice", "history", "--with", bob, "--clear", "--yes"), "Cleared")
	contains(t, w.ok("alice", "history", "--with", bob), "Nothing yet.")
}
