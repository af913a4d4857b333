// Package witness speaks the witness protocol over HTTP, in both directions: it
// asks others to co-sign this house's checkpoints, so that the operator cannot
// show two histories, and answers those who ask this house. It knows
// checkpoints and addresses; it must not know what a leaf stands for.
package witness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// sizeType is the type of an answer that says how much the witness has seen.
//
// spec: c2sp tlog-witness
const sizeType = "text/x.tlog.size"

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// Client is a witness somewhere else.
type Client struct {
	key  string // its verifier key
	name string
	url  string
	http *http.Client

	mu   sync.Mutex
	seen int64     // what it has co-signed, as far as we know
	at   time.Time // when it last did
	err  error     // why it did not, the last time
}

// New makes a client of the witness with this verifier key, at the address that
// its operator gives; "add-checkpoint" is appended. Plain http is for loopback.
func New(key, address string, h *http.Client) (*Client, error) {
	keys, err := proof.ParseKeys(key)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fault.New(fault.Invalid, "add witness", "a witness has an address such as https://witness.example/: %q is none.", address)
	}
	if h == nil {
		h = &http.Client{Timeout: 20 * time.Second}
	}
	return &Client{key: key, name: keys.Names()[0], url: u.JoinPath("add-checkpoint").String(), http: h}, nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// Name is the name in the witness's signatures.
func (c *Client) Name() string { return c.name }

// Key is the witness's verifier key.
func (c *Client) Key() string { return c.key }

// State is when the witness co-signed last, the size it then saw, and why it did
// not the last time it was asked.
func (c *Client) State() (size int64, at time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen, c.at, c.err
}

// Seen is part of ledger.Witness. There is no way to ask a witness; a wrong
// answer is corrected by the witness itself.
func (c *Client) Seen(context.Context, string) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen, nil
}

// Cosign is part of ledger.Witness.
//
// spec: c2sp tlog-witness
func (c *Client) Cosign(ctx context.Context, request []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "ask witness", err, "the witness %s cannot be reached.", c.name)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "ask witness", err, "the answer of the witness %s broke off.", c.name)
	}
	switch {
	case res.StatusCode == http.StatusOK:
		return c.line(body)
	case res.StatusCode == http.StatusConflict && res.Header.Get("Content-Type") == sizeType:
		size, err := strconv.ParseInt(strings.TrimSuffix(string(body), "\n"), 10, 64)
		if err != nil || size < 0 {
			return nil, fault.New(fault.Invalid, "ask witness", "the witness %s says no size.", c.name)
		}
		c.mu.Lock()
		c.seen = size
		c.mu.Unlock()
		return nil, ledger.Stale{Size: size}
	case res.StatusCode == http.StatusUnprocessableEntity || res.StatusCode == http.StatusConflict:
		return nil, fault.New(fault.Conflict, "ask witness", "the witness %s has seen another past of this ledger.", c.name)
	}
	return nil, fault.New(fault.Unavailable, "ask witness", "the witness %s answers %s.", c.name, res.Status)
}

// line finds the signature of this witness among those of the answer.
func (c *Client) line(body []byte) ([]byte, error) {
	lines := bufio.NewScanner(bytes.NewReader(body))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "— "+c.name+" ") {
			return append(bytes.Clone(lines.Bytes()), '\n'), nil
		}
	}
	return nil, fault.New(fault.Invalid, "ask witness", "the answer of the witness %s holds no signature of that name.", c.name)
}

// gather asks once and remembers how it went.
func (c *Client) gather(ctx context.Context, l *ledger.Ledger, now time.Time) {
	size := l.State().Size
	c.mu.Lock()
	done := c.err == nil && !c.at.IsZero() && c.seen == size
	c.mu.Unlock()
	if done || size == 0 {
		return
	}
	err := l.Gather(ctx, c)
	if errors.Is(err, context.Canceled) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err = err; err == nil {
		c.seen, c.at = size, now
	}
}

// Run has each witness co-sign what is new until the context ends. One that is
// slow does not hold the others up.
func Run(ctx context.Context, l *ledger.Ledger, clk clock.Clock, every time.Duration, clients []*Client) {
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() {
			clock.Every(ctx, every, func(ctx context.Context) { c.gather(ctx, l, clk.Now()) })
		})
	}
	all.Wait()
}

// Load reads a file of witnesses, a line for each: verifier key and address.
// Empty lines and lines that begin with # are skipped. No name: no witnesses.
func Load(path string) ([]*Client, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read witnesses", err, "the file of witnesses %s cannot be read.", path)
	}
	var out []*Client
	names := map[string]bool{}
	for n, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 2 {
			return nil, fault.New(fault.Invalid, "read witnesses", "line %d of %s must be a verifier key and an address.", n+1, path)
		}
		c, err := New(f[0], f[1], nil)
		if err != nil {
			return nil, fmt.Errorf("line %d of %s: %w", n+1, path, err)
		}
		if names[c.name] {
			return nil, fault.New(fault.Invalid, "read witnesses", "%s names %s twice.", path, c.name)
		}
		names[c.name], out = true, append(out, c)
	}
	return out, nil
}

// Keys are the verifier keys of witnesses.
func Keys(clients []*Client) []string {
	var out []string
	for _, c := range clients {
		out = append(out, c.key)
	}
	return out
}
