package desk_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"filippo.io/age"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/law"

	soft "letterlock/internal/testkit/passkey"
)

const day = 24 * time.Hour

type armedPen struct {
	agency.Officer
	key *soft.Authenticator
}

// life is one request: what the test did with it, and what has to come of it.
// Nothing in it is read from the desk but its number and a package's last day.
type life struct {
	n         casefile.Number
	story     string
	row       law.Row
	country   law.Jurisdiction
	filed     time.Time
	accounts  int       // that were asked about
	tapped    time.Time // the end of its trace
	outcome   string    // of the answer; empty: none
	withdrawn bool
	gag       *int // days; 0: no end
	told      string
	followed  bool
	due       []due
	papers    int
	packages  []pack
	kept      []keep
}

// due is what has to happen: once, and between these moments.
type due struct {
	kind        casefile.Kind
	alarm       string
	from, until time.Time
}

// pack is a package with its last day.
type pack struct {
	sum   casefile.Sum
	until time.Time
}

// keep is a snapshot with its end.
type keep struct {
	taken disclosable.Hash
	until time.Time
}

// soon is how late something may be: the desk is looked at a minute after.
const soon = 3 * time.Minute

func (l *life) owes(k casefile.Kind, at time.Time) {
	l.due = append(l.due, due{kind: k, from: at, until: at.Add(soon)})
}

// plans puts one request into the year: its moment, its kind and what becomes
// of it are drawn.
func (x *year) plans(i int) {
	r := x.r
	days := int(yearUntil.Sub(yearFrom) / day)
	at := yearFrom.AddDate(0, 0, r.IntN(days)).Add(time.Duration(8+r.IntN(9))*time.Hour + 17*time.Minute)
	stories := []func(int){x.open, x.open, x.gagged, x.gagged, x.gagged, x.refusedOne, x.nobody, x.preserved, x.preservedTwice, x.european, x.national, x.danger, x.traced, x.takenBack, x.objected, x.endless, x.listed, x.listed, x.upheld, x.breached, x.tracedOn, x.tapped48, x.anySealed, x.anyLaw, x.anyLaw, x.anyLaw, x.anyLaw}
	do := stories[i%len(stories)]
	x.at(at, func() { do(i) })
}

// asks is a demand of its own about a person of its own.
func (x *year) asks(i int, row law.ProcessID) casefile.Demand {
	d := x.order()
	d.Process, d.Reference, d.CaseRef = row, fmt.Sprint("Y-", i), fmt.Sprint("1:27-", i)
	d.Wanted = []casefile.Item{"name", "service_start"}
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	return d
}

// begins files a demand and notes what the test knows of it.
func (x *year) begins(story string, s *sender, d casefile.Demand) *life {
	x.Helper()
	l := &life{story: story, country: s.country, filed: x.clock.Now(), accounts: len(d.Targets)}
	l.row, _ = law.Default().Row(d.Process, l.filed)
	dr := must_(x, func() (casefile.Draft, error) { return x.desk.Intake.Start(x.ctx, s.ID, d.Process) })
	d.OfficerName = s.Name
	must_(x, func() (casefile.Draft, error) { return x.desk.Intake.Save(x.ctx, s.Actor(), dr.ID, d) })
	if d.Process != law.Emergency {
		must_(x, func() (casefile.Paper, error) {
			return x.desk.Intake.AddPaper(x.ctx, s.Actor(), dr.ID, "order.pdf", "order", bytes.NewReader(pdf(d.Reference)))
		})
		l.papers++
	}
	l.n = must_(x, func() (casefile.Number, error) { return x.desk.Intake.File(x.ctx, s.Actor(), dr.ID) })
	x.numbered(l)
	x.lives = append(x.lives, l)
	return l
}

