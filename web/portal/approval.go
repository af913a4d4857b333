package portal

import (
	"context"

	"letterlock/law"
	"letterlock/web/kit"
)

// A row written from knowledge unlocks nothing before counsel has approved its
// text: what it would get is not promised as if it were had today.

// approvalFirst is what we say of a law whose text counsel has not approved yet.
const approvalFirst = "Our counsel first approves the text of this law; until then nothing is disclosed under it."

// pending reports that counsel has yet to approve the row as it reads. Of rows
// whose approvals only cleared people may know of, it says so always: the words
// hold either way.
func (p *portal) pending(ctx context.Context, row law.Row) (bool, error) {
	if row.Certainty != law.Known || p.c.Approvals == nil {
		return row.Certainty == law.Known, nil
	}
	a, err := p.c.Approvals(ctx)
	if err != nil {
		return false, err
	}
	return !row.Unlocks(a, p.c.Clock.Now()).OK, nil
}

// approvalFact is the line about counsel's approval of a row's text.
func approvalFact(row law.Row, pending bool) kit.Facts {
	switch {
	case row.Certainty != law.Known:
		return nil
	case pending:
		return kit.Facts{{Label: "Before it is used", Value: kit.Words(approvalFirst)}}
	}
	return kit.Facts{{Label: "Before it is used", Value: kit.Words("Our counsel has approved the text of this law.")}}
}
