package casefile

import (
	"slices"

	"letterlock/disclosable"
	"letterlock/law"
)

func foldFiled(c *Case, e Event) error {
	if e.Demand == nil {
		return errParticulars
	}
	c.Demand, c.Findings, c.Due, c.Lane, c.Same = *e.Demand, e.Findings, e.Due, e.Lane, e.Same
	c.Filed, c.FiledBy, c.Twins, c.Since, c.Drill = e.At, e.By, e.Twins, e.At, e.Drill
	return nil
}

func foldCorrected(c *Case, e Event) error {
	switch {
	case e.Demand == nil:
		return errParticulars
	case c.Withdrawn:
		return conflict("the request was withdrawn")
	case len(c.live()) > 0 || c.Answering || len(c.Packages) > 0:
		return conflict("the request is decided: it cannot be corrected any more, only withdrawn")
	}
	c.Demand, c.Findings, c.Due, c.Lane, c.Twins = *e.Demand, e.Findings, e.Due, e.Lane, e.Twins
	// What was decided was decided on other words: it is decided anew.
	c.Decisions, c.Resolutions, c.NoticePlan, c.Emergency = map[Item]Decision{}, map[int]Resolution{}, nil, c.Emergency.voided()
	c.Agreements, c.Narrowed, c.Since, c.NoTies, c.Sources = nil, nil, e.At, nil, nil // a tie may be with what it says now
	return nil
}

func foldPaper(c *Case, e Event) error {
	if e.Paper == nil {
		return errParticulars
	}
	c.Demand.Papers = append(c.Demand.Papers, *e.Paper)
	return nil
}

func foldRead(c *Case, e Event) error {
	if _, ok := c.Paper(e.PaperID); !ok {
		return errParticulars
	}
	if _, read := c.ReadPapers[e.PaperID]; !read && e.Role != ReadOutside {
		c.ReadPapers[e.PaperID] = e.By
	}
	return nil
}

func foldWithdrawn(c *Case, e Event) error {
	if c.Withdrawn {
		return conflict("the request was withdrawn already")
	}
	for _, g := range c.Grants {
		if g.Grant.Kind == disclosable.Produce && (g.Phase == GrantUsed || g.Phase == GrantUsing) {
			return conflict("records were released already: the request can no longer be withdrawn")
		}
	}
	c.Withdrawn = true
	return nil
}

func foldAssigned(c *Case, e Event) error {
	if e.Assignee == nil {
		return errParticulars
	}
	c.Assigned = *e.Assignee
	return nil
}

func foldFindingAdded(c *Case, e Event) error {
	for _, f := range e.Findings {
		if i := c.finding(f.ID); i >= 0 {
			return conflict("the finding %s is on the case already", f.ID)
		}
		c.Findings = append(c.Findings, f)
	}
	return nil
}

func foldFindingAnswer(c *Case, e Event) error {
	i := c.finding(e.Finding)
	if i < 0 {
		return conflict("the finding %s is not on this case", e.Finding)
	}
	if f := c.Findings[i]; f.Stands() && !e.Holds && (f.Doubt == nil || f.Doubt.By.ID == e.By.ID) {
		return conflict("a demand on the system is set aside by counsel and a lead together")
	}
	c.Findings[i].Doubt = nil
	c.Findings[i].Answer = &FindingAnswer{Holds: e.Holds, Reason: e.Why, By: e.By, At: e.At}
	return nil
}

func (c Case) finding(id law.FindingID) int {
	return slices.IndexFunc(c.Findings, func(f FindingState) bool { return f.ID == id })
}

func foldResolved(c *Case, e Event) error {
	if e.Resolved == nil {
		return errParticulars
	}
	c.Resolutions = cloneMap(c.Resolutions) // only here: it may hold 10,000
	c.Resolutions[e.Resolved.Target] = *e.Resolved
	return c.known(e.Resolved.Target)
}

func (c Case) known(target int) error {
	if target < 0 || target >= len(c.Demand.Targets) {
		return conflict("the request has no such target")
	}
	return nil
}
