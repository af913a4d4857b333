package demand_test

import (
	"net/url"
	"reflect"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// FuzzRead: what a form says is read, or the form says what is wrong; and what
// is read is shown again as it was read.
func FuzzRead(f *testing.F) {
	f.Add("us.order.2703d", "case_ref=1:26-mj-118&issued=2026-11-20&from=2026-09-20&until=2026-11-19&targets=%2B12025550142&want_BSI=name&gag=order&gag_end=2027-01-01&gag_grounds=2705(b)(2)&p_judge=Hon.+A.+Stone&signed=yes")
	f.Add("us.emergency", "e_nature=kidnapping&deadline=2026-11-23T15:00&targets=%2B12025550142&want_BSI=last_ip")
	f.Add("eu.epoc.traffic", "offence=fraud&offence_years=3&offence_entry=terrorism&validator=x&until=2026-01-01&from=2026-02-01")
	f.Add("us.preservation", "keep_until=2027-02-01&preserved=LL-2026-000001&targets=a%0Ab%0A192.0.2.1+2026-11-23+03:15+UTC")
	f.Add("gb.ipa", "targets=%00&issued=9999-99-99&offence_years=-1")
	table := law.Default()
	f.Fuzz(func(t *testing.T, process, body string) {
		row, ok := table.Row(law.ProcessID(process), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
		values, err := url.ParseQuery(body)
		if !ok || err != nil {
			return
		}
		form := kit.NewForm(values)
		d := demand.Read(form, casefile.Demand{}, row, table)
		if !form.OK() {
			for _, e := range form.Errors() {
				if e.Text == "" {
					t.Fatalf("%s is wrong, and nothing is said", e.Name)
				}
			}
			return
		}
		shown := kit.NewForm(demand.Values(d, row))
		again := demand.Read(shown, casefile.Demand{}, row, table)
		if !shown.OK() || !reflect.DeepEqual(again, d) {
			t.Fatalf("read %+v\nshown again %+v %v", d, again, shown.Errors())
		}
	})
}
