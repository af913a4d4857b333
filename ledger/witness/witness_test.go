package witness_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/ledger/witness"
)

var (
	bg    = context.Background()
	start = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// house is a ledger with its own clock.
type house struct {
	*ledger.Ledger
	t     testing.TB
	dir   string
	clock *clock.Manual
}

func open(t testing.TB, origin string) *house {
	t.Helper()
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "ledger"), clock: clock.NewManual(start)}
	must(t, ledger.Create(h.dir, ledger.Settings{Origin: origin, Interval: time.Minute, Batch: 8, Reserved: 2, Backlog: 2}, h.clock, nil))
	h.reopen()
	return h
}

func (h *house) reopen() {
	h.t.Helper()
	if h.Ledger != nil {
		must(h.t, h.Close())
	}
	l, err := ledger.Open(h.dir, ledger.Options{Clock: h.clock})
	must(h.t, err)
	h.Ledger = l
	h.t.Cleanup(func() { l.Close() })
}

// act records something and lets a batch enter the tree.
func (h *house) act(kind string) {
	h.t.Helper()
	_, err := h.Append(bg, ledger.Record{Kind: kind})
	must(h.t, err)
	h.clock.Advance(time.Minute)
	must(h.t, h.Tick(bg))
}

// serve makes h a witness for others.
func (h *house) serve(others ...*house) *httptest.Server {
	h.t.Helper()
	for _, o := range others {
		must(h.t, h.Trust(o.Keys()...))
	}
	s := httptest.NewServer(http.StripPrefix("/w", witness.Handler(h.Ledger)))
	h.t.Cleanup(s.Close)
	return s
}

func (h *house) client(s *httptest.Server, w *house) *witness.Client {
	h.t.Helper()
	key := w.Keys()[1]
	must(h.t, h.Trust(key))
	c, err := witness.New(key, s.URL+"/w", nil)
	must(h.t, err)
	return c
}

// cosigners are the names of all who signed the newest checkpoint.
func (h *house) cosigners() (out []string) {
	_, signatures, _ := strings.Cut(string(h.Head()), "\n\n")
	for line := range strings.Lines(signatures) {
		out = append(out, strings.Fields(line)[1])
	}
	return out
}

func TestTwoWitnessesAndTheOtherHalf(t *testing.T) {
	desk, a, b, half := open(t, "desk.example/d"), open(t, "a.example/w"), open(t, "b.example/w"), open(t, "desk.example/c")
	ca, cb := desk.client(a.serve(desk), a), desk.client(b.serve(desk), b)
	must(t, errors.Join(desk.Trust(half.Keys()...), half.Trust(desk.Keys()...)))
	for range 3 {
		desk.act("case.filed")
		must(t, desk.Gather(bg, ca))
		must(t, desk.Gather(bg, half.Ledger))
		must(t, desk.Gather(bg, cb))
		must(t, desk.Gather(bg, ca)) // once more changes nothing
		if got := desk.cosigners(); len(got) != 4 {
			t.Fatalf("signed by %v", got)
		}
	}
	desk.reopen()
	if got := desk.cosigners(); len(got) != 4 {
		t.Fatalf("after a restart signed by %v", got)
	}
	all := append(append(append(desk.Keys(), half.Keys()...), a.Keys()...), b.Keys()...)
	if r, err := ledger.Check(desk.dir, all...); err != nil || !r.OK() {
		t.Fatalf("%v %v", r, err)
	}
}

// A client that has forgotten how far the witness is, and a witness that was
// asked by another copy of the same past, come together again.
func TestSizesAreFound(t *testing.T) {
	desk, w := open(t, "desk.example/d"), open(t, "w.example/w")
	s := w.serve(desk)
	desk.act("one")
	must(t, desk.Gather(bg, desk.client(s, w)))
	desk.act("two")
	fresh := desk.client(s, w)
	must(t, desk.Gather(bg, fresh))
	if got := desk.cosigners(); len(got) != 2 {
		t.Fatalf("signed by %v", got)
	}
	desk.act("three")
	must(t, desk.Gather(bg, fresh))
}

