package portal

import (
	"net/http"
	"slices"
	"strconv"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/lang"
	"letterlock/web/kit"
)

// The accounts of a long request, as far as its agency may know of them.

// accountsAtOnce is how many accounts a page has.
const accountsAtOnce = 200

// accountWord is where an account stands, in words of the agency's pages.
func accountWord(a casefile.AccountState, wanted int) (kit.Tone, string) {
	switch a.Word(wanted) {
	case casefile.AccountReleased:
		return kit.Good, "records in the answer"
	case casefile.AccountNothing:
		return kit.Plain, "nothing held that was asked for"
	case casefile.AccountNone:
		return kit.Plain, "no account"
	case casefile.AccountNarrowed:
		return kit.Warn, "left out by the decision"
	case casefile.AccountLost:
		return kit.Bad, "destroyed unread: ask us"
	}
	return kit.Info, "not answered yet"
}

func (p *portal) fitting(r *http.Request, o agency.Officer) (casefile.Number, []casefile.AccountState, int, error) {
	n, err := number(r)
	if err != nil {
		return "", nil, 0, err
	}
	all, wanted, err := p.c.Intake.Accounts(r.Context(), o.Actor(), n)
	find := r.URL.Query().Get("find")
	return n, slices.DeleteFunc(all, func(a casefile.AccountState) bool { return find != "" && !a.Fits(find) }), wanted, err
}

func (p *portal) accounts(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, all, wanted, err := p.fitting(r, o)
	if err != nil {
		return err
	}
	f := p.form(r, nil)
	f.Values = r.URL.Query()
	at := "/requests/" + string(n)
	turn := kit.Turning(at+"/accounts", r.URL.Query(), len(all), accountsAtOnce)
	t := kit.Table{Caption: "Accounts, in the order of the request", Columns: []kit.Column{{Title: "No."}, {Title: "As you asked for it"}, {Title: "State"}}, Empty: "No account fits."}
	for _, a := range all[turn.From:turn.Until] {
		tone, word := accountWord(a, wanted)
		t.Rows = append(t.Rows, []any{a.Number, lang.Quote{Text: a.Name}, kit.Badge{Tone: tone, Text: word}})
	}
	return p.show(w, r, o, http.StatusOK, "accounts.html", kit.Page{Title: f.T("Accounts of request %s", n), Form: f, Trail: []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: string(n), URL: at}},
		Data: struct {
			At, File string
			Find     kit.Field
			Table    kit.Table
			Turn     kit.Turn
		}{at + "/accounts", at + "/accounts.csv", f.Search("find", "Number or identifier", "Or a part of it; #120 is the hundred and twentieth of the request."), t, turn}})
}

// accountsFile is the whole list, written account by account.
func (p *portal) accountsFile(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, all, wanted, err := p.fitting(r, o)
	if err != nil {
		return err
	}
	tongue := p.form(r, nil).Tongue()
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename="+strconv.Quote(string(n)+"-accounts.csv"))
	h.Set("Cache-Control", "no-store")
	return casefile.WriteAccounts(w, all, func(a casefile.AccountState) string {
		_, word := accountWord(a, wanted)
		return tongue.T(word)
	}, "number", "account", "state", "released")
}
