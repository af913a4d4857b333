package desk_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/desk/review"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/papers"
	"letterlock/ledger/proof"
	"letterlock/transparency/room"
)

// roomed is a desk with a public document room.
func roomed(t testing.TB) *world {
	w := newWorld(t)
	w.keepsRoom()
	w.approve("us.order.2703d")
	return w
}

func (w *world) keepsRoom() {
	w.conf.Room = &room.Press{Dir: filepath.Join(w.dir, "room")}
	w.desk = desk.New(w.conf)
}

func (w *world) room() fs.FS { return w.conf.Room.FS() }

// threePages is an order with a second paper of three pages.
func (w *world) threePages(d casefile.Demand) casefile.Number {
	w.Helper()
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "Olivia Reyes order.pdf", "order", bytes.NewReader(pdf("Account +12025550142 of Ana Ruiz"))))(w)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "annex.pdf", "", bytes.NewReader(papers.Order(3).Bytes())))(w)
	return must(w.desk.Intake.File(w.ctx, by, dr.ID))(w)
}

// toldAndAnswered is a case whose person has been told and whose package is there.
func (w *world) toldAndAnswered(n casefile.Number) casefile.Number {
	w.Helper()
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "decided item by item"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(8 * 24 * time.Hour)
	for range 4 {
		w.pass(4 * time.Minute)
	}
	if c := w.load(n); c.Phase() != casefile.Answered || c.Told(0).IsZero() {
		w.Fatalf("%s, told %v, alarms %+v", c.Phase(), c.Told(0), c.Alarms)
	}
	return n
}

// forCounsel is an answered case whose papers wait for counsel.
func (w *world) forCounsel() casefile.Number {
	w.Helper()
	n := w.toldAndAnswered(w.threePages(w.order()))
	w.pass(25 * time.Hour)
	if w.load(n).Room.Due.IsZero() {
		w.Fatal("counsel has no duty")
	}
	return n
}

// looks has a member open every paper.
func (w *world) looks(n casefile.Number, who casefile.MemberID) {
	w.Helper()
	for _, p := range w.load(n).Demand.Papers {
		_, err := w.desk.Review.ReadPaper(w.ctx, who, n, p.ID)
		w.ok(err)
	}
}

// over is a box over the line that pdf writes.
var over = casefile.Box{Left: 100, Top: 60, Right: 900, Bottom: 120}

// says is counsel's word: the order's page with a box, one page of the annex.
func (w *world) says(n casefile.Number) {
	w.Helper()
	r, me := w.desk.Room, w.counsel.ID
	w.looks(n, me)
	w.ok(r.SayNames(w.ctx, me, n, true, true))
	order, annex := string(w.load(n).Demand.Papers[0].ID), string(w.load(n).Demand.Papers[1].ID)
	w.ok(r.AddBox(w.ctx, me, n, order, 1, over))
	w.ok(r.SayPage(w.ctx, me, n, order, 1, true))
	w.ok(r.SayPage(w.ctx, me, n, annex, 2, true))
	w.ok(r.SayPage(w.ctx, me, n, annex, 3, false))
	w.ok(r.SayWords(w.ctx, me, n, order, 1, "The order, with the account blacked out."))
	w.ok(r.SayWords(w.ctx, me, n, annex, 2, "The second page of the annex: dates and times."))
	for _, p := range []string{casefile.RoomDemand, casefile.RoomAnswer, order, annex} {
		w.ok(r.SayPaper(w.ctx, me, n, p, true, ""))
	}
}

// published is a case whose papers stand in the room.
func (w *world) published() (casefile.Number, room.Document) {
	w.Helper()
	n := w.forCounsel()
	w.says(n)
	w.ok(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
	w.looks(n, w.lead.ID)
	w.ok(w.desk.Room.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "I have looked at each page"))
	for range 4 {
		w.pass(2 * time.Minute)
	}
	all := room.List(w.room())
	if len(all) != 1 {
		w.Fatalf("%d documents, alarms %+v", len(all), w.load(n).Alarms)
	}
	return n, all[0]
}

