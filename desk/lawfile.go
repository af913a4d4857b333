package desk

import (
	"context"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// LawFile is an edition of the operator's law file as the desk took it over:
// what it was, since when, and what it changed against the one before.
type LawFile struct {
	law.Edition
	Since   time.Time `cbor:"since"`
	Changed []string  `cbor:"changed,omitempty"`
}

// Gone reports that the desk went on without a law file.
func (f LawFile) Gone() bool { return f.Hash == law.RowHash{} && len(f.Holds) == 0 }

const lawFileMark = "law-file-editions"

// lawFileActor stands for whoever gave the desk the file: nobody signs in to do it.
var lawFileActor = casefile.Actor{Kind: casefile.ByClock, Name: "the operator’s law file"}

// LawFiles are the editions that the desk has worked with, the newest first.
func (d *Desk) LawFiles(ctx context.Context) ([]LawFile, error) {
	all, err := d.lawFiles(ctx)
	slices.Reverse(all)
	return all, err
}

func (d *Desk) lawFiles(ctx context.Context) (all []LawFile, err error) {
	b, err := d.conf.Marks.Mark(ctx, lawFileMark)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return all, casefile.Decode(b, &all)
}

// takeLawFile records a law file that is other than the last one, its going too,
// before anything is done under it: it cannot change silently.
func (d *Desk) takeLawFile(ctx context.Context) error {
	all, err := d.lawFiles(ctx)
	if err != nil {
		return err
	}
	var last LawFile
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	now := d.Law.File()
	changed := now.Since(last.Edition)
	if now.Hash == last.Hash && len(changed) == 0 {
		return nil
	}
	next := LawFile{now, d.conf.Clock.Now(), changed}
	why := "approved by " + now.ApprovedBy + " on " + string(now.ApprovedOn) + ", as it says itself"
	if next.Gone() {
		why = "there is no law file any more"
	}
	if err := d.Acts.Keep(ctx, "law.file", lawFileActor, now.Hash.String(), why, next); err != nil {
		return err
	}
	b, err := casefile.Encode(append(all, next))
	if err != nil {
		return err
	}
	return d.conf.Marks.SetMark(ctx, lawFileMark, b)
}
