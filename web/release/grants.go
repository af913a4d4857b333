package release

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// read parses a paper's grant; what is not the grant of that hash is not shown.
func read(p door.Paper) (d.Grant, error) {
	g, err := d.ParseGrant(p.Grant)
	if err == nil && d.GrantHash(p.Grant) != p.Hash {
		err = fault.New(fault.Conflict, "read grant", "the stored grant is not the one of this address")
	}
	return g, err
}

// row is the text of law a grant names: the one the desk read, or else the one
// in force.
func (s *site) row(g d.Grant) (law.Row, bool) {
	if r, ok := s.Law.RowByHash(law.RowHash(g.LawRow)); ok && string(r.ID) == g.Process {
		return r, true
	}
	return s.Law.Row(law.ProcessID(g.Process), s.Clock.Now())
}

var kinds = map[d.GrantKind]string{d.Produce: "Hand out records", d.Notify: "Tell the person", d.KeyChange: "Change of keys", d.Preserve: "Preserve", d.Trace: "Trace"}

func state(p door.Paper) kit.Badge {
	switch {
	case p.Used:
		return kit.Badge{Tone: kit.Good, Text: "used"}
	case p.Withdrawn:
		return kit.Badge{Tone: kit.Plain, Text: "withdrawn"}
	case p.Refused != "":
		return kit.Badge{Tone: kit.Bad, Text: "refused"}
	case p.Ready() && p.Done > 0:
		return kit.Badge{Tone: kit.Good, Text: "signed, under way"}
	case p.Ready() && p.Counsel:
		return kit.Badge{Tone: kit.Good, Text: "signed by three, counsel among them"}
	case p.Ready():
		return kit.Badge{Tone: kit.Good, Text: "signed by two"}
	case p.Counsel && len(p.Signed) > 0:
		return kit.Badge{Tone: kit.Warn, Text: signedOfThree(p)}
	case len(p.Signed) == 1:
		return kit.Badge{Tone: kit.Warn, Text: "one signature of two"}
	}
	return kit.Badge{Tone: kit.Info, Text: "not signed"}
}

// signedOfThree says who is still needed for a long list.
func signedOfThree(p door.Paper) string {
	s := fmt.Sprintf("%d of three signatures", min(len(p.Signed), 3))
	if p.Lacks {
		s += ", counsel's is missing"
	}
	return s
}

func subjectOf(g d.Grant) string {
	if n := len(g.List); n > 0 {
		return fmt.Sprintf("%d accounts", n)
	}
	if g.Kind == d.KeyChange {
		return g.Key.Holder
	}
	return g.Asked
}

func (s *site) table(papers []door.Paper, caption, empty string) kit.Table {
	t := kit.Table{Caption: caption, Empty: empty, Columns: []kit.Column{{Title: "Grant"}, {Title: "What"}, {Title: "About"}, {Title: "For"}, {Title: "State"}, {Title: "Proposed"}}}
	for _, p := range papers {
		g, err := read(p)
		if err != nil {
			t.Rows = append(t.Rows, []any{kit.Code(p.Hash.String()[:12]), fault.Say(err), "", "", state(p), p.Proposed})
			continue
		}
		name := g.Case
		if name == "" {
			name = "Keys"
		}
		about := []any{subjectOf(g)}
		if g.Sealed {
			about = append(about, kit.Badge{Tone: kit.Info, Text: "sealed"})
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: name, URL: "/grants/" + p.Hash.String()}, kinds[g.Kind], kit.Group(about), g.Agency, state(p), p.Proposed})
	}
	return t
}

func (s *site) waiting(v visit) error {
	papers, err := v.set.Waiting(v.Context())
	if err != nil {
		return err
	}
	var mine, others, ready []door.Paper
	for _, p := range papers {
		switch {
		case p.Ready():
			ready = append(ready, p)
		case signedBy(p, v.holder):
			others = append(others, p)
		default:
			mine = append(mine, p)
		}
	}
	return s.page(v, http.StatusOK, "waiting.html", kit.Page{Title: "Grants waiting for signatures", Here: "/grants", Wide: true,
		Lead: "Two different people must sign. Read each one slowly: what stands there happens, nothing else.",
		Data: []kit.Table{s.table(mine, "Waiting for you", "Nothing waits for your signature."),
			s.table(others, "Signed by you, waiting for somebody else", "Nothing."), s.table(ready, "Signed by two, not used yet", "Nothing.")}})
}

func signedBy(p door.Paper, holder string) bool {
	for _, name := range p.Signed {
		if name == holder {
			return true
		}
	}
	return false
}

