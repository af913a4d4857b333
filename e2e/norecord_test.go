//go:build linux

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"letterlock/disclosable/door"
	"letterlock/e2e/story"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
)

// onDisk mounts a small disk of its own at a folder.
func onDisk(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=0700"); err != nil {
		testkit.Missing(t, "no right to mount a disk on this machine: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// fill writes until the disk is full.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; size /= 2 {
		for {
			if _, err := f.Write(make([]byte, size)); err != nil {
				break
			}
		}
	}
}

func TestNoRecordNoAct(t *testing.T) {
	dir := t.TempDir()
	ledgerDisk := filepath.Join(dir, "carrier", "data", "carrier", "ledger")
	onDisk(t, ledgerDisk)
	c := captureIn(t, dir)
	ana, ben := c.victim, c.world.Person("Ben Cole", "+12025550167")
	h, err := c.propose(c.grant())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range c.holders {
		if _, err := c.world.Sign(v); err != nil {
			t.Fatal(err)
		}
	}
	other, err := c.propose(c.grant())
	if err != nil {
		t.Fatal(err)
	}

	fill(t, ledgerDisk)
	c.lastPage()
	r, err := c.door.Redeem(c.ctx, h)
	if !fault.Is(err, fault.Unavailable) || len(r.Records) > 0 || !strings.Contains(fault.Say(err), "ledger") {
		t.Fatalf("a release without a record: %d records, %v", len(r.Records), err)
	}
	t.Logf("the desk reads: %s", fault.Say(err))
	if err := ana.Send(c.ctx, ben, "the ledger is full, messages are not"); err != nil {
		t.Fatal(err)
	}
	if err := ben.Expect(c.ctx, "the ledger is full, messages are not", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := c.door.Withdraw(c.ctx, other); err != nil {
		t.Errorf("a stop waited for the ledger: %v", err)
	}
	if p, err := story.NewVisitor("anyone").Browser.Get(c.world.Site("") + "/healthz"); err != nil || p.Status != 503 || !p.Has("carrier ledger") {
		t.Errorf("health does not say that the ledger is full: %d %s %v", p.Status, p.Body, err)
	}

	if err := os.Remove(filepath.Join(ledgerDisk, "filler")); err != nil {
		t.Fatal(err)
	}
	if r, err = c.door.Redeem(c.ctx, h); err != nil || len(r.Records) != 2 {
		t.Fatalf("with room again: %d records, %v", len(r.Records), err)
	}
	if p, err := c.door.Proposal(c.ctx, other); err != nil || !p.Withdrawn {
		t.Errorf("the stop did not last: %+v %v", p, err)
	}
	c.ledgerHolds()
}

// lastPage uses up what a full disk still has room for: the rest of the
// journal's last page. Then look-ups are refused.
func (c *captive) lastPage() {
	for range 150 {
		_, err := c.door.Resolve(c.ctx, door.Lookup{Case: "LL-2026-000001", Process: "us.order.2703d", Identifier: c.victim.Phone})
		if fault.Is(err, fault.Unavailable) {
			return
		}
		if err != nil {
			c.Fatal(err)
		}
	}
	c.Fatal("the ledger's disk is full and look-ups go on")
}
