package console

import (
	"fmt"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/web/kit"
)

// tapView is a trace as the case's page shows it.
type tapView struct {
	Facts kit.Facts
	Parts kit.Table
	Grant string
	Stop  *kit.Field // nil: it has ended, or this member may not end it
}

func taps(f *kit.Form, v view) []tapView {
	var out []tapView
	for _, t := range v.Case.Taps {
		state := kit.Badge{Tone: kit.Info, Text: "runs"}
		ends := kit.Fact{Label: "Ends by itself", Value: kit.UTC(t.Until)}
		switch {
		case !t.Runs():
			state, ends = kit.Badge{Tone: kit.Plain, Text: "has ended"}, kit.Fact{Label: "Ended", Value: disclosable.Minute(t.Ended.Unix()) + ": " + t.EndedWhy}
		case t.Stop != "":
			state = kit.Badge{Tone: kit.Warn, Text: "is being ended"}
		}
		x := tapView{Grant: t.Grant.String(), Facts: kit.Facts{{Label: "State", Value: state},
			{Label: "Account", Value: v.Case.Demand.Targets[t.Target].Identifier}, {Label: "Began", Value: kit.UTC(t.Started)}, ends,
			{Label: "Events packed so far", Value: fmt.Sprint(t.Events())}}, Parts: parts(t)}
		if t.Stop != "" {
			x.Facts = append(x.Facts, kit.Fact{Label: "Ended by", Value: t.StopBy.Name + ": " + t.Stop})
		}
		if t.Runs() && t.Stop == "" && v.cannot == nil {
			stop := f.Text("stop", "Reason for ending it now", "It stays with the case. The trace ends at once and cannot be begun again on this grant.").Require().AtMost(casefile.MaxReference)
			x.Stop = &stop
		}
		out = append(out, x)
	}
	return out
}

func parts(t casefile.Tap) kit.Table {
	out := kit.Table{Caption: "Parts packed for the agency", Columns: kit.Columns("Packed", "Events", "Numbered up to"), Empty: "None yet: a part is packed each day, and the last when the trace has ended."}
	for _, b := range t.Batches {
		out.Rows = append(out.Rows, []any{kit.UTC(b.At), fmt.Sprint(b.Events), fmt.Sprint(b.Last)})
	}
	return out
}

func (s *console) stopTrace(d doing) (string, string, error) {
	h, err := disclosable.ParseHash(d.Request.PathValue("grant"))
	if err != nil {
		return "", "", casefile.NoCase()
	}
	reason := d.form.Need("stop", "Give the reason.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The trace is ended. What it recorded until now is packed as its last part.", "stop", s.Desk.Review.StopTrace(d.Context(), d.by.ID, d.n, h, reason)
}
