package casefile_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
)

var at = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func demand() casefile.Demand {
	return casefile.Demand{Process: "us.order.2703d", Agency: "a", AgencyName: "Harbor County Sheriff's Office", Officer: "o", OfficerName: "Olivia Reyes",
		Targets: []casefile.Target{{Kind: "phone", Identifier: "+12025550142"}, {Kind: "phone", Identifier: "+12025550167"}},
		Wanted:  []casefile.Item{"name", "last_ip", "CONTENT"}, Papers: []casefile.Paper{{ID: "p1", Name: "order.pdf", Sum: casefile.SumOf([]byte("x")), At: at}}}
}

func filed() casefile.Event {
	d := demand()
	return casefile.Event{Seq: 1, At: at, By: casefile.Officer("o", "Olivia Reyes"), Kind: casefile.KFiled, Demand: &d, Due: at.Add(48 * time.Hour), Lane: casefile.LaneOrdinary,
		Findings: []casefile.FindingState{{ID: "FORM.UNSIGNED", Decided: true}}}
}

// rare are acts after which little more can happen.
var (
	rare   = []casefile.Kind{casefile.KWithdrawn, casefile.KCorrected, casefile.KAnswering, casefile.KPacked, casefile.KObjected, casefile.KFiled, "unknown"}
	common = []casefile.Kind{casefile.KPaperRead, casefile.KAssigned, casefile.KFindingAnswer, casefile.KResolved, casefile.KResolved, casefile.KDecided,
		casefile.KDecided, casefile.KAsked, casefile.KAnswered, casefile.KComposed, casefile.KSignedOff, casefile.KSignedOff, casefile.KSignedOff, casefile.KSignedOff,
		casefile.KGrantEnded, casefile.KReleasing, casefile.KReleased, casefile.KLost, casefile.KTelling, casefile.KTold, casefile.KObjectionDone,
		casefile.KDownloaded, casefile.KSent, casefile.KDestroyed, casefile.KAlarm, casefile.KAlarmSeen, casefile.KNote}
)

// anyEvent draws an act that somebody might try, sensible or not.
func anyEvent(t *rapid.T, c casefile.Case) casefile.Event {
	e := casefile.Event{Seq: c.Version() + 1, At: at.Add(time.Duration(c.Version()) * time.Minute), By: casefile.Member("m", "Ines Okafor"), Why: "because"}
	kinds := common
	if rapid.IntRange(0, 25).Draw(t, "rare") == 7 {
		kinds = rare
	}
	e.Kind = rapid.SampledFrom(kinds).Draw(t, "kind")
	e.By = doer(e.Kind, e.By)
	me := casefile.Member("m", "Ines Okafor")
	d := demand()
	e.Demand, e.Assignee, e.PaperID, e.Finding, e.Target = &d, &me, "p1", "FORM.UNSIGNED", rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "target")
	e.Resolved = &casefile.Resolution{Target: e.Target, Exists: rapid.SampledFrom([]bool{true, true, false}).Draw(t, "exists"), Account: disclosable.Account{1}, At: at}
	e.Decisions = []casefile.Decision{{Item: rapid.SampledFrom([]casefile.Item{"name", "name", "last_ip", "CONTENT", "about"}).Draw(t, "item"),
		Verdict: rapid.SampledFrom(append([]casefile.Verdict{casefile.Produce, casefile.Produce, casefile.Produce}, casefile.Verdicts...)).Draw(t, "verdict"), Reason: "because", By: me, At: at}}
	e.Question, e.QID, e.Answer = &casefile.Question{ID: "q", Text: "?", By: me, At: at}, "q", "!"
	e.Phase, e.Told = casefile.GrantRefused, &[16]byte{1}
	e.Signed = rapid.SampledFrom([][]string{{"A", "B"}, {"A", "B"}, {"A", "A"}, {"A"}, nil}).Draw(t, "signed")
	e.Objection = &casefile.Objection{Number: 1, Text: "no", At: at, Upheld: rapid.Bool().Draw(t, "uphold")}
	e.Package, e.PackageID = &casefile.Package{ID: "k", Made: at, Expires: at.Add(time.Hour)}, "k"
	e.Alarm = "look"
	e.Grants = []casefile.Composed{{Bytes: grant(rapid.SampledFrom([]disclosable.GrantKind{disclosable.Produce, disclosable.Notify}).Draw(t, "grant"), byte(c.Version()))}}
	if n := len(c.Grants); n > 0 {
		e.Grant = &c.Grants[rapid.IntRange(0, n-1).Draw(t, "which")].Hash
	}
	return e
}

