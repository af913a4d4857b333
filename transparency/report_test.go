package transparency_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock/transparency"
)

func TestPeriods(t *testing.T) {
	for s, want := range map[string][2]string{"2026H1": {"2026-01-01", "2026-07-01"}, "2026H2": {"2026-07-01", "2027-01-01"}, "2028H1": {"2028-01-01", "2028-07-01"}} {
		p, err := transparency.ParsePeriod(s)
		must(t, err)
		if got := [2]string{p.From().Format(time.DateOnly), p.Until().Format(time.DateOnly)}; got != want || p.String() != s {
			t.Errorf("%s is %v", s, got)
		}
		if !p.Holds(p.From()) || p.Holds(p.Until()) || p.Holds(p.From().Add(-1)) || p.Next().Before() != p {
			t.Errorf("%s does not hold what it should", s)
		}
	}
	for _, s := range []string{"", "2026", "2026H3", "H1", "2026h1", "26H1"} {
		if _, err := transparency.ParsePeriod(s); err == nil {
			t.Errorf("%q is a period", s)
		}
	}
}

// What the law table itself counts as other stands in one row with what is put
// together, however much there is of it.
func TestThereIsOneRowOfOthers(t *testing.T) {
	w := newWorld(t)
	w.requests(20, "US", "us.warrant", "all")
	w.requests(9, "US", "any.unknown", "refused")
	w.requests(3, "US", "us.order", "all")
	w.requests(3, "US", "us.subpoena", "all")
	if got := names(w.build("2026H1").Processes); !reflect.DeepEqual(got, []string{"us.warrant 20", "other 15"}) {
		t.Errorf("processes %v", got)
	}
}

func TestFiguresAreCounted(t *testing.T) {
	w := newWorld(t)
	w.requests(10, "US", "us.warrant", "part")
	w.requests(6, "US-CA", "us.order", "all")
	w.requests(8, "DE", "de.stpo", "refused")
	w.requests(7, "US", "us.emergency", "all")
	w.requests(9, "US", "us.preserve", "")
	w.requests(2, "US", "us.civil", "refused")
	w.requests(6, "IN", "in.barred", "refused")
	w.request("US", "us.warrant", "", counted{"gag": counted{"days": 90}})
	late := w.request("US", "us.warrant", "", counted{"gag": counted{"days": 0}})
	w.entries = append(w.entries, w.entry("decided", late, w.at, counted{"verdicts": counted{"challenge": 1}}), w.entry("withdrawn", late, w.at, counted{}))
	tap := w.request("US", "us.order", "")
	w.entries = append(w.entries, w.entry("trace.batch", tap, w.at, counted{"outcome": "no data"}), w.entry("trace.batch", tap, w.at, counted{"outcome": "all"}))
	w.entries = append(w.entries, w.entry("notice.batch", tap, w.at, counted{"told": "before", "people": 250}), w.entry("notice.batch", tap, w.at, counted{"told": "after", "people": 3}),
		w.entry("notice.outcome", tap, w.at, counted{})) // the people of a list, and its end
	e := w.request("US", "us.emergency", "all")
	w.entries = append(w.entries, w.entry("emergency.process.came", e, w.at, counted{}), w.entry("notice.outcome", e, w.at, counted{"told": "after"}))
	w.entries = append(w.entries, transparency.Entry{Kind: "exercise.begun", Case: "X", Time: w.at}, transparency.Entry{Kind: "member.invited", Time: w.at})
	r := w.build("2026H1")

	if r.Total.Requests != 35 || r.Total.Answered != 33 || r.Total.SomeData != 25 || r.Total.Share() != "76 %" {
		t.Errorf("total %+v %s", r.Total, r.Total.Share())
	}
	if r.Split == nil || r.Split.Emergency.Requests != 8 || r.Split.Legal.Requests != 27 || r.Split.Followed != 1 {
		t.Errorf("split %+v", r.Split)
	}
	if got := names(r.Countries); !reflect.DeepEqual(got, []string{"DE 8", "US 27"}) {
		t.Errorf("countries %v", got)
	}
	if got := names(r.US); !reflect.DeepEqual(got, []string{"us.order 7", "us.emergency 8", "us.warrant 12"}) {
		t.Errorf("US %v", got)
	}
	if want := (transparency.Outcomes{All: 15, Part: 10, Refused: 8, Withdrawn: 1, Pending: 1}); r.Outcomes != want {
		t.Errorf("outcomes %+v", r.Outcomes)
	}
	if r.Secrecy.Asked != 2 || r.Secrecy.OpenEnded != 1 || r.Secrecy.MedianDays != nil {
		t.Errorf("secrecy %+v", r.Secrecy)
	}
	if r.Notices.Before != 250 || r.Notices.After != 4 || r.Challenges.Challenged != 1 {
		t.Errorf("%+v %+v", r.Notices, r.Challenges)
	}
	if got := fmt.Sprint(r.Apart); got != "[{preservation Preservation of records 9 18} {civil Civil matters 0-4 0-4} {weaken Demands to weaken the system 0-4 0-4} {informal Requests without legal force 0-4 0-4}]" {
		t.Errorf("apart %s", got)
	}
	if got := names(r.DSA.Orders); !reflect.DeepEqual(got, []string{"DE 8"}) || r.DSA.EffectHours == nil || *r.DSA.EffectHours != 48 || *r.DSA.ReceiptHrs != 3 {
		t.Errorf("DSA %v", got)
	}
	if strings.Contains(w.json(r), "arred") {
		t.Error("a process that may not be published is in the report")
	}
}

