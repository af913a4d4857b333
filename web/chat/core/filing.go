//go:build js

package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"syscall/js"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

// filing are the calls about files.
func (c *core) filing() map[string]call {
	return map[string]call{"sendFile": c.sendFile, "fetch": c.fetch, "stop": c.stop, "read": c.read, "sides": c.sides}
}

var kinds = map[client.FileKind]string{client.Document: "document", client.Photo: "photo", client.Video: "video", client.Voice: "voice"}

// file is what the page shows of a file.
func (c *core) file(ctx context.Context, f *client.File) map[string]any {
	m := map[string]any{"kind": kinds[f.Kind], "name": f.SafeName(), "type": f.Type, "size": f.Size, "width": f.Width, "height": f.Height, "length": f.Length,
		"state": string(f.State), "done": f.Done, "total": f.Total()}
	if f.State == client.There { // what an earlier fetch brought
		if n, err := c.files.Size(ctx, f.Blob); err == nil {
			m["done"] = n
		}
	}
	if f.Thumb != nil {
		m["thumb"] = array(f.Thumb)
	}
	if f.Wave != nil {
		m["wave"] = array(f.Wave)
	}
	return m
}

// moves are the files that are on the move, by what the page calls them.
type moves struct {
	mu  sync.Mutex
	all map[string]*move
}

// move ends with its context; over is closed when it has.
type move struct {
	context.Context
	cancel context.CancelFunc
	over   chan struct{}
}

// begin is false, with the one that goes on, if it is on the move already.
func (m *moves) begin(ctx context.Context, name string) (v *move, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v := m.all[name]; v != nil {
		return v, false
	}
	if m.all == nil {
		m.all = map[string]*move{}
	}
	v = &move{over: make(chan struct{})}
	v.Context, v.cancel = context.WithCancel(ctx)
	m.all[name] = v
	return v, true
}

func (m *moves) end(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all[name].cancel()
	close(m.all[name].over)
	delete(m.all, name)
}

func (m *moves) stop(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v := m.all[name]; v != nil {
		v.cancel()
	}
}

// stop ends the sealing or the fetching of a file.
func (c *core) stop(_ context.Context, in arguments) (any, error) {
	c.moves.stop(in.text("move"))
	return nil, nil
}

// moved tells the page how far a file is, not more often than it can show.
func (c *core) moved(move string) func(done, total int64) {
	var last time.Time
	return func(done, total int64) {
		if now := time.Now(); now.Sub(last) > 150*time.Millisecond || done == total {
			last = now
			c.tell("moved", map[string]any{"move": move, "done": done, "total": total})
		}
	}
}

// sendFile seals a file of the page; the answer is its entry, or 0 if the person
// stopped it.
func (c *core) sendFile(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	name := in.text("move")
	on, first := c.moves.begin(ctx, name)
	if !first {
		return nil, fault.New(fault.Conflict, "send file", "this file is being sealed already")
	}
	defer c.moves.end(name)
	ctx = on
	a := client.Attachment{Body: newSource(ctx, in.v.Get("file"), c.moved(name)), Name: in.text("name"), Type: in.text("type"), Voice: in.yes("voice"), Metadata: in.yes("metadata"),
		Words: client.Markup(in.text("text")), Width: int(in.number("width")), Height: int(in.number("height")), Length: uint32(in.number("length")),
		Wave: bytesOf(in.v.Get("wave")), Thumb: bytesOf(in.v.Get("thumb"))}
	a.Reply = in.number("reply")
	var e client.Entry
	if in.yes("group") {
		e, err = cl.SendFileGroup(ctx, client.GroupID(id), a)
	} else {
		var phone string
		if cl, phone, err = c.phone(ctx, in); err == nil {
			e, err = cl.SendFile(ctx, phone, a)
		}
	}
	if errors.Is(err, context.Canceled) || err != nil && ctx.Err() != nil {
		return 0, nil
	}
	return e.Seq, err
}

// source reads a file of the page, a piece at a time, as often as it takes.
type source struct {
	ctx      context.Context
	file     js.Value
	size, at int64
	piece    []byte
	from     int64 // where the piece begins
	moved    func(done, total int64)
}

const sourcePiece = 1 << 20

func newSource(ctx context.Context, file js.Value, moved func(done, total int64)) *source {
	s := &source{ctx: ctx, file: file, moved: moved}
	if file.Truthy() {
		s.size = int64(file.Get("size").Float())
	}
	return s
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.part(b, s.at)
	s.at += int64(n)
	return n, err
}