func (w *world) ledgerKeys() proof.Keys {
	w.Helper()
	return must(proof.ParseKeys(w.ledger.Keys()...))(w)
}

// checked is what anybody finds who checks a document.
func (w *world) checked(id room.ID) []room.Line {
	w.Helper()
	return room.Check(must(fs.Sub(w.room(), string(id)))(w), w.ledgerKeys())
}

func TestPapersReachThePublicByTwoPeopleAndTheLedger(t *testing.T) {
	w := roomed(t)
	n, doc := w.published()
	if lines := w.checked(doc.ID); !room.Holds(lines) || len(lines) < 3 {
		t.Fatalf("%+v", lines)
	}
	if doc.Agency != "Harbor County Sheriff's Office" || len(doc.Papers) != 4 || doc.Objected != 0 || doc.ProcessID != "us.order.2703d" {
		t.Fatalf("%+v", doc.Manifest)
	}
	order, annex := doc.Papers[2], doc.Papers[3]
	if order.Total != 1 || len(order.Shown) != 1 || order.Shown[0].Boxes != 1 || annex.Total != 3 || annex.Withheld() != 2 || annex.Shown[0].Number != 2 {
		t.Fatalf("%+v %+v", order, annex)
	}
	w.blackened(doc.ID, order.Shown[0].File)
	demand := string(must(room.Open(w.room(), doc.ID, "demand.txt"))(t))
	for _, s := range []string{"18 USC 2703(d)", "Court order", "US District Court, D. Md.", "Harbor County Sheriff's Office", "- Last IP", "None was asked for."} {
		if !strings.Contains(demand, s) {
			t.Errorf("the demand does not say %q:\n%s", s, demand)
		}
	}
	answer := string(must(room.Open(w.room(), doc.ID, "answer.txt"))(t))
	for _, s := range []string{"given, where there was a value", "Accounts of which records were given: 1", "1 told on 23 November 2026 (UTC)"} {
		if !strings.Contains(answer, s) {
			t.Errorf("the answer does not say %q:\n%s", s, answer)
		}
	}
	c := w.load(n)
	kinds := map[casefile.Kind]int{}
	for _, e := range c.Events {
		kinds[e.Kind]++
	}
	for _, k := range []casefile.Kind{casefile.KRoomDue, casefile.KRoomPut, casefile.KRoomAgreed, casefile.KRoomBound, casefile.KRoomShown} {
		if kinds[k] != 1 {
			t.Errorf("%s happened %d times", k, kinds[k])
		}
	}
	if !w.nothingWaits(n) {
		t.Error("a duty is left over")
	}
}

// nothingWaits: no duty of the room is open.
func (w *world) nothingWaits(n casefile.Number) bool {
	w.Helper()
	return !slices.ContainsFunc(must(w.desk.Files.Public.Store.DutiesOf(w.ctx, n))(w), func(d casefile.Duty) bool {
		return d.Done.IsZero() && (d.Kind == casefile.DutyRoom || d.Kind == casefile.DutyShow)
	})
}

// blackened: every pixel under the box is black, and the picture has no part
// that is no pixel.
func (w *world) blackened(id room.ID, file string) {
	w.Helper()
	b := must(room.Open(w.room(), id, file))(w)
	m := must(png.Decode(bytes.NewReader(b)))(w)
	size := m.Bounds()
	for y := over.Top * size.Dy() / 1000; y < over.Bottom*size.Dy()/1000; y++ {
		for x := over.Left * size.Dx() / 1000; x < over.Right*size.Dx()/1000; x++ {
			if r, g, b, _ := m.At(x, y).RGBA(); r|g|b != 0 {
				w.Fatalf("pixel %d,%d under the box is not black", x, y)
			}
		}
	}
	if got := regexp.MustCompile(`tEXt|zTXt|iTXt|eXIf|tIME`).Find(b); got != nil {
		w.Errorf("the picture carries %s", got)
	}
}