// TestWhatWasRecordedAndNotStoredIsNotCounted: an act is recorded before it is
// stored. If the desk stops between the two, the next act has its place; often
// it is the same act.
func TestWhatWasRecordedAndNotStoredIsNotCounted(t *testing.T) {
	w := newWorld(t)
	of := counted{"process": "us.warrant", "country": "US", "accounts": 2}
	add := func(number, kind string, seq int, more counted) {
		c := counted{"seq": seq}
		maps.Copy(c, of)
		maps.Copy(c, more)
		w.at = w.at.Add(time.Minute)
		w.entries = append(w.entries, w.entry(kind, number, w.at, c))
	}
	const told, lost, anew = "LL-2026-000001", "LL-2026-000002", "LL-2026-000003"
	add(told, "filed", 1, nil)
	add(told, "notice.outcome", 2, counted{"told": "after"})
	add(told, "notice.outcome", 2, counted{"told": "after"}) // the same, done again
	add(told, "notice.batch", 3, counted{"told": "before", "people": 40})
	add(told, "notice.batch", 3, counted{"told": "before", "people": 40})
	add(told, "notice.batch", 4, counted{"told": "before", "people": 2}) // the next of the list
	add(lost, "filed", 1, nil)
	add(lost, "decided", 2, counted{"verdicts": counted{"challenge": 1}})
	add(lost, "package.made", 3, counted{"outcome": "all"})
	add(lost, "emergency.process.came", 4, nil)
	add(lost, "decided", 2, counted{"verdicts": counted{"decline": 1}}) // somebody has decided otherwise
	add(anew, "filed", 1, counted{"process": "us.civil", "gag": counted{"days": 0}})
	add(anew, "withdrawn", 2, nil)
	add(anew, "filed", 1, nil) // its number went to the next request
	add(anew, "package.made", 2, counted{"outcome": "refused"})
	r := w.build("2026H1")

	if want := (transparency.Notices{Before: 42, After: 1}); r.Notices != want {
		t.Errorf("notices %+v, want %+v", r.Notices, want)
	}
	if want := (transparency.Outcomes{Refused: 1, Pending: 2}); r.Outcomes != want || r.Total.Requests != 3 || r.Total.Accounts != 6 {
		t.Errorf("outcomes %+v, total %+v", r.Outcomes, r.Total)
	}
	if r.Challenges.Challenged != 0 || r.Secrecy.Asked != 0 {
		t.Errorf("%+v %+v", r.Challenges, r.Secrecy)
	}
}

func names(rows []transparency.Row) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %d", r.ID, r.Requests))
	}
	return out
}

func TestSmallRowsArePutTogether(t *testing.T) {
	w := newWorld(t)
	w.requests(20, "US", "us.warrant", "all")
	w.requests(6, "DE", "us.order", "all")
	w.requests(3, "FR", "us.order", "all")
	r := w.build("2026H1")
	// France alone would be "other": Germany goes with it.
	if got := names(r.Countries); !reflect.DeepEqual(got, []string{"US 20", "other 9"}) {
		t.Errorf("%v", got)
	}
	few := newWorld(t)
	few.requests(3, "US", "us.warrant", "all")
	if r := few.build("2026H1"); len(r.Countries)+len(r.Processes) != 0 || r.Total.Requests != 3 || r.Split != nil {
		t.Errorf("%+v", r)
	}
	none := newWorld(t).build("2026H1")
	if none.Total.Requests != 0 || none.Total.Share() != "" {
		t.Errorf("%+v", none.Total)
	}
}

func TestTheSameInputTheSameBytes(t *testing.T) {
	for seed := range uint64(5) {
		a, b := random(t, seed).build("2026H1"), random(t, seed).build("2026H1")
		fa, err := a.Files()
		must(t, err)
		fb, err := b.Files()
		must(t, err)
		if !reflect.DeepEqual(fa, fb) {
			t.Errorf("seed %d: two builds differ", seed)
		}
	}
}

func TestBeforeItsEnd(t *testing.T) {
	w := newWorld(t)
	in := w.input("2026H1")
	in.Head.Time = time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)
	if _, err := transparency.Build(in); err == nil {
		t.Error("a period that has not ended is reported")
	}
	broken := w.input("2026H1")
	broken.Entries = []transparency.Entry{{Kind: "case.filed", Case: "x", Body: []byte{0xff}}}
	if _, err := transparency.Build(broken); err == nil {
		t.Error("a record that cannot be read is passed over")
	}
}

