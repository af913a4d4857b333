package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"letterlock/desk/intake"
	"letterlock/internal/testkit/browser"
	"letterlock/law"
)

func findPath(country, hold string, want ...law.Class) string {
	v := url.Values{"country": {country}, "hold": {hold}}
	for _, c := range want {
		v.Add("want", string(c))
	}
	return "/find?" + v.Encode()
}

// TestWhatCanIGetIsAnsweredBeforeSigningIn asks as officers would.
func TestWhatCanIGetIsAnsweredBeforeSigningIn(t *testing.T) {
	v := newWorld(t, false).visitor()
	says(t, v.get("/"), http.StatusOK, "What can I get with what?")
	says(t, v.get("/find"), http.StatusOK, "Country of your authority", "Germany", "I have no paper yet", "The content of messages and calls")
	for name, x := range map[string]struct {
		path string
		want []string
	}{
		"yes":         {findPath("US", "us.subpoena.gj", law.BSI), []string{"Not before our counsel has approved this law", "yes, once approved", "Last IP address", "18 USC 2703(c)(2)", "Begin a request with this paper", "Our counsel first approves the text of this law; until then nothing is disclosed under it."}},
		"in part":     {findPath("US", "us.subpoena.gj", law.BSI, law.AccW, law.Content), []string{"yes, once approved", "does not exist", "Papers that reach more of it", "signed sheet", "Search warrant"}},
		"no content":  {findPath("US", "us.warrant.search", law.Content), []string{"It does not exist", "signed sheet for court"}},
		"emergency":   {findPath("US", "us.emergency", law.BSI), []string{"In part", "Last IP address", "two people decide", "What it must show"}},
		"preserving":  {findPath("US", "us.preservation", law.PreserveOnly, law.BSI), []string{"for keeping, not for disclosing", "preservation only"}},
		"foreign":     {findPath("DE", "us.subpoena.gj", law.BSI), []string{"No", "does not come from an authority of Germany", "StPO s. 100j"}},
		"abroad":      {findPath("DE", "us.emergency", law.BSI), []string{"does not come from an authority of Germany", "StPO s. 100j"}},
		"channel":     {findPath("CA", "us.subpoena.gj", law.BSI), []string{"for Canada that is the Department of Justice Canada, International Assistance Group"}},
		"no channel":  {findPath("JP", "us.subpoena.gj", law.BSI), []string{"through your own central authority for mutual legal assistance."}},
		"elsewhere":   {findPath("ZZ", "none", law.BSI), []string{"authority of that country", "through your own central authority for mutual legal assistance."}},
		"no paper":    {findPath("US", "none", law.AccNC), []string{"It takes one of these papers", "2703(d)"}},
		"uncertain":   {findPath("AU", "au.tia.data", law.BSI), []string{"Not until the law is confirmed", "uncertain: informs only"}},
		"treaty":      {findPath("BR", "any.mlat", law.BSI), []string{"your own central authority", "(DRCI)"}},
		"unknown":     {findPath("US", "any.unknown", law.BSI), []string{"Our counsel looks at it", "promise nothing", "Begin a request"}},
		"weaken":      {findPath("GB", "gb.ipa.tcn", law.BSI), []string{"We do not weaken the system"}},
		"from now on": {findPath("US", "us.order.pentrap", law.DRAS, law.Traffic), []string{"from the order on", "no record of past messages"}},
	} {
		p := v.get(x.path)
		for _, want := range x.want {
			if p.Status != http.StatusOK || !p.Has(want) {
				t.Errorf("%s (%d): the answer does not say %q:\n%s", name, p.Status, want, p.Text())
			}
		}
	}
	if p := v.get(findPath("JP", "us.subpoena.gj", law.BSI)); p.Has("as far as we know") {
		t.Error("an authority is named for a country that has no channel")
	}
	if p := v.get(findPath("US", "us.warrant.search", law.Content)); p.Has("mutual legal assistance;") {
		t.Error("who asks for what does not exist is sent on")
	}
}

