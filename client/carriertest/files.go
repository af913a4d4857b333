package carriertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"sync"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Freight carries files in memory, and misbehaves on command: OnPut may fail a
// piece before it is taken (cut) or after (mute), OnGet may change an answer.
type Freight struct {
	OnPut func(id wire.MediaID, offset int64) (cut, mute bool)
	OnGet func(id wire.MediaID, blob []byte, from int64) (total int64, body io.Reader)

	mu    sync.Mutex
	blobs map[wire.MediaID]*blob
	puts  int
}

type blob struct {
	wire.MediaBegin
	body []byte
	done map[[32]byte]bool
}

var _ client.Freight = (*Freight)(nil)

var errLine = errors.New("the line broke")

// begin announces a blob.
func (f *Freight) begin(b wire.MediaBegin) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blobs == nil {
		f.blobs = map[wire.MediaID]*blob{}
	}
	if _, ok := wire.MediaPadded(b.Size); !ok {
		return nil, fault.New(fault.Invalid, "begin", "not the length of a blob")
	}
	have := f.blobs[b.ID]
	if have == nil {
		have = &blob{MediaBegin: b, done: map[[32]byte]bool{}}
		for _, d := range b.Done {
			have.done[d] = true
		}
		f.blobs[b.ID] = have
	}
	return wire.MediaState{Offset: int64(len(have.body))}, nil
}

func (f *Freight) burn(d wire.MediaDone) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b := f.blobs[d.ID]; b != nil {
		delete(b.done, wire.MediaToken(d.Token).Hash())
		if len(b.done) == 0 {
			delete(f.blobs, d.ID)
		}
	}
}

func (f *Freight) drop(d wire.MediaDrop) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b := f.blobs[d.ID]; b != nil && b.Owner == wire.MediaToken(d.Owner).Hash() {
		delete(f.blobs, d.ID)
	}
}

func refusal(k fault.Kind, say string) (int, []byte) {
	b, _ := wire.Marshal(wire.Problem{Kind: k.String(), Say: say})
	return k.Status(), b
}

// Put takes the piece that is next.
func (f *Freight) Put(_ context.Context, id wire.MediaID, token wire.MediaToken, offset int64, piece []byte) (int, []byte, error) {
	cut, mute := false, false
	if f.OnPut != nil {
		cut, mute = f.OnPut(id, offset)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.puts++
	b := f.blobs[id]
	switch {
	case cut:
		return 0, nil, errLine
	case b == nil || b.Owner != token.Hash():
		status, answer := refusal(fault.NotFound, "not found")
		return status, answer, nil
	case offset != int64(len(b.body)) || int64(len(piece)) != min(wire.MediaPiece, b.Size-offset):
		status, answer := refusal(fault.Conflict, "another piece is next")
		return status, answer, nil
	}
	b.body = append(b.body, piece...)
	if mute {
		return 0, nil, errLine
	}
	answer, err := wire.Marshal(wire.MediaState{Offset: int64(len(b.body))})
	return 200, answer, err
}

// Get gives everything from a byte on.
func (f *Freight) Get(_ context.Context, id wire.MediaID, token wire.MediaToken, from int64) (client.Part, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.blobs[id]
	if b == nil || b.Read != token.Hash() || int64(len(b.body)) != b.Size {
		status, answer := refusal(fault.NotFound, "not found")
		return client.Part{Status: status, Answer: answer}, nil
	}
	total, body := b.Size, io.Reader(bytes.NewReader(b.body[min(from, b.Size):]))
	if f.OnGet != nil {
		total, body = f.OnGet(id, b.body, from)
	}
	return client.Part{Status: 206, Total: total, Body: io.NopCloser(body)}, nil
}

// Blobs is how many there are, and how many devices they wait for.
func (f *Freight) Blobs() (blobs, waits int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.blobs {
		waits += len(b.done)
	}
	return len(f.blobs), waits
}

// Bytes is everything that was ever put and is still there.
func (f *Freight) Bytes() (all []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.blobs {
		all = append(all, b.body...)
	}
	return all
}

// Puts is how many pieces were sent.
func (f *Freight) Puts() int { f.mu.Lock(); defer f.mu.Unlock(); return f.puts }

// Place puts a blob there as somebody's own program would.
func (f *Freight) Place(id wire.MediaID, read wire.MediaToken, body []byte) {
	if _, err := f.begin(wire.MediaBegin{ID: id, Size: int64(len(body)), Read: read.Hash(), Done: [][32]byte{{1}}}); err != nil {
		panic(err) // a blob of the tests' own making
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blobs[id].body = body
}

// Digest is the SHA-256 of a blob.
func (f *Freight) Digest(id wire.MediaID) [32]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return sha256.Sum256(f.blobs[id].body)
}