func TestCorrectionsAreKept(t *testing.T) {
	w := newWorld(t)
	for range 8 {
		w.request("US", "us.warrant", "")
	}
	first := w.build("2026H1")
	w.answer("LL-2026-000001", "all", time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC))
	w.at = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	w.requests(6, "DE", "de.stpo", "all")
	second := w.build("2026H2", first)
	want := []string{"total total answered 0 1", "total total some_data 0 1", "countries US answered 0 1", "countries US some_data 0 1",
		"processes us.warrant answered 0 1", "processes us.warrant some_data 0 1"}
	var got []string
	for _, c := range second.Restated {
		got = append(got, fmt.Sprintf("%s %s %s %d %d", c.Table, c.Row, c.Column, c.Was, c.Is))
	}
	if !reflect.DeepEqual(got, want) || second.Total.Requests != 6 {
		t.Errorf("%q", got)
	}
}

func TestBandsHoldNoFigure(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.seal("us.nsl", time.Date(2026, 2, 1+i, 0, 0, 0, 0, time.UTC), 90)
	}
	r := w.build("2026H1")
	if r.National == nil || len(r.National.Lines) != 6 {
		t.Fatalf("%+v", r.National)
	}
	nsl, selectors := r.National.Lines[0], r.National.Lines[1]
	if nsl.Band.String() != "0-499" || selectors.Band.String() != "500-999" {
		t.Errorf("%s %s", nsl.Band, selectors.Band)
	}
	for _, form := range []string{fmt.Sprint(nsl), fmt.Sprintf("%+v", nsl), fmt.Sprintf("%#v", nsl), w.json(r)} {
		if regexp.MustCompile(`\b(7|630)\b`).MatchString(form) {
			t.Errorf("the exact figure is in %q", form)
		}
	}
	// FISA lies a half-year back; NSLs do not.
	if got := r.National.Lines[2].From; !got.Equal(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("FISA from %s", got)
	}
	if !nsl.From.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("NSL from %s", nsl.From)
	}
}

func TestFourStructures(t *testing.T) {
	w := newWorld(t)
	w.seal("us.fisa", time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), 1)
	for number, want := range map[string]string{"1": "0-999", "2": "0-499", "3": "0-249", "4": "0-99"} {
		s, err := transparency.ParseStructure(number)
		must(t, err)
		in := w.input("2026H2")
		in.Structure = s
		r, err := transparency.Build(in)
		must(t, err)
		if r.National == nil || r.National.Lines[0].Band.String() != want {
			t.Errorf("structure %s: %+v", number, r.National)
		}
		if number == "4" {
			if until := r.National.Lines[0].Until; !until.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("the year ended %s, less than a year ago", until)
			}
			in = w.input("2026H1")
			in.Structure = s
			if r, _ := transparency.Build(in); r.National != nil {
				t.Error("a yearly figure twice a year")
			}
		}
	}
	if _, err := transparency.ParseStructure("5"); err == nil {
		t.Error("a fifth structure")
	}
	in := w.input("2026H2")
	first := w.build("2026H1")
	in.Earlier, in.Structure = []*transparency.Report{first}, transparency.SixBandsOf1000
	if _, err := transparency.Build(in); err == nil {
		t.Error("two structures for one time")
	}
}

func TestBandRoundTrip(t *testing.T) {
	var b transparency.Band
	for _, bad := range []string{`"7"`, `"7-8"`, `"500-998"`, `7`, `"499-0"`} {
		if err := json.Unmarshal([]byte(bad), &b); err == nil {
			t.Errorf("%s is a band", bad)
		}
	}
	must(t, json.Unmarshal([]byte(`"500-999"`), &b))
	if b.String() != "500-999" {
		t.Error(b)
	}
}

// TestPreservationsAreCountedOnTheirOwn: what came of them is in no outcome of
// the totals, and is told only if no outcome is small.
func TestPreservationsAreCountedOnTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.requests(6, "US", "us.warrant", "all")
	w.requests(7, "US", "us.preserve", "kept")
	w.requests(5, "US", "us.preserve", "refused")
	w.requests(5, "US", "us.preserve", "no data")
	r := w.build("2026H1")
	if want := (transparency.Outcomes{All: 6}); r.Outcomes != want {
		t.Errorf("outcomes of the totals %+v", r.Outcomes)
	}
	if want := (transparency.Preserved{Kept: 7, Refused: 5, NoAccount: 5}); r.Preserved == nil || *r.Preserved != want {
		t.Fatalf("preservations %+v", r.Preserved)
	}
	csv, err := r.CSV()
	must(t, err)
	if !strings.Contains(string(csv), "2026H1,preservations,kept,requests,7") {
		t.Errorf("%s", csv)
	}
	w.request("US", "us.preserve", "")
	if r := w.build("2026H1"); r.Preserved != nil || strings.Contains(w.json(r), `"kept"`) {
		t.Errorf("one that waits is told apart: %+v", r.Preserved)
	}
}