func (s *site) history(v visit) error {
	papers, err := v.set.History(v.Context())
	if err != nil {
		return err
	}
	return s.page(v, http.StatusOK, "history.html", kit.Page{Title: "What became of earlier grants", Here: "/history", Wide: true,
		Data: s.table(papers, "Used, refused, withdrawn and expired grants", "No grant has ended yet.")})
}

type grantData struct {
	Hash     string
	Words    kit.Facts
	Fields   kit.Table
	List     kit.Table
	Progress *kit.Progress
	Counsel  bool
	Law      kit.Facts
	Problem  string
	Marks    kit.Timeline
	State    kit.Badge
	Refused  string
	By       string
	CanSign  bool
	Lapsed   bool   // they could sign, if their training counted
	With     string // whom a tie would be with
	Open     bool
	Signed   bool
	Ceremony kit.Ceremony
}

func hashOf(r *http.Request) (d.Hash, error) {
	h, err := d.ParseHash(r.PathValue("hash"))
	if err != nil {
		return h, fault.New(fault.NotFound, "find grant", "there is no such grant")
	}
	return h, nil
}

func (s *site) grant(v visit) error {
	return s.grantPage(v, http.StatusOK, kit.NewForm(nil), nil)
}

func (s *site) grantPage(v visit, status int, f *kit.Form, problem error) error {
	hash, err := hashOf(v.Request)
	if err != nil {
		return err
	}
	p, err := v.set.Paper(v.Context(), hash)
	if err != nil {
		return err
	}
	g, err := read(p)
	if err != nil {
		return err
	}
	title := kinds[g.Kind] + ": " + subjectOf(g)
	return s.page(v, status, "grant.html", kit.Page{Title: title, Form: f, Err: problem, Here: "/grants", Trail: []kit.Link{{Text: "Grants", URL: "/grants"}},
		Lead: "This page is made from the bytes that your passkey signs.", Data: s.show(v, p, g)})
}

func (s *site) show(v visit, p door.Paper, g d.Grant) grantData {
	row, known := s.row(g)
	x := grantData{Hash: p.Hash.String(), Problem: p.Problem, State: state(p), Refused: p.Refused, By: p.RefusedBy, Signed: signedBy(p, v.holder)}
	for _, l := range g.InWords(row.Name) {
		x.Words = append(x.Words, kit.Fact{Label: l.Label, Value: l.Text})
	}
	x.Fields = kit.Table{Caption: "The fields, and what each says", Columns: []kit.Column{{Title: "Field"}, {Title: "What it says, and what it does not"}, {Title: "Class"}}}
	for _, id := range g.Fields {
		f, _ := d.FieldByID(id)
		x.Fields.Rows = append(x.Fields.Rows, []any{f.Title, f.Meaning, words.Class(law.Class(f.Class))})
	}
	x.List, x.Counsel = listTable(g), p.Counsel
	if len(g.List) > 0 && p.Full() {
		x.Progress = progress(p, g)
	}
	if known {
		x.Law = lawFacts(g, row)
	}
	for _, m := range p.Marks {
		e := kit.Event{At: m.At, Who: m.Holder, What: "Signed", Tone: kit.Good}
		if m.Demo {
			e.What = "Signed with a DEMO software key"
		}
		x.Marks = append(x.Marks, e)
	}
	x.Open = !p.Used && !p.Withdrawn && p.Refused == "" && p.Expires > s.Clock.Now().Unix()
	x.CanSign = x.Open && !x.Signed && !p.Ready() && p.Problem == ""
	x.Lapsed, x.With = x.CanSign && v.trained.IsZero(), ties(g)
	x.CanSign = x.CanSign && !x.Lapsed
	if x.CanSign {
		x.Ceremony = s.ceremony(v, p.Hash)
	}
	return x
}

// ties says with whom a holder must have none.
func ties(g d.Grant) string {
	if g.Kind == d.KeyChange {
		return g.Key.Holder
	}
	with := g.Agency
	if g.Officer != "" {
		with += ", " + g.Officer
	}
	return with + ", or whomever it is about (" + subjectOf(g) + ")"
}

// listTable shows whom a list is about: all of them, as the bytes have it.
func listTable(g d.Grant) kit.Table {
	t := kit.Table{Caption: "The accounts, each as the order names it", Columns: []kit.Column{{Title: "Place"}, {Title: "Identifier"}, {Title: "Account"}}}
	for i, x := range g.List {
		account := any("no such account")
		if !x.Account.IsZero() {
			account = kit.Code(x.Account.String())
		}
		t.Rows = append(t.Rows, []any{i + 1, x.Asked, account})
	}
	return t
}

