package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/media"
	"letterlock/storage/blob"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// carriesFiles is a world that carries files, and what it logs.
func carriesFiles(t testing.TB) (*world, *logged) {
	db, out := storagetest.SQLite(t), &logged{}
	w := newWorld(t, db, func(_ *account.Config, _ *mailbox.Config, g *gateway.Config) {
		p, err := blob.OpenPieces(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		g.Log, g.Files = log, media.New(media.Config{Store: db, Blobs: p, Clock: g.Clock, Log: log})
	})
	return w, out
}

type logged struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

// blobCall is a call on a blob itself, with the headers given in pairs.
func (w *world) blobCall(method string, id wire.MediaID, token wire.MediaToken, body io.Reader, headers ...string) (*http.Response, []byte) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.server.URL+wire.PathMedia+id.String(), body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", token.Header())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if s, ok := body.(sized); ok {
		req.ContentLength = s.n
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		return nil, []byte(err.Error())
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, b
}

type sized struct {
	io.Reader
	n int64
}

func (w *world) upload(who *person, body []byte, owner, read wire.MediaToken, done ...wire.MediaToken) wire.MediaID {
	w.t.Helper()
	b := wire.MediaBegin{ID: wire.NewMediaID(), Size: int64(len(body)), Owner: owner.Hash(), Read: read.Hash()}
	for _, d := range done {
		b.Done = append(b.Done, d.Hash())
	}
	var at wire.MediaState
	if status, p := w.call(&who.cred, wire.PathMediaBegin, b, &at); status != 200 {
		w.t.Fatalf("%d %+v", status, p)
	}
	for at.Offset < b.Size {
		piece := body[at.Offset:min(at.Offset+wire.MediaPiece, b.Size)]
		resp, got := w.blobCall(http.MethodPut, b.ID, owner, bytes.NewReader(piece), wire.MediaOffset, strconv.FormatInt(at.Offset, 10))
		if resp.StatusCode != 200 || wire.Unmarshal(got, &at) != nil {
			w.t.Fatalf("%d %q", resp.StatusCode, got)
		}
	}
	return b.ID
}

