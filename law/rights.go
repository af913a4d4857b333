package law

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// RightsList is what makes the machine point at a right that may be at stake.
// It is data with an approver: one that nobody has approved informs only.
type RightsList struct {
	ID          string    `toml:"id" json:"id"`
	Title       string    `toml:"title" json:"title"`
	Finding     FindingID `toml:"finding" json:"finding"`
	Words       []string  `toml:"words" json:"words,omitempty"`
	Countries   []string  `toml:"countries" json:"countries,omitempty"`       // of the issuer
	BeyondBasic bool      `toml:"beyond_basic" json:"beyond_basic,omitempty"` // only where more than basic subscriber information is asked for
	Source      string    `toml:"source" json:"source"`
	Certainty   Certainty `toml:"certainty" json:"certainty"`
	Note        string    `toml:"note" json:"note,omitempty"`

	words    [][]string
	operator bool
	approved []ListApproval
}

// ListApproval is a person's recorded yes to a list as it reads.
type ListApproval struct {
	List string  `toml:"list"`
	Hash RowHash `toml:"hash"`
	By   string  `toml:"by"`
	On   Date    `toml:"on"`
}

// Hash identifies the list as it reads: an approval cites it.
func (l RightsList) Hash() RowHash {
	b, err := json.Marshal(l)
	if err != nil {
		panic("law: a list that cannot be encoded: " + err.Error()) // only strings and lists
	}
	return sha256.Sum256(append([]byte("letterlock rights list v1\n"), b...))
}

// Approved are those who approved the list as it reads.
func (l RightsList) Approved() []ListApproval { return slices.Clone(l.approved) }

// Operator reports a list of the operator's own.
func (l RightsList) Operator() bool { return l.operator }

// RightsLists are the lists in use, in their order.
func (t *Table) RightsLists() []RightsList { return slices.Clone(t.lists) }

func (t *Table) readRights(files fs.FS) error {
	var file struct {
		Lists []RightsList `toml:"list"`
	}
	if err := readFile(files, "rights.toml", &file); err != nil {
		return err
	}
	for _, l := range file.Lists {
		if err := t.checkList(l); err != nil {
			return fmt.Errorf("rights.toml: %s: %w", l.ID, err)
		}
		t.placeList(l)
	}
	return nil
}

func (t *Table) checkList(l RightsList) error {
	row, ok := t.Finding(l.Finding)
	switch {
	case l.ID == "" || l.Title == "" || l.Source == "":
		return fmt.Errorf("id, title and source are required")
	case !ok || row.Group != "rights":
		return fmt.Errorf("finding %q is not one on rights", l.Finding)
	}
	for _, w := range l.Words {
		p := phraseWords(w)
		if len(p) == 0 || p[0] == "*" || p[len(p)-1] == "*" {
			return fmt.Errorf("words %q", w)
		}
	}
	for _, c := range l.Countries {
		if len(c) != 2 || strings.ToUpper(c) != c {
			return fmt.Errorf("country %q is not an ISO 3166 code", c)
		}
	}
	return checkMark(l.Certainty)
}

func (t *Table) placeList(l RightsList) {
	l.words = nil
	for _, w := range l.Words {
		l.words = append(l.words, phraseWords(w))
	}
	if i := slices.IndexFunc(t.lists, func(x RightsList) bool { return x.ID == l.ID }); i >= 0 {
		t.lists[i] = l
		return
	}
	t.lists = append(t.lists, l)
}

// withLists puts the operator's lists, approvals and channels in.
func (t *Table) withLists(o *Overrides) {
	t.lists, t.channels = slices.Clone(t.lists), slices.Clone(t.channels)
	for _, l := range o.Lists {
		l.operator = true
		t.placeList(l)
	}
	for i := range t.lists {
		l := &t.lists[i]
		l.approved = nil
		for _, a := range o.ListApprovals {
			if a.List == l.ID && a.Hash == l.Hash() {
				l.approved = append(l.approved, a)
			}
		}
	}
	for _, c := range o.Channels {
		if i := slices.IndexFunc(t.channels, func(x MLATChannel) bool { return x.Country == c.Country }); i >= 0 {
			t.channels[i] = c
			continue
		}
		t.channels = append(t.channels, c)
	}
}

// rightsLists points at what the lists find. A hit of an approved list waits
// for counsel; one of a list that nobody approved, or that is uncertain, only
// informs.
func (j *judgement) rightsLists() {
	for _, l := range j.t.lists {
		said, ok := l.met(j)
		if !ok {
			continue
		}
		informs := len(l.approved) == 0 || l.Certainty == Uncertain
		if have, raised := j.found[l.Finding]; raised {
			have.Informs = have.Informs && informs
			continue
		}
		f := j.raise(l.Finding, "list."+l.ID)
		f.Decided, f.Informs, f.Note = false, informs, said+" (list \""+l.Title+"\")"
	}
}