// TestNoPersonIsInWhatIsPublished searches every byte of the room for the data
// of everybody, where somebody typed them in every place that a demand has.
func TestNoPersonIsInWhatIsPublished(t *testing.T) {
	w := roomed(t)
	d := w.order()
	const leak = "Ana Ruiz of Olivia Reyes, reyes@sheriff.harbor.example, +1 (202) 555-0142, 12025550142, HC-26-118, 1:26-mj-00118"
	d.IssuingBody, d.Court, d.LegalBasis = "D. Md. for "+leak, leak, "18 USC 2703(d) about "+leak
	d.Text, d.Gag.Basis = leak, leak
	n := w.toldAndAnswered(w.threePages(d))
	w.pass(25 * time.Hour)
	w.says(n)
	if text := must(w.desk.Room.Text(w.load(n), must(w.desk.Room.See(w.ctx, w.counsel.ID, n))(t).Row, casefile.RoomPlan{Typed: true}, casefile.RoomDemand))(t); !strings.Contains(text, "Ana Ruiz") || !strings.Contains(text, "D. Md. for") {
		t.Fatalf("counsel is not shown what the agency typed, so that they cannot decide on it:\n%s", text)
	}
	w.ok(w.desk.Room.SayNames(w.ctx, w.counsel.ID, n, true, false)) // they know that it names a person
	w.ok(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
	w.looks(n, w.lead.ID)
	w.ok(w.desk.Room.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "I have looked at each page"))
	for range 4 {
		w.pass(2 * time.Minute)
	}
	doc := room.List(w.room())[0]
	w.ok(w.desk.Room.Withdraw(w.ctx, w.counsel.ID, n, room.ByMistake, "A page showed too much."))
	w.says(n) // once more, after a paper came late
	must(w.desk.Intake.AddCasePaper(w.ctx, w.reyes.Actor(), n, "Reyes.pdf", "", bytes.NewReader(pdf("late"))))(t)
	w.looks(n, w.counsel.ID)
	w.ok(w.desk.Room.SayPaper(w.ctx, w.counsel.ID, n, string(w.load(n).Demand.Papers[2].ID), false, "not needed"))
	w.ok(w.desk.Room.SayNames(w.ctx, w.counsel.ID, n, false, false))
	w.ok(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
	w.ok(w.desk.Room.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "I have looked at each page"))
	for range 4 {
		w.pass(2 * time.Minute)
	}
	if len(room.List(w.room())) != 2 || doc.ID == "" {
		t.Fatalf("%d documents", len(room.List(w.room())))
	}
	never := []string{"Olivia", "Reyes", "reyes@", "2025550142", "555-0142", "555 0142", "HC-26-118", "mj-00118", string(n), ana.ID.String(), "Ana Ruiz", "203.0.113.7", "sailing", "not needed",
		"Okafor", "Adler", "Sefa", "order.pdf", "Hon. A. Stone", "checked against the paper", "%PDF", "the order reaches it"}
	for _, p := range w.load(n).Demand.Papers {
		never = append(never, string(p.Sum), string(p.ID), p.Name)
	}
	files := 0
	w.ok(filepath.WalkDir(w.conf.Room.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		b := must(os.ReadFile(path))(w)
		for _, s := range never {
			if bytes.Contains(bytes.ToLower(b), bytes.ToLower([]byte(s))) || strings.Contains(path[len(w.conf.Room.Dir):], s) {
				t.Errorf("%s holds %q", path, s)
			}
		}
		return nil
	}))
	if files < 9 {
		t.Fatalf("only %d files were searched", files)
	}
}

