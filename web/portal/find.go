package portal

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// What can I get with what: an answer before anyone signs in or writes a
// request. The question is the address, so that a colleague can be sent it.

const (
	executed law.ProcessID = "us.mlat.in" // another country's request, which no officer of this one begins
)

// And those that name no country, or no paper.
const (
	elsewhere = "ZZ"   // a country that the table has no name of
	noPaper   = "none" // which paper would it take?
)

// question is what the address asks.
type question struct {
	Country law.Jurisdiction
	Hold    string
	Want    []law.Class
}

func (q question) url() string {
	v := url.Values{"country": {string(q.Country)}, "hold": {q.Hold}}
	for _, c := range q.Want {
		v.Add("want", string(c))
	}
	return "/find?" + v.Encode() + "#answer"
}

// with is the same question about another paper.
func (q question) with(id law.ProcessID) question { q.Hold = string(id); return q }

// finder is what the page shows.
type finder struct {
	Country, Want kit.Field
	HoldError     string
	NoPaper       bool
	Regions       []region
	Answer        *answer
	Emergency     string // address of the question for an emergency
}

// answer is what the page says about a question.
type answer struct {
	Row     *law.Row // nil: no paper was named
	Callout kit.Callout
	Table   kit.Table
	Facts   kit.Facts
	Needs   []need
	Start   bool // a request with this paper is the next step
	Others  []other
	Channel string
	Proof   bool // something does not exist
}

// other is another paper that reaches what this one does not.
type other struct {
	Row     law.Row
	Reaches string
	Badge   kit.Badge
	URL     string
}

func (p *portal) find(w http.ResponseWriter, r *http.Request) error {
	t := p.kit.Tongue(r)
	if o, ok := p.whoAsks(r); ok {
		r = p.kit.Speak(r, o.Language)
		t = p.kit.Tongue(r)
	}
	f := p.form(r, r.URL.Query())
	asked := len(f.All("country"))+len(f.All("hold"))+len(f.All("want")) > 0
	q := p.question(f, asked)
	if q.Country == "" {
		q.Country = p.ownCountry(r)
		f.Values.Set("country", string(q.Country))
	}
	d := finder{Country: f.Select("country", "Country of your authority", "The country under whose law the paper is issued.", p.countries(t)).Require(), NoPaper: q.Hold == noPaper,
		Want:    f.Checks("want", "What do you want to know?", "Choose as many as you like.", wantChoices()).Require(),
		Regions: p.regions(t, q.Country, law.ProcessID(q.Hold)), Emergency: question{Country: cmp.Or(q.Country, "US"), Hold: string(law.Emergency), Want: []law.Class{law.BSI}}.url()}
	status := http.StatusOK
	for _, e := range f.Errors() {
		status = http.StatusBadRequest
		if e.Name == "hold" {
			d.HoldError = e.Text
		}
	}
	if asked && f.OK() {
		var err error
		if d.Answer, err = p.answerTo(r.Context(), t, q); err != nil {
			return err
		}
	}
	return p.open(w, r, status, "find.html", kit.Page{Title: "What can I get with what?", Here: "/find", Form: f,
		Lead: "Say what you hold and what you want. The answer comes at once, with the text of the law; nothing is kept, and you need not sign in.", Data: d})
}

// whoAsks is the officer of a session, if there is one.
func (p *portal) whoAsks(r *http.Request) (agency.Officer, bool) {
	s, err := p.sessions.Of(r)
	if err != nil {
		return agency.Officer{}, false
	}
	o, err := p.c.Agency.Active(r.Context(), casefile.OfficerID(s.Who))
	return o, err == nil
}

// ownCountry is the country of whoever is signed in.
func (p *portal) ownCountry(r *http.Request) law.Jurisdiction {
	o, ok := p.whoAsks(r)
	if !ok {
		return ""
	}
	a, err := p.c.Agency.Agency(r.Context(), o.Agency)
	if err != nil {
		return ""
	}
	country, _, _ := strings.Cut(string(a.Country), "-")
	return law.Jurisdiction(country)
}

