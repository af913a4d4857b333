package desk_test

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/retain"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// asked is a method of a service that a member calls, and what it takes.
type asked struct {
	need casefile.Permission
	call func(by staff.Member) error
}

func second[T any](_ T, err error) error { return err }

// waitsOr is nil for a case that waits for no certificate: to a custodian it
// does not exist, which is no matter of their role.
func waitsOr(err error) error {
	if fault.Is(err, fault.Withheld) {
		return nil
	}
	return err
}

// methods is every method of the desk's services that a member calls.
func (w *world) methods(n casefile.Number) map[string]asked {
	d, ctx := w.desk, w.ctx
	doc := w.load(n).Demand.Papers[0].ID
	return map[string]asked{
		"review.Queue":         {casefile.SeeCases, func(m staff.Member) error { return second(d.Review.Queue(ctx, m.ID, casefile.Filter{})) }},
		"review.Case":          {casefile.OpenCases, func(m staff.Member) error { return second(d.Review.Case(ctx, m.ID, n)) }},
		"review.Signing":       {casefile.OpenCases, func(m staff.Member) error { return second(d.Review.Signing(ctx, m.ID, n)) }},
		"review.Assign":        {casefile.AssignCases, func(m staff.Member) error { return d.Review.Assign(ctx, m.ID, n, "nobody", "it is theirs to decide") }},
		"review.AddFinding":    {casefile.DecideCases, func(m staff.Member) error { return d.Review.AddFinding(ctx, m.ID, n, "FORM.UNSIGNED", "x") }},
		"review.AnswerFinding": {casefile.DecideCases, func(m staff.Member) error { return d.Review.AnswerFinding(ctx, m.ID, n, "NO", true, "x") }},
		"review.SeeAlarm":      {casefile.NoteAlarms, func(m staff.Member) error { return d.Review.SeeAlarm(ctx, m.ID, n, "x", "x") }},
		"review.Ask":           {casefile.DecideCases, func(m staff.Member) error { return d.Review.Ask(ctx, m.ID, n, "which county?") }},
		"review.LookUpAll": {casefile.DecideCases, func(m staff.Member) error {
			return second(d.Review.LookUpAll(ctx, m.ID, n, "the request asks about them"))
		}},
		"review.ResolveAll": {casefile.DecideCases, func(m staff.Member) error { return d.Review.ResolveAll(ctx, m.ID, n, "the request asks about them") }},
		"review.Resolve": {casefile.DecideCases, func(m staff.Member) error {
			return second(d.Review.Resolve(ctx, m.ID, n, 0, "the request asks about it"))
		}},
		"review.Decide":         {casefile.DecideCases, func(m staff.Member) error { return d.Review.Decide(ctx, m.ID, n, nil) }},
		"review.Propose":        {casefile.DecideCases, func(m staff.Member) error { return d.Review.Propose(ctx, m.ID, n, "what was decided is carried out") }},
		"review.WithdrawGrants": {casefile.DecideCases, func(m staff.Member) error { return d.Review.WithdrawGrants(ctx, m.ID, n, "x") }},
		"review.Answer":         {casefile.DecideCases, func(m staff.Member) error { return d.Review.Answer(ctx, m.ID, n, "nothing is produced") }},
		"review.ReadPaper":      {casefile.ReadPapers, func(m staff.Member) error { return second(d.Review.ReadPaper(ctx, m.ID, n, doc)) }},
		"review.PaperPage": {casefile.ReadPapers, func(m staff.Member) error {
			return second(d.Review.PaperPage(ctx, m.ID, n, doc, 1, casefile.ZoomPage))
		}},
		"intake.PaperDrafts":  {casefile.EnterPapers, func(m staff.Member) error { return second(d.Intake.PaperDrafts(ctx, m.ID)) }},
		"review.Query":        {casefile.DecideCases, func(m staff.Member) error { return d.Review.Query(ctx, m.ID, n, review.Query{Text: "which?"}) }},
		"review.Agree":        {casefile.DecideCases, func(m staff.Member) error { return d.Review.Agree(ctx, m.ID, n, "x") }},
		"review.DeclineAll":   {casefile.DecideCases, func(m staff.Member) error { return d.Review.DeclineAll(ctx, m.ID, n) }},
		"review.Notified":     {casefile.DecideCases, func(m staff.Member) error { return d.Review.Notified(ctx, m.ID, n, "x", "the regulation asks for it") }},
		"review.Cleared":      {casefile.DecideCases, func(m staff.Member) error { return d.Review.Cleared(ctx, m.ID, n, "x") }},
		"review.Advise":       {casefile.DecideCounsel, func(m staff.Member) error { return d.Review.Advise(ctx, m.ID, n, "name", "x") }},
		"review.EndChallenge": {casefile.DecideCounsel, func(m staff.Member) error { return d.Review.EndChallenge(ctx, m.ID, n, "x", casefile.OutcomeWon, "x") }},
		"review.FileChallenge": {casefile.DecideCounsel, func(m staff.Member) error {
			return d.Review.FileChallenge(ctx, m.ID, n, casefile.Filing{Where: "court", Grounds: "x", Filed: start.Add(-time.Hour)})
		}},
		"review.NarrowPeriod": {casefile.DecideCases, func(m staff.Member) error {
			return d.Review.NarrowPeriod(ctx, m.ID, n, casefile.Shorter{From: start, Until: start.Add(time.Hour), Why: "x"})
		}},
		"review.ApproveList": {casefile.ApproveLaw, func(m staff.Member) error { return d.ApproveList(ctx, m.ID, "no-such", law.RowHash{}, "x") }},
		"review.ApproveRow":  {casefile.ApproveLaw, func(m staff.Member) error { return d.ApproveRow(ctx, m.ID, "no.such", law.RowHash{}, "x") }},
		"notice.Plan":        {casefile.OpenCases, func(m staff.Member) error { return second(d.Notice.Plan(ctx, m.ID, n)) }},
		"notice.Except":      {casefile.DecideCases, func(m staff.Member) error { return d.Notice.Except(ctx, m.ID, n, law.NoException, "x", time.Time{}) }},
		"notice.Later": {casefile.DecideCases, func(m staff.Member) error {
			return d.Notice.Later(ctx, m.ID, n, w.clock.Now().Add(time.Hour), false, "x")
		}},
		"notice.Now":            {casefile.DecideCases, func(m staff.Member) error { return d.Notice.Now(ctx, m.ID, n, "x") }},
		"notice.CloseObjection": {casefile.DecideCounsel, func(m staff.Member) error { return d.Notice.CloseObjection(ctx, m.ID, n, 1, true, "x") }},
		"watch.Confirm":         {casefile.ConfirmClock, func(m staff.Member) error { return d.Watch.Confirm(ctx, m.ID, "compared with a telephone") }},
		"intake.StartPaper": {casefile.EnterPapers, func(m staff.Member) error {
			return second(d.Intake.StartPaper(ctx, m.ID, w.agency.ID, law.ChannelMail, "us.order.2703d"))
		}},
		"intake.Draft": {casefile.EnterPapers, func(m staff.Member) error { return second(d.Intake.Draft(ctx, m.Actor(), "x")) }},
		"intake.Save":  {casefile.EnterPapers, func(m staff.Member) error { return second(d.Intake.Save(ctx, m.Actor(), "x", casefile.Demand{})) }},
		"intake.SaveStep": {casefile.EnterPapers, func(m staff.Member) error {
			return second(d.Intake.SaveStep(ctx, m.Actor(), "x", casefile.Demand{}, "x"))
		}},
		"intake.File":    {casefile.EnterPapers, func(m staff.Member) error { return second(d.Intake.File(ctx, m.Actor(), "x")) }},
		"intake.Preview": {casefile.EnterPapers, func(m staff.Member) error { return second(d.Intake.Preview(ctx, m.Actor(), "x")) }},
		"intake.AddPaper": {casefile.EnterPapers, func(m staff.Member) error {
			return second(d.Intake.AddPaper(ctx, m.Actor(), "x", "a.pdf", "", strings.NewReader("")))
		}},
		"intake.AddCasePaper": {casefile.EnterPapers, func(m staff.Member) error {
			return second(d.Intake.AddCasePaper(ctx, m.Actor(), n, "a.pdf", "", strings.NewReader("")))
		}},
		"intake.StartMail": {casefile.EnterPapers, func(m staff.Member) error { return second(d.Intake.StartMail(ctx, m.ID, false, nil, casefile.Email{})) }},
		"intake.MailParts": {casefile.EnterPapers, func(m staff.Member) error { return d.Intake.MailParts(ctx, m.Actor(), "x", nil) }},
		"intake.SettleMail": {casefile.EnterPapers, func(m staff.Member) error {
			return second(d.Intake.SettleMail(ctx, m.Actor(), "x", w.agency.ID, law.ChannelMail, "us.order.2703d", true))
		}},
		"intake.HandOver":  {casefile.EnterPapers, func(m staff.Member) error { return d.Intake.HandOver(ctx, m.Actor(), n, "x", "x") }},
		"review.Counts":    {casefile.SeeCases, func(m staff.Member) error { return second(d.Review.Counts(ctx, m.ID)) }},
		"review.TakeNext":  {casefile.DecideCases, func(m staff.Member) error { return second(d.Review.TakeNext(ctx, m.ID)) }},
		"review.AskSecond": {casefile.DecideCases, func(m staff.Member) error { return d.Review.AskSecond(ctx, m.ID, n, "x") }},
		"review.Again":     {casefile.ReviewAgain, func(m staff.Member) error { return second(d.Review.Again(ctx, m.ID)) }},
		"review.TakeAgain": {casefile.ReviewAgain, func(m staff.Member) error {
			return d.Review.TakeAgain(ctx, m.ID, n, "x", "it waits, and I know none of them")
		}},
		"review.GiveAgain":  {casefile.ReviewAgain, func(m staff.Member) error { return d.Review.GiveAgain(ctx, m.ID, n, "x", nil) }},
		"review.CloseAgain": {casefile.DecideCounsel, func(m staff.Member) error { return d.Review.CloseAgain(ctx, m.ID, n, "x", "x") }},
		"review.Sight":      {casefile.ReviewAgain, func(m staff.Member) error { return second(d.Review.Sight(ctx, m.ID, n, "x")) }},
		"review.ToCertify":  {casefile.Certify, func(m staff.Member) error { return second(d.Review.ToCertify(ctx, m.ID)) }},
		"review.ReadCertificate": {casefile.Certify, func(m staff.Member) error {
			return waitsOr(second(d.Review.ReadCertificate(ctx, m.ID, n, w.clock.Now())))
		}},
		"review.Certify":      {casefile.Certify, func(m staff.Member) error { return waitsOr(d.Review.Certify(ctx, m.ID, n, w.clock.Now(), nil)) }},
		"review.Lend":         {casefile.LendCases, func(m staff.Member) error { return d.Review.Lend(ctx, m.ID, n, "x", w.clock.Now().Add(time.Hour), "x") }},
		"review.TakeBackLoan": {casefile.LendCases, func(m staff.Member) error { return d.Review.TakeBackLoan(ctx, m.ID, n, "x", "it is answered") }},
		"review.Opine":        {casefile.Advise, func(m staff.Member) error { return d.Review.Opine(ctx, m.ID, n, "x") }},
		"review.NoTie":        {casefile.DecideCases, func(m staff.Member) error { return d.Review.NoTie(ctx, m.ID, n, "I know none of them") }},
		"review.OpenPaper":    {casefile.ReadPapers, func(m staff.Member) error { return second2(d.Review.OpenPaper(ctx, m.ID, n, doc)) }},
		"intake.Correct":      {casefile.EnterPapers, func(m staff.Member) error { return d.Intake.Correct(ctx, m.Actor(), n, casefile.Demand{}, "x") }},
		"intake.Withdraw":     {casefile.EnterPapers, func(m staff.Member) error { return d.Intake.Withdraw(ctx, m.Actor(), n, "x") }},
		"intake.Answer":       {casefile.EnterPapers, func(m staff.Member) error { return d.Intake.Answer(ctx, m.Actor(), n, "x", "x") }},
		"intake.Collect":      {casefile.HandPackages, func(m staff.Member) error { return second2(d.Intake.Collect(ctx, m.Actor(), n, "x")) }},
		"intake.Collectable":  {casefile.HandPackages, func(m staff.Member) error { return second(d.Intake.Collectable(ctx, m.Actor(), n, "x")) }},
		"intake.CollectPart": {casefile.HandPackages, func(m staff.Member) error {
			return second(d.Intake.CollectPart(ctx, m.Actor(), n, casefile.Package{ID: "x"}, casefile.Part{}))
		}},
		"review.StopTrace": {casefile.DecideCases, func(m staff.Member) error { return d.Review.StopTrace(ctx, m.ID, n, disclosable.Hash{}, "x") }},
		"review.ChooseSnapshot": {casefile.DecideCases, func(m staff.Member) error {
			return d.Review.ChooseSnapshot(ctx, m.ID, n, 0, disclosable.Hash{}, true, "the request names it")
		}},
		"intake.Passphrase": {casefile.HandPackages, func(m staff.Member) error { return second(d.Intake.Passphrase(ctx, m.Actor(), n, "x")) }},
		"agency.AddAgency":  {casefile.KeepDirectory, func(m staff.Member) error { return second(d.Agencies.AddAgency(ctx, m.Actor(), agency.Agency{})) }},
		"agency.Confirm":    {casefile.KeepDirectory, func(m staff.Member) error { return d.Agencies.Confirm(ctx, m.Actor(), w.reyes.ID, "x") }},
		"agency.Cut": {casefile.KeepDirectory, func(m staff.Member) error {
			return second(d.Agencies.Cut(ctx, m.Actor(), casefile.CutDomain, "no.example", "x"))
		}},
		"desk.Cut": {casefile.CutAccess, func(m staff.Member) error {
			return second(d.Cut(ctx, m.ID, casefile.CutDomain, "no.example", "x"))
		}},
		"desk.Restore":    {casefile.RestoreAccess, func(m staff.Member) error { return d.Restore(ctx, m.ID, "no", "x") }},
		"breach.Progress": {casefile.SeeCases, func(m staff.Member) error { return second(d.Breach.Progress(ctx, m.ID, "no")) }},
		"breach.Letter":   {casefile.SeeCases, func(m staff.Member) error { return second(d.Breach.Letter(ctx, m.ID, "no")) }},
		"breach.Hold":     {casefile.SeeCases, func(m staff.Member) error { _, _, err := d.Breach.Hold(ctx, m.ID, n); return err }},
		"breach.Review":   {casefile.DecideCases, func(m staff.Member) error { return d.Breach.Review(ctx, m.ID, n, casefile.Genuine, "x") }},
		"breach.Release":  {casefile.DecideCounsel, func(m staff.Member) error { return d.Breach.Release(ctx, m.ID, n, "x") }},
		"risk.Propose":    {casefile.ProposeRules, func(m staff.Member) error { return d.Risk.Propose(ctx, m.ID, "no", "no", 1, "x") }},
		"risk.Agree":      {casefile.AgreeRules, func(m staff.Member) error { return d.Risk.Agree(ctx, m.ID, "no", true, "the figures bear it out") }},
		"agency.LostKeys": {casefile.KeepDirectory, func(m staff.Member) error { return d.Agencies.LostKeys(ctx, m.Actor(), w.reyes.ID, "x") }},
		"agency.SetRole":  {casefile.KeepDirectory, func(m staff.Member) error { return d.Agencies.SetRole(ctx, m.Actor(), w.reyes.ID, "x", "their office") }},
		"agency.Restore":  {casefile.KeepDirectory, func(m staff.Member) error { return d.Agencies.Restore(ctx, m.Actor(), "no", "x") }},
		"room.See":        {casefile.AgreePapers, func(m staff.Member) error { return second(d.Room.See(ctx, m.ID, n)) }},
		"room.Picture":    {casefile.AgreePapers, func(m staff.Member) error { return second(d.Room.Picture(ctx, m.ID, n, "x", 1, false)) }},
		"room.Agree":      {casefile.AgreePapers, func(m staff.Member) error { return d.Room.Agree(ctx, m.ID, n, casefile.SumOf(nil), "x") }},
		"room.Published":  {casefile.AgreePapers, func(m staff.Member) error { return second(d.Room.Published(ctx, m.ID)) }},
		"room.Waiting":    {casefile.AgreePapers, func(m staff.Member) error { return second(d.Room.Waiting(ctx, m.ID)) }},
		"room.SayNames":   {casefile.SetPapers, func(m staff.Member) error { return d.Room.SayNames(ctx, m.ID, n, true, true) }},
		"room.SayPaper":   {casefile.SetPapers, func(m staff.Member) error { return d.Room.SayPaper(ctx, m.ID, n, "x", false, "x") }},
		"room.SayWords":   {casefile.SetPapers, func(m staff.Member) error { return d.Room.SayWords(ctx, m.ID, n, "x", 1, "x") }},
		"room.SayPage":    {casefile.SetPapers, func(m staff.Member) error { return d.Room.SayPage(ctx, m.ID, n, "x", 1, true) }},
		"room.AddBox":     {casefile.SetPapers, func(m staff.Member) error { return d.Room.AddBox(ctx, m.ID, n, "x", 1, casefile.Box{}) }},
		"room.DropBox":    {casefile.SetPapers, func(m staff.Member) error { return d.Room.DropBox(ctx, m.ID, n, "x", 1, 0) }},
		"room.Put":        {casefile.SetPapers, func(m staff.Member) error { return d.Room.Put(ctx, m.ID, n, "x") }},
		"room.Withdraw":   {casefile.SetPapers, func(m staff.Member) error { return d.Room.Withdraw(ctx, m.ID, n, "x", "x") }},
		"retain.Hold": {casefile.DecideCounsel, func(m staff.Member) error {
			return d.Retain.Hold(ctx, m.ID, n, retain.Order{Day: w.clock.Now().AddDate(0, 0, 40), Why: "a lawsuit"})
		}},
		"retain.Renew": {casefile.DecideCounsel, func(m staff.Member) error {
			return d.Retain.Renew(ctx, m.ID, n, "no", retain.Order{Day: w.clock.Now().AddDate(0, 0, 40), Why: "a lawsuit"})
		}},
		"retain.End":   {casefile.DecideCounsel, func(m staff.Member) error { return d.Retain.End(ctx, m.ID, n, "no", "it is over") }},
		"figures.Page": {casefile.SeeFigures, func(m staff.Member) error { return second(d.Figures.Page(ctx, m.ID, casefile.Span{}, false)) }},
		"staff.Invite": {casefile.KeepTeam, func(m staff.Member) error { return second(d.Staff.Invite(ctx, m.ID, staff.Invitation{})) }},
		"staff.Leave":  {casefile.KeepTeam, func(m staff.Member) error { return d.Staff.Leave(ctx, m.ID, "nobody", "x") }},
		"staff.Train": {casefile.RecordCourses, func(m staff.Member) error {
			return d.Staff.Train(ctx, m.ID, "nobody", "2026-1", 90, "taught in the house")
		}},
	}
}

