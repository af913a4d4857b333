package law

import (
	"maps"
	"slices"
)

// Edition is what an operator's law file held when it was read: the hash of its
// bytes, who approved it by its own words, and a hash for each thing in it.
type Edition struct {
	Hash       RowHash           `cbor:"hash"`
	ApprovedBy string            `cbor:"by,omitempty"`
	ApprovedOn Date              `cbor:"on,omitempty"`
	Holds      map[string]string `cbor:"holds,omitempty"` // such as "row us.nsl"
}

// Edition is the file as it was read.
func (o *Overrides) Edition() Edition {
	e := Edition{Hash: o.hash, ApprovedBy: o.ApprovedBy, ApprovedOn: o.ApprovedOn, Holds: map[string]string{}}
	for _, r := range o.Rows {
		name := "row " + string(r.ID)
		if r.ValidFrom != "" {
			name += " from " + string(r.ValidFrom)
		}
		e.Holds[name] = r.Hash().String()
	}
	for _, l := range o.Lists {
		e.Holds["list "+l.ID] = l.Hash().String()
	}
	for _, a := range o.Approvals {
		e.Holds["approval of row "+string(a.Row)+" by "+a.By] = a.Hash.String()
	}
	for _, a := range o.ListApprovals {
		e.Holds["approval of list "+a.List+" by "+a.By] = a.Hash.String()
	}
	for _, c := range o.Channels {
		e.Holds["channel of "+string(c.Country)] = c.Authority + "\n" + string(c.Certainty)
	}
	return e
}

// Since says what is new, other or gone against the edition before.
func (e Edition) Since(before Edition) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(e.Holds)) {
		switch was, ok := before.Holds[name]; {
		case !ok:
			out = append(out, name+": new")
		case was != e.Holds[name]:
			out = append(out, name+": reads otherwise")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.Holds)) {
		if _, ok := e.Holds[name]; !ok {
			out = append(out, name+": gone")
		}
	}
	return out
}

// File is the operator's file that the table was made with; the embedded table
// has none, and its edition is the zero one.
func (t *Table) File() Edition { return t.file }

// Approving is the table with more approvals of lists: those that the desk
// recorded beside those of the operator's file. One of another text does nothing.
func (t *Table) Approving(more []ListApproval) *Table {
	out := *t
	out.lists = slices.Clone(t.lists)
	for i := range out.lists {
		l := &out.lists[i]
		for _, a := range more {
			if a.List == l.ID && a.Hash == l.Hash() {
				l.approved = append(slices.Clone(l.approved), a)
			}
		}
	}
	return &out
}

// RightsList is the list of that id.
func (t *Table) RightsList(id string) (RightsList, bool) {
	i := slices.IndexFunc(t.lists, func(l RightsList) bool { return l.ID == id })
	if i < 0 {
		return RightsList{}, false
	}
	return t.lists[i], true
}
