package ledger_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// model is what a ledger must never lose: the acknowledged records, and every
// checkpoint anyone has seen.
type model struct {
	t       *rapid.T
	dir     string
	clock   *clock.Manual
	set     ledger.Settings
	l       *ledger.Ledger
	other   *ledger.Ledger
	keys    proof.Keys
	bodies  map[uint64]string
	rs      map[uint64]ledger.Receipt
	heads   []proof.Signed
	counter int
}

func (m *model) must(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) open() {
	var err error
	m.l, err = ledger.Open(m.dir, ledger.Options{Clock: m.clock})
	m.must(err)
	m.must(m.l.Trust(m.other.Keys()...))
}

func (m *model) append(t *rapid.T) {
	m.counter++
	text := fmt.Sprint(m.counter)
	priority := rapid.Bool().Draw(t, "priority")
	r, err := m.l.Append(bg, ledger.Record{Kind: "act", Body: []byte(text), Priority: priority})
	if fault.Is(err, fault.Exhausted) && !priority {
		return
	}
	m.must(err)
	if _, twice := m.bodies[r.Seq]; twice {
		t.Fatalf("number %d was given twice", r.Seq)
	}
	m.bodies[r.Seq], m.rs[r.Seq] = text, r
}

func (m *model) tick(t *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "seconds")) * time.Second)
	m.must(m.l.Tick(bg))
	h, err := proof.OpenCheckpoint(m.l.Head(), m.keys)
	m.must(err)
	m.heads = append(m.heads, h)
}

func (m *model) back(t *rapid.T) {
	m.clock.Advance(-time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds")) * time.Second)
	if rapid.Bool().Draw(t, "accept") {
		m.counter++
		r, err := m.l.AcceptClock(bg, ledger.Record{Kind: "clock.accepted", Body: []byte(fmt.Sprint(m.counter))})
		m.must(err)
		m.bodies[r.Seq], m.rs[r.Seq] = fmt.Sprint(m.counter), r
	}
}

func (m *model) gather(*rapid.T) { m.must(m.l.Gather(bg, m.other)) }

func (m *model) reopen(*rapid.T) {
	m.must(m.l.Close())
	m.open()
}

// torn lets the process die while it wrote a record nobody was told of.
func (m *model) torn(t *rapid.T) {
	m.must(m.l.Close())
	f, err := os.OpenFile(filepath.Join(m.dir, "journal"), os.O_APPEND|os.O_WRONLY, 0)
	m.must(err)
	head := []byte{0, 0, 0, 99}
	head = binary.BigEndian.AppendUint32(head, crc32.Checksum(head, crc32.MakeTable(crc32.Castagnoli)))
	_, err = f.Write(append(head, 1, 2, 3)[:rapid.IntRange(1, 11).Draw(t, "bytes")])
	m.must(err)
	m.must(f.Close())
	m.open()
}

// check re-checks everything after every step.
func (m *model) check(t *rapid.T) {
	for seq, r := range m.rs {
		p, err := m.l.Proof(r)
		if fault.Is(err, fault.Unavailable) {
			continue
		}
		m.must(err)
		v, err := p.Verify(m.keys)
		m.must(err)
		if string(v.Entry.Body) != m.bodies[seq] {
			t.Fatalf("record %d is %q, was %q", seq, v.Entry.Body, m.bodies[seq])
		}
	}
	if n := len(m.heads); n > 1 {
		p, err := m.l.Public()
		m.must(err)
		old := m.heads[rapid.IntRange(0, n-2).Draw(t, "older")]
		path, err := p.Consistency(old.Size)
		m.must(err)
		now, err := proof.OpenCheckpoint(p.Checkpoint(), m.keys)
		m.must(err)
		m.must(proof.Consistent(old.Checkpoint, now.Checkpoint, path))
	}
	rep, err := ledger.Check(m.dir, append(m.l.Keys(), m.other.Keys()...)...)
	m.must(err)
	if !rep.OK() || rep.Records != len(m.rs) {
		t.Fatalf("%d records acknowledged; %s", len(m.rs), rep)
	}
}

func TestNothingAcknowledgedIsEverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tmp, err := os.MkdirTemp(quick(), "letterlock-ledger")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(tmp)
		m := &model{t: t, dir: filepath.Join(tmp, "a"), clock: clock.NewManual(start), bodies: map[uint64]string{}, rs: map[uint64]ledger.Receipt{}}
		batch := rapid.IntRange(2, 9).Draw(t, "batch")
		m.set = ledger.Settings{Origin: "example.org/a", Interval: time.Minute, Batch: batch,
			Reserved: rapid.IntRange(0, batch-1).Draw(t, "reserved"), Backlog: rapid.IntRange(1, 3).Draw(t, "backlog")}
		m.must(ledger.Create(m.dir, m.set, m.clock, nil))
		m.must(ledger.Create(filepath.Join(tmp, "b"), ledger.Default("example.org/b"), m.clock, nil))
		m.other, err = ledger.Open(filepath.Join(tmp, "b"), ledger.Options{Clock: m.clock})
		m.must(err)
		m.open()
		defer func() { m.l.Close(); m.other.Close() }()
		m.must(m.other.Trust(m.l.Keys()...))
		m.keys, err = proof.ParseKeys(append(m.l.Keys(), m.other.Keys()...)...)
		m.must(err)
		steps := []func(*rapid.T){m.append, m.append, m.append, m.tick, m.tick, m.back, m.gather, m.reopen, m.torn}
		for range rapid.IntRange(5, 25).Draw(t, "steps") {
			rapid.SampledFrom(steps).Draw(t, "step")(t)
		}
		m.check(t)
	})
}