// question reads the address. What is missing or unknown is noted, if
// something was asked at all.
func (p *portal) question(f *kit.Form, asked bool) question {
	q := question{Country: law.Jurisdiction(f.Get("country")), Hold: f.Get("hold")}
	if q.Country != elsewhere && !slices.Contains(law.Countries(), q.Country) {
		q.Country = ""
	}
	if _, ok := p.c.Law.Row(law.ProcessID(q.Hold), p.c.Clock.Now()); !ok && q.Hold != noPaper {
		q.Hold = ""
	}
	for _, c := range intake.Findable {
		if slices.Contains(f.All("want"), string(c)) {
			q.Want = append(q.Want, c)
		}
	}
	if !asked {
		return q
	}
	if q.Country == "" {
		f.Bad("country", "Choose the country of your authority. If it is not in the list, choose “Another country”.")
	}
	if q.Hold == "" {
		f.Bad("hold", "Choose the paper that you hold, or “I have no paper yet”.")
	}
	if len(q.Want) == 0 {
		f.Bad("want", "Choose at least one kind of data.")
	}
	return q
}

// countries are the choices of a country, by name in the reader's language.
func (p *portal) countries(t *lang.Tongue) []kit.Option {
	var out []kit.Option
	for _, c := range law.Countries() {
		out = append(out, kit.Option{Value: string(c), Text: p.c.Law.PlaceName(c)})
	}
	slices.SortFunc(out, func(a, b kit.Option) int { return strings.Compare(t.T(a.Text), t.T(b.Text)) })
	return append(append([]kit.Option{{Value: "", Text: "Choose"}}, out...), kit.Option{Value: elsewhere, Text: "Another country"})
}

// wantChoices are the kinds of data, in plain words.
func wantChoices() []kit.Option {
	var out []kit.Option
	for _, c := range intake.Findable {
		out = append(out, kit.Option{Value: string(c), Text: wantTitle(c), Hint: wantHint(c)})
	}
	return out
}

// answerTo is the answer to a whole question.
func (p *portal) answerTo(ctx context.Context, t *lang.Tongue, q question) (*answer, error) {
	if q.Hold == noPaper {
		return p.whichPaper(t, q), nil
	}
	row, _ := p.c.Law.Row(law.ProcessID(q.Hold), p.c.Clock.Now())
	pending, err := p.pending(ctx, row)
	if err != nil {
		return nil, err
	}
	got := p.gotten(row, q)
	said := row.In(t)
	a := &answer{Row: &said, Callout: summary(t, got, p.c.Law.Binds(row, q.Country), p.c.Law.PlaceName(q.Country)), Table: p.gotTable(t, row, got, pending),
		Facts: p.rowFacts(t, said, pending), Needs: p.needs(t, row), Proof: among(got, intake.GetsAbsent)}
	if pending && some(got) {
		a.Callout = pendingCallout()
	}
	a.Start = some(got) || among(got, intake.GetsOpen)
	missed := left(got)
	a.Others = p.others(t, q, missed)
	if len(missed) > 0 && len(a.Others) == 0 || row.ID == law.UseMLAT {
		a.Channel = p.channel(t, q.Country)
	}
	return a, nil
}

// whichPaper answers who has no paper yet.
func (p *portal) whichPaper(t *lang.Tongue, q question) *answer {
	var missed []law.Class
	a := &answer{Table: kit.Table{Caption: "What it takes", Columns: kit.Columns("You want", "Answer", "Why")}}
	for _, c := range q.Want {
		g := intake.CanGet(p.c.Law, law.Row{}, "", c)
		switch {
		case g.Getting == intake.GetsAbsent:
			a.Proof = true
			a.Table.Rows = append(a.Table.Rows, []any{kit.Words(wantTitle(c)), gettingBadge(g), p.reason(t, law.Row{}, g)})
		default:
			missed = append(missed, c)
		}
	}
	a.Others = p.others(t, q, missed)
	switch {
	case len(a.Others) > 0:
		a.Callout = kit.Callout{Tone: kit.Info, Title: "It takes one of these papers", Text: "They are listed below; choose one to see how far it gets and what it must show."}
	case len(missed) > 0:
		a.Channel = p.channel(t, q.Country)
		a.Callout = kit.Callout{Tone: kit.Warn, Title: "By mutual legal assistance", Text: t.T("We know of no paper from an authority of %s that gets it from us directly.", placeIn(t, p.c.Law.PlaceName(q.Country)))}
	default:
		a.Callout = absentCallout()
	}
	return a
}

func (p *portal) gotten(row law.Row, q question) []intake.Got {
	var out []intake.Got
	for _, c := range q.Want {
		out = append(out, intake.CanGet(p.c.Law, row, q.Country, c))
	}
	return out
}

func among(got []intake.Got, what intake.Getting) bool {
	return slices.ContainsFunc(got, func(g intake.Got) bool { return g.Getting == what })
}

func some(got []intake.Got) bool { return slices.ContainsFunc(got, intake.Got.Some) }