// ReadAt is io.ReaderAt.
func (s *source) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = s.part(b[n:], at+int64(n))
		n += m
	}
	return n, err
}

// Seek is io.Seeker.
func (s *source) Seek(to int64, from int) (int64, error) {
	s.at = to + map[int]int64{io.SeekCurrent: s.at, io.SeekEnd: s.size}[from]
	return s.at, nil
}

// part gives what the piece in memory has, and takes in another if it has none.
func (s *source) part(b []byte, at int64) (int, error) {
	if at < 0 || at >= s.size {
		return 0, io.EOF
	}
	if at < s.from || at >= s.from+int64(len(s.piece)) {
		to := min(at+sourcePiece, s.size)
		v, err := await(s.ctx, s.file.Call("slice", at, to).Call("arrayBuffer"))
		if err != nil {
			return 0, err
		}
		s.from, s.piece = at, bytesOf(js.Global().Get("Uint8Array").New(v))
		if int64(len(s.piece)) != to-at {
			return 0, io.ErrUnexpectedEOF
		}
		s.moved(to, s.size)
	}
	return copy(b, s.piece[at-s.from:]), nil
}

// bucketWanted names the files that the person wants here: a start goes on with
// them.
const bucketWanted client.Bucket = "wanted"

func (c *core) want(ctx context.Context, seq uint64, yes bool) error {
	key := strconv.AppendUint(nil, seq, 10)
	return c.store.Update(ctx, func(tx client.Tx) error {
		if yes {
			return tx.Put(bucketWanted, key, nil)
		}
		return tx.Delete(bucketWanted, key)
	})
}

// fetchWanted goes on with what an earlier start did not bring to its end.
func (c *core) fetchWanted(ctx context.Context, cl *client.Client) {
	var all []client.Pair
	c.store.View(ctx, func(tx client.Tx) (err error) { all, err = tx.List(bucketWanted, client.Range{}); return err })
	for _, p := range all {
		if seq, err := strconv.ParseUint(string(p.Key), 10, 64); err == nil {
			c.fetchOne(ctx, cl, seq)
		}
	}
}

// fetch brings a file here, however often the network goes meanwhile, until it
// is here, cannot be, or the person stops it.
func (c *core) fetch(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	return nil, c.fetchOne(ctx, cl, in.number("seq"))
}

func (c *core) fetchOne(ctx context.Context, cl *client.Client, seq uint64) error {
	name := "fetch " + strconv.FormatUint(seq, 10)
	on, first := c.moves.begin(ctx, name)
	if !first {
		<-on.over
		return nil
	}
	defer c.moves.end(name)
	if err := c.want(ctx, seq, true); err != nil {
		return err
	}
	err := c.persist(on, cl, seq, c.moved(name))
	return errors.Join(err, c.want(ctx, seq, false))
}

// persist ends when the line is open and yet nothing more comes, as often as the
// client asks: the server has only a part, or is in trouble. The person decides.
func (c *core) persist(ctx context.Context, cl *client.Client, seq uint64, moved func(done, total int64)) error {
	for {
		connected := c.net.connected()
		err := cl.Fetch(ctx, seq, moved)
		if ctx.Err() != nil {
			return nil
		}
		if !fault.Is(err, fault.Unavailable) || connected && c.net.connected() {
			return err
		}
		if c.net.wait(ctx, fetchAgain) != nil {
			return nil
		}
	}
}

// fetchAgain is after how long a fetch that brought nothing is tried again, if
// the network does not come back before.
const fetchAgain = 30 * time.Second

// readMost is how much of an open file crosses to the page at once.
const readMost = 4 << 20

// read opens a part of a file that is here.
func (c *core) read(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	r, err := cl.OpenFile(ctx, in.number("seq"))
	if err != nil {
		return nil, err
	}
	at := int64(in.number("at"))
	b := make([]byte, max(0, min(int64(in.number("length")), readMost, r.Size()-at)))
	if n, err := r.ReadAt(b, at); n < len(b) {
		return nil, err
	}
	return array(b), nil
}

// sides refuses a picture that would burst whoever shows it.
func (c *core) sides(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	w, h, err := cl.Picture(ctx, in.number("seq"))
	return map[string]any{"width": w, "height": h}, err
}
