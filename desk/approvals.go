package desk

import (
	"context"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// approvals are counsel's approvals of law rows: those given here, and those of
// the operator's files. What was approved for sealed matters lies with them.
type approvals struct {
	marks, vault       casefile.Marks
	given, givenSealed law.Approvals
}

const approvalsMark = "law-approvals"

type storedApproval struct {
	Row  string `cbor:"row"`
	Hash string `cbor:"hash"`
	By   string `cbor:"by"`
	On   string `cbor:"on"`
	Why  string `cbor:"why"`
}

func stored(ctx context.Context, marks casefile.Marks, name string) (out []storedApproval, err error) {
	b, err := marks.Mark(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return out, casefile.Decode(b, &out)
}

// LawApprovals is review.Approvals'.
func (a *approvals) LawApprovals(ctx context.Context, sealed bool) (law.Approvals, error) {
	out := law.Approvals{Counsel: slices.Clone(a.given.Counsel)}
	from := []casefile.Marks{a.marks}
	if sealed {
		out.Counsel, from = append(out.Counsel, a.givenSealed.Counsel...), append(from, a.vault)
	}
	for _, marks := range from {
		all, err := stored(ctx, marks, approvalsMark)
		if err != nil {
			return law.Approvals{}, err
		}
		for _, s := range all {
			h, err := law.ParseRowHash(s.Hash)
			if err != nil {
				return law.Approvals{}, err
			}
			out.Counsel = append(out.Counsel, law.Approval{Row: law.ProcessID(s.Row), Hash: h, By: s.By, On: law.Date(s.On), Why: s.Why})
		}
	}
	return out, nil
}

// ApproveRow is review.Approvals'.
func (a *approvals) ApproveRow(ctx context.Context, x law.Approval, sealed bool) error {
	marks := a.marks
	if sealed {
		marks = a.vault
	}
	return keepApproval(ctx, marks, approvalsMark, storedApproval{string(x.Row), x.Hash.String(), x.By, string(x.On), x.Why})
}

func keepApproval(ctx context.Context, marks casefile.Marks, name string, s storedApproval) error {
	all, err := stored(ctx, marks, name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(o storedApproval) bool { return o.Row == s.Row && o.Hash == s.Hash && o.By == s.By }) {
		return nil
	}
	b, err := casefile.Encode(append(all, s))
	if err != nil {
		return err
	}
	return marks.SetMark(ctx, name, b)
}

const listsMark = "list-approvals"

// ListApprovals is review.Approvals'. Those of the operator's file are in the
// table already.
func (a *approvals) ListApprovals(ctx context.Context) ([]law.ListApproval, error) {
	all, err := stored(ctx, a.marks, listsMark)
	if err != nil {
		return nil, err
	}
	var out []law.ListApproval
	for _, s := range all {
		h, err := law.ParseRowHash(s.Hash)
		if err != nil {
			return nil, err
		}
		out = append(out, law.ListApproval{List: s.Row, Hash: h, By: s.By, On: law.Date(s.On), Why: s.Why})
	}
	return out, nil
}

// ApproveList is review.Approvals'.
func (a *approvals) ApproveList(ctx context.Context, x law.ListApproval) error {
	return keepApproval(ctx, a.marks, listsMark, storedApproval{x.List, x.Hash.String(), x.By, string(x.On), x.Why})
}

// ApproveList is counsel's approval of a list as it reads now.
func (d *Desk) ApproveList(ctx context.Context, by casefile.MemberID, id string, hash law.RowHash, why string) error {
	return d.Review.ApproveList(ctx, by, d.Acts, id, hash, why)
}

// RightsLists are the lists with everybody who approved them as they read.
func (d *Desk) RightsLists(ctx context.Context) ([]law.RightsList, error) {
	more, err := d.Review.Approvals.ListApprovals(ctx)
	return d.Law.Approving(more).RightsLists(), err
}

// ApproveRow is counsel's approval of a law row as it reads now.
func (d *Desk) ApproveRow(ctx context.Context, by casefile.MemberID, id law.ProcessID, hash law.RowHash, why string) error {
	return d.Review.ApproveRow(ctx, by, d.Acts, id, hash, why)
}

// LawApprovals are the approvals that a member may know of.
func (d *Desk) LawApprovals(ctx context.Context, by casefile.MemberID) (law.Approvals, error) {
	return d.Review.Approvals.LawApprovals(ctx, d.cleared(ctx, by))
}

// PublicApprovals are those that everybody may know of: none of a sealed matter.
func (d *Desk) PublicApprovals(ctx context.Context) (law.Approvals, error) {
	return d.Review.Approvals.LawApprovals(ctx, false)
}

// InLawFile reports whether a law file of the operator that the member may know
// of approves the row as it reads. The carrier goes by its own copy of those
// files and by nothing else.
func (d *Desk) InLawFile(ctx context.Context, by casefile.MemberID, row law.Row) bool {
	all := d.conf.Approvals.Counsel
	if d.cleared(ctx, by) {
		all = slices.Concat(all, d.conf.SealedApprovals.Counsel)
	}
	return slices.ContainsFunc(all, func(a law.Approval) bool { return a.Row == row.ID && a.Hash == row.Hash() })
}

// CarrierLaw is what the carrier has of these rows, in their order, as far as
// the member may know; an error says that it cannot be asked.
func (d *Desk) CarrierLaw(ctx context.Context, by casefile.MemberID, rows ...law.Row) ([]door.LawState, error) {
	var ask []disclosable.Hash
	for _, r := range rows {
		ask = append(ask, disclosable.Hash(r.Hash()))
	}
	got, err := d.conf.Door.Law(ctx, ask)
	if err == nil && len(got) != len(rows) {
		err = fault.New(fault.Unavailable, "compare law", "the carrier did not answer for every row")
	}
	cleared := d.cleared(ctx, by)
	for i := range got {
		got[i].Unlocks, got[i].Sealed = got[i].Unlocks || cleared && got[i].Sealed, false
	}
	return got, err
}

// LawRow is a row of the law table as the console lists it.
type LawRow struct {
	Row    law.Row
	Unlock law.Unlock
	Stale  bool
}

// LawRows is the table with what each row unlocks now, as far as the member may
// know.
func (d *Desk) LawRows(ctx context.Context, by casefile.MemberID) ([]LawRow, error) {
	a, err := d.LawApprovals(ctx, by)
	if err != nil {
		return nil, err
	}
	now := d.conf.Clock.Now()
	var out []LawRow
	for _, r := range d.Law.Rows() {
		out = append(out, LawRow{r, r.Unlocks(a, now), r.Stale(now, law.StaleAfter)})
	}
	return out, nil
}
