package push_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pushservice"
	"letterlock/messenger/push"
	"letterlock/wire"
)

var bg = context.Background()

// world is a pusher and a push service.
type world struct {
	t       *testing.T
	clock   *clock.Manual
	service *pushservice.Service
	store   *memory
	pusher  *push.Pusher
	log     *bytes.Buffer
	here    map[wire.Address]bool
}

// memory is a store that fails no call.
type memory struct {
	mu sync.Mutex
	at map[wire.Address]push.Subscription
}

func (m *memory) PutPush(_ context.Context, a wire.Address, s push.Subscription) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at[a] = s
	return nil
}

func (m *memory) PushOf(_ context.Context, a wire.Address) (push.Subscription, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, found := m.at[a]
	if !found {
		return s, fault.New(fault.NotFound, "read", "none")
	}
	return s, nil
}

func (m *memory) RemovePush(_ context.Context, a wire.Address, endpoint string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if endpoint == "" || m.at[a].Endpoint == endpoint {
		delete(m.at, a)
	}
	return nil
}

func (m *memory) Pushed(context.Context) (out []wire.Address, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for a := range m.at {
		out = append(out, a)
	}
	return out, nil
}

func newWorld(t *testing.T, loopback bool) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), store: &memory{at: map[wire.Address]push.Subscription{}}, log: &bytes.Buffer{}, here: map[wire.Address]bool{}}
	w.service = pushservice.New(t, w.clock, true)
	w.start(loopback)
	return w
}

// start is a new start of the program on the same store.
func (w *world) start(loopback bool) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(w.service.Certificate())
	w.pusher, err = push.New(bg, push.Config{Store: w.store, Clock: w.clock, Key: key, Contact: "mailto:ops@example.org", Loopback: loopback, TLS: &tls.Config{RootCAs: roots},
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Connected: func(a wire.Address) bool { return w.here[a] }})
	if err != nil {
		w.t.Fatal(err)
	}
}

// device is one with a subscription.
func (w *world) device() (wire.Address, *pushservice.Subscriber) {
	w.t.Helper()
	a, x := wire.At(wire.NewAccountID(), 2), w.service.Subscribe(w.pusher.PublicKey())
	if err := w.pusher.Subscribe(bg, a, wire.Push{Endpoint: x.Endpoint, Key: x.Key, Auth: x.Auth}); err != nil {
		w.t.Fatal(err)
	}
	return a, x
}

// after lets time pass and sends what is due.
func (w *world) after(d time.Duration) {
	w.clock.Advance(d)
	w.pusher.Due(bg)
}

func (w *world) got(x *pushservice.Subscriber, want int) {
	w.t.Helper()
	if n := len(x.Got()); n != want {
		w.t.Fatalf("%d pushes came, want %d", n, want)
	}
}

// A push is what the standards say, and says nothing: no text, one length, the
// same headers for everybody.
func TestAPushSaysNothing(t *testing.T) {
	w := newWorld(t, true)
	var lengths []int
	for range 20 {
		a, x := w.device()
		w.pusher.Away(a)
		w.after(3 * time.Second)
		w.got(x, 1)
		p := x.Got()[0]
		lengths = append(lengths, p.Length)
		if len(p.Text) != 0 {
			t.Fatalf("a push says %q", p.Text)
		}
		if p.Claims["sub"] != "mailto:ops@example.org" {
			t.Errorf("claims %v", p.Claims)
		}
		for k, want := range map[string]string{"Ttl": "2592000", "Urgency": "normal", "Topic": "new", "User-Agent": "Letterlock"} {
			if p.Header.Get(k) != want {
				t.Errorf("%s is %q", k, p.Header.Get(k))
			}
		}
	}
	if slices.Min(lengths) != slices.Max(lengths) {
		t.Errorf("lengths differ: %v", lengths)
	}
}

// What comes close together is one push; a device that is back needs none; the
// next comes a minute later.
func TestPushesAreFew(t *testing.T) {
	w := newWorld(t, true)
	a, x := w.device()
	for range 100 {
		w.pusher.Away(a)
	}
	w.after(time.Second)
	w.got(x, 0) // it may just be connecting
	w.after(2 * time.Second)
	w.got(x, 1)
	for range 30 {
		w.pusher.Away(a)
		w.after(time.Second)
	}
	w.got(x, 1)
	w.after(31 * time.Second)
	w.got(x, 2)
	w.here[a] = true
	w.after(2 * time.Minute)
	w.pusher.Away(a)
	w.after(time.Minute)
	w.got(x, 2)
	w.pusher.Away(wire.At(wire.NewAccountID(), 1)) // nobody's
	w.after(time.Minute)
}

// A subscription that is over is removed; one that was renewed meanwhile stays.
func TestASubscriptionThatIsOverIsRemoved(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		w := newWorld(t, true)
		a, x := w.device()
		x.Next(pushservice.Answer{Status: status})
		w.pusher.Away(a)
		w.after(3 * time.Second)
		if _, err := w.store.PushOf(bg, a); !fault.Is(err, fault.NotFound) {
			t.Errorf("%d: the subscription stays: %v", status, err)
		}
		w.pusher.Away(a)
		w.after(2 * time.Minute)
		w.got(x, 0)
	}
	w := newWorld(t, true)
	a, x := w.device()
	if err := w.pusher.Subscribe(bg, a, wire.Push{}); err != nil {
		t.Fatal(err)
	}
	w.pusher.Away(a)
	w.after(time.Minute)
	w.got(x, 0)
	if len(w.store.at) != 0 {
		t.Error("switched off, and kept")
	}
}

