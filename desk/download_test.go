package desk_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// answered is a case with a package that the officer has not collected yet.
func (w *world) answered() (casefile.Number, casefile.Package) {
	w.Helper()
	n := w.declined()
	return n, w.load(n).Packages[0]
}

// damage turns one byte of a stored file.
func (w *world) damage(s casefile.Sum) {
	w.Helper()
	path := filepath.Join(w.dir, "blobs", string(s[:2]), string(s[2:]))
	b := must(os.ReadFile(path))(w)
	b[len(b)/2] ^= 1
	w.ok(os.WriteFile(path, b, 0o600))
}

// takes reads at most so many bytes of a piece and then lets go, as a
// connection that breaks does.
func (w *world) takes(n casefile.Number, p casefile.Package, from, most int64) []byte {
	w.Helper()
	r, err := w.desk.Intake.CollectPart(w.ctx, w.reyes.Actor(), n, p, casefile.Part{From: from, Size: p.Size - from})
	w.ok(err)
	b, err := io.ReadAll(io.LimitReader(r, most))
	w.ok(err)
	w.ok(r.Close())
	return b
}

func TestADownloadThatBrokeOffGoesOnAndCountsOnce(t *testing.T) {
	w := newWorld(t)
	n, p := w.answered()
	got := w.takes(n, p, 0, 1000)
	downloads := w.load(n).Packages[0].Downloads
	if len(downloads) != 1 || downloads[0].Sent() != 1000 || !downloads[0].Done.IsZero() || w.load(n).Packages[0].Whole() != 0 {
		t.Fatalf("after it broke off: %+v", downloads)
	}
	w.takes(n, p, 500, 200) // again what was there: no byte is counted twice
	if d := w.load(n).Packages[0].Downloads; len(d) != 1 || d[0].Sent() != 1000 || d[0].Parts != 2 {
		t.Fatalf("a piece again: %+v", d)
	}
	got = append(got, w.takes(n, p, 1000, p.Size)...)
	if casefile.SumOf(got) != p.Sum {
		t.Fatal("the pieces are not the package")
	}
	if d := w.load(n).Packages[0]; len(d.Downloads) != 1 || d.Whole() != 1 || d.Downloads[0].Sent() != p.Size || d.Downloads[0].Parts != 3 {
		t.Fatalf("at its end: %+v", d.Downloads)
	}
	w.takes(n, p, 0, p.Size)
	if d := w.load(n).Packages[0]; len(d.Downloads) != 2 || d.Whole() != 2 {
		t.Fatalf("a second download: %+v", d.Downloads)
	}
	shown := 0
	for _, l := range w.load(n).Timeline(true) {
		if l.What == "downloaded the package" {
			shown++
		}
	}
	if shown != 2 {
		t.Fatalf("the agency sees %d downloads", shown)
	}
}

func TestEachPieceOfADownloadIsAskedForAnew(t *testing.T) {
	w := newWorld(t)
	n, p := w.answered()
	w.takes(n, p, 0, 100)
	piece := func(by casefile.Actor, from int64) error {
		_, err := w.desk.Intake.CollectPart(w.ctx, by, n, p, casefile.Part{From: from, Size: p.Size - from})
		return err
	}
	w.refused(piece(w.analyst.Actor(), 100), fault.Forbidden, "an analyst going on with it")
	other := w.colleague("Sam Ortiz", "ortiz@sheriff.harbor.example", casefile.Requester)
	w.refused(piece(other.Actor(), 100), fault.Withheld, "a colleague going on with it")
	w.refused(piece(w.reyes.Actor(), p.Size+1), fault.Invalid, "a piece outside")
	w.ledger.broken = true
	w.refused(piece(w.reyes.Actor(), 100), fault.Unavailable, "a piece that cannot be recorded")
	w.ledger.broken = false
	for range casefile.MaxParts - 1 {
		w.takes(n, p, 100, 1)
	}
	w.refused(piece(w.reyes.Actor(), 101), fault.Exhausted, "byte by byte")
	w.takes(n, p, 0, 1) // a new download is not held up by it
	w.pass(31 * 24 * time.Hour)
	w.refused(piece(w.reyes.Actor(), 100), fault.Expired, "a piece after the end")
}

func TestADamagedPackageIsNeverWhole(t *testing.T) {
	w := newWorld(t)
	n, p := w.answered()
	w.damage(p.Sum)
	r, err := w.desk.Intake.CollectPart(w.ctx, w.reyes.Actor(), n, p, casefile.Part{From: p.Size - 10, Size: 10})
	w.ok(err)
	if _, err := io.Copy(&bytes.Buffer{}, r); err == nil {
		t.Fatal("the last piece of a damaged package was given as if it were whole")
	}
	w.ok(r.Close())
}
