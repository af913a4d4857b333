package casefile

import (
	"slices"
)

func foldDecided(c *Case, e Event) error {
	switch {
	case len(e.Decisions) == 0:
		return errParticulars
	case c.Withdrawn:
		return conflict("the request was withdrawn")
	case len(c.live()) > 0:
		return conflict("grants are before the key holders: withdraw them before deciding anew")
	case c.Answering || len(c.Packages) > 0:
		return conflict("the request is answered")
	case c.tookSecond(e.By):
		return conflict("%s looked at this case a second time: somebody else decides it", e.By.Name)
	}
	for _, d := range e.Decisions {
		if !slices.Contains(c.Demand.Wanted, d.Item) {
			return conflict("%s was not asked for", d.Item)
		}
		c.Decisions[d.Item] = d
	}
	c.Agreements = nil // they agreed to what was decided before
	c.compareAgain(e.At)
	return nil
}

func foldAsked(c *Case, e Event) error {
	if e.Question == nil {
		return errParticulars
	}
	c.Questions = append(c.Questions, *e.Question)
	c.stand(Stand{Reason: WaitClarification, What: string(e.Question.ID), Stops: e.Question.Stops, From: e.At})
	return nil
}

func foldAnswered(c *Case, e Event) error {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return q.ID == e.QID })
	if i < 0 || !c.Questions[i].Open() {
		return conflict("there is no such open question")
	}
	c.Questions[i].Answer, c.Questions[i].Answerer, c.Questions[i].Answered = e.Answer, e.By, e.At
	for _, p := range e.Papers {
		if _, ok := c.Paper(p); !ok {
			return conflict("the answer names a paper that is not with the case")
		}
	}
	c.Questions[i].Papers = e.Papers
	c.rise(WaitClarification, string(e.QID), e.At, e.Due)
	return nil
}

func foldNotice(c *Case, e Event) error {
	if e.Notice == nil {
		return errParticulars
	}
	c.NoticePlan = e.Notice
	return nil
}

func foldAnswering(c *Case, e Event) error {
	if c.Withdrawn || c.Answering {
		return conflict("the answer is being prepared already")
	}
	if c.attacked() && !c.Agreed() {
		return conflict("a demand on the system itself is closed by counsel and lead together: both have to agree first")
	}
	if f, unheard := c.Unheard(); unheard && !c.Agreed() {
		return conflict("the request may demand the system itself (%s): say first whether it does; that it does not is for counsel to say", f.ID)
	}
	c.Answering = true
	return nil
}