// Retry-After is waited for, in seconds and as a date; who never answers is
// given up.
func TestAPushServiceThatAsksForTimeGetsIt(t *testing.T) {
	w := newWorld(t, true)
	a, x := w.device()
	x.Next(pushservice.Answer{Status: 429, Header: map[string]string{"Retry-After": "600"}},
		pushservice.Answer{Status: 503, Header: map[string]string{"Retry-After": w.clock.Now().Add(2 * time.Hour).Format(http.TimeFormat)}})
	w.pusher.Away(a)
	w.after(3 * time.Second)
	for range 9 {
		w.pusher.Away(a)
		w.after(time.Minute)
	}
	w.got(x, 0)
	w.after(time.Minute)
	w.got(x, 0) // the second answer
	w.after(100 * time.Minute)
	w.got(x, 0)
	w.after(10 * time.Minute)
	w.got(x, 1)
	for range 10 {
		x.Next(pushservice.Answer{Status: 500})
	}
	w.after(time.Hour)
	w.pusher.Away(a)
	before := x.Asked()
	for range 20 {
		w.after(time.Hour)
	}
	w.got(x, 1)
	if n := x.Asked() - before; n != 4 {
		t.Errorf("tried %d times, want 4", n)
	}
}

// Nobody makes this server call what only it can reach.
func TestEndpointsLeadToTheOpenInternetOnly(t *testing.T) {
	w := newWorld(t, false)
	x := w.service.Subscribe(w.pusher.PublicKey())
	for _, bad := range []string{x.Endpoint, "http://push.example.org/x", "ftp://push.example.org/x", "https://localhost/x", "https://printer.local/x", "https://intranet/x", "https://a.internal/x",
		"https://127.0.0.1/x", "https://10.1.2.3/x", "https://192.168.0.1/x", "https://169.254.169.254/latest/meta-data", "https://100.64.0.1/x", "https://[::1]/x", "https://[fd00::1]/x",
		"https://[fe80::1%25eth0]/x", "https://[::ffff:10.0.0.1]/x", "https://[64:ff9b::a00:1]/x", "https://0.0.0.0/x", "https://push.example.org:8443/x", "https://user@push.example.org/x", "https://push.example.org/x#y",
		"https:opaque", "https://push.example.org/" + strings.Repeat("x", 1024), "file:///etc/passwd", "\x00"} {
		err := w.pusher.Subscribe(bg, wire.At(wire.NewAccountID(), 1), wire.Push{Endpoint: bad, Key: x.Key, Auth: x.Auth})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q is taken: %v", bad, err)
		}
	}
	for _, good := range []string{"https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x", "https://web.push.apple.com:443/x", "https://8.8.8.8/x"} {
		if err := w.pusher.Subscribe(bg, wire.At(wire.NewAccountID(), 1), wire.Push{Endpoint: good, Key: x.Key, Auth: x.Auth}); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
	for name, p := range map[string]wire.Push{"no key": {Auth: x.Auth}, "half a key": {Key: x.Key[:64], Auth: x.Auth}, "no point": {Key: append([]byte{4}, make([]byte, 64)...), Auth: x.Auth}, "no secret": {Key: x.Key}} {
		p.Endpoint = "https://push.example.org/x"
		if err := w.pusher.Subscribe(bg, wire.At(wire.NewAccountID(), 1), p); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
}

// A redirect is not followed: it could lead inside.
func TestNobodyIsFollowedElsewhere(t *testing.T) {
	w := newWorld(t, true)
	a, x := w.device()
	_, other := w.device()
	x.Next(pushservice.Answer{Status: http.StatusTemporaryRedirect, Header: map[string]string{"Location": other.Endpoint}})
	w.pusher.Away(a)
	w.after(3 * time.Second)
	w.got(other, 0)
}

// Whatever happens, no log says who was woken, where or when.
func TestNoLogSaysWhoWasWoken(t *testing.T) {
	w := newWorld(t, true)
	var told []string
	for _, status := range []int{201, 307, 400, 403, 404, 410, 413, 429, 500} {
		a, x := w.device()
		u, err := url.Parse(x.Endpoint)
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, a.Account.String(), u.Path, u.Host, base64.RawURLEncoding.EncodeToString(x.Auth))
		x.Next(pushservice.Answer{Status: status})
		w.pusher.Away(a)
		w.after(3 * time.Second)
	}
	w.service.Close()
	a := wire.At(wire.NewAccountID(), 2)
	w.store.at[a] = push.Subscription{Endpoint: w.service.URL + "/push/gone", Key: w.service.Subscribe(nil).Key, Auth: make([]byte, 16)}
	w.start(true)
	w.pusher.Away(a)
	w.after(3 * time.Second)
	if !strings.Contains(w.log.String(), "cannot be reached") || !strings.Contains(w.log.String(), "refuses") {
		t.Fatalf("the log says nothing at all: the test proves nothing\n%s", w.log)
	}
	for _, s := range append(told, a.Account.String(), "/push/") {
		if strings.Contains(w.log.String(), s) {
			t.Errorf("the log says %q:\n%s", s, w.log)
		}
	}
}
