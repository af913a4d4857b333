package gateway_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"letterlock/internal/clock"
	"letterlock/internal/testkit/pg"
	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/prekey"
	"letterlock/messenger/turn"
	"letterlock/routing/inproc"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestMain(m *testing.M) { pg.Main(m) }

// world is a whole carrier behind a real listener.
type world struct {
	t        testing.TB
	db       storagetest.Carrier
	clock    *clock.Manual
	texts    *texts
	accounts *account.Accounts
	boxes    *mailbox.Mailboxes
	gate     *gateway.Gateway
	server   *httptest.Server
	stop     func()
	tls      bool
	objected []wire.Objection
}

type texts struct {
	mu   sync.Mutex
	last map[string]string
	n    int
}

func (x *texts) Text(_ context.Context, phone, message string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last[phone], x.n = regexp.MustCompile(`[0-9]{6}`).FindString(message), x.n+1
	return nil
}

func (w *world) Object(_ context.Context, _ wire.AccountID, o wire.Objection) error {
	w.objected = append(w.objected, o)
	return nil
}

type setting func(*account.Config, *mailbox.Config, *gateway.Config)

func newWorld(t testing.TB, db storagetest.Carrier, set ...setting) *world {
	t.Helper()
	w := &world{t: t, db: db, clock: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), texts: &texts{last: map[string]string{}}}
	w.start(set...)
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) start(set ...setting) {
	w.t.Helper()
	secret, err := account.NewSecret(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(testLog{w.t}, nil))
	mc := mailbox.Config{Store: w.db, Router: inproc.New[*mailbox.Letter](), Clock: w.clock, Log: log}
	ac := account.Config{Store: w.db, Clock: w.clock, Texter: w.texts, Secret: secret, Log: log,
		Limits: account.Limits{CodesPerAddress: 1000, TriesPerAddress: 1000}}
	gc := gateway.Config{Clock: w.clock, Objector: w, Reacher: w, Info: wire.Info{Name: "Test"}, Log: log,
		Limits: gateway.Limits{CallsPerAddress: 1e6, CallsPerDevice: 1e6, SendsPerDevice: 1e6}}
	for _, s := range set {
		s(&ac, &mc, &gc)
	}
	w.boxes = mailbox.New(mc)
	ac.Post = w.boxes
	w.accounts = account.New(ac)
	gc.Accounts, gc.Mail = w.accounts, w.boxes
	gc.Keys = prekey.New(prekey.Config{Store: w.db, Clock: w.clock, OnLow: func(a wire.Address, left uint32) { w.boxes.Tell(a, wire.KeysLow{Left: left}) }})
	gc.Turns = turn.New(turn.Config{Store: w.db, Clock: w.clock})
	w.gate = gateway.New(gc)
	if w.tls {
		w.server = httptest.NewTLSServer(w.gate)
	} else {
		w.server = httptest.NewServer(w.gate)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { w.boxes.Run(ctx) })
	run.Go(func() { w.accounts.Run(ctx) })
	w.stop = sync.OnceFunc(func() {
		down, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		if err := w.gate.Shutdown(down); err != nil {
			w.t.Errorf("shutdown: %v", err)
		}
		w.server.Close()
		cancel()
		run.Wait()
	})
}

type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(string(bytes.TrimSpace(b)))
	return len(b), nil
}

// call makes one call; a Problem is returned with its status.
func (w *world) call(cred *wire.Credential, path string, in, out any) (int, wire.Problem) {
	w.t.Helper()
	body, err := wire.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.raw(cred, http.MethodPost, path, wire.ContentType, body, out)
}

func (w *world) raw(cred *wire.Credential, method, path, kind string, body []byte, out any) (int, wire.Problem) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if cred != nil {
		req.Header.Set("Authorization", cred.Header())
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var p wire.Problem
	if resp.StatusCode >= 400 {
		if err := wire.Unmarshal(b, &p); err != nil {
			w.t.Fatalf("%s: %d with a body that is no Problem: %q", path, resp.StatusCode, b)
		}
	} else if out != nil {
		if err := wire.Unmarshal(b, out); err != nil {
			w.t.Fatalf("%s: %v in %x", path, err, b)
		}
	}
	return resp.StatusCode, p
}

