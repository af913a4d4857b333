package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/law"
	"letterlock/web/kit"
)

type itemView struct {
	Title, Meaning string
	Reach          any
	Now            any
	Verdict        kit.Field
	Reason         kit.Field
	Finding        kit.Field
	Targets        *kit.Field
	Outside        *kit.Field
}

func (s *console) items(f *kit.Form, v view) []itemView {
	var out []itemView
	for _, i := range v.Case.Demand.Wanted {
		out = append(out, s.item(f, v, i))
	}
	return out
}

func (s *console) item(f *kit.Form, v view, i casefile.Item) itemView {
	d := v.Case.Decisions[i]
	x := itemView{Title: i.Title(), Reach: reachOf(v.Row, i), Now: verdictBadge(d.Verdict)}
	if fl, ok := i.Field(); ok {
		x.Meaning = fl.Meaning
	}
	o := []kit.Option{{Value: undecided, Text: "Not decided now"}}
	for _, c := range v.Choices[i] {
		o = append(o, kit.Option{Value: string(c), Text: verdictName(c), Chosen: d.Verdict == c})
	}
	x.Verdict = f.Select("verdict-"+string(i), "Verdict on “"+i.Title()+"”", "", o).Require()
	x.Reason = f.Long("reason-"+string(i), "Reason for “"+i.Title()+"”", "Left empty, the sentence of the chosen finding is taken.").Lines(2).Fill(d.Reason)
	if slices.Contains(v.Choices[i], casefile.Escalate) {
		y := f.Check("outside-"+string(i), "If escalated: to outside counsel as well", "")
		x.Outside = &y
	}
	reasons := []kit.Option{{Text: "None"}}
	for _, y := range v.Case.Findings {
		reasons = append(reasons, kit.Option{Value: string(y.ID), Text: y.Row().Title, Chosen: d.Finding == y.ID})
	}
	x.Finding = f.Select("because-"+string(i), "Because of the finding", "", reasons)
	if n := len(v.Case.Demand.Targets); slices.Contains(v.Choices[i], casefile.Narrow) && n > 0 {
		t := narrowField(f, v, i, d)
		if n > shownTargets {
			t = pastedField(f, v, i, d)
		}
		x.Targets = &t
	}
	return x
}

func narrowField(f *kit.Form, v view, i casefile.Item, d casefile.Decision) kit.Field {
	var to []kit.Option
	for n, t := range v.Case.Demand.Targets {
		to = append(to, kit.Option{Value: strconv.Itoa(n), Text: t.Identifier, Chosen: slices.Contains(d.Targets, n)})
	}
	return f.Checks("only-"+string(i), "If narrowed: produced for", "None ticked: cut as too broad.", to)
}

func reachOf(row law.Row, i casefile.Item) any {
	f, ok := i.Field()
	switch {
	case i == casefile.WholeDemand:
		return "answered as a whole"
	case i == casefile.Item(law.PreserveOnly) && row.Stance == law.StanceSnapshot:
		return kit.Badge{Tone: kit.Info, Text: "may be preserved, not disclosed"}
	case !ok:
		return kit.Badge{Tone: kit.Plain, Text: "does not exist here"}
	case row.Preserves(law.Class(f.Class)) && row.Stance == law.StanceSnapshot:
		return kit.Badge{Tone: kit.Info, Text: "may be preserved, not disclosed"}
	case casefile.Reachable(row, f):
		if got, _ := row.ReachOf(law.Class(f.Class)); got.Extent == law.Part {
			return kit.Group{kit.Badge{Tone: kit.Good, Text: "reached in part"}, got.Limit}
		}
		return kit.Badge{Tone: kit.Good, Text: "reached by this process"}
	}
	return kit.Badge{Tone: kit.Bad, Text: "not reached by this process"}
}

func decidedTable(v view) kit.Table {
	t := kit.Table{Caption: "What stands decided", Columns: kit.Columns("Asked for", "Reach", "Verdict", "Reason", "By"), Empty: "Nothing was asked for."}
	for _, i := range v.Case.Demand.Wanted {
		d, ok := v.Case.Decisions[i]
		row := []any{i.Title(), reachOf(v.Row, i), verdictBadge(d.Verdict), orDash(d.Reason), "–"}
		if ok {
			if d.Verdict == casefile.Narrow {
				row[3] = d.Reason + " (" + narrowed(v, d) + ")"
			}
			row[4] = d.By.Name + ", " + kit.UTC(d.At)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func narrowed(v view, d casefile.Decision) string {
	var s []string
	for _, n := range d.Targets {
		if n < len(v.Case.Demand.Targets) {
			s = append(s, v.Case.Demand.Targets[n].Identifier)
		}
	}
	switch n := len(s); {
	case n == 0:
		return "for no account"
	case n > 10:
		return fmt.Sprintf("only for %s and %d more", strings.Join(s[:10], ", "), n-10)
	}
	return "only for " + strings.Join(s, ", ")
}
