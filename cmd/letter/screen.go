//go:build !js

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// screen is where a chat shows and reads lines at the same time.
type screen interface {
	print(line string)
	readLine() (string, error) // io.EOF at the end
	state(say string)          // what holds at this moment, beside the line being typed; "": nothing
	restore()
}

// newScreen keeps the line being typed whole if both sides are a terminal, and
// then tells of each key.
func newScreen(t *terminal, key func()) (screen, error) {
	in, fromTerminal := t.in.(*os.File)
	out, toTerminal := t.out.(*os.File)
	if t.aloud || !fromTerminal || !toTerminal || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return &stream{t.reader(), t.out}, nil
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("prepare terminal: %w", err)
	}
	l := &live{Terminal: term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, prompt), fd: int(in.Fd()), before: before}
	l.AutoCompleteCallback = func(string, int, rune) (string, int, bool) { key(); return "", 0, false }
	if w, h, err := term.GetSize(int(out.Fd())); err == nil && w > 0 {
		err = l.SetSize(w, h)
		if err != nil {
			l.restore()
			return nil, fmt.Errorf("prepare terminal: %w", err)
		}
	}
	return l, nil
}

const prompt = "> "

// stream is a pipe or a file.
type stream struct {
	in  *bufio.Reader
	out io.Writer
}

func (s *stream) print(line string) { fmt.Fprintln(s.out, line) }

func (s *stream) readLine() (string, error) {
	line, err := s.in.ReadString('\n')
	if line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

func (s *stream) state(string) {}
func (s *stream) restore()     {}

// live is a terminal in raw mode.
type live struct {
	*term.Terminal
	fd     int
	before *term.State
}

func (l *live) print(line string) { fmt.Fprintf(l, "%s\n", line) }

func (l *live) state(say string) {
	if say != "" {
		say += " "
	}
	l.SetPrompt(say + prompt)
	l.Write(nil) // draws the line anew
}

func (l *live) readLine() (string, error) {
	line, err := l.ReadLine()
	if err == term.ErrPasteIndicator {
		err = nil
	}
	return line, err
}

// restore leaves the prompt's line to nobody.
func (l *live) restore() {
	l.SetPrompt("")
	io.WriteString(l, "\n")
	term.Restore(l.fd, l.before)
}