func TestWhoMaySayWhatBecomesOfPapers(t *testing.T) {
	w := roomed(t)
	n := w.forCounsel()
	r, ctx := w.desk.Room, w.ctx
	order := string(w.load(n).Demand.Papers[0].ID)
	w.refused(r.SayPaper(ctx, w.analyst.ID, n, casefile.RoomDemand, true, ""), fault.Forbidden, "an analyst publishing")
	w.refused(r.SayPaper(ctx, w.lead.ID, n, casefile.RoomDemand, true, ""), fault.Forbidden, "the lead publishing")
	w.refused(r.SayPage(ctx, w.counsel.ID, n, order, 1, true), fault.Conflict, "a page that counsel has not opened")
	_, err := r.Picture(ctx, w.counsel.ID, n, order, 1, false)
	w.refused(err, fault.Conflict, "a picture without a record of reading")
	w.refused(r.SayPaper(ctx, w.counsel.ID, n, order, true, ""), fault.Invalid, "a paper of which every page is withheld")
	w.refused(r.SayPaper(ctx, w.counsel.ID, n, order, false, " "), fault.Invalid, "an objection without a reason")
	w.refused(r.Put(ctx, w.counsel.ID, n, "nothing withholds them"), fault.Invalid, "papers nobody has decided on")
	w.looks(n, w.counsel.ID)
	w.refused(r.SayPage(ctx, w.counsel.ID, n, order, 2, true), fault.NotFound, "a page that is not")
	for _, b := range []casefile.Box{{}, {Left: 5, Right: 5, Bottom: 9}, {Right: 1001, Bottom: 5}, {Left: -1, Right: 5, Bottom: 5}} {
		w.refused(r.AddBox(ctx, w.counsel.ID, n, order, 1, b), fault.Invalid, "a box that is none")
	}
	w.says(n)
	w.ok(r.Put(ctx, w.counsel.ID, n, "nothing withholds them"))
	sum := w.load(n).Room.Plan.Sum()
	w.refused(r.Agree(ctx, w.counsel.ID, n, sum, "seen"), fault.Conflict, "counsel agreeing with themselves")
	w.refused(r.Agree(ctx, w.analyst.ID, n, sum, "seen"), fault.Forbidden, "an analyst agreeing")
	w.refused(r.Agree(ctx, w.lead.ID, n, sum, "seen"), fault.Conflict, "a lead who has not looked")
	w.looks(n, w.lead.ID)
	w.refused(r.Agree(ctx, w.lead.ID, n, casefile.SumOf(nil), "seen"), fault.Conflict, "agreeing to something else")
	w.refused(r.SayPage(ctx, w.counsel.ID, n, order, 1, false), fault.Conflict, "changing what is before a second person")
	w.ok(r.Return(ctx, w.lead.ID, n, "page 2 of the annex names a street"))
	w.refused(r.Agree(ctx, w.lead.ID, n, sum, "seen"), fault.Conflict, "agreeing to what was given back")
	if x := must(r.See(ctx, w.counsel.ID, n))(t); x.Put || len(x.Plan.Publishes()) != 4 {
		t.Fatalf("what counsel had said is lost: %+v", x.Plan)
	}
	w.ok(r.Put(ctx, w.counsel.ID, n, "nothing withholds them"))
	if w.ledger.broken = true; !fault.Is(r.Agree(ctx, w.lead.ID, n, sum, "seen"), fault.Unavailable) {
		t.Error("published without a record")
	}
	w.ledger.broken = false
	if len(room.List(w.room())) != 0 {
		t.Fatal("something is public")
	}
}