// left are the kinds of data that exist and are not had, or only in part.
func left(got []intake.Got) []law.Class {
	var out []law.Class
	for _, g := range got {
		if g.Getting != intake.GetsAll && g.Getting != intake.GetsAbsent && g.Getting != intake.GetsFuture {
			if g.Class != law.PreserveOnly || !g.Some() {
				out = append(out, g.Class)
			}
		}
	}
	return out
}

// channel is the way by mutual legal assistance.
func (p *portal) channel(t *lang.Tongue, country law.Jurisdiction) string {
	return p.c.Law.ByTreatyIn(country, t)
}

// others are the papers of the country that get more of what is missed, the
// ordinary ones first. What is uncertain, refused or for a cleared team alone is
// not recommended.
func (p *portal) others(t *lang.Tongue, q question, missed []law.Class) []other {
	type ranked struct {
		row law.Row
		n   int
	}
	var fit []ranked
	held, _ := p.c.Law.Row(law.ProcessID(q.Hold), p.c.Clock.Now())
	for _, row := range p.c.Law.Rows() {
		if string(row.ID) == q.Hold || !p.recommended(row, q.Country) {
			continue
		}
		n := 0
		for _, c := range missed {
			if more(intake.CanGet(p.c.Law, row, q.Country, c), intake.CanGet(p.c.Law, held, q.Country, c)) {
				n++
			}
		}
		if n > 0 {
			fit = append(fit, ranked{row, n})
		}
	}
	slices.SortStableFunc(fit, func(a, b ranked) int { return cmp.Or(b.n-a.n, urgent(a.row)-urgent(b.row)) })
	var out []other
	for _, x := range fit {
		row := x.row.In(t)
		out = append(out, other{row, reachesWords(t, row), certainty(t, row), q.with(row.ID).url()})
	}
	return out
}

// recommended: a paper that an officer of the country can go and get.
func (p *portal) recommended(row law.Row, country law.Jurisdiction) bool {
	if row.ID == executed || row.Certainty == law.Uncertain || row.Jurisdiction == "*" || row.ID == law.Emergency || !row.InForce(p.c.Clock.Now()) || !p.c.Law.Binds(row, country) {
		return false
	}
	switch row.Stance {
	case law.StanceReview, law.StanceReviewMostlyNone, law.StanceTap, law.StanceSnapshot:
		return true
	}
	return false
}

// more reports that one paper gets further than another into the same data.
func more(a, b intake.Got) bool {
	rank := map[intake.Getting]int{intake.GetsAll: 3, intake.GetsFuture: 3, intake.GetsPart: 2, intake.GetsKept: 1}
	if a.Class == law.PreserveOnly {
		rank[intake.GetsKept] = 3
	} else if a.Getting == intake.GetsKept {
		return false
	}
	return rank[a.Getting] > rank[b.Getting]
}

// summary is the answer in one sentence.
func summary(t *lang.Tongue, got []intake.Got, binds bool, place string) kit.Callout {
	had, full, kept := 0, 0, 0
	for _, g := range got {
		if g.Some() {
			had++
		}
		if g.Getting == intake.GetsAll || g.Getting == intake.GetsFuture && g.Limit == "" {
			full++
		}
		if g.Getting == intake.GetsKept {
			kept++
		}
	}
	switch {
	case len(got) == len(slices.DeleteFunc(slices.Clone(got), func(g intake.Got) bool { return g.Getting != intake.GetsAbsent })):
		return absentCallout()
	case !binds:
		return kit.Callout{Tone: kit.Bad, Title: "No", Text: t.T("This paper does not come from an authority of %s.", placeIn(t, place))}
	case had == 0 && among(got, intake.GetsUnsure):
		return kit.Callout{Tone: kit.Warn, Title: "Not until the law is confirmed", Text: "We have not been able to confirm the text of this law. Until we have, it gets nothing."}
	case among(got, intake.GetsOpen):
		return kit.Callout{Tone: kit.Info, Title: "Our counsel looks at it", Text: "We have no row for such a paper and promise nothing. Send it, and name the text of the law that it rests on."}
	case full == len(got):
		return kit.Callout{Tone: kit.Good, Title: "Yes", Text: "This paper reaches all that you chose. A trained person reviews every request."}
	case kept > 0 && kept == had:
		return kit.Callout{Tone: kit.Info, Title: "It is for keeping, not for disclosing", Text: "This paper keeps data from being lost. To have it, a further paper must follow."}
	case had > 0:
		return kit.Callout{Tone: kit.Warn, Title: "In part", Text: "This paper reaches some of what you chose, or a part of it. The table says what."}
	}
	return kit.Callout{Tone: kit.Bad, Title: "No", Text: "This paper reaches nothing of what you chose."}
}

