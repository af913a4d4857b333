package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"letterlock/ledger/proof"
)

// aside keeps records of acts that do not wait for the ledger, while it
// cannot be written: in memory, and in a file elsewhere if there is one.
type aside struct {
	mu    sync.Mutex
	list  []*call
	tail  tail
	chain chain
	seen  map[string]bool // numbers that are in the ledger already
}

type asideWire struct {
	ID   []byte `cbor:"1,keyasint"`
	Kind string `cbor:"2,keyasint"`
	Case string `cbor:"3,keyasint"`
	Time int64  `cbor:"4,keyasint"`
	Body []byte `cbor:"5,keyasint"`
}

// Journal records an act that has happened already and could not wait: a
// stop, a lock-out, an expiry. It never fails. If the ledger cannot be
// written, the record is kept aside and enters the ledger, marked recovered
// and with the time it happened, as soon as that is possible.
func (l *Ledger) Journal(r Record) Kept {
	r = r.fit(l.clock.Now())
	rcpt, err := l.submit(context.Background(), &call{Record: r, done: make(chan result, 1)})
	if err == nil {
		return Kept{Where: Recorded, Receipt: rcpt}
	}
	return Kept{Where: l.aside.keep(r)}
}

// fit makes any record one that can be entered: losing it would be worse.
func (r Record) fit(now time.Time) Record {
	r.Priority = true
	if r.Time.IsZero() || r.Time.Year() < 1970 || r.Time.Year() > 2200 {
		r.Time = now
	}
	if (proof.Entry{Kind: r.Kind}).Validate() != nil {
		r.Kind = "unnamed"
	}
	r.Case = strings.ToValidUTF8(r.Case[:min(len(r.Case), proof.MaxCase-3)], "")
	r.Body = r.Body[:min(len(r.Body), proof.MaxBody)]
	return r
}

func (a *aside) keep(r Record) Where {
	id := make([]byte, 16)
	rand.Read(id)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, &call{Record: r, aside: id, done: make(chan result, 1)})
	if a.tail.disk == nil {
		return InMemory
	}
	payload := must(encMode.Marshal(asideWire{id, r.Kind, r.Case, r.Time.UnixNano(), r.Body}))
	frame, next := appendFrame(nil, a.chain, payload)
	if a.tail.append(frame) != nil {
		return InMemory
	}
	a.chain = next
	return KeptAside
}

// enterAside brings what was kept aside into the ledger. The caller holds write.
func (l *Ledger) enterAside() error {
	a := l.aside
	a.mu.Lock()
	list := a.list
	a.mu.Unlock()
	const most = 256 // bodies are a megabyte at most, and few are
	for len(list) > 0 {
		n := min(most, len(list))
		if _, err := l.commit(list[:n]); err != nil {
			return err
		}
		a.entered(n)
		list = list[n:]
	}
	return nil
}

// entered forgets the first n records. If the file cannot be emptied, their
// numbers in the ledger keep them from being entered twice.
func (a *aside) entered(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append([]*call(nil), a.list[n:]...)
	if len(a.list) > 0 || a.tail.disk == nil || a.tail.size == 0 && !a.tail.torn {
		return
	}
	a.tail.size, a.tail.torn, a.chain = 0, true, chain{}
	_ = a.tail.ready() // tried again with the next record
}

func (l *Ledger) asideSeen(id []byte) {
	if l.aside == nil {
		l.aside = &aside{seen: map[string]bool{}}
	}
	l.aside.seen[string(id)] = true
}

// loadAside reads what an earlier run could only keep aside.
func (l *Ledger) loadAside(path string) error {
	if l.aside == nil {
		l.aside = &aside{seen: map[string]bool{}}
	}
	if path == "" {
		return nil
	}
	d, name := osDisk{filepath.Dir(path)}, filepath.Base(path)
	l.aside.tail = tail{disk: d, name: name}
	b, err := readAll(d, name)
	if err != nil {
		if !notThere(err) {
			l.log.Warn("the side journal cannot be read", "err", err)
		}
		return nil
	}
	if rest := l.aside.load(b); rest > 0 {
		l.log.Warn("the side journal ends in unreadable bytes", "bytes", rest)
	}
	return nil
}

// load reads the side journal and returns how many bytes of it make no sense.
func (a *aside) load(b []byte) int {
	r := bytes.NewReader(b)
	for {
		payload, next, err := readFrame(r, a.chain)
		if err == io.EOF {
			return 0
		}
		c, perr := parseAside(payload)
		if err != nil || perr != nil {
			a.tail.torn = true
			if !errors.Is(err, errCut) {
				a.tail.keep = int64(len(b)) - a.tail.size
			}
			return len(b) - int(a.tail.size)
		}
		a.chain = next
		a.tail.size += int64(frameHead + len(payload))
		if !a.seen[string(c.aside)] {
			a.list = append(a.list, c)
		}
	}
}

func parseAside(b []byte) (*call, error) {
	var w asideWire
	if err := decMode.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	r := Record{Kind: w.Kind, Case: w.Case, Time: time.Unix(0, w.Time).UTC(), Body: w.Body, Priority: true}
	if len(w.ID) != 16 || !bytes.Equal(must(encMode.Marshal(w)), b) {
		return nil, errors.New("side journal item not in its one exact encoding")
	}
	return &call{Record: r, aside: w.ID, done: make(chan result, 1)}, r.validate()
}
