// Package texter sends text messages: to a folder, for a service on one
// machine, or to an operator's own gateway by HTTP. It knows a number and a
// text for as long as sending takes, and logs neither.
package texter

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Texter sends a text message to a number in E.164.
type Texter interface {
	Text(ctx context.Context, phone, message string) error
}

// New reads the setting: "outbox:DIR" or "webhook:URL". loopback says that the
// server listens on this machine only, without which there is no outbox: codes
// in a folder are for those who can read the folder.
func New(setting string, loopback bool) (Texter, error) {
	kind, rest, _ := strings.Cut(setting, ":")
	switch kind {
	case "outbox":
		return NewOutbox(rest, loopback)
	case "webhook":
		return NewWebhook(rest)
	}
	return nil, errors.New(`text messages leave by "outbox:DIR" or "webhook:URL"`)
}

// Outbox writes one file for each message.
type Outbox struct{ dir string }

// NewOutbox makes the folder if it is not there.
func NewOutbox(dir string, loopback bool) (*Outbox, error) {
	if !loopback {
		return nil, errors.New("refusing to write codes to a folder while listening beyond this machine: use webhook:URL")
	}
	if dir == "" {
		return nil, errors.New("outbox: needs a folder")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make outbox: %w", err)
	}
	return &Outbox{dir}, nil
}

// Text writes "NUMBER-RANDOM.txt" at once or not at all.
func (o *Outbox) Text(_ context.Context, phone, message string) error {
	var r [6]byte
	rand.Read(r[:])
	name := filepath.Join(o.dir, strings.TrimPrefix(filepath.Base(phone), "+")+"-"+hex.EncodeToString(r[:]))
	if err := os.WriteFile(name+".part", []byte(phone+"\n"+message+"\n"), 0o600); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	return os.Rename(name+".part", name+".txt")
}

// Webhook posts {"to": ..., "text": ...} as JSON to a gateway.
type Webhook struct {
	url    string
	client *http.Client
}

// NewWebhook takes an https URL, or http on this machine.
func NewWebhook(address string) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("webhook: needs a URL")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && onThisMachine(u.Hostname())) {
		return nil, errors.New("refusing to send codes over plain http beyond this machine: use https")
	}
	// A redirect would take the code somewhere the operator did not name.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Webhook{address, &http.Client{Timeout: 15 * time.Second, CheckRedirect: stay}}, nil
}

func onThisMachine(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Text posts; any answer but 2xx is an error.
func (w *Webhook) Text(ctx context.Context, phone, message string) error {
	body, err := json.Marshal(map[string]string{"to": phone, "text": message})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post message: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		return errors.New("post message: " + cause(err)) // the error itself would quote the URL and its secrets
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("post message: the gateway answered %d", resp.StatusCode)
	}
	return nil
}

func cause(err error) string {
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return "the gateway did not answer in time"
	}
	return "the gateway cannot be reached"
}