// TestAnIncompleteQuestionSaysWhatIsMissing and keeps what was chosen.
func TestAnIncompleteQuestionSaysWhatIsMissing(t *testing.T) {
	v := newWorld(t, false).visitor()
	for path, want := range map[string]string{
		"/find?country=DE": "Choose the paper that you hold", "/find?hold=us.nsl&country=US": "Choose at least one kind of data",
		"/find?want=BSI&hold=none": "Choose the country", "/find?country=XX&hold=no.such&want=EVERYTHING": "Choose the country",
		"/find?country=%00%ff&hold='&want=%3Cscript%3E": "Choose the country"} {
		p := v.get(path)
		says(t, p, http.StatusBadRequest, want, "Please look at this")
	}
	p := v.get("/find?country=DE&want=CONTENT")
	f := v.form(p, "Show the answer")
	if f.Value("country") != "DE" || f.Value("want") != "CONTENT" {
		t.Errorf("lost: %q %q", f.Value("country"), f.Value("want"))
	}
	got := v.press(f.Set("hold", "de.stpo.100j"), "Show the answer")
	says(t, got, http.StatusOK, "It does not exist")
}

// TestTheNextStepOfAnAnswerIsARequest begins one from the answer.
func TestTheNextStepOfAnAnswerIsARequest(t *testing.T) {
	v, _ := newWorld(t, false).officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	if f := v.form(v.get("/find"), "Show the answer"); f.Value("country") != "US" {
		t.Errorf("the officer's own country is not chosen, but %q", f.Value("country"))
	}
	p := v.get(findPath("US", "us.order.2703d", law.AccNC))
	says(t, p, http.StatusOK, "Olga Reyes", "Begin a request with this paper")
	if !strings.Contains(string(p.Body), `href="/new?process=us.order.2703d"`) {
		t.Fatal("the answer does not lead to a request with this paper")
	}
	if f := v.form(v.get("/new?process=us.order.2703d"), "Go on"); f.Value("process") != "us.order.2703d" {
		t.Errorf("the paper is not chosen, but %q", f.Value("process"))
	}
}

// TestEveryPaperIsAnsweredAsTheLawSays asks the page about each row and each
// kind of data, and holds the badge of each line to the rules of requests.
func TestEveryPaperIsAnsweredAsTheLawSays(t *testing.T) {
	v := newWorld(t, false).visitor()
	badge := map[intake.Getting]string{intake.GetsAll: "yes", intake.GetsPart: "in part", intake.GetsFuture: "from the order on", intake.GetsKept: "preservation only",
		intake.GetsUnsure: "not until confirmed", intake.GetsNothing: "no", intake.GetsOpen: "counsel decides", intake.GetsAbsent: "does not exist"}
	for _, row := range law.Default().Rows() {
		where := row.Jurisdiction
		if m := law.Default().Members(where); len(m) > 0 {
			where = law.Jurisdiction(m[0])
		} else if where == "*" || where == "COE" { // no Party is named
			where = "US"
		}
		p := v.get(findPath(string(where), string(row.ID), intake.Findable...))
		got := badges(p)
		var want []string
		for _, c := range intake.Findable {
			g := intake.CanGet(law.Default(), row, where, c)
			say := badge[g.Getting]
			if g.Some() && row.Certainty == law.Known { // nobody approved a law here
				say += ", once approved"
			}
			want = append(want, say)
		}
		if p.Status != http.StatusOK || !slices.Equal(got, want) {
			t.Errorf("%s (%d):\n got %q\nwant %q", row.ID, p.Status, got, want)
		}
	}
}

// badges are the answers of the table, in order.
func badges(p *browser.Page) []string {
	body := string(p.Body)
	_, body, _ = strings.Cut(body, "<tbody>")
	body, _, _ = strings.Cut(body, "</tbody>")
	var out []string
	for _, x := range strings.Split(body, `class="badge `)[1:] {
		_, x, _ = strings.Cut(x, ">")
		x, _, _ = strings.Cut(x, "</span>")
		out = append(out, strings.TrimSpace(x))
	}
	return out
}

func TestTheAnswerInARealBrowser(t *testing.T) {
	c := newWorld(t, false).chrome()
	for _, code := range []string{"en", "es", "ar"} {
		for name, path := range map[string]string{"find": "/find?", "find-error": "/find?country=DE&", "find-part": findPath("US", "us.subpoena.gj", law.NameLOS, law.AccW, law.Content, law.PreserveOnly) + "&", "find-channel": findPath("CA", "us.subpoena.gj", law.BSI, law.Traffic) + "&"} {
			c.do(chromedp.Navigate(c.w.url + path + "lang=" + code))
			c.picture("language-" + code + "-" + name)
		}
	}
}