// doer is who may do such an act: a person, or the clock where nobody may.
func doer(k casefile.Kind, person casefile.Actor) casefile.Actor {
	if casefile.Reasons[k].Machine {
		return casefile.TheClock
	}
	return person
}

func grant(k disclosable.GrantKind, nonce byte) []byte {
	b, err := disclosable.Grant{Version: 1, Kind: k, Nonce: [16]byte{1, nonce}, Case: "LL-2026-000001", Process: "us.order.2703d", Agency: "A", Asked: "+12025550142",
		Account: disclosable.Account{1}, Fields: []disclosable.FieldID{"name"}, Issued: at.Unix(), Expires: at.Unix() + 1000,
		Notice: disclosable.NoticePlan{Timing: disclosable.ToldAfter, Day: at.Unix(), Basis: "x"}}.Bytes()
	if err != nil {
		panic(err)
	}
	return b
}

// TestTheStateIsTheFoldOfItsEvents drives random acts from several points of a
// case's way and checks, after every one, what must hold whatever anybody
// tried.
func TestTheStateIsTheFoldOfItsEvents(t *testing.T) {
	reached := map[casefile.Phase]bool{}
	for _, steps := range []int{0, 3, 4, 7} {
		rapid.Check(t, func(t *rapid.T) {
			c := begun(t, steps)
			reached[c.Phase()] = true
			for range rapid.IntRange(10, 60).Draw(t, "acts") {
				before, e := snapshot(c), anyEvent(t, c)
				next, err := c.Apply(e)
				if !bytes.Equal(before, snapshot(c)) {
					t.Fatalf("%s changed the case it was applied to", e.Kind)
				}
				if err != nil {
					if next.Version() != 0 {
						t.Fatal("a refused event left a case")
					}
					continue
				}
				follows(t, c, next, e)
				c = next
				reached[c.Phase()] = true
			}
			refolds(t, c)
		})
	}
	for _, p := range []casefile.Phase{casefile.Signing, casefile.Notice, casefile.Answered, casefile.Withdrawn, casefile.Asked} {
		if !reached[p] {
			t.Errorf("no sequence of acts reached %q: the test proves little", p)
		}
	}
}