// person is an account with one device.
type person struct {
	w      *world
	phone  string
	cred   wire.Credential
	addr   wire.Address
	opener *wire.Opener
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func preKey(id uint32, kind byte, size int, sig bool) wire.PreKey {
	k := wire.PreKey{ID: id, Key: append([]byte{kind}, random(size-1)...)}
	if sig {
		k.Signature = random(64)
	}
	return k
}

func registration(phone, code string) (wire.Register, *ecdh.PrivateKey) {
	key, _ := ecdh.X25519().GenerateKey(rand.Reader)
	signed, last := preKey(1, 0x05, 33, true), preKey(2, 0x08, 1569, true)
	r := wire.Register{Phone: phone, Code: code, Name: "N " + phone, DeviceType: "terminal", RegistrationID: 77,
		IdentityKey: preKey(0, 0x05, 33, false).Key, MailboxKey: key.PublicKey().Bytes(), Keys: wire.KeyUpload{Signed: &signed, LastResort: &last}}
	for i := range uint32(20) {
		r.Keys.OneTime = append(r.Keys.OneTime, preKey(100+i, 0x05, 33, false))
		r.Keys.KyberOneTime = append(r.Keys.KyberOneTime, preKey(200+i, 0x08, 1569, true))
	}
	return r, key
}

func (w *world) code(phone string) string {
	w.t.Helper()
	if status, p := w.call(nil, wire.PathCode, wire.CodeRequest{Phone: phone}, nil); status != 200 {
		w.t.Fatalf("code for %s: %d %v", phone, status, p)
	}
	w.texts.mu.Lock()
	defer w.texts.mu.Unlock()
	return w.texts.last[phone]
}

func (w *world) join(phone string) *person {
	w.t.Helper()
	r, key := registration(phone, w.code(phone))
	var got wire.Registered
	if status, p := w.call(nil, wire.PathRegister, r, &got); status != 200 {
		w.t.Fatalf("register %s: %d %v", phone, status, p)
	}
	addr := wire.At(got.Account, got.Device)
	cred, err := wire.NewCredential(addr, got.Token)
	if err != nil {
		w.t.Fatal(err)
	}
	opener, err := wire.NewOpener(addr, key)
	if err != nil {
		w.t.Fatal(err)
	}
	return &person{w: w, phone: phone, cred: cred, addr: addr, opener: opener}
}

func number(i int) string { return fmt.Sprintf("+1415555%04d", i) }

// line is a device's socket.
type line struct {
	p  *person
	ws *websocket.Conn
}

func (p *person) dial() *line {
	p.w.t.Helper()
	c, _, err := websocket.Dial(context.Background(), p.w.server.URL+wire.PathSocket, &websocket.DialOptions{
		HTTPClient: p.w.server.Client(), HTTPHeader: http.Header{"Authorization": {p.cred.Header()}}})
	if err != nil {
		p.w.t.Fatalf("dial: %v", err)
	}
	c.SetReadLimit(wire.MaxFrame)
	p.w.t.Cleanup(func() { c.CloseNow() })
	return &line{p, c}
}

// connect dials and takes all that waited, acknowledging nothing.
func (p *person) connect() (*line, []wire.Letter, []uint64) {
	p.w.t.Helper()
	l := p.dial()
	if _, ok := l.next().(wire.Hello); !ok {
		p.w.t.Fatal("no Hello")
	}
	var letters []wire.Letter
	var seqs []uint64
	for {
		switch f := l.next().(type) {
		case wire.Empty:
			return l, letters, seqs
		default:
			got, seq, ok := l.letter(f)
			if !ok {
				p.w.t.Fatalf("before Empty came %T %v", f, f)
			}
			letters, seqs = append(letters, got), append(seqs, seq)
		}
	}
}

// letter opens what carries an envelope.
func (l *line) letter(f wire.Frame) (wire.Letter, uint64, bool) {
	l.p.w.t.Helper()
	switch f := f.(type) {
	case wire.Deliver:
		return wire.Letter{From: f.From, At: f.At, Kind: f.Kind, Body: f.Body}, f.Seq, true
	case wire.Sealed:
		got, err := l.p.opener.OpenRow(f.Row)
		if err != nil {
			l.p.w.t.Fatalf("open row: %v", err)
		}
		return got, f.Seq, true
	}
	return wire.Letter{}, 0, false
}

func (l *line) next() wire.Frame {
	l.p.w.t.Helper()
	f, err := l.read()
	if err != nil {
		l.p.w.t.Fatalf("read: %v", err)
	}
	return f
}

func (l *line) read() (wire.Frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, b, err := l.ws.Read(ctx)
	if err != nil {
		return nil, err
	}
	return wire.ParseFrame(b)
}

func (l *line) write(f wire.Frame) {
	l.p.w.t.Helper()
	b, err := wire.AppendFrame(nil, f)
	if err != nil {
		l.p.w.t.Fatal(err)
	}
	if err := l.ws.Write(context.Background(), websocket.MessageBinary, b); err != nil {
		l.p.w.t.Fatalf("write: %v", err)
	}
}

func (l *line) send(ref uint64, to *person, body string) {
	l.p.w.t.Helper()
	l.write(wire.Send{Ref: ref, To: to.addr, Kind: wire.KindMessage, Body: []byte(body)})
}

// answer waits for the answer to one envelope; other frames before it fail.
func (l *line) answer() wire.Frame {
	l.p.w.t.Helper()
	f := l.next()
	switch f.(type) {
	case wire.Sent, wire.Refused:
		return f
	}
	l.p.w.t.Fatalf("no answer but %T %v", f, f)
	return nil
}

// Reach implements gateway.Reacher.
func (w *world) Reach(_ context.Context, id wire.AccountID) (wire.Reach, error) {
	return wire.Reach{Processes: []wire.ReachedBy{{Process: id.String()}}}, nil
}