func TestTheDutyOfCounselFallsDueOnce(t *testing.T) {
	w := roomed(t)
	n := w.toldAndAnswered(w.threePages(w.order()))
	w.pass(25 * time.Hour)
	due := w.load(n).Room.Due
	if due.IsZero() || hasAlarm(w.load(n), casefile.AlarmRoom) {
		t.Fatalf("due %v, alarms %+v", due, w.load(n).Alarms)
	}
	w.pass(due.Sub(w.clock.Now()) - time.Minute)
	if hasAlarm(w.load(n), casefile.AlarmRoom) {
		t.Fatal("the alarm came early")
	}
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	if !hasAlarm(w.load(n), casefile.AlarmRoom) {
		t.Fatal("no alarm on the day")
	}
	w.pass(2 * time.Hour)
	if c, _ := room.ReadCounts(w.room()); c.Overdue != 1 {
		t.Errorf("the public is not told that papers are late: %+v", c)
	}
	w.pass(30 * 24 * time.Hour)
	events, alarms := 0, 0
	for _, e := range w.load(n).Events {
		if e.Kind == casefile.KRoomDue {
			events++
		}
		if e.Kind == casefile.KAlarm && e.Alarm == casefile.AlarmRoom {
			alarms++
		}
	}
	if events != 1 || alarms != 1 {
		t.Fatalf("%d duties, %d alarms though nobody has seen the first", events, alarms)
	}
	w.ok(w.desk.Review.SeeAlarm(w.ctx, w.counsel.ID, n, casefile.AlarmRoom, "next week"))
	w.pass(8 * 24 * time.Hour)
	if !hasAlarm(w.load(n), casefile.AlarmRoom) {
		t.Error("nobody is reminded again")
	}
}

// What still withholds keeps the papers from counsel's list, to the day.
func TestPapersWaitWhileAnythingWithholds(t *testing.T) {
	w := roomed(t)
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 60), Grounds: []string{"2705(b)(1)"}}
	n := w.threePages(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "decided item by item"))
	w.sign()
	for range 4 {
		w.pass(4 * time.Minute)
	}
	w.pass(20 * 24 * time.Hour)
	if c := w.load(n); !c.Disclosed() || !c.Room.Due.IsZero() || c.RoomWithheld(w.clock.Now()) == "" {
		t.Fatalf("disclosed %v, due %v", c.Disclosed(), c.Room.Due)
	}
	w.refused(w.desk.Room.SayPaper(w.ctx, w.counsel.ID, n, casefile.RoomDemand, true, ""), fault.Conflict, "publishing under an order of secrecy")
	w.ok(w.desk.Notice.Now(w.ctx, w.analyst.ID, n, "told by recorded decision"))
	w.pass(time.Minute)
	w.sign()
	w.pass(25 * time.Hour)
	if c := w.load(n); c.Told(0).IsZero() || !c.Room.Due.IsZero() {
		t.Fatalf("told %v, due %v: the order still runs", c.Told(0), c.Room.Due)
	}
	w.pass(40 * 24 * time.Hour)
	w.pass(time.Hour)
	if c := w.load(n); c.Room.Due.IsZero() || c.Room.Due.Before(d.Gag.End.AddDate(0, 0, 14)) {
		t.Fatalf("the order has ended: due %v", c.Room.Due)
	}
	// A paper comes: it may renew the secrecy, and holds what two people agreed to.
	w.says(n)
	w.ok(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
	w.looks(n, w.lead.ID)
	must(w.desk.Intake.AddCasePaper(w.ctx, w.reyes.Actor(), n, "renewal.pdf", "order", bytes.NewReader(pdf("renewal"))))(t)
	w.refused(w.desk.Room.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "seen"), fault.Conflict, "publishing past an unread paper")
}

// forgetful is a carrier that the second person of a list has left.
type forgetful struct{ *desktest.Door }

func (f forgetful) TellSome(ctx context.Context, q door.Places) (door.ToldSome, error) {
	out, err := f.Door.TellSome(ctx, q)
	for i := range out.Told {
		if out.Told[i].Place == 1 {
			out.Told[i].Outcome, out.Told[i].Notice = door.OutcomeMoved, [16]byte{}
		}
	}
	return out, err
}