func TestFilesThroughTheDoor(t *testing.T) {
	w, logs := carriesFiles(t)
	ann := w.join(number(1))
	owner, read, done := wire.MediaToken(random(32)), wire.MediaToken(random(32)), wire.MediaToken(random(32))
	body := random(int(wire.MediaSize(5 << 20)))
	id := w.upload(ann, body, owner, read, done)
	size := len(body)
	for _, c := range []struct {
		ask, says  string
		status     int
		from, upto int
	}{
		{"", "", 200, 0, size},
		{"bytes=0-", fmt.Sprintf("bytes 0-%d/%d", size-1, size), 206, 0, size},
		{"bytes=4194300-4194310", fmt.Sprintf("bytes 4194300-4194310/%d", size), 206, 4194300, 4194311}, // across two pieces
		{"bytes=-7", fmt.Sprintf("bytes %d-%d/%d", size-7, size-1, size), 206, size - 7, size},
		{fmt.Sprintf("bytes=%d-", size), fmt.Sprintf("bytes */%d", size), 416, 0, 0},
		{"bytes=9-3", "", 416, 0, 0},
	} {
		resp, got := w.blobCall(http.MethodGet, id, read, nil, "Range", c.ask)
		if resp.StatusCode != c.status || resp.Header.Get("Content-Range") != c.says || c.status < 300 && !bytes.Equal(got, body[c.from:c.upto]) {
			t.Errorf("%q: %d, %q, %d bytes", c.ask, resp.StatusCode, resp.Header.Get("Content-Range"), len(got))
		}
		if c.status < 300 && resp.Header.Get("Content-Type") != wire.MediaType {
			t.Error(resp.Header)
		}
	}
	for name, c := range map[string]struct {
		method string
		id     wire.MediaID
		token  wire.MediaToken
		body   io.Reader
		offset string
		status int
	}{
		"a stranger's token":     {"GET", id, done, nil, "", 404},
		"the owner's token":      {"GET", id, owner, nil, "", 404},
		"no such file":           {"GET", wire.NewMediaID(), read, nil, "", 404},
		"a piece too many":       {"PUT", id, owner, bytes.NewReader(body[:9]), strconv.Itoa(size), 409},
		"a piece without offset": {"PUT", id, owner, bytes.NewReader(body[:9]), "", 400},
		"a piece of nothing":     {"PUT", id, owner, nil, "0", 400},
		"an offset below zero":   {"PUT", id, owner, bytes.NewReader(body[:9]), "-1", 400},
		"a huge piece":           {"PUT", id, owner, sized{bytes.NewReader(body), wire.MediaPiece + 1}, "0", 400},
		"a piece of no length":   {"PUT", id, owner, io.MultiReader(bytes.NewReader(body[:9])), "0", 400},
		"another method":         {"POST", id, read, nil, "", 400},
	} {
		resp, got := w.blobCall(c.method, c.id, c.token, c.body, wire.MediaOffset, c.offset)
		var p wire.Problem
		if resp.StatusCode != c.status || wire.Unmarshal(got, &p) != nil || p.Say == "" {
			t.Errorf("%s: %d %q", name, resp.StatusCode, got)
		}
	}
	for _, path := range []string{wire.PathMedia, wire.PathMedia + "xyz", wire.PathMedia + id.String() + "/0", wire.PathMedia + strings.ToUpper(id.String())} {
		if status, _ := w.raw(nil, http.MethodGet, path, "", nil, nil); status != 404 && status != 401 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, p := w.raw(&ann.cred, http.MethodGet, wire.PathMedia+id.String(), "", nil, nil); status != 401 {
		t.Errorf("a device's credential in the place of the token: %d %+v", status, p)
	}
	if status, _ := w.call(nil, wire.PathMediaDone, wire.MediaDone{ID: id, Token: done}, nil); status != 200 {
		t.Fatal("a device cannot say, without a name, that it has the file")
	}
	if resp, _ := w.blobCall(http.MethodGet, id, read, nil); resp.StatusCode != 404 {
		t.Fatal("still there after all have it")
	}
	gone := w.upload(ann, body[:wire.MediaSize(1)], owner, read, done)
	if status, _ := w.call(nil, wire.PathMediaDrop, wire.MediaDrop{ID: gone, Owner: owner}, nil); status != 200 {
		t.Fatal("the owner cannot drop it")
	}
	if resp, _ := w.blobCall(http.MethodGet, gone, read, nil); resp.StatusCode != 404 {
		t.Fatal("dropped and still there")
	}
	if status, _ := w.call(nil, wire.PathMediaBegin, wire.MediaBegin{}, nil); status != 401 {
		t.Error("nobody may begin a file")
	}
	if s := logs.String(); strings.Contains(s, id.String()) || strings.Contains(s, ann.addr.Account.String()) {
		t.Errorf("the log names a file or a person:\n%s", s)
	}
}

// A line that breaks within a piece loses that piece and nothing before it.
func TestALostLineCostsOnePiece(t *testing.T) {
	w, _ := carriesFiles(t)
	ann := w.join(number(1))
	owner, read := wire.MediaToken(random(32)), wire.MediaToken(random(32))
	body := random(int(wire.MediaSize(9 << 20)))
	b := wire.MediaBegin{ID: wire.NewMediaID(), Size: int64(len(body)), Owner: owner.Hash(), Read: read.Hash(), Done: [][32]byte{{1}}}
	var at wire.MediaState
	w.call(&ann.cred, wire.PathMediaBegin, b, &at)
	put := func(r io.Reader) { // of the piece at `at`
		w.blobCall(http.MethodPut, b.ID, owner, sized{r, min(wire.MediaPiece, b.Size-at.Offset)}, wire.MediaOffset, strconv.FormatInt(at.Offset, 10))
	}
	for at.Offset < b.Size {
		before := at.Offset
		put(io.MultiReader(bytes.NewReader(body[at.Offset:at.Offset+1000]), lost{}))
		if w.call(&ann.cred, wire.PathMediaBegin, b, &at); at.Offset != before {
			t.Fatalf("half a piece moved it from %d to %d", before, at.Offset)
		}
		put(bytes.NewReader(body[at.Offset:min(at.Offset+wire.MediaPiece, b.Size)])) // the answer is not looked at: it may get lost
		if w.call(&ann.cred, wire.PathMediaBegin, b, &at); at.Offset <= before {
			t.Fatalf("a piece did not move it from %d", before)
		}
	}
	if resp, got := w.blobCall(http.MethodGet, b.ID, read, nil); resp.StatusCode != 200 || !bytes.Equal(got, body) {
		t.Fatalf("%d, %d bytes", resp.StatusCode, len(got))
	}
}

type lost struct{}

func (lost) Read([]byte) (int, error) { return 0, errors.New("the line broke") }

// The carrier holds a few buffers of a file, however long it is.
func TestAFileCostsConstantMemory(t *testing.T) {
	w, _ := carriesFiles(t)
	ann := w.join(number(1))
	owner, read := wire.MediaToken(random(32)), wire.MediaToken(random(32))
	size := wire.MediaSize(256 << 20)
	if testing.Short() {
		size = wire.MediaSize(48 << 20)
	}
	b := wire.MediaBegin{ID: wire.NewMediaID(), Size: size, Owner: owner.Hash(), Read: read.Hash(), Done: [][32]byte{{1}}}
	var at wire.MediaState
	w.call(&ann.cred, wire.PathMediaBegin, b, &at)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	look := func() {
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc)
	}
	for at.Offset < size {
		n := min(wire.MediaPiece, size-at.Offset)
		resp, got := w.blobCall(http.MethodPut, b.ID, owner, sized{io.LimitReader(zeros{}, n), n}, wire.MediaOffset, strconv.FormatInt(at.Offset, 10))
		if resp.StatusCode != 200 || wire.Unmarshal(got, &at) != nil {
			t.Fatalf("%d %q", resp.StatusCode, got)
		}
		look()
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.server.URL+wire.PathMedia+b.ID.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", read.Header())
	resp, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	buf, total := make([]byte, 1<<20), int64(0)
	for {
		n, err := io.ReadFull(resp.Body, buf)
		total += int64(n)
		look()
		if err != nil {
			break
		}
	}
	if total != size {
		t.Fatalf("%d bytes came back of %d", total, size)
	}
	if most > before.HeapAlloc+24<<20 {
		t.Errorf("%d MiB were on the heap for a file of %d MiB", (most-before.HeapAlloc)>>20, size>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
