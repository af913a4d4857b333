package e2e_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudflare/circl/kem/kyber/kyber1024"
	"github.com/coder/websocket"

	"letterlock/client"
	"letterlock/e2e/story"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/storage/clientdb"
	"letterlock/wire"
)

// witness is a person whose device runs inside the test, with the real client,
// key store and network, so that the test knows every key the device ever had
// and every byte it sent or got.
type witness struct {
	t     testing.TB
	Phone string
	Dir   string
	world *story.World
	net   *network
	known *secrets

	store *clientdb.Store
	*client.Client
	me client.Self

	mu     sync.Mutex
	states map[string]client.State // of own texts, as last told
	signs  map[client.Sign]int     // seen so far
	ended  chan error
	cancel context.CancelFunc
}

func newWitness(t testing.TB, w *story.World, phone string, known *secrets) *witness {
	t.Helper()
	n := &network{base: w.Site("")}
	p := &witness{t: t, Phone: phone, Dir: filepath.Join(w.Dir, "people", strings.TrimPrefix(phone, "+")), world: w, net: n, known: known, states: map[string]client.State{}, signs: map[client.Sign]int{}}
	must(t, p.begin())
	t.Cleanup(func() { p.end() })
	must(t, p.RequestCode(t.Context(), phone))
	me, err := p.Register(t.Context(), client.Registration{Server: w.Site(""), Phone: phone, Code: p.code(), Name: "Witness " + phone, DeviceType: "terminal"})
	must(t, err)
	p.me = me
	return p
}

// mailbox is the public mailbox key.
func (p *witness) mailbox() []byte {
	var pub []byte
	must(p.t, p.store.View(p.t.Context(), func(tx client.Tx) error {
		k, err := mailboxPrivate(tx)
		if err == nil {
			pub = k.PublicKey().Bytes()
		}
		return err
	}))
	return pub
}

var sixDigits = regexp.MustCompile(`code: (\d{6})`)

func (p *witness) code() string {
	names, err := filepath.Glob(filepath.Join(p.world.Dir, "data", "sms", strings.TrimPrefix(p.Phone, "+")+"-*.txt"))
	must(p.t, err)
	for _, n := range names {
		b, err := os.ReadFile(n)
		must(p.t, err)
		if m := sixDigits.FindSubmatch(b); m != nil {
			return string(m[1])
		}
	}
	p.t.Fatalf("no code came for %s", p.Phone)
	return ""
}

// begin is a start of the program on the same folder. While another process is
// forked, the child holds a copy of the lock for a moment.
func (p *witness) begin() error {
	var err error
	for range 200 {
		if p.store, err = clientdb.Open(context.Background(), p.Dir); !fault.Is(err, fault.Conflict) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		p.store = nil
		return err
	}
	p.Client, err = client.New(client.Config{Store: recording{p.store, p.known}, Transport: p.net, Clock: clock.System, OnEntry: p.tell, OnSign: p.sign, Wait: soon})
	return err
}

// soon shortens what people would have to wait for.
func soon(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(d, 30*time.Millisecond)):
		return nil
	}
}

func (p *witness) tell(e client.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Kind == client.Outgoing {
		p.states[e.Text] = e.State
	}
}

func (p *witness) sign(g client.Sign) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signs[g]++
}

// saw is how often a sign was shown.
func (p *witness) saw(g client.Sign) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.signs[g]
}

// online keeps the connection until offline.
func (p *witness) online() {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel, p.ended = cancel, make(chan error, 1)
	c, ended := p.Client, p.ended
	go func() { ended <- c.Run(ctx, client.Run{}) }()
}

func (p *witness) offline() {
	if p.cancel == nil {
		return
	}
	p.cancel()
	if err := <-p.ended; err != nil {
		p.t.Errorf("the device of %s ended: %v", p.Phone, err)
	}
	p.cancel = nil
}

// end closes the program.
func (p *witness) end() {
	p.offline()
	if p.store != nil {
		p.store.Close()
		p.store = nil
	}
}

