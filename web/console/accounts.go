package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/web/kit"
)

// All accounts of a request on pages of their own, and as one file.

func (s *console) accountRoutes(in router) {
	in("GET /cases/{n}/accounts", casefile.OpenCases, s.accounts)
	in("GET /cases/{n}/accounts.csv", casefile.OpenCases, s.accountsFile)
}

// accountsAtOnce is how many accounts a page has.
const accountsAtOnce = 200

var accountTones = map[casefile.Account]kit.Tone{casefile.AccountFound: kit.Info, casefile.AccountReleased: kit.Good, casefile.AccountNarrowed: kit.Warn, casefile.AccountLost: kit.Bad}

// fitting are the accounts that an address asks for, of those of a case.
func (s *console) fitting(r *http.Request, m staff.Member) (view, *kit.Form, []casefile.AccountState, error) {
	n, err := number(r)
	if err != nil {
		return view{}, nil, nil, err
	}
	v, err := s.view(r.Context(), m, n)
	if err != nil {
		return view{}, nil, nil, err
	}
	f := kit.NewForm(r.URL.Query())
	find, state, wanted := f.Get("find"), casefile.Account(f.Get("state")), len(v.Case.Demand.Wanted)
	return v, f, slices.DeleteFunc(v.Case.AccountStates(), func(a casefile.AccountState) bool {
		return find != "" && !a.Fits(find) || state != "" && a.Word(wanted) != state
	}), nil
}

func (s *console) accounts(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	v, f, all, err := s.fitting(r, m)
	if err != nil {
		return err
	}
	at, wanted := caseURL(v.Case.Number)+"/accounts", len(v.Case.Demand.Wanted)
	turn := kit.Turning(at, r.URL.Query(), len(all), accountsAtOnce)
	t := kit.Table{Caption: "Accounts, in the order of the request", Columns: kit.Columns("No.", "As it was asked for", "State", "Looked up", "Released", "Person told"), Empty: "No account fits."}
	for _, a := range all[turn.From:turn.Until] {
		word := a.Word(wanted)
		state := kit.Group{kit.Badge{Tone: accountTones[word], Text: string(word)}}
		if len(a.Left) > 0 && word != casefile.AccountNarrowed {
			state = append(state, "left out: "+titles(a.Left))
		}
		t.Rows = append(t.Rows, []any{a.Number, a.Name, state, stampOr(a.Looked), stampOr(a.Released), stampOr(a.Told)})
	}
	o := []kit.Option{{Value: "", Text: "any"}}
	for _, x := range casefile.Accounts {
		o = append(o, kit.Option{Value: string(x), Text: string(x)})
	}
	return s.show(w, r, m, http.StatusOK, "accounts.html", kit.Page{Title: "Accounts of " + string(v.Case.Number), Here: begins(m).URL, Form: f, Wide: true,
		Trail: []kit.Link{begins(m), {Text: string(v.Case.Number), URL: caseURL(v.Case.Number)}}, Data: struct {
			At, File string
			Filter   []kit.Field
			Count    string
			Table    kit.Table
			Turn     kit.Turn
		}{at, at + ".csv?" + r.URL.Query().Encode(), []kit.Field{f.Search("find", "Number or identifier", "Or a part of it; #120 is the hundred and twentieth of the request."), f.Select("state", "State", "", o)},
			kit.Plural(len(all), "account fits", "accounts fit"), t, turn}})
}

func stampOr(t time.Time) any {
	if t.IsZero() {
		return "–"
	}
	return kit.Stamp(t)
}

func titles(all []casefile.Item) string {
	var s []string
	for _, i := range all {
		s = append(s, i.Title())
	}
	return strings.Join(s, ", ")
}

func (s *console) accountsFile(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	v, _, all, err := s.fitting(r, m)
	if err != nil {
		return err
	}
	hand(w, "attachment", string(v.Case.Number)+"-accounts.csv", "text/csv; charset=utf-8", -1)
	return casefile.WriteAccounts(w, all, func(a casefile.AccountState) string { return string(a.Word(len(v.Case.Demand.Wanted))) }, "number", "account", "state", "released")
}
