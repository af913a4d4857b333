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
	"regexp"
	"strings"
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
	later time.Duration // how far the house's clock was moved

	ana, ben                 story.Person
	lead, analyst, custodian *story.Visitor
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
	analyst, holder, err := p.invite()
	if err != nil {
		return err
	}
	w := p.world
	fmt.Fprintf(p.out, `
The house stays open; Ctrl-C ends it. Its data is in %s.
Modern browsers find the names below localhost by themselves. No passkey at hand? The pages offer a software key marked DEMO.

  public pages            %s
  portal for agencies     %s
  console of the team     %s
  second signatures       %s
  e-mail, text messages   appear as files in %s and %s

Come in as
  an analyst, a custodian %s
  a key holder            %s
                          (your key counts one day after two others have signed for it: type i, m and day below)
  an officer              enrol in the portal with any name at @sheriff.harbor.example (the link comes by e-mail, see above);
                          an analyst confirms you in the console, under Agencies
  Ana                     %s --dir %s chat --to %s
  Ben                     %s --dir %s chat --to %s

Type here
  i     Ines Okafor reads and signs what waits
  m     Miriam Adler reads and signs what waits
  day   a day passes; Sefa Yilmaz and Jonas Brandt confirm the clock
`, p.dir, w.Site(""), w.Site("portal"), w.Site("desk"), w.Site("release"), filepath.Join(p.dir, "data", "mail"), filepath.Join(p.dir, "data", "sms"), analyst, holder,
		story.Program(w.Bin, "letter"), p.ana.Dir, p.ben.Phone, story.Program(w.Bin, "letter"), p.ben.Dir, p.ana.Phone)
	lines := make(chan string)
	go func() {
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case l := <-lines:
			p.typed(strings.TrimSpace(l))
		}
	}
}

// typed does what the visitor asks of the cast.
func (p *play) typed(what string) {
	switch what {
	case "i":
		p.signs(p.firstHolder)
	case "m":
		p.signs(p.otherHolder)
	case "day":
		p.later += 25 * time.Hour // a key counts a day after its second signature
		if err := p.world.Leap(p.later, p.lead, p.analyst); err != nil {
			fmt.Fprintln(p.out, "the day did not pass:", err)
			return
		}
		fmt.Fprintln(p.out, "a day has passed; whoever was signed in signs in again")
	default:
		fmt.Fprintln(p.out, "type i, m or day")
	}
}

func (p *play) signs(v *story.Visitor) {
	read, err := p.world.Sign(v)
	if err != nil {
		fmt.Fprintln(p.out, "nothing was signed:", err)
		return
	}
	fmt.Fprintf(p.out, "%s read %d and signed what lacked her signature\n", v.Name, len(read))
}

// invite leaves two invitations for whoever watches, and records the training
// without which an analyst decides nothing.
func (p *play) invite() (analyst, holder string, err error) {
	w := p.world
	const mailbox = "you@messenger.example"
	err = p.step("Sefa Yilmaz invites you as an analyst and custodian of records and records your training; Ines Okafor invites you as a key holder", func() (string, error) {
		if err := errors.Join(w.InviteOnly(p.lead, "You", mailbox, "analyst", "custodian"), w.Train(p.lead, "You")); err != nil {
			return "", err
		}
		mail, err := w.Mail(mailbox, 10*time.Second)
		if err != nil {
			return "", err
		}
		if analyst = regexp.MustCompile(`http://\S+`).FindString(mail); analyst == "" {
			return "", fmt.Errorf("no link in the e-mail: %s", mail)
		}
		holder, err = w.InviteHolder(p.firstHolder, "You, the visitor")
		return "", err
	})
	return analyst, holder, err
}
