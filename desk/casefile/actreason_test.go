package casefile_test

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
)

// counting is a ledger that counts what it keeps.
type counting int

func (c *counting) Keep(context.Context, casefile.Record) ([]byte, error) { *c++; return nil, nil }
func (c *counting) Journal(casefile.Record)                               { *c++ }

// free are the acts outside a case for which a person owes no reason. It is
// written out here so that nobody adds one in passing.
var free = []string{
	"law.file", "member.drilled", "member.first", "paper.malware", "second.committed", // a machine's, or the clock's
	"member.keyed", "officer.invited", "officer.keyed", "officer.language", "officer.recipient", "officer.unkeyed", // their own way in
	"openings.handed", // the reason stands in the openings
}

// TestEveryActOutsideACaseNeedsAReason walks every kind of act there is, and an
// act that the table does not know.
func TestEveryActOutsideACaseNeedsAReason(t *testing.T) {
	var ledger counting
	acts := casefile.Acts{Ledger: &ledger, Clock: clock.System}
	keep := func(kind string, by casefile.Actor, why string) error {
		return acts.Keep(t.Context(), kind, by, "whom", why, nil)
	}
	for kind, none := range casefile.ActReasons {
		if (none != "") != slices.Contains(free, kind) {
			t.Errorf("%s: a person owes no reason: %q", kind, none)
		}
		for _, by := range []casefile.Actor{casefile.Member("m", "Ines Okafor"), casefile.Officer("o", "Olivia Reyes")} {
			for _, why := range []string{"", " \t\n", strings.Repeat("x", casefile.MaxReason+1)} {
				before := ledger
				err := keep(kind, by, why)
				if refused := fault.Is(err, fault.Invalid); refused != (none == "") || refused != (ledger == before) {
					t.Errorf("%s by a %s for %.10q: %v, recorded %v", kind, by.Kind, why, err, ledger != before)
				}
			}
			if err := keep(kind, by, "because"); err != nil {
				t.Errorf("%s by a %s is refused with a reason: %v", kind, by.Kind, err)
			}
		}
		if err := keep(kind, casefile.TheClock, ""); err != nil {
			t.Errorf("%s by the clock: %v", kind, err)
		}
	}
	if err := keep("member.promoted", casefile.TheClock, "because"); !fault.Is(err, fault.Conflict) {
		t.Error("an act that the table does not know:", err)
	}
}

var (
	kept  = regexp.MustCompile(`[aA]cts\.(?:Keep|Journal)\(([^\n]*)`)
	named = regexp.MustCompile(`"((?:member|cleared|officer|agency|system|cut|rule|exercise|law|list|clock|second)\.[a-z.]+|cut)"`)
)

// TestTheTableOfActsIsWhole reads the desk's source: what is kept or journalled
// there stands in the table, and what stands in the table is done somewhere.
func TestTheTableOfActsIsWhole(t *testing.T) {
	var source strings.Builder
	calls := 0
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || filepath.Base(p) == "actreason.go" {
			return err
		}
		b, err := os.ReadFile(p)
		for _, m := range kept.FindAllStringSubmatch(string(b), -1) {
			calls++
			for _, n := range named.FindAllStringSubmatch(m[1], -1) {
				if _, ok := casefile.ActReasons[n[1]]; !ok {
					t.Errorf("%s records %q, of which the table knows nothing", p, n[1])
				}
			}
		}
		source.Write(b)
		return err
	})
	if err != nil || calls < 25 {
		t.Fatalf("%d calls were found: %v", calls, err)
	}
	for _, kind := range slices.Sorted(maps.Keys(casefile.ActReasons)) {
		if !strings.Contains(source.String(), `"`+kind+`"`) {
			t.Errorf("%q is done nowhere", kind)
		}
	}
}
