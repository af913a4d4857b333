package story

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Apart is a world whose halves are two processes with nothing in common but a
// socket: each has its own folder, database and keys.
type Apart struct {
	*World        // the carrier's half; its Server is the carrier
	Desk   *World // the desk's half
	Door   string // path of the socket
}

// FoundApart founds both halves, lets each print its ledger keys, and starts
// them with the other's.
//
// door is each half's settings of the door by mutual TLS; without it the door
// is a socket.
func FoundApart(ctx context.Context, dir, bin string, door ...map[string]string) (*Apart, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	a := &Apart{Door: filepath.Join(dir, "door.sock")}
	for half, w := range map[string]**World{"carrier": &a.World, "desk": &a.Desk} {
		if *w, err = Found(ctx, filepath.Join(dir, half), bin, "--role", half); err != nil {
			return nil, err
		}
		settings := fmt.Sprintf("door = %q\n", "unix:"+a.Door)
		if len(door) > 0 {
			settings = door[0][half]
		}
		if err := (*w).set("%s", settings); err != nil {
			return nil, err
		}
	}
	a.World.other = a.Desk
	if err := a.introduce(ctx); err != nil {
		return nil, err
	}
	return a, a.StartBoth()
}

func (w *World) set(format string, args ...any) error {
	f, err := os.OpenFile(w.path("letterlock.toml"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintf(f, format, args...)
	return err
}

// introduce lets each half make its ledgers, and gives each the other's keys.
func (a *Apart) introduce(ctx context.Context) error {
	if err := a.StartBoth(); err != nil {
		return err
	}
	if err := a.StopBoth(); err != nil {
		return err
	}
	for _, p := range [][2]*World{{a.World, a.Desk}, {a.Desk, a.World}} {
		keys, err := Run(ctx, "", Program(p[0].Bin, "letterlock"), "ledger", "keys", "--data", p[0].path("data"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(p[1].path("peer.keys"), []byte(keys), 0o600); err != nil {
			return err
		}
		if err := p[1].set("peer_keys = %q\n", p[1].path("peer.keys")); err != nil {
			return err
		}
	}
	return nil
}

// StartBoth starts both processes, the carrier first.
func (a *Apart) StartBoth() error {
	if err := a.World.Start(); err != nil {
		return err
	}
	return a.Desk.Start()
}

// StopBoth ends both processes.
func (a *Apart) StopBoth() error {
	if err := a.Desk.Stop(); err != nil {
		return err
	}
	return a.World.Stop()
}
