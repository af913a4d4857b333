package story

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Person is an account holder with the terminal client.
type Person struct {
	Name, Phone string
	Dir         string // keys and messages
	program     string
	server      string
	outbox      string // where the server's text messages are
}

// letter runs one command of the terminal client.
func (p Person) letter(ctx context.Context, args ...string) (string, error) {
	return Run(ctx, "", p.program, append([]string{"--dir", p.Dir}, args...)...)
}

// Register asks for a code, reads it out of the outbox and registers.
func (p Person) Register(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.program, "--dir", p.Dir, "register", "--server", p.server, "--phone", p.Phone, "--name", p.Name)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	had := p.Texts()
	if err := cmd.Start(); err != nil {
		return err
	}
	code, err := p.Code(ctx, had)
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return fmt.Errorf("%w\n%s", err, &out)
	}
	io.WriteString(in, code+"\n")
	in.Close()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("letter register: %w\n%s", err, &out)
	}
	return nil
}

var digits = regexp.MustCompile(`code: (\d{6})`)

// Texts are the text messages sent to this person.
func (p Person) Texts() []string {
	names, _ := filepath.Glob(filepath.Join(p.outbox, strings.TrimPrefix(p.Phone, "+")+"-*.txt"))
	return names
}

// Code waits for a text message beyond those there were.
func (p Person) Code(ctx context.Context, had []string) (string, error) {
	old := map[string]bool{}
	for _, n := range had {
		old[n] = true
	}
	for {
		for _, n := range p.Texts() {
			b, err := os.ReadFile(n)
			if err != nil || old[n] {
				continue
			}
			if m := digits.FindSubmatch(b); m != nil {
				return string(m[1]), nil
			}
		}
		select {
		case <-ctx.Done():
			return "", errors.New("no code came by text message")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Send writes a text.
func (p Person) Send(ctx context.Context, to Person, text string) error {
	_, err := p.letter(ctx, "send", "--to", to.Phone, text)
	return err
}

// Offline writes a text while the server is away: it goes out with a later
// command.
func (p Person) Offline(ctx context.Context, to Person, text string) error {
	_, err := p.letter(ctx, "send", "--to", to.Phone, text)
	if e := new(exec.ExitError); errors.As(err, &e) && e.ExitCode() == 3 {
		return nil
	}
	return fmt.Errorf("letter send without a server: %w", err)
}

// SendGroup writes a text to a group.
func (p Person) SendGroup(ctx context.Context, group, text string) error {
	_, err := p.letter(ctx, "send", "--group", group, text)
	return err
}

// Join asks to be let into a group by its link.
func (p Person) Join(ctx context.Context, link string) error {
	_, err := p.letter(ctx, "group", "join", link)
	return err
}

// Received is a line of `letter receive --json`.
type Received map[string]any

// Receive shows what is new, waiting for it if there is nothing.
func (p Person) Receive(ctx context.Context, wait time.Duration) ([]Received, error) {
	out, err := p.letter(ctx, "receive", "--json", "--wait", wait.String())
	if err != nil {
		return nil, err
	}
	var all []Received
	for line := range strings.Lines(out) {
		var r Received
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, fmt.Errorf("letter receive --json: %w: %s", err, line)
		}
		all = append(all, r)
	}
	return all, nil
}

// Expect receives until a text has come, and reports whether it came exactly once.
func (p Person) Expect(ctx context.Context, text string, wait time.Duration) error {
	got, err := p.Receive(ctx, wait)
	if err != nil {
		return err
	}
	n := 0
	for _, r := range got {
		if r["text"] == text {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("%s received the message %d times: %v", p.Name, n, got)
	}
	return nil
}

// Safety is the safety number with somebody.
func (p Person) Safety(ctx context.Context, with Person) (string, error) {
	out, err := p.letter(ctx, "safety", "--with", with.Phone)
	if err != nil {
		return "", err
	}
	return strings.Join(regexp.MustCompile(`\b\d{5}\b`).FindAllString(out, -1), " "), nil
}

// SaveReceipts writes the receipts of the person's notices into a folder.
func (p Person) SaveReceipts(ctx context.Context, dir string) error {
	_, err := p.letter(ctx, "notices", "--save", dir)
	return err
}

// Notices are what the service told the person.
func (p Person) Notices(ctx context.Context) ([]Received, error) {
	out, err := p.letter(ctx, "notices", "--json")
	if err != nil {
		return nil, err
	}
	var all []Received
	for line := range strings.Lines(out) {
		var r Received
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, fmt.Errorf("letter notices --json: %w: %s", err, line)
		}
		all = append(all, r)
	}
	return all, nil
}