// Of two people one cannot be told any more: the papers stay out, somebody is
// alarmed, and the case does not wait for ever.
func TestPapersStayOutWhenSomebodyCannotBeTold(t *testing.T) {
	w := roomed(t)
	d := w.order()
	d.Targets = append(d.Targets, casefile.Target{Kind: "phone", Identifier: "+12025550167"})
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 10), Grounds: []string{"2705(b)(1)"}}
	n := w.threePages(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "decided item by item"))
	w.sign()
	for range 4 {
		w.pass(4 * time.Minute)
	}
	w.conf.Door = forgetful{w.door}
	w.desk = desk.New(w.conf)
	w.pass(11 * 24 * time.Hour)
	for range 3 {
		w.pass(4 * time.Minute)
	}
	c := w.load(n)
	if c.ToldLast().IsZero() || c.NoticeWaits() || c.RoomWithheld(w.clock.Now()) != casefile.NotTold {
		t.Fatalf("told %v, waits %v, %q, alarms %+v", c.ToldLast(), c.NoticeWaits(), c.RoomWithheld(w.clock.Now()), c.Alarms)
	}
	w.pass(80 * 24 * time.Hour)
	if hasAlarm(w.load(n), casefile.AlarmRoomUntold) {
		t.Fatal("given up early")
	}
	w.pass(15 * 24 * time.Hour)
	if c := w.load(n); !hasAlarm(c, casefile.AlarmRoomUntold) || !w.nothingWaits(n) || !c.Room.Due.IsZero() {
		t.Fatalf("%+v, alarms %+v", c.Room, c.Alarms)
	}
}

func TestAnObjectionIsCountedAndNotShown(t *testing.T) {
	w := roomed(t)
	n := w.forCounsel()
	var all int
	for _, p := range w.load(n).RoomPapers() {
		w.ok(w.desk.Room.SayPaper(w.ctx, w.counsel.ID, n, p.Paper, false, "the file is sealed by the court of Harbor County"))
		all++
	}
	w.ok(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
	w.pass(2 * time.Minute)
	if c, ok := room.ReadCounts(w.room()); !ok || c.Objected != all || c.Overdue != 0 {
		t.Errorf("%+v", c)
	}
	if len(room.List(w.room())) != 0 || !w.load(n).Room.Done || !w.nothingWaits(n) {
		t.Errorf("something is shown, or waits: %+v", w.load(n).Room)
	}
	if b := must(fs.ReadFile(w.room(), room.FileCounts))(t); bytes.Contains(b, []byte("sealed by")) {
		t.Error("the reason is public")
	}
	w.pass(30 * 24 * time.Hour)
	if hasAlarm(w.load(n), casefile.AlarmRoom) {
		t.Error("an alarm though counsel has said what there is to say")
	}
}

func TestAPublicationIsTakenOutAndItsHashStays(t *testing.T) {
	w := roomed(t)
	n, doc := w.published()
	w.refused(w.desk.Room.Withdraw(w.ctx, w.lead.ID, n, room.ByCourt, "x"), fault.Forbidden, "the lead taking out")
	w.refused(w.desk.Room.Withdraw(w.ctx, w.counsel.ID, n, "whim", "x"), fault.Invalid, "no reason that there is")
	w.refused(w.desk.Room.Withdraw(w.ctx, w.counsel.ID, n, room.ByCourt, "It named Olivia Reyes."), fault.Invalid, "words that name somebody")
	w.ledger.broken = true // what stops waits for nobody
	w.ok(w.desk.Room.Withdraw(w.ctx, w.counsel.ID, n, room.ByCourt, "The District Court sealed its file on this day."))
	if _, err := room.Open(w.room(), doc.ID, "demand.txt"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("it is still public: %v", err)
	}
	w.ledger.broken = false
	for range 4 {
		w.pass(2 * time.Minute)
	}
	got := must(room.Read(w.room(), doc.ID))(t)
	if got.Gone == nil || got.Gone.Manifest != doc.Sum.String() || got.Gone.Words != "The District Court sealed its file on this day." {
		t.Fatalf("%+v", got)
	}
	if lines := w.checked(doc.ID); !room.Holds(lines) {
		t.Fatalf("%+v", lines)
	}
	left := must(fs.ReadDir(w.room(), string(doc.ID)))(t)
	if len(left) != 3 || !w.nothingWaits(n) {
		t.Errorf("left over: %v", left)
	}
	w.refused(w.desk.Room.Withdraw(w.ctx, w.counsel.ID, n, room.ByCourt, "again"), fault.Conflict, "taking out twice")
}

// TestAPublicationOutlivesItsCase: when persons' data have left the case, the
// document stands as it was, and can still be taken out.
func TestAPublicationOutlivesItsCase(t *testing.T) {
	w := roomed(t)
	w.conf.KeepDays = 30
	w.desk = desk.New(w.conf)
	n, doc := w.published()
	for range 12 {
		w.pass(20 * 24 * time.Hour)
		w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, w.counsel.ID, "2026-1", 95, "taught in the house"))
	}
	if w.load(n).Left == nil {
		t.Fatalf("the persons' data are still there: %v", w.load(n).Stays())
	}
	if lines := w.checked(doc.ID); !room.Holds(lines) {
		t.Fatalf("%+v", lines)
	}
	w.ok(w.desk.Room.Withdraw(w.ctx, w.counsel.ID, n, room.ByPerson, "The person asked, years later."))
	for range 3 {
		w.pass(2 * time.Minute)
	}
	got := must(room.Read(w.room(), doc.ID))(t)
	if lines := w.checked(doc.ID); !room.Holds(lines) || got.Gone == nil || got.Gone.Published != doc.Published {
		t.Fatalf("%+v %+v", lines, got.Gone)
	}
}

