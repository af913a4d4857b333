package review

import (
	"context"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// approver is the member as counsel who may approve what the law table says.
func (s *Service) approver(ctx context.Context, by casefile.MemberID) (casefile.Actor, error) {
	me, err := s.Team.IsCounsel(ctx, by, casefile.Case{})
	if err != nil {
		return casefile.Actor{}, err
	}
	_, err = s.Team.May(ctx, by, casefile.ApproveLaw, "")
	return me, err
}

// ApproveList records counsel's approval of a list behind the findings on
// rights as it reads now: from then on what it finds waits for counsel. A list
// that reads otherwise needs a new one.
func (s *Service) ApproveList(ctx context.Context, by casefile.MemberID, acts casefile.Acts, id string, hash law.RowHash, why string) error {
	me, err := s.approver(ctx, by)
	if err != nil {
		return err
	}
	l, ok := s.Law.RightsList(id)
	switch {
	case !ok:
		return invalid("there is no list of that name")
	case l.Hash() != hash:
		return fault.New(fault.Conflict, "approve list", "the list has changed since you opened it; read it again")
	case l.Certainty == law.Uncertain:
		return forbidden("an uncertain list informs and no more: replace it in the law file by one that counsel can stand for")
	}
	a := law.ListApproval{List: id, Hash: hash, By: me.Name + " (" + me.ID + ")", On: law.Date(s.Files.Clock.Now().Format(time.DateOnly)), Why: strings.TrimSpace(why)}
	if err := acts.Keep(ctx, "list.approved", me, id, a.Why, a); err != nil {
		return err
	}
	return s.Approvals.ApproveList(ctx, a)
}
