package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/keystoretest"
	"letterlock/wire"
)

// A piece that was not taken is tried again when the waiting ends, which is
// when the network is back, and not when the clock says so: it stands still here.
func TestAFileGoesOnWhenTheNetworkIsBack(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	began, failed := w.clock.Now(), 0
	a.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	w.carrier.Freight.OnPut = func(wire.MediaID, int64) (cut, mute bool) { failed++; return failed <= 3, false }
	a.attach(b, bytesOf(50_000), "film.bin", "")
	a.must(a.Run(limit(t), client.Run{Until: func(p client.Progress) bool { return p.Files == 0 && p.Waiting == 0 }}))
	if failed < 4 || !w.clock.Now().Equal(began) {
		t.Errorf("%d tries until %s", failed, w.clock.Now().Sub(began))
	}
	settle(b)
	if b.gotFile().File.Name != "film.bin" {
		t.Error("it has not come")
	}
}

// What was put off is tried at once by a program that begins.
func TestAFileGoesOnWhenTheProgramBegins(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	began, away := w.clock.Now(), true
	w.carrier.Freight.OnPut = func(wire.MediaID, int64) (cut, mute bool) { return away, false }
	a.wait = func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }
	a.attach(b, bytesOf(50_000), "film.bin", "")
	a.must(a.Run(limit(t), client.Run{Until: func(p client.Progress) bool { return p.PutOff > 0 }}))
	away = false
	a.start()
	a.must(a.Run(limit(t), client.Run{Until: func(p client.Progress) bool { return p.Files == 0 && p.Waiting == 0 }}))
	if !w.clock.Now().Equal(began) {
		t.Errorf("it waited %s", w.clock.Now().Sub(began))
	}
	settle(b)
	b.gotFile()
}

// A file that is stopped on its way leaves nothing, here and at the carrier, and
// nobody hears of it.
func TestAFileThatIsStoppedOnItsWayIsGone(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	stop := make(chan struct{}, 9)
	w.carrier.Freight.OnPut = func(_ wire.MediaID, at int64) (cut, mute bool) {
		if at > 0 {
			stop <- struct{}{}
		}
		return at > 0, false
	}
	e := a.attach(b, bytesOf(9<<20), "film.bin", "")
	go func() {
		<-stop
		a.must(a.Remove(bg, e))
	}()
	a.must(a.Run(limit(t), client.Run{Until: func(p client.Progress) bool {
		_, found, _ := a.Entry(bg, e.Seq)
		n, _ := w.carrier.Freight.Blobs()
		return !found && n == 0 && p.Files == 0
	}}))
	settle(b)
	if n := len(b.journal(client.Incoming)); n != 0 || a.files.Len() != 0 {
		t.Errorf("%d messages came, %d files are left", n, a.files.Len())
	}
}

// A file of a message that was taken back, and that could not be removed when it
// was let go, is removed by a later run: nothing forgets that it has to go.
func TestAFileThatCouldNotBeRemovedGoesLater(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	disk := &stuck{MemoryFiles: b.files}
	c, err := client.New(client.Config{Store: b.store, Transport: w.carrier.Transport(), Clock: w.clock, OnEntry: b.tell, Wait: b.waits, Files: disk, Freight: &w.carrier.Freight})
	b.must(err)
	b.Client = c
	sent := a.attach(b, bytesOf(50_000), "oops.pdf", "")
	settle(a, b)
	b.must(b.Fetch(limit(t), b.gotFile().Seq, nil))
	disk.fails = true
	_, err = a.Unsend(bg, sent.Seq)
	a.must(err)
	settle(a, b)
	if b.files.Len() != 1 {
		t.Fatalf("%d files, on a disk that removes none", b.files.Len())
	}
	disk.fails = false
	settle(a, b)
	if b.files.Len() != 0 {
		t.Error("what was taken back stays on the device for good")
	}
}

// stuck is a disk that does not remove files for a while.
type stuck struct {
	*keystoretest.MemoryFiles
	fails bool
}

func (s *stuck) Remove(ctx context.Context, id wire.MediaID) error {
	if s.fails {
		return errors.New("the disk is read-only")
	}
	return s.MemoryFiles.Remove(ctx, id)
}
