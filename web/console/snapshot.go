package console

import (
	"strconv"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// snapshotView is a snapshot that could answer for a target.
type snapshotView struct {
	Says  string
	Taken string
}

// snapshots says what is kept of a target, and what was chosen to answer.
func (x *targetView) snapshots(v view, target int) {
	for _, k := range v.Case.Kept {
		if k.Target != target {
			continue
		}
		s := "A snapshot of " + kit.UTC(k.At) + " is kept until " + kit.UTC(k.Until) + "."
		switch {
		case !k.Ended.IsZero():
			s = "A snapshot of " + kit.UTC(k.At) + " was destroyed on " + kit.UTC(k.Ended) + "."
		case k.Renews != "":
			s += " It was taken in case " + string(k.Renews) + " and renewed here."
		case k.RenewedBy != "":
			s += " It was renewed by case " + string(k.RenewedBy) + "."
		}
		x.Kept = append(x.Kept, s)
	}
	if s, ok := v.Case.Sources[target]; ok {
		x.Source = "today’s record"
		if s.Case != "" {
			x.Source = "the snapshot of " + kit.UTC(s.At) + ", preserved in case " + string(s.Case)
			if s.Today {
				x.Source += ", and today’s record"
			}
		}
	}
	if !v.may() || v.over() || v.proposed() {
		return
	}
	for _, s := range v.Snapshots {
		if s.Target == target {
			x.Snapshots = append(x.Snapshots, snapshotView{Says: "There is a snapshot of " + kit.UTC(s.At) + ", preserved in case " + string(s.Case) + " and kept until " + kit.UTC(s.Until) + ".", Taken: s.Taken.String()})
		}
	}
}

func (s *console) snapshotChosen(d doing) (string, string, error) {
	target, err := strconv.Atoi(d.PathValue("i"))
	if err != nil {
		return "", "", fault.New(fault.NotFound, "choose snapshot", "the request has no such identifier")
	}
	var taken disclosable.Hash
	from := d.form.Get("from")
	if from != "today" {
		if taken, err = disclosable.ParseHash(d.form.Get("taken")); err != nil {
			return "", "", fault.New(fault.Invalid, "choose snapshot", "choose one of the snapshots on the page")
		}
	}
	said := map[string]string{"today": "Today’s record answers.", "both": "The snapshot and today’s record both answer.", "snapshot": "The snapshot answers."}[from]
	if said == "" {
		return "", "", fault.New(fault.Invalid, "choose snapshot", "choose from which record it is answered")
	}
	why, field := d.why("snapshot/" + strconv.Itoa(target))
	if !d.form.OK() {
		return "", "", nil
	}
	return said, field, s.Desk.Review.ChooseSnapshot(d.Context(), d.by.ID, d.n, target, taken, from == "both", why)
}
