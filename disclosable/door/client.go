package door

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
)

// Client is a Door on the other side of a socket.
type Client struct {
	http *http.Client
	base string
}

var _ Door = (*Client)(nil)

// Dial prepares a Client for "unix:PATH" or, with the desk's certificate,
// "https://HOST:PORT". It connects with the first call.
func Dial(address string, mutual *tls.Config) (*Client, error) {
	tr := &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second, Proxy: nil}
	c := &Client{http: &http.Client{Transport: tr, Timeout: 90 * time.Second, CheckRedirect: noRedirect}}
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var n net.Dialer
			return n.DialContext(ctx, "unix", path)
		}
		c.base = "http://door"
		return c, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fault.New(fault.Invalid, "dial door", "the door is unix:PATH or https://HOST:PORT, not %q", address)
	}
	if mutual == nil || len(mutual.Certificates) == 0 || mutual.RootCAs == nil || mutual.InsecureSkipVerify {
		return nil, fault.New(fault.Invalid, "dial door", "refusing to knock at %s without a certificate of our own and the authority that signed theirs", u.Host)
	}
	tr.TLSClientConfig = mutual
	c.base = "https://" + u.Host
	return c, nil
}

func noRedirect(*http.Request, []*http.Request) error {
	return errors.New("the door does not redirect")
}

// Close lets idle connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func call[Out any](ctx context.Context, c *Client, name string, in any) (out Out, err error) {
	b, err := d.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("write door request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+prefix+name, bytes.NewReader(b))
	if err != nil {
		return out, fmt.Errorf("write door request: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := c.http.Do(req)
	if err != nil {
		return out, away(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return out, away(err)
	case len(body) > maxAnswer:
		return out, away(fmt.Errorf("an answer of more than %d bytes", maxAnswer))
	case res.StatusCode != http.StatusOK:
		return out, back(res.StatusCode, body)
	}
	if err := d.Unmarshal(body, &out); err != nil {
		var none Out
		return none, away(err)
	}
	return out, nil
}

// inUTC undoes the codec, which reads times in the machine's zone.
func inUTC(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// Resolve implements Door.
func (c *Client) Resolve(ctx context.Context, q Lookup) (Resolution, error) {
	return call[Resolution](ctx, c, "resolve", q)
}

// Propose implements Door.
func (c *Client) Propose(ctx context.Context, grant []byte) (Proposal, error) {
	return call[Proposal](ctx, c, "propose", grant)
}

// Proposal implements Door.
func (c *Client) Proposal(ctx context.Context, grant d.Hash) (Proposal, error) {
	return call[Proposal](ctx, c, "proposal", grant)
}

// Withdraw implements Door.
func (c *Client) Withdraw(ctx context.Context, grant d.Hash) error {
	_, err := call[nothing](ctx, c, "withdraw", grant)
	return err
}

// Redeem implements Door.
func (c *Client) Redeem(ctx context.Context, grant d.Hash) (Release, error) {
	r, err := call[Release](ctx, c, "redeem", grant)
	r.At = inUTC(r.At)
	return r, err
}

// Tell implements Door.
func (c *Client) Tell(ctx context.Context, x Telling) (Told, error) {
	t, err := call[Told](ctx, c, "tell", x)
	t.At = inUTC(t.At)
	return t, err
}

// Proof implements Door.
func (c *Client) Proof(ctx context.Context, entry []byte) ([]byte, error) {
	return call[[]byte](ctx, c, "proof", entry)
}

// Objections implements Door.
func (c *Client) Objections(ctx context.Context, after int64) ([]Objection, error) {
	l, err := call[list[Objection]](ctx, c, "objections", after)
	for i := range l.Items {
		l.Items[i].At = inUTC(l.Items[i].At)
	}
	return l.Items, err
}

// Law implements Door.
func (c *Client) Law(ctx context.Context, rows []d.Hash) ([]LawState, error) {
	l, err := call[list[LawState]](ctx, c, "law", list[d.Hash]{rows})
	return l.Items, err
}

// Seen implements Door.
func (c *Client) Seen(ctx context.Context, origin string) (int64, error) {
	return call[int64](ctx, c, "seen", origin)
}

// Cosign implements Door.
func (c *Client) Cosign(ctx context.Context, request []byte) ([]byte, error) {
	return call[[]byte](ctx, c, "cosign", request)
}

// Witness implements Door.
func (c *Client) Witness(ctx context.Context, seen int64) ([]byte, error) {
	return call[[]byte](ctx, c, "witness", seen)
}

// Cosigned implements Door.
func (c *Client) Cosigned(ctx context.Context, line []byte) error {
	_, err := call[nothing](ctx, c, "cosigned", line)
	return err
}

// Listen opens the door's socket for the owner of the process only. A socket
// that a dead process left is replaced; a living one is not.
func Listen(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open door: %w", err)
	}
	if i, err := os.Lstat(path); err == nil {
		if i.Mode().Type() != fs.ModeSocket {
			return nil, fmt.Errorf("refusing to replace %s: it is no socket", path)
		}
		if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
			conn.Close()
			return nil, fmt.Errorf("refusing to open a second door at %s", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("open door: %w", err)
		}
	}
	return listenOwner(path)
}

// listenOwner binds under a name nobody knows, takes every permission but the
// owner's away and only then gives the socket its name.
func listenOwner(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".door")
	if err != nil {
		return nil, fmt.Errorf("open door: %w", err)
	}
	defer os.Remove(dir)
	hidden := filepath.Join(dir, "s")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open door: %w", err)
	}
	ln.SetUnlinkOnClose(false) // it unlinks by the hidden name; a dead socket is replaced
	if err = os.Chmod(hidden, 0o600); err == nil {
		err = os.Rename(hidden, path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open door: %w", err), ln.Close())
	}
	return ln, nil
}

// MutualTLS reads this half's certificate and key, and the authority that
// signed the other half's, for either side of the door.
func MutualTLS(certFile, keyFile, authorityFile string) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read door certificate", err, "the door's certificate and key cannot be read")
	}
	pem, err := os.ReadFile(authorityFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read door authority", err, "the authority of the door cannot be read")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Invalid, "read door authority", "%s holds no certificate", authorityFile)
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}, nil
}
