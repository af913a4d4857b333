package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// journal verifies the chain of frames, each record and each batch.
func (c *checker) journal() error {
	sec, done, err := c.read(fileJournal)
	if err != nil {
		return err
	}
	defer done()
	r := bufio.NewReaderSize(sec, 1<<20)
	w := journalWalk{checker: c, prev: c.start, last: c.set.Created, tick: c.set.due(c.set.Created)}
	for {
		payload, next, err := readFrame(r, w.prev)
		switch {
		case err == io.EOF:
			c.r.Pending = len(c.waiting)
			return nil
		case errors.Is(err, errCut):
			c.r.Pending = len(c.waiting)
			c.note("the journal ends within a record (its last %d bytes, from byte %d): an interrupted write, cut at the next start; it was never acknowledged", c.sizes[fileJournal]-w.at, w.at)
			return nil
		case errors.Is(err, errBad):
			c.broke(fileJournal, w.at, "record %d was changed, or one before it removed or put in", c.r.Records+1)
			c.stop = true
			return nil
		case err != nil:
			return err
		}
		w.item(payload)
		w.prev, w.at = next, w.at+int64(frameHead+len(payload))
	}
}

type journalWalk struct {
	*checker
	prev chain
	at   int64
	last time.Time // of the record before
	tick int64     // of the batch before
}

func (w *journalWalk) item(payload []byte) {
	it, err := parseItem(payload)
	if err != nil {
		w.broke(fileJournal, w.at, "%v", err)
		return
	}
	if it.Kind == itemBatch {
		w.batch(it)
	} else {
		w.record(it)
	}
}

func (w *journalWalk) record(it item) {
	w.r.Records++
	e, err := proof.ParseEntry(it.Entry)
	switch {
	case err != nil:
		w.broke(fileJournal, w.at, "%v", err)
		return
	case it.Seq != uint64(w.r.Records):
		w.broke(fileJournal, w.at, "record %d stands where %d is due", it.Seq, w.r.Records)
	case e.Recorded.Before(w.last) && it.Clock == 0:
		w.broke(fileJournal, w.at, "record %d is of %s, before the one before it", it.Seq, e.Recorded.Format(time.RFC3339))
	case it.Clock != 0 && it.Clock != e.Recorded.UnixNano():
		w.broke(fileJournal, w.at, "record %d sets the clock to another time than its own", it.Seq)
	case w.sec != nil && proof.Salt(it.Salt) != w.sec.salt(it.Seq, it.Entry):
		w.broke(fileJournal, w.at, "record %d has a salt that this ledger does not make", it.Seq)
	}
	if it.Aside != nil {
		if w.aside[string(it.Aside)] {
			w.broke(fileJournal, w.at, "record %d was entered twice", it.Seq)
		}
		w.aside[string(it.Aside)] = true
	}
	w.last = e.Recorded
	if w.r.From.IsZero() {
		w.r.From = e.Recorded
	}
	w.r.To = e.Recorded
	w.waiting[it.Seq] = it.opening().Leaf()
}

func (w *journalWalk) batch(it item) {
	n, sec := int64(w.set.Batch), int64(w.set.Interval/time.Second)
	switch {
	case it.Batch != int64(len(w.ticks)):
		w.broke(fileJournal, w.at, "batch %d stands where %d is due", it.Batch, len(w.ticks))
	case it.Tick%sec != 0 || it.Due%sec != 0 || it.Tick < it.Due:
		w.broke(fileJournal, w.at, "batch %d has a time that is no tick", it.Batch)
	case it.Tick < w.tick:
		w.broke(fileJournal, w.at, "batch %d is earlier than the one before it", it.Batch)
	}
	for i := 0; i+1 < len(it.Slots); i += 2 {
		leaf, ok := w.waiting[it.Slots[i]]
		index := int64(it.Slots[i+1])
		if _, taken := w.leaves[index]; !ok || taken || index/n != it.Batch {
			w.broke(fileJournal, w.at, "batch %d takes record %d, which was not waiting, or puts it where it cannot stand", it.Batch, it.Slots[i])
			continue
		}
		delete(w.waiting, it.Slots[i])
		w.leaves[index] = leaf
	}
	w.tick = it.Tick
	w.ticks = append(w.ticks, it.Tick)
}