// The operator's administrator lets two pasts grow: the witness takes one.
func TestSecondHistoryIsRefused(t *testing.T) {
	desk, w := open(t, "desk.example/d"), open(t, "w.example/w")
	s := w.serve(desk)
	desk.act("one")
	must(t, desk.Gather(bg, desk.client(s, w)))
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(copied, os.DirFS(desk.dir)))
	fork := &house{t: t, dir: copied, clock: clock.NewManual(desk.clock.Now())}
	fork.reopen()
	desk.act("for.the.court")
	fork.act("for.the.auditor")
	must(t, desk.Gather(bg, desk.client(s, w)))
	err := fork.Gather(bg, fork.client(s, w))
	if fault.KindOf(err) != fault.Conflict {
		t.Fatalf("the witness took two histories: %v", err)
	}
	if got := len(fork.cosigners()); got != 1 {
		t.Errorf("the fork carries %d signatures", got)
	}
	fork.act("another")
	if err := fork.Gather(bg, fork.client(s, w)); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a longer fork: %v", err)
	}
}

func post(t testing.TB, s *httptest.Server, body []byte) (int, string, string) {
	t.Helper()
	res, err := http.Post(s.URL+"/w/add-checkpoint", "text/plain", bytes.NewReader(body))
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, res.Header.Get("Content-Type"), string(b)
}

func TestAnswers(t *testing.T) {
	desk, stranger, w := open(t, "desk.example/d"), open(t, "stranger.example/d"), open(t, "w.example/w")
	impostor := open(t, "desk.example/d")
	s := w.serve(desk)
	for _, h := range []*house{desk, stranger, impostor} {
		h.act("one")
	}
	request := func(h *house, old int64) []byte { return proof.Request{Old: old, Note: h.Head()}.Bytes() }
	for what, c := range map[string]struct {
		body []byte
		want int
	}{
		"nothing":                {nil, http.StatusBadRequest},
		"garbage":                {[]byte("old x\n\n"), http.StatusBadRequest},
		"too much":               {bytes.Repeat([]byte("x"), 70<<10), http.StatusRequestEntityTooLarge},
		"an unknown ledger":      {request(stranger, 0), http.StatusNotFound},
		"another key":            {request(impostor, 0), http.StatusForbidden},
		"an old size too large":  {request(desk, 99), http.StatusBadRequest},
		"the witness itself":     {request(w, 0), http.StatusNotFound},
		"an old size never seen": {request(desk, 8), http.StatusConflict},
	} {
		if code, kind, body := post(t, s, c.body); code != c.want {
			t.Errorf("%s: %d (%s) %q", what, code, kind, body)
		}
	}
	if code, kind, body := post(t, s, request(desk, 8)); code != 409 || kind != "text/x.tlog.size" || body != "0\n" {
		t.Errorf("stale: %d %s %q", code, kind, body)
	}
	if code, _, body := post(t, s, request(desk, 0)); code != 200 || !strings.HasPrefix(body, "— w.example/w/witness ") {
		t.Errorf("%d %q", code, body)
	}
	bad := proof.Request{Old: 8, Note: desk.Head(), Path: []proof.Hash{{1}}}.Bytes()
	if code, _, body := post(t, s, bad); code != http.StatusUnprocessableEntity {
		t.Errorf("a wrong path: %d %q", code, body)
	}
	res, err := http.Get(s.URL + "/w/add-checkpoint")
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %s", res.Status)
	}
}