// settled waits until every own text has left.
func (p *witness) settled(limit time.Duration) {
	p.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		open := 0
		p.mu.Lock()
		for _, s := range p.states {
			if s != client.Sent {
				open++
			}
		}
		p.mu.Unlock()
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%d texts of %s have not left", open, p.Phone)
		}
	}
}

// network is the way to the server, and remembers what went over it.
type network struct {
	base string

	mu     sync.Mutex
	bodies [][]byte // of envelopes sent
	rows   [][]byte // sealed rows delivered
	keep   bool
}

func (n *network) Call(ctx context.Context, as wire.Credential, path string, body []byte) (int, []byte, error) {
	method, reader := http.MethodPost, io.Reader(bytes.NewReader(body))
	if path == wire.PathInfo {
		method, reader = http.MethodGet, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.base+path, reader)
	if err != nil {
		return 0, nil, err
	}
	req.Header = credential(as)
	req.Header.Set("Content-Type", wire.ContentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxCall))
	return resp.StatusCode, b, err
}

func credential(as wire.Credential) http.Header {
	h := http.Header{}
	if as != (wire.Credential{}) {
		h.Set("Authorization", as.Header())
	}
	return h
}

func (n *network) Dial(ctx context.Context, as wire.Credential) (client.Socket, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	c, resp, err := websocket.Dial(ctx, strings.Replace(n.base, "http", "ws", 1)+wire.PathSocket, &websocket.DialOptions{HTTPHeader: credential(as)})
	if resp != nil && resp.StatusCode == http.StatusUnauthorized {
		return nil, fault.New(fault.Unauthenticated, "connect", "the server does not know this device")
	}
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(wire.MaxFrame)
	return socket{n, c}, nil
}

type socket struct {
	n *network
	c *websocket.Conn
}

func (s socket) Read(ctx context.Context) ([]byte, error) {
	_, b, err := s.c.Read(ctx)
	if err == nil {
		s.n.note(b)
	}
	return b, err
}

func (s socket) Write(ctx context.Context, b []byte) error {
	s.n.note(b)
	return s.c.Write(ctx, websocket.MessageBinary, b)
}

func (s socket) Close() error { return s.c.Close(websocket.StatusNormalClosure, "") }

func (n *network) note(b []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.keep {
		return
	}
	f, err := wire.ParseFrame(b)
	if err != nil {
		return
	}
	switch f := f.(type) {
	case wire.Send:
		n.bodies = append(n.bodies, bytes.Clone(f.Body))
	case wire.Sealed:
		n.rows = append(n.rows, bytes.Clone(f.Row))
	}
}

func (n *network) record() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keep = true
}

// sent are the bodies of all envelopes sent so far.
func (n *network) sent() [][]byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([][]byte(nil), n.bodies...)
}

func (n *network) delivered() [][]byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([][]byte(nil), n.rows...)
}

// secrets is every key that a device ever had.
type secrets struct {
	mu   sync.Mutex
	all  map[string]string // bytes -> what
	fail error
}

func newSecrets() *secrets { return &secrets{all: map[string]string{}} }

func (s *secrets) add(what string, keys ...[]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		if len(k) >= 16 && distinct(k) >= 8 { // an absent chain is zeros
			s.all[string(k)] = what
		}
	}
}

func distinct(b []byte) (n int) {
	var seen [256]bool
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}

// take reads the secrets out of an entry of a key store.
func (s *secrets) take(b client.Bucket, value []byte) {
	if err := s.read(b, value); err != nil {
		s.mu.Lock()
		s.fail = fmt.Errorf("an entry of %s: %w", b, err)
		s.mu.Unlock()
	}
}

