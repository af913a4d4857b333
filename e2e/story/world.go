package story

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"letterlock/law"
)

// World is a server and the people around it, in one folder.
type World struct {
	Dir    string
	Bin    string // folder of the built programs
	Port   string
	Server *Process
	Links  Links
	// Custodian signs what waits whenever a story waits for a package; nil:
	// the story has it done itself.
	Custodian *Visitor
	extra     []string // further arguments of serve
	other     *World   // where the desk runs, if not here
}

// desk is the world in which the desk runs.
func (w *World) desk() *World {
	if w.other != nil {
		return w.other
	}
	return w
}

// halves are the folders of the world: one, or two if the halves run apart.
func (w *World) halves() []*World {
	if w.other != nil {
		return []*World{w, w.other}
	}
	return []*World{w}
}

// Links are the one-time links of the first start.
type Links struct {
	Lead    string
	Holders map[string]string // by name
}

// The standing cast: key holders of the first start. The last signs as counsel,
// who is needed for more than 25 accounts.
var Holders = []string{"Ines Okafor", "Miriam Adler", "Sefa Yilmaz"}

// Found prepares a folder: a configuration as an operator would write it, with
// counsel's approval of the law rows that are written from knowledge.
func Found(ctx context.Context, dir, bin string, extra ...string) (*World, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	w := &World{Dir: dir, Bin: bin, Port: port, Links: Links{Holders: map[string]string{}}, extra: extra}
	for _, d := range []string{"people", "opener"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(w.path("law.toml"), approvals(), 0o600); err != nil {
		return nil, err
	}
	return w, os.WriteFile(w.path("letterlock.toml"), w.config(), 0o600)
}

func (w *World) path(name string) string { return filepath.Join(w.Dir, name) }

func (w *World) config() []byte {
	return fmt.Appendf(nil, `# written by the demo
name = "Example Messenger"
postal = "Example Messenger, 1 Harbor Street, Port Example"
contact = "desk@messenger.example"
key_holders = %q
law_file = %q
ledger_every = "1s"
clock_file = %q
opener = %q
codes_per_address = 100000
tries_per_address = 100000
`, strings.Join(Holders, ", ")+" (counsel)", w.path("law.toml"), w.path("clock"), w.path("opener"))
}

// approvals is the operator's law file: counsel has read the rows that are
// written from knowledge.
func approvals() []byte {
	var b bytes.Buffer
	b.WriteString("# Counsel has read these rows and approves them as they stand.\napproved_by = \"Miriam Adler\"\napproved_on = \"2026-11-01\"\n")
	for _, a := range law.Default().Approve("Miriam Adler", "2026-11-01") {
		fmt.Fprintf(&b, "\n[[approval]]\nrow = %q\nhash = %q\nby = %q\non = %q\n", a.Row, a.Hash, a.By, a.On)
	}
	return b.Bytes()
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// Start starts the server and waits until it answers.
func (w *World) Start() error {
	args := append([]string{"serve", "--config", w.path("letterlock.toml"), "--data", w.path("data"), "--listen", "127.0.0.1:" + w.Port, "--demo"}, w.extra...)
	p, err := Start(w.path("server.log"), Program(w.Bin, "letterlock"), args...)
	if err != nil {
		return err
	}
	w.Server = p
	if _, err := p.Line("ready", 2*time.Minute); err != nil {
		return err
	}
	for _, l := range p.Lines() {
		if rest, ok := strings.CutPrefix(l, "first key holder: "); ok {
			i := strings.LastIndexByte(rest, ' ')
			w.Links.Holders[rest[:i]] = rest[i+1:]
		}
		if rest, ok := strings.CutPrefix(l, "first lead: "); ok {
			w.Links.Lead = rest
		}
	}
	return nil
}

// Stop ends the server in an orderly way.
func (w *World) Stop() error { return w.Server.Stop() }

// Site is the address of one of the sites.
func (w *World) Site(name string) string {
	host, port := "localhost", w.Port
	if name != "" {
		host = name + "." + host
	}
	if name == "portal" || name == "desk" {
		port = w.desk().Port
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Person is an account holder of this world.
func (w *World) Person(name, phone string) Person {
	return Person{Name: name, Phone: phone, Dir: filepath.Join(w.Dir, "people", strings.ToLower(strings.Fields(name)[0])), program: Program(w.Bin, "letter"),
		server: w.Site(""), outbox: w.path("data/sms")}
}

// Later moves the world's clock on by a duration, in all, and waits until a
// running server has looked at it: it does so four times a second.
func (w *World) Later(d time.Duration) error {
	for _, h := range w.halves() {
		if err := os.WriteFile(h.path("clock.new"), []byte(d.String()), 0o600); err != nil {
			return err
		}
		if err := os.Rename(h.path("clock.new"), h.path("clock")); err != nil {
			return err
		}
	}
	time.Sleep(300 * time.Millisecond)
	return nil
}

// Mail waits for the newest e-mail to an address and returns it.
func (w *World) Mail(to string, limit time.Duration) (string, error) {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		names, _ := filepath.Glob(w.desk().path("data/mail/*.txt"))
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err == nil && strings.HasPrefix(string(b), "To: "+to+"\n") {
				return string(b), os.Remove(n)
			}
		}
	}
	return "", fmt.Errorf("no e-mail came for %s", to)
}

// Unseen fails if a text is anywhere in the files of the server.
func (w *World) Unseen(text string) error {
	for _, h := range w.halves() {
		if err := h.unseen(text); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) unseen(text string) error {
	return filepath.WalkDir(w.path("data"), func(p string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(p)
		if err == nil && bytes.Contains(b, []byte(text)) {
			err = fmt.Errorf("%s holds what was written", p)
		}
		return err
	})
}

// CheckLedgers verifies every ledger of the world and sums up.
func (w *World) CheckLedgers(ctx context.Context) (string, error) {
	var last string
	for _, h := range w.halves() {
		out, err := Run(ctx, "", Program(w.Bin, "letterlock"), "ledger", "check", "--data", h.path("data"))
		if err != nil {
			return "", err
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		last = lines[len(lines)-1]
	}
	return last, nil
}