// tree computes every hash anew and compares it with the hash file, then the
// checkpoints with the roots. That each tree contains the one before follows:
// all roots come from one sequence of leaves.
func (c *checker) tree() error {
	sec, done, err := c.read(fileHashes)
	if err != nil {
		return err
	}
	defer done()
	cps, err := c.notes(fileCheckpoints)
	if err != nil {
		return err
	}
	c.wants(tlog.Hash{}, -1)
	g := grower{checker: c, r: bufio.NewReaderSize(sec, 1<<20)}
	n := int64(c.set.Batch)
	batches := min(int64(len(c.ticks)), wholeBatches(c.sizes[fileHashes], c.set.Batch))
	for b := range batches {
		for i := b * n; i < (b+1)*n; i++ {
			g.leaf(i)
		}
		c.wants(g.root(), b)
	}
	c.r.Size = batches * n
	c.treeEnd(batches)
	c.checkpoints(cps)
	return nil
}

// wants notes which checkpoint must stand after a batch, -1 for the empty tree.
func (c *checker) wants(root tlog.Hash, b int64) {
	cp := proof.Checkpoint{Origin: c.set.Origin, Size: (b + 1) * int64(c.set.Batch), Root: root}
	if b < 0 {
		empty, err := tlog.TreeHash(0, nil)
		if err != nil {
			c.broke(fileCheckpoints, 0, "%v", err)
		}
		cp.Root, cp.Time = empty, time.Unix(c.set.due(c.set.Created), 0)
	} else {
		cp.Time = time.Unix(c.ticks[b], 0)
	}
	c.texts = append(c.texts, cp.Text())
}

func (c *checker) treeEnd(batches int64) {
	known := int64(len(c.ticks))
	whole := storedBytes(batches * int64(c.set.Batch))
	rest := c.sizes[fileHashes] - whole
	switch {
	case batches == known && rest > 0:
		c.broke(fileHashes, whole, "%d bytes stand after the last batch that the journal knows", rest)
	case known-batches == 1:
		c.note("the last batch is not finished (%d bytes of its hashes are there): it will be at the next start", rest)
	case known-batches > 1:
		c.broke(fileHashes, whole, "the hashes of %d batches are missing", known-batches)
	}
}

// grower computes stored hashes in their order, with the roots on its way.
type grower struct {
	*checker
	r     io.Reader
	count int64       // leaves so far
	left  []tlog.Hash // complete subtrees, largest first
	at    int64       // in the hash file
}

func (g *grower) leaf(i int64) {
	leaf, real := g.leaves[i]
	stored := g.next()
	if !real && g.sec == nil {
		g.push(stored, stored) // cannot be told from a dummy
		return
	}
	if !real {
		leaf = g.sec.dummy(i)
	}
	g.push(leaf.Node(), stored)
}

func (g *grower) next() tlog.Hash {
	var h tlog.Hash
	io.ReadFull(g.r, h[:]) // too short a file was counted before
	g.at += tlog.HashSize
	return h
}

func (g *grower) push(h, stored tlog.Hash) {
	g.compare(h, stored, 0)
	g.count++
	for level := 1; level <= bits.TrailingZeros64(uint64(g.count)); level++ {
		h = tlog.NodeHash(g.left[len(g.left)-1], h)
		g.left = g.left[:len(g.left)-1]
		g.compare(h, g.next(), level)
	}
	g.left = append(g.left, h)
}

func (g *grower) compare(want, have tlog.Hash, level int) {
	if want != have {
		g.broke(fileHashes, g.at-tlog.HashSize, "the hash at level %d that closes leaf %d is not the hash of what is below it", level, g.count)
	}
}

func (g *grower) root() tlog.Hash {
	h := g.left[len(g.left)-1]
	for i := len(g.left) - 2; i >= 0; i-- {
		h = tlog.NodeHash(g.left[i], h)
	}
	return h
}

// placed is a note and where it stands.
type placed struct {
	note []byte
	at   int64
}

// notes splits a file of notes; an unfinished last one is noted, not returned.
func (c *checker) notes(name string) ([]placed, error) {
	sec, done, err := c.read(name)
	if err != nil {
		return nil, err
	}
	defer done()
	b, err := io.ReadAll(sec)
	if err != nil {
		return nil, err
	}
	var out []placed
	var at int64
	parts := strings.Split(string(b), "\n\n")
	for i := 0; i+2 < len(parts); i += 2 {
		one := parts[i] + "\n\n" + parts[i+1] + "\n"
		out = append(out, placed{[]byte(one), at})
		at += int64(len(one)) + 1
	}
	if rest := int64(len(b)) - at; rest > 0 {
		if rest > lastWindow || !c.unfinished(string(b[at:])) {
			c.broke(name, at, "the last %d bytes are no checkpoint", rest)
		} else {
			c.note("%s ends within a checkpoint (its last %d bytes): an interrupted write", name, rest)
		}
	}
	return out, nil
}