// begun is a case that has gone so many steps of the plain way: after three
// its grant is before the key holders, after four it is signed, after seven
// the answer is there.
func begun(t *rapid.T, steps int) casefile.Case {
	c, err := casefile.Case{Number: "LL-2026-000001"}.Apply(filed())
	if err != nil {
		t.Fatal(err)
	}
	me, g := casefile.Member("m", "Ines Okafor"), grant(disclosable.Produce, 200)
	hash := disclosable.GrantHash(g)
	if steps > 4 { // nothing is used while the finding waits
		if c, err = c.Apply(casefile.Event{Seq: c.Version() + 1, At: at, By: me, Kind: casefile.KFindingAnswer, Finding: "FORM.UNSIGNED", Why: "signed on page 4"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []casefile.Event{
		{Kind: casefile.KResolved, Resolved: &casefile.Resolution{Exists: true, Account: disclosable.Account{1}, At: at}},
		{Kind: casefile.KDecided, Decisions: []casefile.Decision{{Item: "name", Verdict: casefile.Produce, Reason: "because", By: me, At: at}}},
		{Kind: casefile.KComposed, Grants: []casefile.Composed{{Bytes: g}}},
		{Kind: casefile.KSignedOff, Grant: &hash, Signed: []string{"A", "B"}},
		{Kind: casefile.KReleasing, Grant: &hash},
		{Kind: casefile.KReleased, Grant: &hash},
		{Kind: casefile.KPacked, Package: &casefile.Package{ID: "k", Made: at, Expires: at.Add(time.Hour)}},
	}[:steps] {
		e.Seq, e.At, e.By, e.Why = c.Version()+1, at, doer(e.Kind, me), "because"
		if c, err = c.Apply(e); err != nil {
			t.Fatal(e.Kind, err)
		}
	}
	return c
}

func snapshot(c casefile.Case) []byte {
	b, err := casefile.Encode(struct {
		C casefile.Head
		E []casefile.Event
		G []casefile.GrantState
		O []casefile.Objection
		P []casefile.Package
		Q []casefile.Question
		D map[casefile.Item]casefile.Decision
	}{c.Head(), c.Events, c.Grants, c.Objections, c.Packages, c.Questions, c.Decisions})
	if err != nil {
		panic(err)
	}
	return b
}

// follows checks the step from one state to the next.
func follows(t *rapid.T, was, is casefile.Case, e casefile.Event) {
	if e.Kind == casefile.KReleasing && (was.Withdrawn || was.Objected()) {
		t.Fatal("a release began on a withdrawn request or over an objection")
	}
	if is.Disclosed() && !was.Disclosed() {
		g, _ := was.Grant(*e.Grant)
		if e.Kind != casefile.KReleased || g.Phase != casefile.GrantUsing || len(g.Signed) < 2 {
			t.Fatalf("disclosed by %s from %s, signed %v", e.Kind, g.Phase, g.Signed)
		}
	}
	if n := len(is.Grants); n > len(was.Grants) {
		g := is.Grants[n-1]
		for _, f := range g.Grant.Fields {
			if d := was.Decisions[casefile.FieldItem(f)]; !d.For(g.Target) || !was.Resolutions[g.Target].Exists {
				t.Fatalf("a grant over %s, decided %q", f, d.Verdict)
			}
		}
	}
	if e.Kind == casefile.KDecided && len(was.GrantsOf(disclosable.Produce)) > 0 {
		t.Fatal("decided anew over a grant that is out")
	}
	if was.Withdrawn && !is.Withdrawn {
		t.Fatal("a withdrawal was undone")
	}
	for _, g := range was.Grants {
		now, ok := is.Grant(g.Hash)
		if !ok || g.Phase.Dead() && now.Phase != g.Phase || g.Phase == casefile.GrantUsed && now.Phase != casefile.GrantUsed {
			t.Fatalf("a grant came back: %s to %s", g.Phase, now.Phase)
		}
	}
}

// refolds: the stored bytes give the same case again.
func refolds(t *rapid.T, c casefile.Case) {
	var stored []casefile.Event
	for _, e := range c.Events {
		b, err := e.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		back, err := casefile.ParseEvent(b)
		if err != nil {
			t.Fatalf("%s: %v", e.Kind, err)
		}
		if again, _ := back.Bytes(); !bytes.Equal(again, b) {
			t.Fatalf("%s has two forms", e.Kind)
		}
		stored = append(stored, back)
	}
	again, err := casefile.Fold(c.Number, stored)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Head(), c.Head()) || !bytes.Equal(snapshot(again), snapshot(c)) {
		t.Fatalf("refolded differently:\n%+v\n%+v", again.Head(), c.Head())
	}
}

func TestNumbersOfTheTwoRangesDoNotMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := casefile.SealedNumber(2026, bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "random")))
		if err != nil || !n.Sealed() {
			t.Fatal(n, err)
		}
		if _, err := casefile.ParseNumber(string(n)); err != nil {
			t.Fatal(err)
		}
		o := casefile.Ordinary(2026, rapid.IntRange(1, 999_999).Draw(t, "n"))
		if _, err := casefile.ParseNumber(string(o)); err != nil || o.Sealed() || o == n {
			t.Fatal(o, err)
		}
	})
	for _, bad := range []string{"", "LL-2026-17", "LL-2026-0000017", "ll-2026-000017", "LL-2026-000017 ", "LL-2026-012345678901", "LL-2026-00001a"} {
		if n, err := casefile.ParseNumber(bad); err == nil {
			t.Errorf("%q is read as %s", bad, n)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	b, err := filed().Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := casefile.ParseEvent(b)
		if err != nil {
			if !reflect.DeepEqual(e, casefile.Event{}) {
				t.Fatal("an event came with an error")
			}
			return
		}
		if _, err := (casefile.Case{Number: "LL-2026-000001"}).Apply(e); err == nil && e.Kind != casefile.KFiled {
			t.Fatal("a case began with something else than its filing")
		}
	})
}
