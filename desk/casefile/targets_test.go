package casefile_test

import (
	"fmt"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

func TestAListOfIdentifiersIsReadLineByLine(t *testing.T) {
	const id = "0b6c8f6e-0000-4000-8000-00000000abcd"
	for name, c := range map[string]struct {
		text string
		want string
		bad  string
	}{
		"lines":              {"+1 202 555 0142\n\n " + strings.ToUpper(id) + " \r\nA@Example.org", "+12025550142 " + id + " a@example.org", ""},
		"twice":              {"+12025550142\n+1 (202) 555-0142", "+12025550142", ""},
		"a column by name":   {"note,Phone\nseller,+1 202 555 0142\nbuyer,+1 202 555 0143\n", "+12025550142 +12025550143", ""},
		"semicolons":         {"\ufefftelephone;name\n+1 202 555 0142;\"Reyes; D.\"", "+12025550142", ""},
		"no title":           {"+12025550142,seller", "+12025550142", ""},
		"two on a line":      {"+12025550142, +12025550143", "+12025550142 +12025550143", ""},
		"bad lines are told": {"+12025550142\n12\n+1 202 555 0143\n" + strings.Repeat("x", 300), "+12025550142 +12025550143", "2 4"},
		"an address":         {"192.0.2.7 2026-11-23 03:15 UTC\n192.0.2.8 soon", "192.0.2.7", "2"},
		"nothing":            {" \n", "", ""},
	} {
		got, bad, err := casefile.ReadTargets(c.text)
		var ids, lines []string
		for _, x := range got {
			ids = append(ids, x.Identifier)
		}
		for _, b := range bad {
			lines = append(lines, fmt.Sprint(b.Line))
			if b.Say == "" || !strings.Contains(fault.Say(b.Fault()), fmt.Sprint(b.Line)) {
				t.Errorf("%s: line %d says nothing", name, b.Line)
			}
		}
		if err != nil || strings.Join(ids, " ") != c.want || strings.Join(lines, " ") != c.bad {
			t.Errorf("%s: %v, bad %v, %v", name, ids, bad, err)
		}
	}
}

func TestTenThousandIdentifiersAndNotOneMore(t *testing.T) {
	var b strings.Builder
	for i := range casefile.MaxTargets {
		fmt.Fprintf(&b, "+1202%07d\n", i)
	}
	got, bad, err := casefile.ReadTargets(b.String())
	if err != nil || len(bad) != 0 || len(got) != 10_000 || got[9999].Kind != law.TargetPhone {
		t.Fatalf("%d read, %d bad, %v", len(got), len(bad), err)
	}
	b.WriteString("+12125550100\n")
	if _, _, err := casefile.ReadTargets(b.String()); !fault.Is(err, fault.TooLarge) {
		t.Errorf("one more: %v", err)
	}
}
