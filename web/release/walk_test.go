package release_test

import (
	"testing"

	"letterlock/internal/testkit/walk"
)

// TestEveryPageOfTheReleaseSiteInARealBrowser walks the site of the key holders
// with the accessibility checker; a key holder enrols, signs in, reads and
// signs by keyboard alone.
func TestEveryPageOfTheReleaseSiteInARealBrowser(t *testing.T) {
	w := newWorld(t)
	w.links["browser"], w.links["other"] = "Eve Lund", "Fay Moss"
	b := walk.Start(t, w.serve(t), "release")
	out := []walk.Page{{Name: "signin", Path: "/", Heading: "Sign in"}, {Name: "enrol", Path: "/enrol/other", Heading: "Enrol your release key"}}
	in := []walk.Page{{Name: "waiting", Path: "/grants", Heading: "Grants waiting"}, {Name: "grant", Path: "/grants/" + w.grant.String(), Heading: "Hand out records"},
		{Name: "history", Path: "/history", Heading: "earlier grants"}, {Name: "keys", Path: "/keys", Heading: "Who may sign"}, {Name: "training", Path: "/training", Heading: "Your yearly training"}, {Name: "missing", Path: "/grants/short", Brief: true}}
	walk.Complete(t, append(out, in...))
	b.Pages(out...)
	b.Open("/enrol/browser")
	b.Tabs("Enrol a passkey for Eve Lund")
	b.Enter("Sign in")
	b.Says("Your release key is enrolled")
	b.Tabs("Sign in with your release key")
	b.Enter("Grants waiting")
	b.Pages(in...)
	b.Open("/grants")
	b.Enters("LL-2026-000017", "Hand out records")
	b.Says("+15550100123")
	b.Tabs("I have no tie: sign this grant")
	b.Enter("Hand out records")
	b.Says("A second person must sign too")
	if got := w.papers[w.grant].Signed; len(got) != 1 || got[0] != "Eve Lund" {
		t.Errorf("signed by %v", got)
	}
	b.Report()
}