func (s *secrets) read(b client.Bucket, value []byte) error {
	switch b {
	case client.BucketSession:
		if len(value) == 0 {
			return nil
		}
		keys, err := signal.Secrets(value)
		s.add("session key", keys...)
		return err
	case client.BucketPreKey:
		var k struct {
			Key      []byte `cbor:"key"`
			Made     int64  `cbor:"made"`
			Live     bool   `cbor:"live"`
			Replaced int64  `cbor:"replaced"`
		}
		if err := wire.Unmarshal(value, &k); err != nil {
			return err
		}
		return s.preKey(k.Key)
	case client.BucketSelf:
		var me map[string]any
		if err := wire.Unmarshal(value, &me); err != nil {
			return err
		}
		for name, what := range map[string]string{"identity": "identity key", "mailbox": "mailbox key"} {
			k, ok := me[name].([]byte)
			if !ok || len(k) != 32 {
				return fmt.Errorf("no %s of 32 bytes", what)
			}
			s.add(what, k)
		}
	}
	return nil
}

// preKey knows the three stored forms by their length: one-time (secret),
// signed (secret, signature) and Kyber (seed, signature).
func (s *secrets) preKey(b []byte) error {
	const head = 5
	switch len(b) {
	case head + 32:
		s.add("one-time pre-key", b[head:])
	case head + 32 + 64:
		s.add("signed pre-key", b[head:head+32])
	case head + kyber1024.KeySeedSize + 64:
		seed := b[head : head+kyber1024.KeySeedSize]
		s.add("Kyber seed", seed[:32], seed[32:])
		_, private := kyber1024.NewKeyFromSeed(seed)
		packed, err := private.MarshalBinary()
		if err != nil {
			return err
		}
		s.add("Kyber key", packed[:32], packed[768:800]) // the polynomials of the secret come first
	default:
		return fmt.Errorf("a pre-key of %d bytes", len(b))
	}
	return nil
}

// collect reads a whole key store.
func (s *secrets) collect(t testing.TB, dir string) {
	t.Helper()
	store, err := clientdb.Open(t.Context(), dir)
	must(t, err)
	defer store.Close()
	must(t, store.View(t.Context(), func(tx client.Tx) error {
		for _, b := range []client.Bucket{client.BucketSelf, client.BucketPreKey, client.BucketSession} {
			all, err := tx.List(b, client.Range{})
			if err != nil {
				return err
			}
			for _, p := range all {
				s.take(b, p.Value)
			}
		}
		return nil
	}))
}

func (s *secrets) count(what string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		if w == what {
			n++
		}
	}
	return n
}

// recording is a key store that tells of every secret written to it, so that
// not even a key that lived for one message is missed.
type recording struct {
	client.KeyStore
	known *secrets
}

func (r recording) Update(ctx context.Context, f func(client.Tx) error) error {
	if r.known == nil {
		return r.KeyStore.Update(ctx, f)
	}
	return r.KeyStore.Update(ctx, func(tx client.Tx) error { return f(recordingTx{tx, r.known}) })
}

type recordingTx struct {
	client.Tx
	known *secrets
}

func (r recordingTx) Put(b client.Bucket, key, value []byte) error {
	r.known.take(b, value)
	return r.Tx.Put(b, key, value)
}

// mailboxKey is the private key of a folder's mailbox, which no server has.
func mailboxKey(t testing.TB, dir string) *ecdh.PrivateKey {
	t.Helper()
	store, err := clientdb.Open(t.Context(), dir)
	must(t, err)
	defer store.Close()
	var k *ecdh.PrivateKey
	must(t, store.View(t.Context(), func(tx client.Tx) (err error) {
		k, err = mailboxPrivate(tx)
		return err
	}))
	return k
}

func mailboxPrivate(tx client.Tx) (*ecdh.PrivateKey, error) {
	all, err := tx.List(client.BucketSelf, client.Range{})
	if err != nil || len(all) != 1 {
		return nil, fmt.Errorf("%d entries of self: %w", len(all), err)
	}
	var me map[string]any
	if err := wire.Unmarshal(all[0].Value, &me); err != nil {
		return nil, err
	}
	raw, _ := me["mailbox"].([]byte)
	return ecdh.X25519().NewPrivateKey(raw)
}
