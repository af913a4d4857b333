package console

import (
	"strings"

	"letterlock/desk/casefile"
	"letterlock/web/kit"
)

// maxWhy is the longest reason that a page takes; what a reader of the history
// wants is a sentence.
const maxWhy = 500

// oneLine is as much as a field of one line shows.
const oneLine = 40

// whys are the fields that ask for the reason of an act, by the act's address.
// Some are filled in with what the file already says; all can be changed.
type whys struct {
	f *kit.Form
	v view
}

// Of is the field of one act.
func (w whys) Of(act string) kit.Field {
	label, hint, fill := w.words(act)
	if len(fill) > oneLine { // what is filled in is read whole before it is sent
		return w.f.Long(whyName(act), label, hint).Lines(2).Require().AtMost(maxWhy).Fill(firstPart(fill))
	}
	x := w.f.Text(whyName(act), label, hint).Require().AtMost(maxWhy)
	if fill != "" {
		x = x.Fill(fill)
	}
	return x
}

// firstPart is as much of a text as the field takes.
func firstPart(s string) string {
	if r := []rune(s); len(r) > maxWhy {
		return string(r[:maxWhy-1]) + "…"
	}
	return s
}

// whyName is the name of the field. The look-ups of a case share one.
func whyName(act string) string {
	if kind, _, _ := strings.Cut(act, "/"); kind == "lookup" || kind == "lookup-all" {
		return "why-lookup"
	}
	return "why-" + strings.ReplaceAll(act, "/", "-")
}

func (w whys) words(act string) (label, hint, fill string) {
	c := w.v.Case
	switch kind, _, _ := strings.Cut(act, "/"); kind {
	case "assign":
		if c.Assigned.ID == "" {
			fill = "nobody has this case yet"
		}
		return "Why to them", "", fill
	case "no-tie":
		return "How you know", "It stands in the history with your word.", "I looked at the agency, the officer and everybody asked about, and know none of them"
	case "lookup-all":
		return "Why they are looked up", "It stands with each look-up of this list.", "the request asks about them, and what does not exist is not produced"
	case "lookup":
		return "Why it is looked up", "", "the request asks about it, and what does not exist is not produced"
	case "snapshot":
		if c.Demand.Preserved != "" {
			fill = "the request names the preservation " + string(c.Demand.Preserved)
		}
		return "Why this record", "", fill
	case "propose":
		return "Why now", "The key holders sign the grants; the history keeps the reason.", "what was decided is carried out: " + verdicts(c)
	case "answer":
		return "Why nothing is produced", "", because(c)
	case "notified":
		return "Why it has to be notified", "", ""
	}
	return "Why", "", ""
}

// verdicts says what was decided, item by item.
func verdicts(c casefile.Case) string {
	var all []string
	for _, d := range c.Decided() {
		all = append(all, d.Item.Title()+": "+string(d.Verdict))
	}
	return strings.Join(all, "; ")
}

// because are the findings that the refusals rest on, or the refusals.
func because(c casefile.Case) string {
	var all []string
	seen := map[string]bool{}
	for _, d := range c.Decided() {
		why := string(d.Verdict)
		if d.Finding != "" {
			why = casefile.FindingWords(d.Finding)
		}
		if !seen[why] {
			all, seen[why] = append(all, why), true
		}
	}
	return strings.Join(all, "; ")
}

// why reads the reason of an act.
func (d doing) why(act string) (reason, field string) {
	return d.form.Need(whyName(act), "Say why: it stands in the history."), whyName(act)
}