func second2[A, B any](_ A, _ B, err error) error { return err }

// open are methods that a member calls without a permission of their own: they
// concern nobody else, or refuse whoever is no owner.
var open = []string{"intake.Save", "intake.Case", "intake.Accounts", "intake.RemovePaper", "intake.Drop", "review.Lent", "intake.HandOverAll", "intake.NamePaper", "intake.StartOnce", "intake.SendOnce", "intake.Drafts", "intake.Cases"}

// byRole joins a member of each role, trained.
func (w *world) byRole() map[staff.Role]staff.Member {
	w.Helper()
	out := map[staff.Role]staff.Member{}
	for _, r := range staff.Roles {
		box := string(r) + "@roles.example"
		must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "A person of " + string(r), Mailbox: box, Roles: []staff.Role{r}}))(w)
		m := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, box), "", w.key()))(w)
		w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
		out[r] = m
	}
	return out
}

// TestEveryMethodAsksTheTable calls every method of the services that takes a
// member with a member of every role, and compares with the table. A method
// that is neither in the list nor said to be open fails the test.
func TestEveryMethodAsksTheTable(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	all, people := w.methods(n), w.byRole()
	for name, a := range all {
		for r, m := range people {
			err := a.call(m)
			refused := fault.Is(err, fault.Forbidden) && strings.Contains(fault.Say(err), "your role may not") || fault.Is(err, fault.Withheld) && !r.May(casefile.SeeCases)
			if a.need == casefile.KeepDirectory {
				refused = fault.Is(err, fault.Forbidden)
			}
			if may := r.May(a.need) && (r != staff.Outside || a.need == casefile.ApproveLaw); refused == may {
				t.Errorf("%s by %s: %v; the table says %v", name, r, err, may)
			}
		}
	}
	for r, m := range people { // none of them is cleared: no matter exists for them
		all, err := w.desk.Sealed.Matters(w.ctx, m.ID)
		if len(all) > 0 || second(w.desk.Sealed.Matter(w.ctx, m.ID, n)) == nil || w.desk.Sealed.Step(w.ctx, m.ID, n, casefile.GagTerminated, w.clock.Now(), "x") == nil ||
			w.desk.Sealed.Sent(w.ctx, m.ID, n, "x", w.clock.Now(), "x") == nil || w.desk.Sealed.Known(w.ctx, m.ID, n, w.clock.Now(), w.clock.Now(), "x") == nil ||
			second(w.desk.Staff.Cleared(w.ctx, m.ID)) == nil || w.desk.Staff.Clear(w.ctx, m.ID, m.ID, true, "x") == nil {
			t.Errorf("%s reaches sealed matters: %v", r, err)
		}
		if _, err := w.desk.Drills.Begin(w.ctx, m.ID, "no", "+12025550100", "practice"); fault.Is(err, fault.Forbidden) == (r == staff.Trainer || r == staff.Lead) {
			t.Errorf("an exercise begun by %s: %v", r, err)
		}
		if _, _, err := w.desk.Agencies.AddSystem(w.ctx, m.Actor(), agency.Enlisting{}); fault.Is(err, fault.Forbidden) == r.May(casefile.KeepDirectory) {
			t.Errorf("a system enrolled by %s: %v", r, err)
		}
	}
	for pkg, typ := range servicesOf(t) {
		for i := range typ.NumMethod() {
			name, m := pkg+"."+typ.Method(i).Name, typ.Method(i)
			if _, ok := all[name]; !ok && !slices.Contains(open, name) && elsewhere[name] == "" && byMember(m.Type) {
				t.Errorf("%s is called by members and in no table: say in methods() what it takes", name)
			}
		}
	}
}

