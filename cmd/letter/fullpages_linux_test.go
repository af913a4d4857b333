package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/wire"
)

// A safety number that changed is said over the conversation and in the list,
// holds what is written, and is accepted after a look.
func TestAChangedSafetyNumberOnTheFullScreen(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "before")
	w.ok("bob", "receive")
	if err := os.RemoveAll(w.folder("bob")); err != nil {
		t.Fatal(err)
	}
	w.register("bob", bob) // a new phone, perhaps by somebody else
	w.letter("alice", "", "send", "--to", bob, "after")
	a := w.window("alice", 80, 40)
	a.has("connected", bob+" !")
	a.types(enter)
	a.has("The safety number changed. Nothing is sent until you accept it: Ctrl-G.", "! held")
	a.picture("changed")
	a.types(ctrlG)
	a.has("It CHANGED and you have not accepted it.", "Accept it without comparing")
	a.types("\x1b[F", enter)
	a.has("Accept this safety number? What waits is sent.")
	a.types("n")
	a.has("Nothing was changed.", "It CHANGED")
	a.types(enter, "y")
	a.has("If they see the same digits, nobody is between you.", "It is the same: mark as verified")
	a.not("CHANGED")
	a.quit()
	contains(t, w.ok("bob", "receive"), "after")
}

// A notice of the law is announced, read, objected to, and its receipt saved;
// what the person chose about the language holds in the next start.
func TestNoticesAndLanguageOnTheFullScreen(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.carrier.Notice(alice, wire.Notice{ID: [16]byte{7}, Case: "LL-2026-7", Asker: "Example\x1b[2J Police", Process: "Subpoena", Citation: "18 USC 2703(c)(2)", Fields: []string{"Phone number"},
		Before: true, Discloses: time.Now().Add(7 * 24 * time.Hour).Unix(), Text: "Somebody asked for your number.", Receipt: []byte{1, 2, 3}})
	a := w.window("alice", 80, 40)
	a.has("1 notice of the service (o)")
	a.types("o")
	a.has("LL-2026-7", "Example[2J Police", "Subpoena (18 USC 2703(c)(2))", "Nothing has been disclosed yet.", "▶ Object to it", "Save the receipt")
	a.picture("notice")
	a.types(enter, "It is about my work as a journalist.", enter)
	a.has("Your objection is with the service's counsel.")
	if n := w.carrier.Objections(); len(n) != 1 || n[0].Text != "It is about my work as a journalist." {
		t.Errorf("objections: %+v", n)
	}
	dir := t.TempDir()
	a.types(down, enter, "\x15", dir, enter)
	a.has("Saved as", "LL-2026-7.proof")
	if b, err := os.ReadFile(filepath.Join(dir, "LL-2026-7.proof")); err != nil || string(b) != "\x01\x02\x03" {
		t.Errorf("the receipt: %q, %v", b, err)
	}
	a.types(escape, "s")
	a.has("Settings")
	a.types("\x1b[F", enter)
	a.has("Ajustes", "Lo que otros ven de usted")
	a.types(escape)
	a.quit()
	a = w.window("alice", 40, 20)
	a.has("Aún no hay chats.", "ayuda")
	a.types("s")
	a.has("Ajustes")
	a.types("\x1b[F", up, enter)
	a.has("الإعدادات")
	a.picture("arabic")
	a.quit()
	if raw := a.raw.String(); !strings.Contains(raw, "\u2068") || !strings.Contains(raw, "\u2069") {
		t.Error("what is said in Arabic is not kept apart")
	}
}

// Keys that are typed at once, faster than the screen reads, are not lost.
func TestNothingTypedIsLost(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "send", "--to", bob, "one")
	a := w.window("alice", 80, 24)
	a.has("connected", "one")
	a.types(enter + strings.Repeat("word ", 40) + enter)
	a.has("word word")
	a.wait(func(screen string) string {
		if strings.Count(screen, "✓") < 2 {
			return "the second message is not sent"
		}
		return ""
	})
	a.quit()
	contains(t, w.ok("bob", "receive"), strings.TrimSpace(strings.Repeat("word ", 40)))
}
