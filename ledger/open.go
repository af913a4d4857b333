package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Ledger is an open ledger, safe for concurrent use.
type Ledger struct {
	disk  disk
	set   settings
	sec   *secret
	clock clock.Clock
	log   *slog.Logger
	lock  io.Closer
	aside *aside

	journalFile file // for reading
	tree        hashReader

	// write is held while the ledger's files are written; it guards this block.
	write       sync.Mutex
	journal     tail
	hashes      tail
	checkpoints tail
	cosigned    tail
	chain       chain
	stamp       time.Time // of the last record
	accepted    uint64    // records up to this were there when people set the clock right
	due         int64     // last tick served
	tick        int64     // time of the last batch
	batches     int64     // journalled
	stored      int64     // of these, in the hash file
	published   int64     // of these, with a checkpoint
	undone      []batch   // journalled but without checkpoint

	// mu guards what readers see; it is never held while writing.
	mu       sync.Mutex
	records  []place // by number, from 1
	pending  []waiting
	ordinary int // of pending and queue, without priority
	queue    []*call
	leading  bool
	closed   bool
	work     sync.WaitGroup
	healthy  bool
	head     head
	vouched  head          // the last head that a witness co-signed
	grown    chan struct{} // closed at the next head
	mark     time.Time     // high-water mark
	looked   bool          // the clock has been found steady since Open
	trusted  map[string]string
	keys     proof.Keys
	warned   string

	witness sync.Mutex // one co-signature at a time
}

// place is where a record lies.
type place struct {
	offset int64 // of its frame in the journal
	length int
	index  int64 // leaf, or -1
}

// waiting is a record that no batch has taken yet.
type waiting struct {
	seq      uint64
	leaf     proof.Leaf
	at       int64 // seconds
	priority bool
}

// batch is what one tick puts into the tree.
type batch struct {
	number int64
	tick   int64
	leaves map[int64]proof.Leaf // the real ones
}

// head is a signed checkpoint.
type head struct {
	proof.Checkpoint
	note []byte
}

// Open opens a ledger and completes what a crash left half done. It opens a
// ledger on a full or read-only disk too: then nothing can be recorded, and
// Append says so, but all that is there can be proved.
func Open(dir string, o Options) (*Ledger, error) { return open(osDisk{dir}, o) }

func open(d disk, o Options) (*Ledger, error) {
	lock, err := d.lock()
	if err != nil {
		return nil, openError(err)
	}
	l, err := load(d, o)
	if err != nil {
		lock.Close()
		return nil, err
	}
	l.lock = lock
	l.write.Lock()
	defer l.write.Unlock()
	if err := errors.Join(l.trim(), l.finish(), l.enterAside()); err != nil {
		l.setHealthy(false)
		l.warn("ledger opened but not writable", err)
	}
	return l, nil
}

// trim cuts off what an interrupted write left.
func (l *Ledger) trim() error {
	var err error
	for _, t := range []*tail{&l.journal, &l.hashes, &l.checkpoints, &l.cosigned} {
		if t.torn {
			err = errors.Join(err, t.ready())
		}
	}
	return err
}

func load(d disk, o Options) (*Ledger, error) {
	l := &Ledger{disk: d, clock: o.Clock, log: o.Log, grown: make(chan struct{}), healthy: true, trusted: map[string]string{}}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.clock == nil {
		return nil, fault.New(fault.Internal, "open ledger", "a ledger needs a clock.")
	}
	for _, step := range []func() error{l.loadSettings, l.loadTree, l.loadJournal, func() error { return l.loadAside(o.Side) }} {
		if err := step(); err != nil {
			l.closeFiles()
			return nil, openError(err)
		}
	}
	return l, nil
}

func openError(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	if notThere(err) {
		return fault.Wrap(fault.NotFound, "open ledger", err, "there is no whole ledger in this directory.")
	}
	return fault.Wrap(fault.Unavailable, "open ledger", err, "the ledger cannot be opened.")
}

// damaged refuses a ledger whose files contradict each other.
func damaged(format string, args ...any) error {
	return fault.New(fault.Conflict, "open ledger", "refusing to open the ledger: %s. Run a ledger check, and restore a backup if it finds damage.", fmt.Sprintf(format, args...))
}

