package transparency

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Structure is one of the four ways in which United States law lets national
// security process be published; one excludes the others.
//
// law: 50 USC 1874(a)
type Structure string

// The structures.
const (
	SixBandsOf1000   Structure = "50 USC 1874(a)(1)" // six categories, half-yearly
	SixBandsOf500    Structure = "50 USC 1874(a)(2)" // the same six
	AllInBandsOf250  Structure = "50 USC 1874(a)(3)" // all process, all selectors, half-yearly
	AllInBandsOf100  Structure = "50 USC 1874(a)(4)" // the same, yearly
	NothingPublished Structure = ""
)

// ParseStructure reads the number of a structure, 1 to 4, or nothing.
func ParseStructure(s string) (Structure, error) {
	switch s {
	case "":
		return NothingPublished, nil
	case "1":
		return SixBandsOf1000, nil
	case "2":
		return SixBandsOf500, nil
	case "3":
		return AllInBandsOf250, nil
	case "4":
		return AllInBandsOf100, nil
	}
	return "", invalid("the structure of national-security bands is 1, 2, 3 or 4 of 50 USC 1874(a), or none")
}

func (s Structure) width() int {
	return map[Structure]int{SixBandsOf1000: 1000, SixBandsOf500: 500, AllInBandsOf250: 250, AllInBandsOf100: 100}[s]
}

// Band is a range of figures. It holds no exact figure and nothing to make one
// of: 0-499 is not zero.
type Band struct{ low, width int }

// bandOf is the band in which a figure lies. The figure goes no further.
func bandOf(n, width int) Band { return Band{n / width * width, width} }

// String is the band as it is published.
func (b Band) String() string { return fmt.Sprintf("%d-%d", b.low, b.low+b.width-1) }

// MarshalJSON writes the band as text.
func (b Band) MarshalJSON() ([]byte, error) { return json.Marshal(b.String()) }

var bandForm = regexp.MustCompile(`^(\d+)-(\d+)$`)

// UnmarshalJSON reads it.
func (b *Band) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	m := bandForm.FindStringSubmatch(s)
	if m == nil {
		return invalid("%q is no band", s)
	}
	low, _ := strconv.Atoi(m[1])
	high, _ := strconv.Atoi(m[2])
	*b = Band{low, high - low + 1}
	if b.width <= 0 || low%b.width != 0 {
		return invalid("%q is no band", s)
	}
	return nil
}

// National is what is published of national-security process.
type National struct {
	Structure Structure    `json:"structure"`
	Lines     []BandedLine `json:"lines"`
}

// BandedLine is one category in its own span of time.
type BandedLine struct {
	Category string    `json:"category"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Band     Band      `json:"band"`
}

// category is what a structure counts apart, and how long it must lie back.
type category struct {
	name    string
	buckets []string // of the law table; none: all
	fisa    bool
}

var sixCategories = []category{
	{"National Security Letters", []string{"us.natsec.nsl"}, false},
	{"FISA orders and directives for content", []string{"us.natsec.fisa_content"}, true},
	{"FISA orders for non-content", []string{"us.natsec.fisa_noncontent"}, true},
}

var allProcess = []category{{"All national-security process", nil, false}}

func (s Structure) categories() []category {
	if s == SixBandsOf1000 || s == SixBandsOf500 {
		return sixCategories
	}
	return allProcess
}

// span is the time that a category covers in a report of the period: for FISA
// under (1) and (2) the half-year that ended at least 180 days before, under (4)
// a year that ended at least a year before.
//
// law: 50 USC 1874(a); 50 USC 1874(b)
func (s Structure) span(p Period, fisa bool) (from, until time.Time) {
	switch {
	case s == AllInBandsOf100:
		until = p.Until().AddDate(-1, 0, 0)
		return until.AddDate(-1, 0, 0), until
	case fisa && s != AllInBandsOf250:
		return p.Before().From(), p.Before().Until()
	}
	return p.From(), p.Until()
}

// national counts the sealed cases into bands. Nothing but bands leaves it. Under
// (4) a year is published once: with the report of the second half.
func national(s Structure, p Period, sealed []facts, bucket func(facts) string) *National {
	if s == NothingPublished || s == AllInBandsOf100 && p.half == 1 {
		return nil
	}
	n := &National{Structure: s}
	for _, c := range s.categories() {
		from, until := s.span(p, c.fisa)
		process, selectors := 0, 0
		for _, f := range sealed {
			if !f.filed.Before(from) && f.filed.Before(until) && c.counts(bucket(f)) {
				process, selectors = process+1, selectors+f.accounts
			}
		}
		n.Lines = append(n.Lines, BandedLine{c.name, from, until, bandOf(process, s.width())},
			BandedLine{c.name + ": selectors", from, until, bandOf(selectors, s.width())})
	}
	return n
}

func (c category) counts(bucket string) bool {
	if c.buckets == nil {
		return true
	}
	for _, b := range c.buckets {
		if b == bucket {
			return true
		}
	}
	return false
}

// oneStructure refuses a report whose structure overlaps another's time: two
// structures for one time together say more than either.
func oneStructure(s Structure, p Period, earlier []*Report) error {
	if s == NothingPublished {
		return nil
	}
	for _, r := range earlier {
		if r.National == nil || r.National.Structure == s {
			continue
		}
		for _, line := range r.National.Lines {
			for _, c := range s.categories() {
				if from, until := s.span(p, c.fisa); line.From.Before(until) && from.Before(line.Until) {
					return invalid("the report %s has published %s to %s under %s; another structure for the same time would say more than either: keep that one", r.Period,
						line.From.Format(time.DateOnly), line.Until.Format(time.DateOnly), r.National.Structure)
				}
			}
		}
	}
	return nil
}