// servicesOf are all parts of a desk that people call, by reflection over its
// fields: a service that is added is looked at.
func servicesOf(t *testing.T) map[string]reflect.Type {
	t.Helper()
	names := map[string]string{"Agencies": "agency", "Urgent": "emergency", "Drills": "drill"}
	out := map[string]reflect.Type{}
	typ := reflect.TypeFor[desk.Desk]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		if !f.IsExported() || f.Type.Kind() != reflect.Pointer || f.Type.NumMethod() == 0 || f.Name == "Files" || f.Name == "Law" {
			continue // the files and the law table are what the services use
		}
		name := cmp.Or(names[f.Name], strings.ToLower(f.Name))
		out[name] = f.Type
	}
	if len(out) < 11 {
		t.Fatalf("only %d services were found: %v", len(out), out)
	}
	return out
}

// elsewhere are methods that take no permission of the table by role, and where
// what they take is tested instead.
var elsewhere = map[string]string{
	"staff.Active": "the table's own look-up", "staff.Member": "the table's own look-up", "staff.May": "the table itself", "staff.MayTouch": "the table itself", "staff.Require": "the table itself",
	"staff.MayDecide": "the table itself", "staff.IsLead": "the table itself", "staff.IsCounsel": "the table itself", "staff.MaySeal": "the table itself", "staff.MayCertify": "TestWhoMayNotCertify",
	"staff.KeyUsed": "a step of signing in", "staff.Declare": "everybody declares their own conflicts", "staff.DeclareAll": "everybody declares their own conflicts", "staff.Drilled": "called by the desk, not by people", "staff.LearnLaw": "everybody learns for themselves",
	"staff.Take":    "asks for TakeCourses before anything",
	"room.Return":   "whoever sets or agrees",
	"staff.Cleared": "exists for who is cleared, and for nobody else", "staff.Clear": "exists for who is cleared, and for nobody else",
	"sealed.Matters": "no matter exists for who is not cleared", "sealed.Matter": "the same", "sealed.Letter": "the same", "sealed.Sent": "the same", "sealed.Step": "the same", "sealed.Known": "the same",
	"emergency.Call": "MayDecide of the case", "emergency.StandIn": "MayDecide of the case", "emergency.Arrived": "MayDecide of the case", "emergency.Close": "IsLead",
	"drill.Begin": "a trainer or a lead", "drill.Results": "everybody sees their own",
	"agency.Disable": "the team, the officer or the single point of contact", "agency.Edit": "asks through changed", "agency.Check": "asks through changed", "agency.Close": "asks through changed", "agency.Reopen": "asks through changed",
	"agency.AddSystem": "asks keeps", "agency.Rotate": "asks keeps", "agency.EndSystem": "asks keeps", "agency.RevokeKey": "asks keeps",
}