// numbered: ordinary requests are numbered one after the other, whatever comes
// under seal between them.
func (x *year) numbered(l *life) {
	if casefile.SealedRow(l.row) {
		if !l.n.Sealed() {
			x.Errorf("%s has a number of the ordinary range", l.story)
		}
		return
	}
	x.filed[l.filed.Year()]++
	if want := casefile.Ordinary(l.filed.Year(), x.filed[l.filed.Year()]); l.n != want {
		x.Errorf("%s is numbered %s, and %s was next", l.story, l.n, want)
	}
}

func must_[T any](x *year, f func() (T, error)) T {
	x.Helper()
	return must(f())(x)
}

func (x *year) proposes(l *life, who staff.Member) {
	x.Helper()
	x.ok(x.desk.Review.Propose(x.ctx, who.ID, l.n, "what was decided is carried out"))
	x.sign()
}

// answered: from at on there is an answer, which its officer collects and opens,
// and which is destroyed on the day that it states.
func (x *year) answers(l *life, s *sender, at time.Time, outcome string) {
	l.outcome = outcome
	l.due = append(l.due, due{kind: casefile.KPacked, from: at, until: at.Add(20 * time.Minute)})
	x.around(at)
	x.at(at.Add(time.Hour), func() { x.collectsAll(l, s, 1) })
}

// collectsAll downloads and opens each package of a case.
func (x *year) collectsAll(l *life, s *sender, want int) {
	x.Helper()
	c := x.load(l.n)
	if len(c.Packages) != want {
		x.Fatalf("%s, %s: %d packages, %s, alarms %+v", l.n, l.story, len(c.Packages), c.Phase(), c.Alarms)
	}
	for _, p := range c.Packages[len(l.packages):] { // those before were collected
		f, p, err := x.desk.Intake.Collect(x.ctx, s.Actor(), l.n, p.ID)
		x.ok(err)
		b := must(io.ReadAll(f))(x)
		f.Close()
		var id age.Identity = s.key
		if s.key == nil {
			secret := must(x.desk.Intake.Passphrase(x.ctx, s.Actor(), l.n, p.ID))(x)
			id = must(age.NewScryptIdentity(secret.Reveal()))(x)
		}
		x.verifiesWith(b, id)
		if life := p.Expires.Sub(p.Made); life != 30*day {
			x.Errorf("%s: a package for %s", l.n, life)
		}
		l.packages = append(l.packages, pack{p.Sum, p.Expires})
		l.owes(casefile.KDestroyed, p.Expires)
		x.around(p.Expires)
	}
}

// releases: the records leave the carrier, and are packed.
func (x *year) releases(l *life, s *sender, at time.Time, outcome string) {
	l.owes(casefile.KReleased, at)
	x.answers(l, s, at, outcome)
}

func (x *year) tells(l *life, at time.Time, how string) {
	l.told = how
	l.owes(casefile.KTold, at)
	x.around(at)
}

// warns: somebody of the team is asked to look again.
func (x *year) warns(l *life, at time.Time, text string) {
	l.due = append(l.due, due{kind: casefile.KAlarm, alarm: text, from: at, until: at.Add(soon)})
	x.around(at)
}

var usRows = []law.ProcessID{"us.order.2703d", "us.subpoena.gj", "us.subpoena.trial", "us.warrant.search"}

func (x *year) usRow() law.ProcessID { return usRows[x.r.IntN(len(usRows))] }

// open: the person is told, has seven days, and then the records go.
func (x *year) open(i int) {
	l := x.begins("open", x.senders["US"], x.asks(i, x.usRow()))
	x.study(l.n, x.analyst)
	x.produceAll(l.n, x.analyst)
	x.proposes(l, x.analyst)
	x.tells(l, l.filed, "before")
	x.releases(l, x.senders["US"], l.filed.AddDate(0, 0, 7), "all")
}