func TestNobodyChangesAPaperUnseen(t *testing.T) {
	w := roomed(t)
	_, doc := w.published()
	dir := filepath.Join(w.conf.Room.Dir, string(doc.ID))
	for _, x := range []struct {
		name   string
		change func(string) error
	}{
		{"demand.txt", func(p string) error { return os.WriteFile(p, []byte("The demand\nnothing was asked for\n"), 0o644) }},
		{"stranger.png", func(p string) error { return os.WriteFile(p, []byte("x"), 0o644) }},
		{doc.Papers[2].Shown[0].File, os.Remove},
		{room.FileProof, func(p string) error { return os.WriteFile(p, []byte("x"), 0o644) }},
		{room.FileManifest, func(p string) error {
			b, err := os.ReadFile(p)
			return errors.Join(err, os.WriteFile(p, bytes.Replace(b, []byte("Court order"), []byte("Court ordre"), 1), 0o644))
		}},
	} {
		path := filepath.Join(dir, x.name)
		before, missing := os.ReadFile(path)
		w.ok(x.change(path))
		if room.Holds(w.checked(doc.ID)) {
			t.Errorf("%s was changed, and all holds", x.name)
		}
		if missing != nil {
			w.ok(os.Remove(path))
		} else {
			w.ok(os.WriteFile(path, before, 0o644))
		}
	}
	if lines := w.checked(doc.ID); !room.Holds(lines) {
		t.Fatalf("%+v", lines)
	}
	w.ok(os.WriteFile(filepath.Join(dir, "answer.txt"), []byte("x"), 0o644))
	if _, err := room.Open(w.room(), doc.ID, "answer.txt"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a changed file is shown: %v", err)
	}
	if lines := room.Check(must(fs.Sub(w.room(), string(doc.ID)))(t), must(proof.ParseKeys(w.carrier.Keys()...))(t)); room.Holds(lines) {
		t.Error("it holds under the key of another ledger")
	}
}

