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
	origin   Origin
	approved []ListApproval
}

// ListApproval is a person's recorded yes to a list as it reads.
type ListApproval struct {
	List string  `toml:"list"`
	Hash RowHash `toml:"hash"`
	By   string  `toml:"by"`
	On   Date    `toml:"on"`
	Why  string  `toml:"why"`
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

// Origin says whether the list is the operator's own, and who approved its file.
func (l RightsList) Origin() Origin { return l.origin }

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
		l.origin = Origin{Operator: true, ApprovedBy: o.ApprovedBy, ApprovedOn: o.ApprovedOn}
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