// unfinished reports whether these may be the first bytes of a signed checkpoint.
func (c *checker) unfinished(s string) bool {
	text, sigs, signed := strings.Cut(s, "\n\n")
	if name := c.set.Origin + "\n"; !strings.HasPrefix(text, name) && !strings.HasPrefix(name, text) {
		return false
	}
	if lines := strings.Count(text, "\n"); strings.Contains(text, "— ") || lines > 4 || signed && lines != 3 {
		return false
	}
	for line := range strings.Lines(sigs) {
		whole := strings.HasSuffix(line, "\n")
		if whole && !exactLine(line) || !whole && !strings.HasPrefix(line, "— ") && !strings.HasPrefix("— ", line) {
			return false
		}
	}
	return true
}

func (c *checker) checkpoints(list []placed) {
	for i, p := range list {
		if i >= len(c.texts) {
			c.broke(fileCheckpoints, p.at, "a checkpoint stands here for which there is no batch")
			continue
		}
		if why := c.signed(p.note, c.texts[i]); why != "" {
			c.broke(fileCheckpoints, p.at, "checkpoint %d %s", i, why)
		}
		c.r.Checkpoints++
	}
	switch missing := len(c.texts) - len(list); {
	case missing == 1:
		c.note("the last checkpoint is not there yet: it will be made at the next start")
	case missing > 1:
		c.broke(fileCheckpoints, c.sizes[fileCheckpoints], "%d checkpoints are missing", missing)
	}
}

// signed says what is wrong with a note that must have this text and be
// signed by the ledger's key; nothing if it is well.
func (c *checker) signed(b []byte, text string) string {
	n, err := note.Open(b, c.ownKey())
	switch {
	case err != nil:
		return "is not signed by the ledger's key"
	case !exactNote(b):
		return "has a signature in another form than the one exact one"
	case n.Text != text:
		return fmt.Sprintf("does not say what the tree says: %q, not %q", n.Text, text)
	}
	return ""
}

// continues holds the tree against the checkpoints of earlier.
func (c *checker) continues() error {
	for _, e := range c.since {
		text, _, _ := strings.Cut(string(e.Note), "\n\n")
		cp, err := proof.ParseCheckpoint(text + "\n")
		if err != nil {
			c.broke(e.File, 0, "this is no checkpoint of a ledger: %s", fault.Say(err))
			e.Used = true
			continue
		}
		if cp.Origin != c.set.Origin {
			continue
		}
		e.Used = true
		b := cp.Size / int64(c.set.Batch)
		switch {
		case cp.Size > c.r.Size:
			c.broke(e.File, 0, "the checkpoint has %d leaves and the ledger only %d: it is an older copy", cp.Size, c.r.Size)
		case cp.Size%int64(c.set.Batch) != 0 || c.texts[b] != cp.Text():
			c.broke(e.File, 0, "the ledger's first %d leaves are not those of the checkpoint: its past was changed", cp.Size)
		default:
			if why := c.signed(e.Note, c.texts[b]); why != "" {
				c.broke(e.File, 0, "the checkpoint %s", why)
				continue
			}
			c.note("it continues %s, of %s with %d leaves", e.File, cp.Time.Format(time.RFC3339), cp.Size)
		}
	}
	return nil
}

// cosigned verifies the checkpoints that carry co-signatures.
func (c *checker) cosigned() error {
	list, err := c.notes(fileCosigned)
	if err != nil {
		return err
	}
	for _, p := range list {
		text, _, _ := strings.Cut(string(p.note), "\n\n")
		cp, err := proof.ParseCheckpoint(text + "\n")
		b := cp.Size / int64(c.set.Batch)
		if err != nil || b >= int64(c.r.Checkpoints) || b >= int64(len(c.texts)) || cp.Size%int64(c.set.Batch) != 0 {
			c.broke(fileCosigned, p.at, "the co-signed checkpoint is of no tree of this ledger")
			continue
		}
		if why := c.signed(p.note, c.texts[b]); why != "" {
			c.broke(fileCosigned, p.at, "the co-signed checkpoint %s", why)
			continue
		}
		if why := c.cosignatures(p.note); why != "" {
			c.broke(fileCosigned, p.at, "%s", why)
			continue
		}
		c.r.Cosigned++
	}
	return nil
}

// cosignatures says what is wrong with the witnesses' signatures of a note.
func (c *checker) cosignatures(b []byte) string {
	if len(c.vkeys) == 0 {
		return ""
	}
	known, err := proof.ParseKeys(append([]string{c.set.Key}, c.vkeys...)...)
	if err != nil {
		return err.Error()
	}
	s, err := proof.OpenCheckpoint(b, known)
	if err != nil {
		return "a co-signature does not verify"
	}
	_, sigs, _ := strings.Cut(string(b), "\n\n")
	if len(s.Cosigners)+1 != strings.Count(sigs, "\n") || len(s.Cosigners) == 0 {
		return "a co-signature is by a key that is none of those given"
	}
	return ""
}