// progress is how far a signed list is; the page says anew when it is loaded
// anew.
func progress(p door.Paper, g d.Grant) *kit.Progress {
	what := "handed out"
	if g.Kind == d.Notify {
		what = "told"
	}
	return &kit.Progress{Done: p.Done, Of: len(g.List), Text: fmt.Sprintf("%d of %d accounts %s", p.Done, len(g.List), what)}
}

func (s *site) ceremony(v visit, hash d.Hash) kit.Ceremony {
	var ids [][]byte
	for _, k := range v.keys {
		ids = append(ids, k.ID)
	}
	return kit.Ceremony{Action: "/grants/" + hash.String() + "/sign", Options: s.Site.Get(hash[:], ids...), Button: "I have no tie: sign this grant", Demo: s.Site.Demo, Hidden: map[string]string{"no_tie": "yes"},
		Explain: "Your passkey signs the hash of the grant, " + hash.String()[:16] + "…, and with it every line above."}
}

// lawFacts shows the row of law as the carrier holds it.
func lawFacts(g d.Grant, r law.Row) kit.Facts {
	var reach []string
	for _, x := range r.Reach {
		s := words.Lower(words.Class(x.Class))
		if x.Extent != law.Full {
			s += " (" + string(x.Extent) + ")"
		}
		if x.Limit != "" {
			s += ": " + x.Limit
		}
		reach = append(reach, s)
	}
	checked := "never; written from knowledge"
	if r.Checked() {
		checked = string(r.CheckedOn)
	}
	same := kit.Badge{Tone: kit.Good, Text: "the same text the desk decided by"}
	if law.RowHash(g.LawRow) != r.Hash() {
		same = kit.Badge{Tone: kit.Bad, Text: "the desk decided by another text"}
	}
	return kit.Facts{{Label: "Process", Value: r.Name}, {Label: "Text", Value: words.Citations(r.Citations)}, {Label: "Reaches", Value: strings.Join(reach, "; ")},
		{Label: "Notice", Value: r.NoticeRule.Text}, {Label: "Text checked", Value: checked}, {Label: "Compared", Value: same}}
}

func (s *site) sign(v visit) error {
	hash, err := hashOf(v.Request)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(v.Request)
	if err != nil {
		return err
	}
	a, err := passkey.ParseAssertion([]byte(f.Get("answer")))
	if err == nil && !ownKey(v, a.KeyID) {
		err = fault.New(fault.Forbidden, "sign grant", "that is not a key of yours: whoever is signed in signs")
	}
	var p door.Proposal
	if err == nil {
		p, err = v.set.Sign(v.Context(), hash, door.Word{NoTie: f.Get("no_tie") == "yes"}, a)
	}
	if again(err) {
		return s.grantPage(v, fault.KindOf(err).Status(), f, err)
	}
	if err != nil {
		return err
	}
	text := "Signed. A second person must sign too."
	switch {
	case p.Full() && p.Counsel:
		text = "Signed. Three people have signed now, counsel among them."
	case p.Full():
		text = "Signed. Two people have signed now."
	case p.Lacks && len(p.Signed) >= 2:
		text = "Signed. Counsel must sign too."
	case p.Counsel:
		text = "Signed. Three people must sign, counsel among them."
	}
	return s.kit.Done(v.ResponseWriter, v.Request, "/grants/"+hash.String(), kit.Good, text)
}

func ownKey(v visit, id []byte) bool {
	for _, k := range v.keys {
		if string(k.ID) == string(id) {
			return true
		}
	}
	return false
}

// again reports errors that are shown above the same page.
func again(err error) bool {
	switch fault.KindOf(err) {
	case fault.Internal, fault.NotFound, fault.Withheld:
		return false
	}
	return err != nil
}

func (s *site) refuse(v visit) error {
	return s.withText(v, "reason", "Say why you refuse; the desk reads it", v.set.Refuse, "Refused. Nothing will be handed out for this grant.")
}

// withText does with a grant what takes a text by the holder, and says so.
func (s *site) withText(v visit, field, missing string, act func(context.Context, string, d.Hash, string) error, done string) error {
	hash, err := hashOf(v.Request)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(v.Request)
	if err != nil {
		return err
	}
	if f.Need(field, missing); !f.OK() {
		return s.grantPage(v, http.StatusBadRequest, f, nil)
	}
	err = act(v.Context(), v.holder, hash, f.Get(field))
	if again(err) {
		return s.grantPage(v, fault.KindOf(err).Status(), f, err)
	}
	if err != nil {
		return err
	}
	return s.kit.Done(v.ResponseWriter, v.Request, "/grants/"+hash.String(), kit.Plain, done)
}
