// Command demo plays the story of the house on the real programs: two people
// write to each other sealed, an officer asks for data about one of them with a
// court order, two people release exactly what the order reaches, the officer
// opens and verifies the package offline, and the person is told. Everything
// runs on this machine, in one folder, and speaks to loopback only.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"letterlock/e2e/story"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	once := fs.Bool("once", false, "play the story and end")
	dir := fs.String("dir", "", "folder for everything; empty: a temporary one")
	if err := fs.Parse(args); err != nil {
		return err
	}
	folder, err := place(*dir)
	if err != nil {
		return err
	}
	p := &play{out: out, dir: folder}
	err = p.story(ctx)
	if p.world != nil && p.world.Server != nil {
		if err == nil && !*once {
			err = p.stay(ctx, in)
		}
		err = errors.Join(err, p.world.Stop())
	}
	return err
}

// place is an empty folder.
func place(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "letterlock-demo-")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	left, err := os.ReadDir(dir)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("refusing to play in %s: it is not empty", dir)
	}
	return dir, err
}

// play is one run of the story.
type play struct {
	out   io.Writer
	dir   string
	n     int
	world *story.World

	ana, ben                 story.Person
	lead, analyst            *story.Visitor
	firstHolder, otherHolder *story.Visitor
	officer                  *story.Officer
	order                    story.Order
	number                   string
}

// step does one thing and says in one line that it was done.
func (p *play) step(say string, do func() (string, error)) error {
	p.n++
	start := time.Now()
	result, err := do()
	if err != nil {
		fmt.Fprintf(p.out, "%2d  FAILED  %s\n", p.n, say)
		return fmt.Errorf("step %d, %s: %w", p.n, say, err)
	}
	if result != "" {
		say += ": " + result
	}
	fmt.Fprintf(p.out, "%2d  %s  (%.1f s)\n", p.n, say, time.Since(start).Seconds())
	return nil
}

// stay leaves the house open to visitors.
func (p *play) stay(ctx context.Context, in io.Reader) error {
	if err := p.invite(); err != nil {
		return err
	}
	w := p.world
	fmt.Fprintf(p.out, `
The house stays open; Ctrl-C ends it. Its data is in %s.
Modern browsers find the names below localhost by themselves.

  public pages            %s
  portal for agencies     %s
  console of the team     %s
  second signatures       %s
  e-mail and text messages appear as files in %s

Come in as
  an analyst              %s/enrol/... (the link is in the newest e-mail to you@messenger.example)
  key holder Sefa Yilmaz  %s
  an officer              enrol in the portal with any name at @sheriff.harbor.example; an analyst confirms you
  Ana                     %s --dir %s chat --to %s
  Ben                     %s --dir %s chat --to %s

Two people sign a release. Press Enter and Ines Okafor reads and signs what waits.
`, p.dir, w.Site(""), w.Site("portal"), w.Site("desk"), w.Site("release"), filepath.Join(p.dir, "data"), w.Site("desk"), w.Links.Holders["Sefa Yilmaz"],
		story.Program(w.Bin, "letter"), p.ana.Dir, p.ben.Phone, story.Program(w.Bin, "letter"), p.ben.Dir, p.ana.Phone)
	lines := make(chan struct{})
	go func() {
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- struct{}{}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-lines:
			if read, err := w.Sign(p.firstHolder); err != nil {
				fmt.Fprintln(p.out, "nothing was signed:", err)
			} else {
				fmt.Fprintf(p.out, "Ines Okafor read and signed %d grants\n", len(read))
			}
		}
	}
}

// invite leaves an invitation for whoever watches.
func (p *play) invite() error {
	return p.step("Sefa Yilmaz invites you as an analyst", func() (string, error) {
		return "", p.world.InviteOnly(p.lead, "You", "you@messenger.example", "analyst")
	})
}
