package desk

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
)

// Trouble is something that failed in a sealed matter. It lies with the sealed
// cases, because a line in the server's log would tell of one.
type Trouble struct {
	What        string    `cbor:"what"`
	First, Last time.Time // the same again and again is one
}

// troubles keeps the latest of them.
type troubles struct {
	marks casefile.Marks // of the sealed database
	clock clock.Clock
	mu    sync.Mutex
}

const (
	troubleMark = "troubles"
	maxTroubles = 50
	maxTrouble  = 4000        // bytes of one
	troubleStep = time.Minute // how often a repetition is written down
)

func (t *troubles) read(ctx context.Context) (all []Trouble, err error) {
	b, err := t.marks.Mark(ctx, troubleMark)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return all, casefile.Decode(b, &all)
}

// put notes one. If the sealed database itself is what fails, nobody is told:
// the work stays due, and its page fails for those on the list.
func (t *troubles) put(ctx context.Context, what error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, err := t.read(ctx)
	if err != nil {
		return
	}
	now, text := t.clock.Now(), what.Error()
	x := Trouble{What: text[:min(len(text), maxTrouble)], First: now, Last: now}
	for i, old := range all {
		if old.What != x.What {
			continue
		}
		if now.Sub(old.Last) < troubleStep {
			return
		}
		x.First = old.First
		all = append(all[:i], all[i+1:]...)
		break
	}
	all = append(all, x)
	if b, err := casefile.Encode(all[max(0, len(all)-maxTroubles):]); err == nil {
		t.marks.SetMark(ctx, troubleMark, b)
	}
}

// Troubles are what failed in sealed matters, the latest last, for those on the
// list. For anyone else there is no such thing.
func (d *Desk) Troubles(ctx context.Context, by casefile.MemberID) ([]Trouble, error) {
	if !d.cleared(ctx, by) {
		return nil, casefile.NoCase()
	}
	return d.troubles.read(ctx)
}

// cleared reports whether a member is on the list. Where that cannot be read
// they are treated as anybody.
func (d *Desk) cleared(ctx context.Context, by casefile.MemberID) bool {
	may, err := d.Staff.MaySeal(ctx, by)
	return err == nil && may
}

var (
	sealedAddress = regexp.MustCompile(`^/sealed(/|$)|LL-[0-9]{4}-[1-9][0-9]{11}`)
	idInPath      = regexp.MustCompile(`[0-9a-f]{32}`)
)

// Aside takes the failure of a request away from the log if its address is of a
// sealed matter: one of its pages, its number, or a draft of one.
func (d *Desk) Aside(ctx context.Context, path string, what error) bool {
	ctx = context.WithoutCancel(ctx) // who asked may be gone
	if !sealedAddress.MatchString(path) && !d.sealedDraft(ctx, path) {
		return false
	}
	d.Files.PutAside(ctx, fault.Wrap(fault.Internal, strings.TrimSpace(path), what, ""))
	return true
}

func (d *Desk) sealedDraft(ctx context.Context, path string) bool {
	for _, id := range idInPath.FindAllString(path, -1) {
		if _, err := d.Files.Sealed.Store.Draft(ctx, casefile.DraftID(id)); err == nil {
			return true
		}
	}
	return false
}
