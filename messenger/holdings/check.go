package holdings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/wire"
)

// special rows are national-security matters: never published exactly, and
// recorded in the sealed ledger only.
func special(r law.Row) bool {
	return r.Publication.Kind != law.Exact || r.Stance == law.StanceSpecial
}

func isEmergency(r law.Row) bool { return r.ID == law.Emergency }

func (h *Set) rowNow(process string) (law.Row, bool) {
	return h.Law.Row(law.ProcessID(process), h.Clock.Now())
}

func forbid(format string, a ...any) error {
	return fault.New(fault.Forbidden, "check grant", format, a...)
}

// examine says why the carrier would not act on a grant, signed or not, by its
// own law and its own accounts. Signatures, use and the first day are not
// looked at here.
func (h *Set) examine(ctx context.Context, g d.Grant) error {
	now := h.now()
	if err := plainText(g); err != nil {
		return err
	}
	if err := inLife(g, now); err != nil {
		return err
	}
	if g.Kind == d.KeyChange {
		return nil
	}
	switch g.Kind {
	case d.Produce:
		row, err := h.row(g, now)
		if err != nil {
			return err
		}
		if err := withinReach(g, row, now); err != nil {
			return err
		}
		if err := afterNotice(g, row); err != nil {
			return err
		}
		if g.Snapshot != nil {
			return h.isKept(ctx, *g.Snapshot)
		}
		if len(g.List) > 0 {
			return nil // each account is looked at when it is drawn
		}
		return h.sameAccount(ctx, g)
	case d.Preserve:
		return h.mayKeep(ctx, g, now)
	case d.Trace:
		return h.mayTrace(ctx, g, now)
	case d.Notify:
		return h.mayTell(ctx, g)
	}
	return fault.New(fault.Invalid, "check grant", "this carrier does not carry out grants of kind %q", g.Kind)
}

// mayTell is less than what a disclosure needs, because telling a person takes
// nothing from them and may come years after the release: the row only has to
// be known, and the account to exist.
func (h *Set) mayTell(ctx context.Context, g d.Grant) error {
	row, ok := h.rowNamed(g)
	switch {
	case !ok:
		return forbid("no law row %q is known here", g.Process)
	case g.Sealed != special(row):
		return forbid("only national-security matters are sealed, and they always are")
	case g.Sealed && h.Sealed == nil:
		return fault.New(fault.Unavailable, "check grant", "this carrier keeps no sealed ledger, so it takes no sealed matter")
	case g.Sealed && g.Notice.Timing == d.ToldBefore:
		return forbid("of a sealed matter nobody is told before disclosure")
	case g.Notice.Timing != d.ToldBefore && g.Notice.Timing != d.ToldAfter:
		return forbid("by its own plan the person %s", g.Notice.InWords())
	}
	if len(g.List) > 0 {
		return nil // each person is looked for when they are told
	}
	ok, err := h.Records.Exists(ctx, wire.AccountID(g.Account))
	if err == nil && !ok {
		err = forbid("the account does not exist any more")
	}
	return err
}

// rowNamed is the row that a grant was decided by, or else the one in force.
func (h *Set) rowNamed(g d.Grant) (law.Row, bool) {
	if row, ok := h.Law.RowByHash(law.RowHash(g.LawRow)); ok && string(row.ID) == g.Process {
		return row, true
	}
	return h.rowNow(g.Process)
}

// rowOf is the text of law that a produce grant stands on: the one in force, or
// one that ended so lately that the demand may have come before.
func (h *Set) rowOf(g d.Grant, now time.Time) (law.Row, error) {
	named, known := h.Law.RowByHash(law.RowHash(g.LawRow))
	known = known && string(named.ID) == g.Process
	if known && named.Usable(now) {
		return named, nil
	}
	switch _, inForce := h.rowNow(g.Process); {
	case known && named.Ended(now):
		return law.Row{}, forbid("%s ended on %s, too long ago to be acted on", named.Name, named.ValidTo)
	case !inForce:
		return law.Row{}, forbid("no law row %q is in force today", g.Process)
	}
	// A grant stands on one text. Reach is never worked out between two.
	return law.Row{}, forbid("the desk decided by another text of %q than the one in force here; give both halves the same law", g.Process)
}

func inLife(g d.Grant, now time.Time) error {
	switch t := now.Unix(); {
	case g.Issued > now.Add(skew).Unix():
		return forbid("the grant was issued in the future; check both clocks")
	case t >= g.Expires:
		return fault.New(fault.Expired, "check grant", "the grant expired on %s", d.Minute(g.Expires))
	}
	return nil
}

// row finds the row of law and refuses what it does not carry.
func (h *Set) row(g d.Grant, now time.Time) (law.Row, error) {
	row, err := h.rowOf(g, now)
	if err != nil {
		return row, err
	}
	if u := row.Unlocks(h.approvals(), lastDay(row, now)); !u.OK {
		return law.Row{}, forbid("%s: %s", row.Name, u.Why)
	}
	if g.Sealed != special(row) {
		return law.Row{}, forbid("only national-security matters are sealed, and they always are")
	}
	if g.Sealed && h.Sealed == nil {
		return law.Row{}, fault.New(fault.Unavailable, "check grant", "this carrier keeps no sealed ledger, so it takes no sealed matter")
	}
	return row, nil
}

func (h *Set) approvals() law.Approvals { return law.Approvals{Counsel: h.Counsel} }

