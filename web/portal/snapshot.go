package portal

import (
	"net/http"

	"letterlock/desk/agency"
	"letterlock/desk/intake"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/web/kit"
)

// keptFacts is what is preserved in a request, and until when.
func keptFacts(t *lang.Tongue, v intake.View) (out []kit.Facts) {
	for _, k := range v.Kept {
		f := kit.Facts{{Label: "Identifier", Value: v.Demand.Targets[k.Target].Identifier}, {Label: "Snapshot of", Value: kit.Stamp(k.At)}}
		if k.Ended.IsZero() {
			f = append(f, kit.Fact{Label: "Kept until", Value: kit.Stamp(k.Until)})
		} else {
			f = append(f, kit.Fact{Label: "Destroyed", Value: kit.Stamp(k.Ended)})
		}
		if k.Renews != "" {
			f = append(f, kit.Fact{Label: "Renews", Value: string(k.Renews)})
		}
		if k.RenewedBy != "" {
			f = append(f, kit.Fact{Label: "Renewed by", Value: string(k.RenewedBy)})
		}
		var fields []string
		for _, g := range k.Fields {
			fields = append(fields, t.T(titleOf(g)))
		}
		out = append(out, append(f, kit.Fact{Label: "Fields", Value: t.List(fields)}))
	}
	return out
}

// renew opens a draft that asks for the preservation to be kept on.
func (p *portal) renew(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	d, err := p.c.Intake.Renew(r.Context(), o.ID, n)
	if err != nil {
		return err
	}
	return p.kit.Done(w, r, "/drafts/"+string(d.ID), kit.Info, "This asks to renew the preservation. It is a request of its own: check it, add your renewed letter, and send it.")
}

func titleOf(id disclosable.FieldID) string {
	f, _ := disclosable.FieldByID(id)
	return f.Title
}