// ending draws the end of a secrecy order: on a Saturday, a Sunday, on 29
// February, on the last day of a month, or on any day.
func (x *year) ending(from time.Time) time.Time {
	t := time.Date(from.Year(), from.Month(), from.Day()+20+x.r.IntN(100), 0, 0, 0, 0, time.UTC)
	leap := time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	switch k := x.r.IntN(5); {
	case k == 0 && leap.After(from.Add(day)) && leap.Before(from.AddDate(0, 0, 360)):
		return leap
	case k == 1:
		return t.AddDate(0, 0, int(time.Saturday-t.Weekday()))
	case k == 2:
		return t.AddDate(0, 0, 7-int(t.Weekday()))
	case k == 3:
		return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return t.Add(time.Duration(x.r.IntN(86400)) * time.Second)
}

func (x *year) silenced(d *casefile.Demand, until time.Time) {
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: until, Grounds: []string{"2705(b)(1)"}, Basis: "18 USC 2705(b)"}
}

// gagged: the records go at once, and the person is told when the order ends.
// Every third order is renewed once before it does.
func (x *year) gagged(i int) {
	d := x.asks(i, x.usRow())
	until := x.ending(x.clock.Now())
	x.silenced(&d, until)
	days := int(until.Sub(d.Issued) / day)
	l := x.begins("gagged", x.senders["US"], d)
	l.gag = &days
	x.study(l.n, x.analyst)
	x.produceAll(l.n, x.analyst)
	x.proposes(l, x.analyst)
	x.releases(l, x.senders["US"], l.filed, "all")
	if x.r.IntN(3) > 0 {
		x.tells(l, until, "after")
		return
	}
	l.story = "gagged, renewed"
	later := until.AddDate(0, 0, 45)
	x.at(until.AddDate(0, 0, -3), func() {
		x.ok(x.desk.Notice.Later(x.ctx, x.analyst.ID, l.n, later, true, "order renewed by the court"))
		x.look()
		x.sign()
	})
	x.around(until) // and nobody is told
	x.tells(l, later, "after")
}

// endless: secrecy without an end is looked at after 90 days; then it is ended.
func (x *year) endless(i int) {
	d := x.asks(i, "us.order.2703d")
	x.silenced(&d, time.Time{})
	l := x.begins("endless", x.senders["US"], d)
	l.gag = new(int)
	x.study(l.n, x.analyst)
	x.produceAll(l.n, x.analyst)
	x.proposes(l, x.analyst)
	x.releases(l, x.senders["US"], l.filed, "all")
	x.warns(l, l.filed.AddDate(0, 0, 90), notice.AlarmReview)
	end := l.filed.AddDate(0, 0, 95)
	x.at(end, func() {
		x.ok(x.desk.Notice.Now(x.ctx, x.analyst.ID, l.n, "the order lapsed"))
		x.look()
		x.sign()
	})
	x.tells(l, end, "after")
}

func (x *year) refusedOne(i int) {
	l := x.begins("refused", x.senders["US"], x.asks(i, x.usRow()))
	x.study(l.n, x.analyst)
	x.ok(x.desk.Review.Decide(x.ctx, x.analyst.ID, l.n, decline("name", "service_start")))
	x.ok(x.desk.Review.Answer(x.ctx, x.analyst.ID, l.n, "nothing is produced"))
	x.answers(l, x.senders["US"], l.filed, "refused")
}

// nobody: there is no such account.
func (x *year) nobody(i int) {
	d := x.asks(i, x.usRow())
	delete(x.door.Accounts, d.Targets[0].Identifier)
	l := x.begins("nobody", x.senders["US"], d)
	x.study(l.n, x.analyst)
	x.produceAll(l.n, x.analyst)
	x.ok(x.desk.Review.Answer(x.ctx, x.analyst.ID, l.n, "nothing is produced"))
	x.answers(l, x.senders["US"], l.filed, "no data")
}

// takenBack: the agency withdraws before anything is decided.
func (x *year) takenBack(i int) {
	s := x.senders["US"]
	l := x.begins("withdrawn", s, x.asks(i, x.usRow()))
	l.withdrawn = true
	x.at(l.filed.Add(5*time.Hour), func() { x.ok(x.desk.Intake.Withdraw(x.ctx, s.Actor(), l.n, "not needed")) })
}