// pendingCallout is an answer that holds once counsel has approved the law.
func pendingCallout() kit.Callout {
	return kit.Callout{Tone: kit.Warn, Title: "Not before our counsel has approved this law", Text: approvalFirst}
}

func absentCallout() kit.Callout {
	return kit.Callout{Tone: kit.Plain, Title: "It does not exist", Text: "What you chose is not stored here. No paper gets it, nor does mutual legal assistance. You may ask all the same: the answer is a signed sheet for court that says so, with the means to check it."}
}

// placeIn is a country in a sentence.
func placeIn(t *lang.Tongue, place string) string {
	if place == elsewhere {
		return t.T("that country")
	}
	return t.T(place)
}

// gotTable says for each kind of data what the paper gets, and why.
func (p *portal) gotTable(t *lang.Tongue, row law.Row, got []intake.Got, pending bool) kit.Table {
	badge := gettingBadge
	if pending {
		badge = pendingBadge
	}
	out := kit.Table{Caption: "Each thing that you want", Columns: kit.Columns("You want", "Answer", "Why")}
	for _, g := range got {
		out.Rows = append(out.Rows, []any{kit.Words(wantTitle(g.Class)), badge(g), p.reason(t, row, g)})
	}
	return out
}

// reason is why the answer about one kind of data is what it is.
func (p *portal) reason(t *lang.Tongue, row law.Row, g intake.Got) any {
	var say []string
	if f, ok := p.c.Law.Finding(g.Finding); ok {
		say = append(say, f.In(t).Sentence)
	}
	switch g.Getting {
	case intake.GetsAll, intake.GetsPart:
		var yes, no []string
		for _, x := range g.Items {
			if x.Reached {
				yes = append(yes, t.T(x.Item.Title()))
			} else {
				no = append(no, t.T(x.Item.Title()))
			}
		}
		say = append(say, t.T("Reached: %s.", t.List(yes)))
		if len(no) > 0 {
			say = append(say, t.T("Not reached: %s.", t.List(no)))
		}
	case intake.GetsFuture:
		say = append(say, t.T(stanceWords(law.StanceTap)))
	case intake.GetsKept:
		say = append(say, t.T(stanceWords(law.StanceSnapshot)))
	case intake.GetsUnsure:
		say = append(say, t.T("The law seems to reach it, but we have not been able to confirm its text."))
	case intake.GetsOpen:
		say = append(say, t.T("A paper that the table does not know reaches nothing until a person has looked at it."))
	case intake.GetsNothing:
		if g.Finding != intake.ForeignPaper && row.ID != "" && refused(row.Stance) {
			say = []string{t.T(stanceWords(row.Stance))}
		}
	}
	if g.Limit != "" {
		say = append(say, t.T("How far: %s.", t.T(g.Limit)))
	}
	return strings.Join(say, " ")
}

// refused: the desk has one answer to all papers of the kind.
func refused(s law.Stance) bool {
	switch s {
	case law.StanceReview, law.StanceReviewMostlyNone, law.StanceTap, law.StanceSnapshot, law.StanceVoluntary, law.StanceEscalate, law.StanceEscalateNoContent, law.StanceEscalateCheck, law.StanceSpecial, law.StanceTrack, law.StanceTrackChallenge:
		return false
	}
	return true
}

// rowFacts are what can be said of a paper whatever is wanted.
func (p *portal) rowFacts(t *lang.Tongue, row law.Row, pending bool) kit.Facts {
	facts := kit.Facts{{Label: "Text of the law", Value: t.T(words.Citations(row.Citations))}, {Label: "How sure we are of this row", Value: certainty(t, row)}}
	facts = append(facts, approvalFact(row, pending)...)
	facts = append(facts, kit.Fact{Label: "What we do with it", Value: kit.Words(stanceWords(row.Stance))})
	for _, c := range row.Clocks {
		if c.Kind == law.ClockResponse {
			facts = append(facts, kit.Fact{Label: clockName(c.Kind), Value: clockWords(t, c)})
		}
	}
	return append(facts, kit.Fact{Label: "The person is told", Value: row.NoticeRule.Text})
}

// needs are the particulars that a paper must show, but for what the team
// finds out by itself.
func (p *portal) needs(t *lang.Tongue, row law.Row) []need {
	var out []need
	for _, x := range p.c.Law.ParticularsOf(row) {
		if !x.ByTeam {
			x = x.In(t)
			out = append(out, need{x.Label, x.Help})
		}
	}
	return out
}
