package desk_test

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/transparency/room"
)

// TestTheWordsOfAPageAreCounselsAndNeverTheFiles: each page that is shown has
// words, exactly as counsel wrote them; the text that lies hidden in the file
// under a box is in no published byte; words that name the account are refused,
// and words from before a box was changed count no more.
func TestTheWordsOfAPageAreCounselsAndNeverTheFiles(t *testing.T) {
	w := roomed(t)
	n := w.forCounsel()
	r, me := w.desk.Room, w.counsel.ID
	order := string(w.load(n).Demand.Papers[0].ID)
	w.refused(r.SayWords(w.ctx, me, n, order, 1, "x"), fault.Conflict, "words of a page that counsel has not opened")
	w.says(n)
	w.refused(r.SayWords(w.ctx, me, n, order, 1, " "), fault.Invalid, "no words")
	w.refused(r.SayWords(w.ctx, me, n, order, 1, strings.Repeat("x", casefile.MaxWords+1)), fault.Invalid, "too many words")
	w.refused(r.SayWords(w.ctx, me, n, order, 1, "It asks for (202) 555-0142."), fault.Invalid, "words that hold the account's number")
	w.refused(r.SayWords(w.ctx, me, n, order, 1, "It was served by Olivia Reyes."), fault.Invalid, "words that hold the officer's name")
	w.ok(r.AddBox(w.ctx, me, n, order, 1, casefile.Box{Left: 0, Top: 900, Right: 100, Bottom: 950}))
	w.refused(r.Put(w.ctx, me, n, "nothing withholds them"), fault.Invalid, "words from before a box")
	w.ok(r.DropBox(w.ctx, me, n, order, 1, 1))
	w.refused(r.Put(w.ctx, me, n, "nothing withholds them"), fault.Invalid, "words from before a box was taken away")
	words := "An order of a court.\nThe account that it asks about is blacked out."
	w.ok(r.SayWords(w.ctx, me, n, order, 1, words))
	w.ok(r.Put(w.ctx, me, n, "nothing withholds them"))
	w.looks(n, w.lead.ID)
	w.ok(r.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "I have looked at each page"))
	for range 4 {
		w.pass(2 * time.Minute)
	}
	doc := room.List(w.room())[0]
	shown := doc.Papers[2].Shown[0]
	if got := string(must(room.Open(w.room(), doc.ID, shown.Words))(t)); got != words+"\n" {
		t.Errorf("the page's words are %q", got)
	}
	if lines := w.checked(doc.ID); !room.Holds(lines) {
		t.Errorf("%+v", lines)
	}
	for _, p := range doc.Papers {
		for _, x := range p.Shown {
			if len(must(room.Open(w.room(), doc.ID, x.Words))(t)) < 5 {
				t.Errorf("page %d of %s has no words", x.Number, p.Title)
			}
		}
	}
	for _, hidden := range []string{"2025550142", "Ana Ruiz"} {
		w.nowhereInTheRoom(hidden)
	}
}

func (w *world) nowhereInTheRoom(text string) {
	w.Helper()
	files := 0
	w.ok(fs.WalkDir(w.room(), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		if b := must(fs.ReadFile(w.room(), path))(w); bytes.Contains(b, []byte(text)) {
			w.Errorf("%s holds %q", path, text)
		}
		return nil
	}))
	if files < 8 {
		w.Errorf("%d files were searched", files)
	}
}

