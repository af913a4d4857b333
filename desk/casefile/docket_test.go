package casefile_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"letterlock/desk/casefile"
	"letterlock/law"
)

func TestADocketIsFoundHoweverItIsSpelled(t *testing.T) {
	for _, s := range []string{"1:26-mj-00118", "No. 1:26 MJ 00118", "Case No. 1:26/mj/00118", "№ 1:26-MJ-00118", " 1 : 26 - mj - 00118 ", "１:26-mj-00118"} {
		if casefile.Docket(s) != "126mj00118" {
			t.Errorf("%q is %q", s, casefile.Docket(s))
		}
	}
	for _, s := range []string{"1:26-mj-00119", "2:26-mj-00118", ""} {
		if casefile.Docket(s) == "126mj00118" {
			t.Errorf("%q is taken for another", s)
		}
	}
	if casefile.Docket("No.") == "" || casefile.Docket("Case") == casefile.Docket("No.") {
		t.Error("a number made of such words only is none")
	}
}

// TestTheSameDemandByAnyWay: whatever way a demand comes by and however its
// docket is spelled, it is found as the same; another docket, target or process
// is another.
func TestTheSameDemandByAnyWay(t *testing.T) {
	channels := []law.Channel{law.ChannelPortal, law.ChannelAPI, law.ChannelMailbox, law.ChannelMail, law.ChannelAgent, law.ChannelPhone}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[0-9]{1,4}`), 2, 4).Draw(t, "docket")
		spell := func(name string) string {
			return rapid.SampledFrom([]string{"", "No. ", "no ", "Case No. ", "№"}).Draw(t, name+" word") + strings.Join(parts, rapid.SampledFrom([]string{"-", "/", " ", " - ", ":", "."}).Draw(t, name+" joint"))
		}
		demand := func(name string) casefile.Demand {
			return casefile.Demand{Process: "us.order.2703d", Agency: "a1", CaseRef: spell(name), Reference: name, Channel: rapid.SampledFrom(channels).Draw(t, name+" way"),
				Targets: []casefile.Target{{Kind: law.TargetPhone, Identifier: "+12025550142"}}}
		}
		a, b := demand("first"), demand("second")
		if a.SameAs() != b.SameAs() {
			t.Fatalf("%q by %s and %q by %s are not found as the same", a.CaseRef, a.Channel, b.CaseRef, b.Channel)
		}
		for what, change := range map[string]func(*casefile.Demand){"docket": func(d *casefile.Demand) { d.CaseRef += "7" }, "process": func(d *casefile.Demand) { d.Process = "us.subpoena.gj" },
			"target": func(d *casefile.Demand) {
				d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: "+12025550143"}}
			}, "agency": func(d *casefile.Demand) { d.Agency = "a2" }} {
			c := b
			change(&c)
			if c.SameAs() == a.SameAs() {
				t.Fatalf("another %s is taken for the same", what)
			}
		}
	})
}