// A program that stops anywhere on the way publishes once, and never without
// its record.
func TestACrashPublishesOnce(t *testing.T) {
	for _, at := range []casefile.Kind{casefile.KRoomBound, casefile.KRoomShown} {
		w := roomed(t)
		n := w.forCounsel()
		w.says(n)
		w.ok(w.desk.Room.Put(w.ctx, w.counsel.ID, n, "nothing withholds them"))
		w.looks(n, w.lead.ID)
		w.ok(w.desk.Room.Agree(w.ctx, w.lead.ID, n, w.load(n).Room.Plan.Sum(), "I have looked at each page"))
		w.store.fail = func(c casefile.Change) error {
			if slices.ContainsFunc(c.Events, func(e casefile.Event) bool { return e.Kind == at }) {
				return errors.New("the program stopped")
			}
			return nil
		}
		for range 3 {
			w.clock.Advance(time.Minute)
			w.ok(w.ledger.Ledger.Tick(w.ctx))
			_ = w.desk.Tick(w.ctx)
		}
		w.store.fail = nil
		w.ok(os.RemoveAll(filepath.Join(w.conf.Room.Dir, ".setting"))) // and its disk was put back from a backup
		w.desk = desk.New(w.conf)
		for range 4 {
			w.pass(2 * time.Minute)
		}
		all := room.List(w.room())
		if len(all) != 1 || !room.Holds(w.checked(all[0].ID)) || !w.nothingWaits(n) {
			t.Fatalf("at %s: %d documents, alarms %+v", at, len(all), w.load(n).Alarms)
		}
	}
}

// TestASealedMatterNeverReachesTheRoom: not when its secrecy ends, not when its
// person is told; and the room's bytes do not change by it.
func TestASealedMatterNeverReachesTheRoom(t *testing.T) {
	w := roomed(t)
	w.published()
	w.pass(2 * time.Hour)
	before := w.bytes()
	cleared := w.clearedCounsel()
	n := w.file(w.certified(1))
	w.study(n, cleared)
	w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield("name", "service_start"), decline("last_ip")...)))
	w.ok(w.desk.Review.Propose(w.ctx, cleared.ID, n, "decided item by item"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	w.ok(w.desk.Sealed.Step(w.ctx, cleared.ID, n, casefile.GagTerminated, w.clock.Now(), "letter of the agency"))
	w.tick()
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	w.pass(25 * time.Hour)
	c := w.load(n)
	if c.Told(0).IsZero() {
		t.Fatal("the person was not told: this test shows nothing")
	}
	for _, d := range must(w.desk.Files.Sealed.Store.DutiesOf(w.ctx, n))(t) {
		if d.Kind == casefile.DutyRoom || d.Kind == casefile.DutyShow {
			t.Errorf("a sealed matter has the duty %s", d.Kind)
		}
	}
	if _, err := c.Apply(casefile.Event{Seq: c.Version() + 1, At: w.clock.Now(), Kind: casefile.KRoomDue, Due: w.clock.Now()}); err == nil {
		t.Error("the papers of a sealed matter can wait for counsel")
	}
	_, err := w.desk.Room.See(w.ctx, cleared.ID, n)
	w.refused(err, fault.NotFound, "the papers of a sealed matter")
	w.refused(w.desk.Room.SayPaper(w.ctx, cleared.ID, n, casefile.RoomDemand, true, ""), fault.NotFound, "publishing a sealed matter")
	if after := w.bytes(); after != before {
		t.Errorf("the room has changed:\n%s\n%s", before, after)
	}
}

// bytes are the hashes of all that the room holds, but for the day of its count.
func (w *world) bytes() string {
	w.Helper()
	var s strings.Builder
	w.ok(fs.WalkDir(w.room(), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f := must(w.room().Open(path))(w)
		defer f.Close()
		b := must(io.ReadAll(f))(w)
		if path == room.FileCounts {
			b = regexp.MustCompile(`"as_of".*`).ReplaceAll(b, nil)
		}
		s.WriteString(path + " " + string(casefile.SumOf(b)) + "\n")
		return nil
	}))
	return s.String()
}

// A preservation discloses nothing, nobody is told, and nothing is published.
func TestWhatNobodyIsToldOfIsNotPublished(t *testing.T) {
	w := roomed(t)
	n := w.file(w.letterToPreserve())
	w.study(n, w.analyst)
	var all []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: casefile.Keep, Reason: "the request is in form"})
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, all))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "decided item by item"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(30 * 24 * time.Hour)
	if c := w.load(n); w.door.Used(disclosable.Preserve) == 0 || !c.Room.Due.IsZero() {
		t.Fatalf("kept %d, room %+v", w.door.Used(disclosable.Preserve), c.Room)
	}
}