// barred is the law table, with the row of the orders of these worlds published
// in another way.
func barred(t testing.TB, kind law.PublicationKind) *law.Table {
	t.Helper()
	b, err := os.ReadFile("../law/processes/us.order.2703d.toml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("[[reach]]", "[[row.reach]]", "[[issuer]]", "[[row.issuer]]", "[[clock]]", "[[row.clock]]", "[notice]", "[row.notice]", "[publication]", "[row.publication]", "[threshold]", "[row.threshold]").Replace(string(b))
	row := strings.Replace(text, `kind = "exact"`, `kind = "`+string(kind)+`"`, 1)
	if row == text {
		t.Fatal("the row has another form than this test knows")
	}
	o, err := law.LoadOverrides(strings.NewReader("approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\n[[row]]\n" + row))
	if err != nil {
		t.Fatal(err)
	}
	table, err := law.Default().With(o)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestPapersOfAProcessThatIsNotCountedExactlyStayOut: an ordinary case whose
// process the law lets be counted only in bands, or not at all, publishes no
// paper: not through the pages, not by acts written past them, and not if two
// people agreed before the row changed. The wait for counsel ends by itself.
func TestPapersOfAProcessThatIsNotCountedExactlyStayOut(t *testing.T) {
	for _, kind := range []law.PublicationKind{law.Banded, law.Barred} {
		t.Run(string(kind), func(t *testing.T) {
			w := roomed(t)
			n := w.forCounsel()
			w.says(n)
			exact := w.desk.Room
			w.ok(exact.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
			w.looks(n, w.lead.ID)

			w.conf.Law = barred(t, kind)
			w.desk = desk.New(w.conf)
			for _, m := range []staff.Member{w.counsel, w.lead} {
				w.ok(w.desk.Staff.LearnLaw(w.ctx, m.ID, []string{"us.order.2703d"}, "it lets nothing be published any more"))
			}
			x := must(w.desk.Room.See(w.ctx, w.counsel.ID, n))(t)
			if n.Sealed() || !strings.Contains(x.Withheld, "the law lets nothing be published") {
				t.Fatalf("%s is withheld because %q", n, x.Withheld)
			}
			w.refused(w.desk.Room.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "x"), fault.Conflict, "agreeing")
			w.ok(w.desk.Room.Return(w.ctx, w.lead.ID, n, "the law does not let us"))
			w.refused(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "x"), fault.Conflict, "putting it once more")

			// Past the pages: the acts themselves, and the duty that shows.
			w.actPast(n)
			for range 4 {
				w.pass(2 * time.Minute)
			}
			w.pass(15 * 24 * time.Hour)
			if all := room.List(w.room()); len(all) != 0 {
				t.Fatalf("published: %+v", all)
			}
			if _, ok := w.conf.Room.Bound(room.ID(pastID)); ok {
				t.Error("it was set, though not shown")
			}
			c := w.load(n)
			if x, _ := c.Room.Current(); !x.Shown.IsZero() || x.Sum != "" {
				t.Errorf("the case says that it is public: %+v", x)
			}
			for _, k := range w.ledgerKinds() {
				if k == room.KindPublished {
					t.Error("the ledger says that something was published")
				}
			}
		})
	}
}

const pastID = "00112233445566ff"

// actPast writes counsel's and the second person's word as acts of the case,
// past every service that would ask.
func (w *world) actPast(n casefile.Number) {
	w.Helper()
	plan := casefile.RoomPlan{By: w.counsel.Actor()}
	for _, p := range w.load(n).RoomPapers() {
		p.Said, p.Publish = true, !p.Attached
		if p.Attached {
			p.Reason = "its pages stay out"
		}
		plan.Choices = append(plan.Choices, p)
	}
	act := func(by casefile.Actor, e casefile.Event, d ...casefile.Duty) {
		must(w.desk.Files.Act(w.ctx, n, by, func(casefile.Case) (casefile.Plan, error) { return casefile.One(e, d...).For("past the pages"), nil }))(w)
	}
	act(w.counsel.Actor(), casefile.Event{Kind: casefile.KRoomPut, Room: &casefile.RoomAct{Plan: &plan}})
	act(w.lead.Actor(), casefile.Event{Kind: casefile.KRoomAgreed, Room: &casefile.RoomAct{Issue: pastID, Sum: plan.Sum()}},
		casefile.Duty{Kind: casefile.DutyShow, Key: pastID, Due: w.clock.Now()})
}
