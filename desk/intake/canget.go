package intake

import (
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/law"
)

// Getting is how far a paper gets into a kind of data.
type Getting string

// The answers that an officer can have before a request is written.
const (
	GetsAll     Getting = "all"
	GetsPart    Getting = "part"
	GetsFuture  Getting = "future"      // signalling, from the order on
	GetsKept    Getting = "kept"        // preserved, not disclosed
	GetsUnsure  Getting = "unconfirmed" // would reach it, by a row that is uncertain: nothing yet
	GetsOpen    Getting = "open"        // no row fits the paper: counsel says
	GetsNothing Getting = "nothing"
	GetsAbsent  Getting = "absent" // there is no such data, with whatever paper
)

// Findable are the kinds of data that can be asked about, from the first step
// of the ladder to what does not exist.
var Findable = []law.Class{law.NameLOS, law.BSI, law.AccNC, law.AccW, law.DRAS, law.Content, law.Traffic, law.Contacts, law.PreserveOnly}

// Got is the answer about one kind of data.
type Got struct {
	Class   law.Class
	Getting Getting
	Items   []Reached     // what of it is stored, and what of that is reached
	Limit   string        // the part that the law reaches
	Asked   bool          // absent: the paper may lawfully ask for it all the same
	Finding law.FindingID // the reason, where it is no
}

// Some reports that something is had: disclosed, kept or collected.
func (g Got) Some() bool {
	return slices.Contains([]Getting{GetsAll, GetsPart, GetsFuture, GetsKept}, g.Getting)
}

// CanGet says what a paper from an authority of a country gets of a kind of
// data, by the rules that judge a request: it promises nothing that those
// refuse. An empty country leaves open whose paper it is.
func CanGet(t *law.Table, row law.Row, where law.Jurisdiction, c law.Class) Got {
	g := Got{Class: c, Getting: GetsNothing, Finding: outside(row), Items: Reaches(row, itemsOf(c))}
	if f, none := absent[c]; none {
		g.Getting, g.Finding, g.Asked = GetsAbsent, f, slices.Contains(row.Absent, c)
		return g
	}
	if !t.Binds(row, where) {
		g.Finding = ForeignPaper
		g.forget()
		return g
	}
	if row.ID == law.Unknown {
		g.Getting, g.Finding = GetsOpen, ""
		return g
	}
	reach, ok := row.ReachOf(c)
	switch {
	case row.Preserves(c) || c == law.PreserveOnly && ok:
		g.Getting = GetsKept
	case c == law.DRAS && ok:
		g.Getting, g.Limit = GetsFuture, reach.Limit
	default:
		g.count()
	}
	if g.Some() {
		g.Finding = ""
		if row.Certainty == law.Uncertain {
			g.Getting = GetsUnsure
		}
	}
	if !g.Some() {
		g.forget()
	}
	return g
}

// ForeignPaper is the finding about a paper that no authority of the country
// issues.
const ForeignPaper law.FindingID = "FORM.WRONG_JURISDICTION"

// absent are the kinds of data of which there is none, and the finding that
// says so.
var absent = map[law.Class]law.FindingID{law.Content: "SCOPE.CONTENT_NONE", law.Traffic: "SCOPE.LOGS_NONE", law.Contacts: "TGT.THIRD_PARTY"}

// count sees how many of the stored fields are reached.
func (g *Got) count() {
	n := 0
	for _, x := range g.Items {
		if x.Reached {
			n++
		}
		if x.Limit != "" && !strings.Contains(g.Limit, x.Limit) {
			g.Limit = x.Limit
		}
	}
	switch {
	case n == 0:
		g.Limit = ""
	case n < len(g.Items) || g.Limit != "":
		g.Getting = GetsPart
	default:
		g.Getting = GetsAll
	}
}

func (g *Got) forget() {
	g.Limit = ""
	for i := range g.Items {
		g.Items[i].Reached, g.Items[i].Limit = false, ""
	}
}

// itemsOf are the stored fields of a kind of data.
func itemsOf(c law.Class) []casefile.Item {
	if c == law.NameLOS {
		return []casefile.Item{casefile.FieldItem("name"), casefile.FieldItem("service_start")}
	}
	var out []casefile.Item
	for _, f := range disclosable.Fields() {
		if law.Class(f.Class) == c {
			out = append(out, casefile.FieldItem(f.ID))
		}
	}
	return out
}

// outside is the finding about data that a paper does not reach.
// law: 18 USC 2702(c)(4)
func outside(row law.Row) law.FindingID {
	if row.ID == law.Emergency {
		return "EMG.OVERSCOPE"
	}
	return "SCOPE.CATEGORY_UNREACHABLE"
}
