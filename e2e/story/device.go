package story

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"time"
)

var deviceLink = regexp.MustCompile(`letterlock-device:[A-Za-z0-9_-]+`)

// Link links another device to this person: a folder beside theirs, in which
// the terminal client runs as it would on another computer.
func (p Person) Link(ctx context.Context, name, history string) (Person, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	other := p
	other.Dir = p.Dir + "-linked"
	join := exec.CommandContext(ctx, p.program, "--dir", other.Dir, "device", "join", "--no-qr", "--server", p.server, "--name", name)
	out, err := join.StdoutPipe()
	if err != nil {
		return other, err
	}
	if err := join.Start(); err != nil {
		return other, err
	}
	lines, link := bufio.NewScanner(out), ""
	for link == "" && lines.Scan() {
		link = deviceLink.FindString(lines.Text())
	}
	said, err := Run(ctx, "yes\n", p.program, "--dir", p.Dir, "device", "link", link, "--history", history)
	for lines.Scan() {
		said += lines.Text() + "\n"
	}
	if waited := join.Wait(); err == nil {
		err = waited
	}
	if err != nil {
		return other, fmt.Errorf("link a device: %w\n%s", err, said)
	}
	return other, nil
}

// History collects what waits and shows a conversation.
func (p Person) History(ctx context.Context, with Person) (string, error) {
	if _, err := p.Receive(ctx, time.Second); err != nil {
		return "", err
	}
	return p.letter(ctx, "history", "--with", with.Phone)
}

// Statuses are what others show this person today.
func (p Person) Statuses(ctx context.Context) (string, error) { return p.letter(ctx, "status") }
