package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/walk"
)

// tenThousand is a request for 10,000 accounts, of which one exists.
func (w *world) tenThousand() casefile.Demand {
	d := w.many(10_000)
	for i := range d.Targets {
		d.Targets[i].Identifier = fmt.Sprintf("+1303%07d", 4_000_000+i)
	}
	d.Targets[120].Identifier = "+12025550142"
	return d
}

// TestAllAccountsOfALongListAreOnPages: 10,000 accounts in parts of 200, found by
// number and by state, each with where it stands, and as one file.
func TestAllAccountsOfALongListAreOnPages(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.tenThousand())
	a := w.analyst
	says(t, a.press(a.get(path(n)), "Assign", "to", string(a.id)), 200, "Assigned.")
	says(t, a.press(a.get(path(n)), "I have no tie"), 200, "Recorded: you have no tie")
	says(t, a.get(path(n)), 200, "All accounts and where each stands")
	at := path(n) + "/accounts"
	p := a.get(at)
	says(t, p, 200, "10000 accounts fit; page 1 of 50", "not looked up", "+13034000199", "Those after")
	silent(t, p, "+13034000200", "Those before")
	says(t, a.get(at+"?page=50"), 200, "page 50 of 50", "+13034009999", "Those before")
	says(t, a.get(at+"?page=9999"), 200, "page 50 of 50")
	w.ok(second(w.desk.Review.LookUpAll(t.Context(), a.id, n, "the list")))
	for range 25 {
		w.pass(time.Minute)
	}
	says(t, a.get(at+"?find=202+555-0142"), 200, "1 account fits", "has an account", "121 +12025550142")
	says(t, a.get(at+"?find=%23121"), 200, "1 account fits", "+12025550142")
	says(t, a.get(at+"?find=nobody"), 200, "0 accounts fit", "No account fits.")
	says(t, a.get(at+"?state=has+an+account"), 200, "1 account fits", "+12025550142")
	says(t, a.get(at+"?state=has+no+account"), 200, "9999 accounts fit; page 1 of 50")
	next := a.get(at + "?state=has+no+account&page=2")
	says(t, next, 200, "9999 accounts fit; page 2 of 50")
	if !slices.ContainsFunc(next.Links(""), func(l string) bool {
		return strings.Contains(l, "page=3") && strings.Contains(l, "state=has+no+account")
	}) {
		t.Error("the way on forgets what was asked for")
	}
	file := a.get(path(n) + "/accounts.csv")
	if lines := strings.Count(string(file.Body), "\n"); file.Status != 200 || lines != 10_001 || !strings.Contains(string(file.Body), "121,+12025550142,has an account,") {
		t.Errorf("%d lines of the file: %s", lines, first(file))
	}
	if part := a.get(path(n) + "/accounts.csv?state=has+an+account"); strings.Count(string(part.Body), "\n") != 2 {
		t.Errorf("a part of the file: %s", part.Body)
	}
	says(t, w.stranger("").get(at), 200, "Sign in")
	w.walkAccounts(n)
}

func second[T any](_ T, err error) error { return err }

// walkAccounts looks at the page by axe and by keyboard.
func (w *world) walkAccounts(n casefile.Number) {
	w.Helper()
	h := walk.Start(w.T, w.url, "console")
	h.As(w.analyst.b.Client.Jar)
	h.Pages(walk.Page{Name: "accounts", Path: path(n) + "/accounts?state=has+an+account"}, walk.Page{Name: "accounts-long", Path: path(n) + "/accounts?page=2"})
	h.Report()
}
