package demand

import (
	"strings"

	"letterlock/desk/casefile"
	"letterlock/web/kit"
)

// preserved asks for the preservation that a request renews, or whose snapshot
// it is about.
func (a asker) preserved(renewal bool) kit.Field {
	hint := "Only if records were preserved for you before: our case number of it. Then the snapshot of that day can answer, even if the account is no more."
	if renewal {
		hint = "Only to renew a preservation: our case number of it."
	}
	return a.f.Text("preserved", "Preserved before", hint).AtMost(20)
}

func readPreserved(f *kit.Form, d *casefile.Demand) {
	text := strings.ToUpper(strings.TrimSpace(f.Get("preserved")))
	d.Preserved = ""
	if text == "" {
		return
	}
	n, err := casefile.ParseNumber(text)
	if err != nil {
		f.Bad("preserved", "A case number looks like LL-2026-000017.")
		return
	}
	d.Preserved = n
}
