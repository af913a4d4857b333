package paper

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"letterlock/internal/fault"
)

// Clamd asks a ClamAV daemon whether a file is known to be malicious. It speaks
// one command of clamd's protocol, INSTREAM: chunks of bytes, each with its
// length before it, and one of length zero at the end.
type Clamd struct {
	Network string        // unix or tcp
	Address string        // socket path, or host and port
	Wait    time.Duration // for the whole exchange; zero: 30 seconds
}

// ParseClamd reads a setting: unix:PATH or tcp:HOST:PORT.
func ParseClamd(s string) (*Clamd, error) {
	network, address, _ := strings.Cut(s, ":")
	switch network {
	case "unix":
		if address != "" {
			return &Clamd{Network: network, Address: address}, nil
		}
	case "tcp":
		if _, _, err := net.SplitHostPort(address); err == nil {
			return &Clamd{Network: network, Address: address}, nil
		}
	}
	return nil, fault.New(fault.Invalid, "check configuration", "clamd must be unix:PATH or tcp:HOST:PORT, not %q", s)
}

const (
	clamdChunk = 64 << 10
	clamdSays  = 4 << 10 // more than any answer
)

// Scan returns the name of what was found, empty for nothing. If that cannot be
// known it is Unavailable, and never nothing.
func (c *Clamd) Scan(ctx context.Context, b []byte) (string, error) {
	wait := c.Wait
	if wait == 0 {
		wait = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	says, err := c.exchange(ctx, b)
	if err != nil {
		return "", cannotScan(err)
	}
	return verdict(says)
}

func cannotScan(err error) error {
	return fault.Wrap(fault.Unavailable, "scan file", err, "the file cannot be checked for malware now, and unchecked files are not taken; nothing was changed; try again later")
}

func (c *Clamd) exchange(ctx context.Context, b []byte) ([]byte, error) {
	conn, err := new(net.Dialer).DialContext(ctx, c.Network, c.Address)
	if err != nil {
		return nil, fmt.Errorf("reach clamd: %w", err)
	}
	defer conn.Close()
	if d, ok := ctx.Deadline(); ok {
		conn.SetDeadline(d)
	}
	sent := send(conn, b) // clamd may say no and hang up before all is sent: its answer counts
	says, err := io.ReadAll(io.LimitReader(conn, clamdSays))
	if len(says) == 0 {
		if err == nil {
			err = sent
		}
		return nil, fmt.Errorf("clamd said nothing: %w", err)
	}
	return says, nil
}

func send(w io.Writer, b []byte) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	for len(b) > 0 {
		part := b[:min(len(b), clamdChunk)]
		b = b[len(part):]
		if _, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(part))), part...)); err != nil {
			return err
		}
	}
	_, err := w.Write(make([]byte, 4))
	return err
}

// verdict reads "stream: OK" or "stream: NAME FOUND"; anything else is no
// verdict.
func verdict(says []byte) (string, error) {
	line, _, whole := bytes.Cut(says, []byte{0})
	rest, ok := strings.CutPrefix(string(line), "stream: ")
	if name, found := strings.CutSuffix(rest, " FOUND"); ok && found && name != "" {
		return plain(name, ""), nil
	}
	if ok && whole && rest == "OK" {
		return "", nil
	}
	return "", cannotScan(fmt.Errorf("clamd said %.200q", line))
}
