package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/internal/clock"
	"letterlock/storage/clientdb"
	"letterlock/wire"
)

// The cast.
const (
	alice = "+441632960001"
	bob   = "+441632960002"
	carol = "+441632960003"
)

// world is a carrier in memory behind a real HTTP server.
type world struct {
	t       testing.TB
	carrier *carriertest.Carrier
	url     string
	dir     string
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, carrier: carriertest.New(clock.System), dir: t.TempDir()}
	s := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	as, _ := wire.ParseCredential(r.Header.Get("Authorization"))
	if r.URL.Path == wire.PathSocket {
		w.socket(rw, r, as)
		return
	}
	if strings.HasPrefix(r.URL.Path, wire.PathMedia) {
		http.NotFound(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || (r.Method == http.MethodGet) != (r.URL.Path == wire.PathInfo) {
		http.Error(rw, "bad call", http.StatusBadRequest)
		return
	}
	status, answer := w.carrier.Call(as, r.URL.Path, body)
	rw.Header().Set("Content-Type", wire.ContentType)
	rw.WriteHeader(status)
	rw.Write(answer)
}

// socket joins the WebSocket to the carrier's in-memory connection.
func (w *world) socket(rw http.ResponseWriter, r *http.Request, as wire.Credential) {
	inner, err := w.carrier.Connect(as)
	if err != nil {
		status, answer := w.carrier.Call(as, wire.PathExport, nil) // the same refusal
		rw.Header().Set("Content-Type", wire.ContentType)
		rw.WriteHeader(status)
		rw.Write(answer)
		return
	}
	defer inner.Close()
	c, err := websocket.Accept(rw, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(wire.MaxFrame)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer c.Close(websocket.StatusGoingAway, "")
		for {
			b, err := inner.Read(ctx)
			if err != nil || c.Write(ctx, websocket.MessageBinary, b) != nil {
				return
			}
		}
	}()
	for {
		_, b, err := c.Read(ctx)
		if err != nil || inner.Write(ctx, b) != nil {
			return
		}
	}
}

// result is one run of the program.
type result struct {
	out, err string
	code     int
}

func (w *world) letter(who string, stdin string, args ...string) result {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var out, errs buffer
	err := run(ctx, append([]string{"--dir", w.folder(who)}, args...), strings.NewReader(stdin), &out, &errs)
	r := result{out.String(), errs.String(), code(err)}
	if err != nil {
		r.err += sentence(err)
	}
	return r
}

func (w *world) folder(who string) string { return filepath.Join(w.dir, who) }

// ok runs the program and expects success.
func (w *world) ok(who string, args ...string) string {
	w.t.Helper()
	r := w.letter(who, "", args...)
	if r.code != 0 {
		w.t.Fatalf("letter %v: exit %d: %s", args, r.code, r.err)
	}
	return r.out
}

// refused runs the program and expects failure with a sentence.
func (w *world) refused(code int, sentence string, who string, args ...string) {
	w.t.Helper()
	r := w.letter(who, "", args...)
	if r.code != code || !strings.Contains(r.err, sentence) {
		w.t.Fatalf("letter %v: exit %d, %q; want exit %d and %q", args, r.code, r.err, code, sentence)
	}
}

func (w *world) register(who, phone string) {
	w.t.Helper()
	r := w.letter(who, carriertest.Code+"\n", "register", "--server", w.url, "--phone", phone, "--name", who)
	if r.code != 0 || !strings.Contains(r.out, "Registered "+phone) {
		w.t.Fatalf("%+v", r)
	}
}

// move changes the server in a person's folder, as if it had gone elsewhere.
func (w *world) move(who, to string) {
	w.t.Helper()
	s, err := clientdb.Open(context.Background(), w.folder(who))
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(context.Background(), func(tx client.Tx) error {
		raw, err := tx.Get(client.BucketSelf, []byte("self"))
		if err != nil {
			return err
		}
		var fields map[string]any
		if err := wire.Unmarshal(raw, &fields); err != nil {
			return err
		}
		fields["server"] = to
		if raw, err = wire.Marshal(fields); err != nil {
			return err
		}
		return tx.Put(client.BucketSelf, []byte("self"), raw)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func contains(t testing.TB, s string, want ...string) {
	t.Helper()
	for _, x := range want {
		if !strings.Contains(s, x) {
			t.Errorf("%q is not in:\n%s", x, s)
		}
	}
}

func lacks(t testing.TB, s string, not ...string) {
	t.Helper()
	for _, x := range not {
		if strings.Contains(s, x) {
			t.Errorf("%q is in:\n%s", x, s)
		}
	}
}

// buffer is written by one goroutine and read by another.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// until waits for another goroutine's output.
func (b *buffer) until(t testing.TB, s string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(b.String(), s) {
			return
		}
	}
	t.Fatalf("%q never came:\n%s", s, b.String())
}
