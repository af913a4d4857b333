package law

import "slices"

// Tongue says a text of the table in a reader's language, or gives it back as
// it is. The English is the key: a text that changes loses its translation
// until somebody has translated it again, and is read in English meanwhile.
type Tongue interface {
	T(english string, args ...any) string
}

// In is the row with everything that an officer reads in a language. What rules
// go by stays, and so do citations and the notes of whoever wrote the row.
func (r Row) In(t Tongue) Row {
	say := func(s *string) {
		if *s != "" {
			*s = t.T(*s)
		}
	}
	r.Reach, r.Issuers, r.Clocks = slices.Clone(r.Reach), slices.Clone(r.Issuers), slices.Clone(r.Clocks)
	say(&r.Name)
	say(&r.NoticeRule.Text)
	say(&r.Threshold.Text)
	r.Threshold.Listed = slices.Clone(r.Threshold.Listed)
	for i := range r.Threshold.Listed {
		say(&r.Threshold.Listed[i].Text)
	}
	for i := range r.Reach {
		say(&r.Reach[i].Limit)
	}
	for i := range r.Issuers {
		say(&r.Issuers[i].Text)
	}
	for i := range r.Clocks {
		say(&r.Clocks[i].Text)
	}
	return r
}

// In is the particular in a language.
func (p ParticularRow) In(t Tongue) ParticularRow {
	p.Label, p.Help = t.T(p.Label), t.T(p.Help)
	return p
}

// In is the finding in a language, as an officer reads it.
func (f FindingRow) In(t Tongue) FindingRow {
	f.Title, f.Sentence = t.T(f.Title), t.T(f.Sentence)
	return f
}

// Texts are all texts of the table that an officer may read: what a translator
// is asked for.
func (t *Table) Texts() []string {
	var c collector
	for _, r := range t.Rows() {
		r.In(&c)
	}
	for _, p := range t.particulars {
		p.In(&c)
	}
	for _, f := range t.Findings() {
		if !f.TeamOnly {
			f.In(&c)
		}
	}
	for _, x := range []string{treatyUnknown, treatyKnown, treatySeen, lackPenalty, lackListed, lackEntry, lackUnread} {
		c.T(x)
	}
	return c
}

type collector []string

func (c *collector) T(s string, _ ...any) string {
	if s != "" && !slices.Contains(*c, s) {
		*c = append(*c, s)
	}
	return s
}
