package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pty is a terminal: what the program has, and the end at which a person sits.
func pty(t testing.TB) (program, person *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return program, person
}

// seat is somebody at a terminal with an open chat.
type seat struct {
	person *os.File
	shown  buffer
	ended  chan error
}

func (w *world) chat(who, to string) *seat {
	w.t.Helper()
	program, person := pty(w.t)
	s := &seat{person: person, ended: make(chan error, 1)}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := person.Read(b)
			if err != nil {
				return
			}
			s.shown.Write(b[:n])
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	w.t.Cleanup(cancel)
	go func() {
		s.ended <- run(ctx, []string{"--dir", w.folder(who), "chat", "--to", to}, program, program, program)
	}()
	s.shown.until(w.t, "Ctrl-D ends")
	return s
}

func (s *seat) types(keys string) { s.person.WriteString(keys) }

// Two people at real terminals: what one types, key by key, shows the other
// that they are writing, and is gone from the screen when the message is there.
func TestAChatOnATerminalShowsThatSomebodyWrites(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	a, b := w.chat("alice", bob), w.chat("bob", alice)
	a.types("hello\r")
	b.shown.until(t, "hello")
	b.types("good evening\r")
	a.shown.until(t, "good evening")
	a.types("what time is")
	b.shown.until(t, "(writing) > ")
	a.types(" it?\r")
	b.shown.until(t, "what time is it?")
	a.types("\x04")
	b.types("\x04")
	for _, s := range []*seat{a, b} {
		if err := <-s.ended; err != nil {
			t.Fatal(err)
		}
	}
}