// lastDay is today, or the last day of a row that has ended: whether it unlocks
// is asked of a day on which it was law.
func lastDay(row law.Row, now time.Time) time.Time {
	if row.Ended(now) {
		return row.ValidTo.Time()
	}
	return now
}

// withinReach holds every field and the period against the row.
func withinReach(g d.Grant, row law.Row, now time.Time) error {
	if row.Prospective {
		return forbid("%s reaches only what is still to come: it produces no stored record", row.Name)
	}
	for _, id := range g.Fields {
		if !reaches(row, id) {
			f, _ := d.FieldByID(id)
			return forbid("%s does not reach the field %q", row.Name, f.Title)
		}
	}
	if g.Until > now.Add(zones).Unix() || g.From > now.Add(zones).Unix() {
		return forbid("the period reaches into the future")
	}
	return nil
}

// afterNotice holds a plan that tells the person before against the days that
// the row gives them to object. duty D6
func afterNotice(g d.Grant, row law.Row) error {
	if g.Notice.Timing != d.ToldBefore || row.NoticeRule.LeadDays == 0 || g.NotYet-g.Issued >= int64(lead(row)/time.Second) {
		return nil
	}
	return forbid("by its own plan the person is told before, and has %d days to object: it may be used too early", row.NoticeRule.LeadDays)
}

// reaches reports whether a row lets a field be disclosed.
// law: 18 USC 2709(b): name and length of service are less than basic
// subscriber information.
func reaches(row law.Row, id d.FieldID) bool {
	f, ok := d.FieldByID(id)
	if !ok {
		return false
	}
	if (id == "name" || id == "service_start") && row.Reaches(law.NameLOS) {
		return true
	}
	return row.Reaches(law.Class(f.Class))
}

// sameAccount checks that the identifier of the order still means the account
// that people looked at.
func (h *Set) sameAccount(ctx context.Context, g d.Grant) error {
	got, ok, err := h.find(ctx, g.Asked)
	if err != nil {
		return err
	}
	if !ok || got != g.Account {
		return forbid("the identifier of the order does not belong to this account any more, or never did")
	}
	return nil
}

// ofPeriod checks that the account is not younger than the period. The answer
// says something of the account, and by asking again and again all of its
// first day: it is for the people who sign, and for the desk only once two of
// them have.
func (h *Set) ofPeriod(ctx context.Context, g d.Grant) error {
	if g.Kind != d.Produce || g.Until == 0 || g.Snapshot != nil || len(g.List) > 0 {
		return nil
	}
	rs, err := h.Records.Records(ctx, wire.AccountID(g.Account), []d.FieldID{"service_start"})
	if err != nil {
		return fmt.Errorf("read service start: %w", err)
	}
	last := time.Unix(g.Until, 0).UTC().Format(time.DateOnly)
	if slices.ContainsFunc(rs, func(r d.Record) bool { return r.Field == "service_start" && r.Value > last }) {
		return forbid("the account began after the period: in the period the identifier was nobody's or somebody else's")
	}
	return nil
}

func (h *Set) find(ctx context.Context, identifier string) (d.Account, bool, error) {
	if a, err := d.ParseAccount(identifier); err == nil {
		ok, err := h.Records.Exists(ctx, wire.AccountID(a))
		return a, ok, err
	}
	id, ok, err := h.Records.Find(ctx, identifier)
	if !ok {
		return d.Account{}, false, err
	}
	return d.Account(id), true, err
}

// plainText refuses text that could make a page say other than the bytes do:
// control and direction characters, and what is too long to be read.
func plainText(g d.Grant) error {
	all := []string{g.Case, g.Process, g.Agency, g.Officer, g.Ref, g.Asked, g.Notice.Basis}
	if g.Key != nil {
		all = append(all, g.Key.Holder)
	}
	for _, x := range g.List {
		all = append(all, x.Asked)
	}
	for _, s := range all {
		if len(s) > maxText {
			return fault.New(fault.Invalid, "check grant", "a text of the grant is longer than %d bytes", maxText)
		}
		if strings.ContainsFunc(s, unseen) {
			return fault.New(fault.Invalid, "check grant", "a text of the grant holds characters that cannot be seen")
		}
	}
	return nil
}

func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || unicode.Is(unicode.Co, r)
}

// dated are the fields that say something about one day; a period that does
// not hold the day does not reach them.
var dated = map[d.FieldID]string{"last_seen": "last_seen", "last_ip": "last_seen"}

// within keeps the records that the grant names and its period holds, and
// nothing else, whatever the extractor returned. duty D9
func within(g d.Grant, all []d.Record) []d.Record {
	seen := ""
	for _, r := range all {
		if r.Field == "last_seen" && r.Account == g.Account {
			seen = r.Value
		}
	}
	var out []d.Record
	for _, r := range all {
		day := ""
		if _, ok := dated[r.Field]; ok {
			day = seen
		}
		if _, after, ok := strings.Cut(r.Value, ", "); ok && r.Field == "devices" {
			day = after
		}
		if r.Account == g.Account && slices.Contains(g.Fields, r.Field) && inPeriod(g, day, r.Field == "devices") {
			out = append(out, r)
		}
	}
	return out
}

// inPeriod reports whether a day lies in the grant's period; a thing that lasts
// only has to have begun by its end.
func inPeriod(g d.Grant, day string, lasts bool) bool {
	if day == "" {
		return true
	}
	if g.Until != 0 && day > time.Unix(g.Until, 0).UTC().Format(time.DateOnly) {
		return false
	}
	return lasts || g.From == 0 || day >= time.Unix(g.From, 0).UTC().Format(time.DateOnly)
}