// A witness that lies, breaks or never ends gets nothing into the ledger.
func TestHostileWitness(t *testing.T) {
	desk, w, other := open(t, "desk.example/d"), open(t, "w.example/w"), open(t, "other.example/w")
	desk.act("one")
	must(t, w.Trust(desk.Keys()...))
	must(t, other.Trust(desk.Keys()...))
	line, err := other.Cosign(bg, proof.Request{Note: desk.Head()}.Bytes())
	must(t, err)
	for what, h := range map[string]http.HandlerFunc{
		"another's signature": func(rw http.ResponseWriter, _ *http.Request) { rw.Write(line) },
		"another's, under its name": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Write(bytes.Replace(line, []byte("other.example/w/witness"), []byte("w.example/w/witness"), 1))
		},
		"nothing":  func(http.ResponseWriter, *http.Request) {},
		"too much": func(rw http.ResponseWriter, _ *http.Request) { rw.Write(bytes.Repeat([]byte("x"), 1<<20)) },
		"an error": func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) },
		"a size again and again": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/x.tlog.size")
			rw.WriteHeader(409)
			io.WriteString(rw, "0\n")
		},
		"a size beyond all": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/x.tlog.size")
			rw.WriteHeader(409)
			io.WriteString(rw, "9000000\n")
		},
		"a size that is no number": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/x.tlog.size")
			rw.WriteHeader(409)
			io.WriteString(rw, "-1\n")
		},
		"somewhere else, by redirect": func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/elsewhere", http.StatusFound) },
	} {
		s := httptest.NewServer(h)
		if err := desk.Gather(bg, desk.client(s, w)); err == nil {
			t.Errorf("%s was taken", what)
		}
		s.Close()
		if got := desk.cosigners(); len(got) != 1 {
			t.Fatalf("%s: signed by %v", what, got)
		}
	}
}

func TestRunKeepsUp(t *testing.T) {
	desk, a, b := open(t, "desk.example/d"), open(t, "a.example/w"), open(t, "b.example/w")
	ca, dead := desk.client(a.serve(desk), a), desk.client(httptest.NewServer(http.NotFoundHandler()), b)
	ctx, stop := context.WithCancel(bg)
	defer stop()
	go witness.Run(ctx, desk.Ledger, desk.clock, 5*time.Millisecond, []*witness.Client{ca, dead})
	for range 3 {
		desk.act("one")
		size := desk.State().Size
		deadline := time.After(20 * time.Second)
		for {
			if got, at, err := ca.State(); err == nil && got == size && !at.IsZero() {
				break
			}
			select {
			case <-deadline:
				t.Fatal("the witness was not asked")
			case <-time.After(time.Millisecond):
			}
		}
	}
	if _, at, err := dead.State(); err == nil || !at.IsZero() {
		t.Errorf("a dead witness: %v %v", at, err)
	}
}

func TestLoad(t *testing.T) {
	w := open(t, "w.example/w")
	key := w.Keys()[1]
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "witnesses")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	list, err := witness.Load(file("# ours\n\n" + key + " https://w.example/\n"))
	if err != nil || len(list) != 1 || list[0].Name() != "w.example/w/witness" || witness.Keys(list)[0] != key {
		t.Fatalf("%v %v", list, err)
	}
	if list, err := witness.Load(""); err != nil || list != nil {
		t.Error("no file, yet witnesses")
	}
	for what, text := range map[string]string{
		"no address": key, "plain http": key + " http://w.example/", "no key": "x https://w.example/",
		"twice": key + " https://a.example/\n" + key + " https://b.example/", "no host": key + " https:///x",
	} {
		if _, err := witness.Load(file(text)); err == nil {
			t.Errorf("took a file with %s", what)
		}
	}
	if _, err := witness.Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("took a file that is not there")
	}
}

func FuzzHandler(f *testing.F) {
	desk, w := open(f, "desk.example/d"), open(f, "w.example/w")
	desk.act("one")
	must(f, w.Trust(desk.Keys()...))
	h := witness.Handler(w.Ledger)
	f.Add(proof.Request{Note: desk.Head()}.Bytes())
	f.Fuzz(func(t *testing.T, body []byte) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(body)))
		if rec.Code == 200 && !bytes.Contains(body, []byte("desk.example/d\n8\n")) {
			t.Fatalf("co-signed %q", body)
		}
	})
}
