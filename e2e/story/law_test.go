package story

import (
	"bytes"
	"testing"

	"letterlock/law"
)

func TestTheLawFileUnlocksWhatTheStoryNeeds(t *testing.T) {
	o, err := law.LoadOverrides(bytes.NewReader(approvals()))
	if err != nil {
		t.Fatal(err)
	}
	table, err := law.Default().With(o)
	if err != nil {
		t.Fatal(err)
	}
	at := law.Date("2026-11-23").Time()
	for _, id := range []law.ProcessID{"us.order.2703d", "us.subpoena.gj", "us.warrant.search", "us.emergency"} {
		row, ok := table.Row(id, at)
		if u := row.Unlocks(law.Approvals{Counsel: o.Approvals}, at); !ok || !u.OK {
			t.Errorf("%s does not unlock: %s", id, u.Why)
		}
	}
}