// byMember: its first argument after the context is who does it.
func byMember(t reflect.Type) bool {
	return t.NumIn() > 2 && (t.In(2) == reflect.TypeFor[casefile.MemberID]() || t.In(2) == reflect.TypeFor[casefile.Actor]())
}

func TestEveryPermissionIsInTheTable(t *testing.T) {
	if len(casefile.Permissions) != len(staff.Table) {
		t.Errorf("%d permissions, %d in the table", len(casefile.Permissions), len(staff.Table))
	}
	for _, p := range casefile.Permissions {
		if len(staff.Table[p]) == 0 || p.InWords() == "" {
			t.Errorf("nobody may %q (%q)", p, p.InWords())
		}
		if staff.Auditor.May(p) && slices.Contains([]casefile.Permission{casefile.SeeCases, casefile.OpenCases, casefile.ReadPapers, casefile.SeeTeam, casefile.SeeDirectory, casefile.SeeFigures}, p) {
			t.Errorf("an auditor may %s", p)
		}
	}
}

func TestWhoLooksOnNeverDecides(t *testing.T) {
	w := newWorld(t)
	for _, roles := range [][]staff.Role{{staff.Auditor, staff.Analyst}, {staff.Lead, staff.Auditor}, {staff.Outside, staff.Counsel}, {"king"}, {}} {
		_, err := w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "N", Mailbox: "n@roles.example", Roles: roles})
		w.refused(err, fault.Invalid, "a forbidden pair")
	}
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "N", Mailbox: "n@roles.example", Roles: []staff.Role{staff.Analyst, staff.Trainer, staff.Intake}}))(w)
}