// objected: the person objects; the release waits until counsel has closed it.
func (x *year) objected(i int) {
	l := x.begins("objected", x.senders["US"], x.asks(i, x.usRow()))
	x.study(l.n, x.analyst)
	x.produceAll(l.n, x.analyst)
	x.proposes(l, x.analyst)
	x.tells(l, l.filed, "before")
	heard := l.filed.AddDate(0, 0, 2)
	x.at(heard, func() { x.door.Object(string(l.n), "this is my colleague's number") })
	x.warns(l, heard, notice.AlarmObject)
	x.around(l.filed.AddDate(0, 0, 7)) // and nothing goes
	closed := l.filed.AddDate(0, 0, 9)
	x.at(closed, func() {
		number := x.load(l.n).Objections[0].Number
		x.ok(x.desk.Notice.CloseObjection(x.ctx, x.counsel.ID, l.n, number, false, "the court has heard it"))
	})
	x.releases(l, x.senders["US"], closed, "all")
}

// national: a letter under seal.
func (x *year) national(i int) {
	d := x.letter(i)
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	l := x.begins("national", x.senders["US"], d)
	x.study(l.n, x.cleared)
	x.ok(x.desk.Review.Decide(x.ctx, x.cleared.ID, l.n, append(yield("name", "service_start"), decline("last_ip")...)))
	x.proposes(l, x.cleared)
	x.releases(l, x.senders["US"], l.filed, "part")
	x.warns(l, l.filed.AddDate(0, 0, l.row.NoticeRule.ReviewDays), notice.AlarmReview)
}

// danger: an emergency with all its barriers; every second agency sends the
// legal process that it promised, on the third day. Until then the agency has
// no other emergency: what it owes would stand against it.
func (x *year) danger(i int) {
	if now := x.clock.Now(); now.Before(x.owing) {
		x.open(i)
		return
	}
	x.owing = x.clock.Now().AddDate(0, 0, 4)
	d := x.siren()
	d.Reference, d.Targets = fmt.Sprint("E-", i), []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	l := x.begins("danger", x.senders["US"], d)
	s := &scene{world: x.world, n: l.n, key: x.pens[0].key, boss: x.boss, bossKey: x.pens[1].key}
	x.assign(l.n, x.analyst.ID)
	x.free(l.n, x.second)
	s.meet()
	x.free(l.n, x.analyst, x.second)
	s.answerRest(x.analyst)
	x.produceAll(l.n, x.analyst)
	x.proposes(l, x.second)
	x.releases(l, x.senders["US"], l.filed, "all")
	x.tells(l, l.filed.AddDate(0, 0, l.row.NoticeRule.ReviewDays), "after")
	x.chased(l, l.filed.Add(day))
	x.chased(l, l.filed.Add(2*day))
	end := l.filed.Add(3*day + time.Hour)
	x.at(end, func() {
		if i/20%2 == 0 {
			x.ok(x.desk.Urgent.Close(x.ctx, x.lead.ID, l.n, "the office was dissolved"))
			return
		}
		p := must(x.desk.Intake.AddCasePaper(x.ctx, x.reyes.Actor(), l.n, "warrant.pdf", "legal_process", bytes.NewReader(pdf(d.Reference+"W"))))(x)
		must(x.desk.Review.ReadPaper(x.ctx, x.analyst.ID, l.n, p.ID))(x)
		x.ok(x.desk.Urgent.Arrived(x.ctx, x.analyst.ID, l.n, casefile.Arrival{Paper: p.ID, Covers: true}, "a warrant"))
		l.followed = true
		l.papers++
	})
}

func (x *year) chased(l *life, at time.Time) {
	l.owes(casefile.KChased, at)
	x.around(at)
}