func (l *Ledger) loadSettings() error {
	b, err := readAll(l.disk, fileSecret)
	if err != nil {
		return err
	}
	if l.sec, err = parseSecret(b); err != nil {
		return damaged("%v", err)
	}
	if b, err = readAll(l.disk, fileSettings); err != nil {
		return err
	}
	if l.set, err = parseSettings(b); err != nil {
		return damaged("%v", err)
	}
	if want := newSettings(l.set.Settings, l.set.Created, l.sec); want != l.set {
		return damaged("its settings belong to another key")
	}
	l.chain = chainStart(b)
	l.mark, l.stamp = l.set.Created, l.set.Created
	l.due, l.tick = l.set.due(l.set.Created), l.set.due(l.set.Created)
	return l.Trust(l.set.Key, l.set.Witness)
}

// loadTree sees how many whole batches the hash file holds.
func (l *Ledger) loadTree() error {
	size, err := l.disk.size(fileHashes)
	if err != nil {
		return err
	}
	f, err := l.disk.open(fileHashes, false)
	if err != nil {
		return err
	}
	l.tree = hashReader{f}
	l.stored = wholeBatches(size, l.set.Batch)
	whole := storedBytes(l.stored * int64(l.set.Batch))
	l.hashes = tail{disk: l.disk, name: fileHashes, size: whole, torn: size > whole}
	if err := l.loadHead(); err != nil {
		return err
	}
	// Hashes that no checkpoint covers yet are made again, not believed.
	if whole = storedBytes(l.published * int64(l.set.Batch)); size > whole {
		l.hashes.size, l.hashes.torn = whole, true
	}
	return nil
}

func (l *Ledger) loadJournal() error {
	size, err := l.disk.size(fileJournal)
	if err != nil {
		return err
	}
	if l.journalFile, err = l.disk.open(fileJournal, false); err != nil {
		return err
	}
	l.journal = tail{disk: l.disk, name: fileJournal}
	r := bufio.NewReaderSize(io.NewSectionReader(l.journalFile, 0, size), 1<<20)
	for {
		payload, next, err := readFrame(r, l.chain)
		if err == io.EOF {
			break
		}
		if errors.Is(err, errCut) || errors.Is(err, errBad) {
			l.journal.torn = true
			if errors.Is(err, errBad) {
				l.journal.keep = size - l.journal.size
				l.log.Warn("journal ends in unreadable bytes, kept in a file of their own", "bytes", l.journal.keep)
			}
			break
		}
		if err != nil {
			return err
		}
		if err := l.replay(payload); err != nil {
			return damaged("journal, byte %d: %v", l.journal.size, err)
		}
		l.chain = next
		l.journal.size += int64(frameHead + len(payload))
	}
	if l.batches < l.stored {
		return damaged("the tree has %d batches and the journal knows of %d: the journal was cut or replaced", l.stored, l.batches)
	}
	l.stored = l.published
	if l.published > 0 && l.head.Time.Unix() > l.tick {
		return damaged("its last checkpoint is later than its last batch")
	}
	return nil
}

// replay does again what a journal item did.
func (l *Ledger) replay(payload []byte) error {
	it, err := parseItem(payload)
	if err != nil {
		return err
	}
	if it.Kind == itemBatch {
		return l.replayBatch(it)
	}
	e, err := proof.ParseEntry(it.Entry)
	if err != nil {
		return err
	}
	if it.Seq != uint64(len(l.records))+1 {
		return fmt.Errorf("record %d where %d is due", it.Seq, len(l.records)+1)
	}
	l.admit(it, e, place{l.journal.size, len(payload), -1})
	if !it.Priority {
		l.ordinary++
	}
	if it.Aside != nil {
		l.asideSeen(it.Aside)
	}
	return nil
}

func (l *Ledger) replayBatch(it item) error {
	if it.Batch != l.batches {
		return fmt.Errorf("batch %d where %d is due", it.Batch, l.batches)
	}
	b := batch{number: it.Batch, tick: it.Tick, leaves: map[int64]proof.Leaf{}}
	byRecord := map[uint64]int64{}
	for i := 0; i+1 < len(it.Slots); i += 2 {
		byRecord[it.Slots[i]] = int64(it.Slots[i+1])
	}
	for _, w := range l.pending {
		if index, ok := byRecord[w.seq]; ok {
			b.leaves[index] = w.leaf
		}
	}
	if len(b.leaves) != len(it.Slots)/2 {
		return errors.New("a batch of records that were not waiting")
	}
	l.enter(b, byRecord, it)
	return nil
}

func cutName(name string, at int64) string { return fmt.Sprintf("%s.cut-%d", name, at) }

func chainStart(settings []byte) chain { return chain{}.next(settings) }