func (l RightsList) met(j *judgement) (string, bool) {
	if len(l.Words) == 0 && len(l.Countries) == 0 || l.BeyondBasic && !j.beyondBasic() {
		return "", false
	}
	country, _, _ := strings.Cut(string(j.d.Jurisdiction), "-")
	if len(l.Countries) > 0 && !slices.Contains(l.Countries, country) {
		return "", false
	}
	if len(l.Words) == 0 {
		return country, true
	}
	return phraseRule{Phrases: l.Words, words: l.words}.met(j.text)
}

// beyondBasic: more than name, service, last use and the like is asked for.
func (j *judgement) beyondBasic() bool {
	return slices.ContainsFunc(j.d.Classes, func(c Class) bool { return c != BSI && c != NameLOS && c != PreserveOnly })
}

// MLATChannel is the authority through which a country's own authorities send
// a request for mutual legal assistance.
type MLATChannel struct {
	Country   Jurisdiction `toml:"country"`
	Authority string       `toml:"authority"`
	Source    string       `toml:"source"`
	Certainty Certainty    `toml:"certainty"`
	Note      string       `toml:"note"`
}

func (c MLATChannel) check() error {
	if len(c.Country) != 2 || strings.TrimSpace(c.Authority) == "" || c.Source == "" {
		return fmt.Errorf("country, authority and source are required")
	}
	return checkMark(c.Certainty)
}

func (t *Table) readChannels(files fs.FS) error {
	var file struct {
		Channels []MLATChannel `toml:"channel"`
	}
	if err := readFile(files, "channels.toml", &file); err != nil {
		return err
	}
	for i, c := range file.Channels {
		if err := c.check(); err != nil {
			return fmt.Errorf("channels.toml: %s: %w", c.Country, err)
		}
		if slices.ContainsFunc(file.Channels[:i], func(x MLATChannel) bool { return x.Country == c.Country }) {
			return fmt.Errorf("channels.toml: %s is listed twice", c.Country)
		}
	}
	t.channels = file.Channels
	return nil
}

// MLATChannels are the channels known, in their order.
func (t *Table) MLATChannels() []MLATChannel { return slices.Clone(t.channels) }

// MLATChannel is the channel of a country; none is known of most.
func (t *Table) MLATChannel(where Jurisdiction) (MLATChannel, bool) {
	country, _, _ := strings.Cut(string(where), "-")
	i := slices.IndexFunc(t.channels, func(c MLATChannel) bool { return string(c.Country) == country })
	if i < 0 {
		return MLATChannel{}, false
	}
	return t.channels[i], true
}

// ByTreaty is the sentence that tells an authority where to send a request
// that needs mutual legal assistance. Of a country that the table does not
// know, or knows uncertainly, it names no authority: none is made up.
func (t *Table) ByTreaty(where Jurisdiction) string { return t.ByTreatyIn(where, english{}) }

// ByTreatyIn is ByTreaty in a language. The authority keeps its own name.
func (t *Table) ByTreatyIn(where Jurisdiction, l Tongue) string {
	form, place, authority := t.Treaty(where)
	if authority == "" {
		return l.T(form)
	}
	return l.T(form, l.T(place), authority)
}

// Treaty is that sentence in its parts: its English form and what fills it, the
// country and the authority. Where none is named there is nothing to fill.
func (t *Table) Treaty(where Jurisdiction) (form, place, authority string) {
	c, ok := t.MLATChannel(where)
	switch {
	case !ok || c.Certainty == Uncertain:
		return treatyUnknown, "", ""
	case c.Certainty == Known:
		return treatyKnown, t.PlaceName(where), c.Authority
	}
	return treatySeen, t.PlaceName(where), c.Authority
}

// The three sentences of ByTreaty.
const (
	treatyUnknown = "Please send it through your own central authority for mutual legal assistance."
	treatyKnown   = "Please send it through your own central authority for mutual legal assistance; for %s that is, as far as we know, the %s. Please check this with it."
	treatySeen    = "Please send it through your own central authority for mutual legal assistance; for %s that is the %s."
)

// english says a text as it is written.
type english struct{}

func (english) T(text string, args ...any) string {
	if len(args) == 0 {
		return text
	}
	return fill(text, args...)
}

// fill is Sprintf under a name that vet does not take for a wrapper of it: the
// texts of the table are formats for those alone that carry arguments.
var fill = fmt.Sprintf