// traced: a pen register of ten days with something seen on two of them.
func (x *year) traced(i int) {
	s := x.senders["US"]
	d := x.penRegister()
	d.Reference, d.CaseRef = fmt.Sprint("T-", i), fmt.Sprint("1:27-pr-", i)
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	l := x.taps("traced", d)
	l.owes(casefile.KTraced, l.filed)
	end := l.filed.AddDate(0, 0, 10)
	l.tapped = end
	for _, on := range []int{1, 6} {
		x.at(l.filed.AddDate(0, 0, on).Add(10*time.Minute), func() { x.spot(x.load(l.n).Taps[0].Grant, 2) })
	}
	l.due = append(l.due, due{kind: casefile.KTraceEnded, from: end, until: end.Add(10 * time.Minute)})
	x.around(end)
	x.warns(l, l.filed.AddDate(0, 0, l.row.NoticeRule.ReviewDays), notice.AlarmReview)
	x.at(end.Add(time.Hour), func() {
		c := x.load(l.n)
		if seen := c.Taps[0].Events(); seen != 4 {
			x.Errorf("%s: %d events of 4", l.n, seen)
		}
		l.outcome = "all"
		x.collectsAll(l, s, len(c.Packages))
	})
}

// ordinaryRows are the rows that have no story of their own.
func (x *year) ordinaryRows() (out []law.Row) {
	own := []law.ProcessID{law.Emergency, "us.preservation", "eu.epocpr", "us.order.pentrap", "us.order.pentrap.emerg"}
	for _, r := range law.Default().Rows() {
		if !slices.Contains(own, r.ID) && r.InForce(x.clock.Now()) && !casefile.SealedRow(r) {
			out = append(out, r)
		}
	}
	return out
}

// anyLaw: a request under one row of the table after the other, decided by
// counsel: produced where the desk lets it be, else declined.
func (x *year) anyLaw(i int) {
	rows := x.ordinaryRows()
	row := rows[x.turn%len(rows)]
	x.turn++
	s := x.senders[row.Jurisdiction]
	if row.Jurisdiction == "EU" || row.Jurisdiction == "COE" {
		s = x.senders["FR"]
	}
	if s == nil {
		s = x.senders["US"]
	}
	d := x.asks(i, row.ID)
	d.Wanted, d.IssuerRole, d.LegalBasis = []casefile.Item{"name"}, row.Issuers[0].Role, "as the paper says"
	l := x.begins(string(row.ID), s, d)
	x.study(l.n, x.counsel)
	if x.desk.Review.Decide(x.ctx, x.counsel.ID, l.n, yield("name")) == nil && x.desk.Review.Propose(x.ctx, x.counsel.ID, l.n, "what was decided is carried out") == nil {
		x.sign()
		x.byRule(l, s)
		return
	}
	x.declines(l, x.counsel, x.lead)
	x.answers(l, s, l.filed, "refused")
}

// declines refuses all that was asked for; a demand on the system two close.
func (x *year) declines(l *life, counsel, lead staff.Member) {
	x.Helper()
	x.ok(x.desk.Review.Decide(x.ctx, counsel.ID, l.n, decline(x.load(l.n).Demand.Wanted...)))
	if x.desk.Review.Answer(x.ctx, counsel.ID, l.n, "nothing is produced") != nil {
		x.free(l.n, lead)
		x.ok(x.desk.Review.Agree(x.ctx, counsel.ID, l.n, "it is not lawful"))
		x.ok(x.desk.Review.Agree(x.ctx, lead.ID, l.n, "it is not lawful"))
		x.ok(x.desk.Review.Answer(x.ctx, counsel.ID, l.n, "nothing is produced"))
	}
}

// byRule is the law's rule of notice, written a second time.
func (x *year) byRule(l *life, s *sender) {
	rule := l.row.NoticeRule
	review := l.filed.AddDate(0, 0, rule.ReviewDays)
	switch {
	case rule.Provider == law.DutyAuthority || rule.Provider == law.DutyMustNot:
		x.releases(l, s, l.filed, "all")
		x.warns(l, review, notice.AlarmReview)
	case rule.Timing == law.TimingAfter:
		x.releases(l, s, l.filed, "all")
		x.tells(l, review, "after")
	default:
		x.tells(l, l.filed, "before")
		x.releases(l, s, l.filed.AddDate(0, 0, rule.LeadDays), "all")
	}
}
