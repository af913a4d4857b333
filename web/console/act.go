package console

import (
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

func (s *console) caseRoutes(in router) {
	in("GET /cases/{n}", casefile.OpenCases, s.theCase)
	in("GET /cases/{n}/progress", casefile.OpenCases, s.progress)
	in("POST /cases/{n}/papers", casefile.EnterPapers, s.casePaper)
	in("GET /cases/{n}/correct", casefile.EnterPapers, s.correct)
	in("POST /cases/{n}/correct", casefile.EnterPapers, s.corrected)
	in("POST /cases/{n}/papers/{p}/read", casefile.ReadPapers, s.readPaper)
	in("GET /cases/{n}/papers/{p}", casefile.ReadPapers, s.paperPage)
	in("GET /cases/{n}/papers/{p}/{picture}", casefile.ReadPapers, s.paperPicture)
	do := func(name string, need casefile.Permission, a act) { in("POST /cases/{n}/"+name, need, s.acted(a)) }
	s.decisionRoutes(do)
	do("assign", casefile.AssignCases, s.assign)
	do("no-tie", casefile.DecideCases, s.noTie)
	do("ask-second", casefile.DecideCases, s.askSecond)
	do("finding", casefile.DecideCases, s.addedFinding)
	do("finding/{id}", casefile.DecideCases, s.answeredFinding)
	do("lookup/{i}", casefile.DecideCases, s.lookup)
	do("lookup-all", casefile.DecideCases, s.lookupAll)
	do("decide", casefile.DecideCases, s.decide)
	do("ask", casefile.DecideCases, s.ask)
	do("reply/{q}", casefile.EnterPapers, s.reply)
	do("except", casefile.DecideCases, s.except)
	do("later", casefile.DecideCases, s.later)
	do("tell", casefile.DecideCases, s.tell)
	do("snapshot/{i}", casefile.DecideCases, s.snapshotChosen)
	do("propose", casefile.DecideCases, s.propose)
	do("trace/{grant}/stop", casefile.DecideCases, s.stopTrace)
	do("take-back", casefile.DecideCases, s.takeBack)
	do("answer", casefile.DecideCases, s.answer)
	do("objection/{o}", casefile.DecideCounsel, s.objection)
	do("hold", casefile.DecideCounsel, s.setHold)
	do("hold/{h}", casefile.DecideCounsel, s.renewHold)
	do("alarm/{a}", casefile.NoteAlarms, s.alarm)
	do("withdrawn", casefile.DecideCases, s.withdrawn)
	in("POST /cases/{n}/download/{p}", casefile.HandPackages, s.download)
	in("POST /cases/{n}/passphrase/{p}", casefile.HandPackages, s.passphrase)
}

// doing is one posted form about one case, by one member.
type doing struct {
	*http.Request
	form *kit.Form
	by   staff.Member
	n    casefile.Number
}

// act does it and says what happened; field names where a refusal is shown.
type act func(d doing) (said, field string, err error)

// acted runs an act and leads back to the case. A refusal is shown on the case
// page, with all that was typed.
func (s *console) acted(do act) page {
	return func(w http.ResponseWriter, r *http.Request, m staff.Member) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		if _, err := s.Desk.Staff.MayTouch(r.Context(), m.ID, n); err != nil {
			return err
		}
		f, err := kit.ReadForm(r)
		if err != nil {
			return err
		}
		said, field, err := do(doing{r, f, m, n})
		switch {
		case err == nil && f.OK():
			return s.kit.Done(w, r, caseURL(n), kit.Good, said)
		case err == nil:
			return s.casePage(w, r, m, n, http.StatusBadRequest, f)
		case !sayable(err):
			return err
		}
		f.Bad(field, fault.Say(err))
		return s.casePage(w, r, m, n, fault.KindOf(err).Status(), f)
	}
}

func (s *console) assign(d doing) (string, string, error) {
	to := d.form.Need("to", "Choose to whom.")
	why, _ := d.why("assign")
	if !d.form.OK() {
		return "", "", nil
	}
	return "Assigned.", "to", s.Desk.Review.Assign(d.Context(), d.by.ID, d.n, casefile.MemberID(to), why)
}

func (s *console) noTie(d doing) (string, string, error) {
	why, field := d.why("no-tie")
	if !d.form.OK() {
		return "", "", nil
	}
	return "Recorded: you have no tie with this agency, its officer or anybody asked about.", field, s.Desk.Review.NoTie(d.Context(), d.by.ID, d.n, why)
}

func (s *console) askSecond(d doing) (string, string, error) {
	why := d.form.Need("second", "Say why somebody should look again.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "Somebody else of the team looks at it again, without seeing what was decided.", "second", s.Desk.Review.AskSecond(d.Context(), d.by.ID, d.n, why)
}

func (s *console) addedFinding(d doing) (string, string, error) {
	id, note := d.form.Need("add", "Choose the finding."), d.form.Need("note", "Say what you saw.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The finding is on the case.", "add", s.Desk.Review.AddFinding(d.Context(), d.by.ID, d.n, law.FindingID(id), note)
}

func (s *console) answeredFinding(d doing) (string, string, error) {
	id := d.PathValue("id")
	name := "finding-" + id
	reason := d.form.Need(name, "Give the reason: it stands in the file.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The finding is answered.", name, s.Desk.Review.AnswerFinding(d.Context(), d.by.ID, d.n, law.FindingID(id), d.form.Get("holds") == "yes", reason)
}

func (s *console) lookup(d doing) (string, string, error) {
	i, err := strconv.Atoi(d.PathValue("i"))
	if err != nil {
		return "", "", casefile.NoCase()
	}
	why, field := d.why("lookup/" + strconv.Itoa(i))
	if !d.form.OK() {
		return "", "", nil
	}
	got, err := s.Desk.Review.Resolve(d.Context(), d.by.ID, d.n, i, why)
	said := "It has no account. That is all the carrier says."
	if got.Exists {
		said = "It has an account. That is all the carrier says."
	}
	return said, field, err
}

func (s *console) decide(d doing) (string, string, error) {
	open, err := s.Desk.Review.Case(d.Context(), d.by.ID, d.n)
	if err != nil {
		return "", "", err
	}
	var choices []review.Choice
	for _, i := range open.Case.Demand.Wanted {
		c, ok := chosen(d.form, open.Case.Demand.Targets, i)
		if ok && !same(open.Case.Decisions[i], c) {
			choices = append(choices, c)
		}
	}
	if d.form.OK() && len(choices) == 0 {
		d.form.Bad("", "Nothing was changed: choose a verdict for at least one item.")
	}
	if !d.form.OK() {
		return "", "", nil
	}
	err = s.Desk.Review.Decide(d.Context(), d.by.ID, d.n, choices)
	return "Decided: " + kit.Plural(len(choices), "item", "items") + ".", fieldOf(choices, err), err
}

// chosen reads the verdict on one item.
func chosen(f *kit.Form, asked []casefile.Target, i casefile.Item) (review.Choice, bool) {
	c := review.Choice{Item: i, Verdict: casefile.Verdict(f.Get("verdict-" + string(i))), Reason: f.Get("reason-" + string(i)), Finding: law.FindingID(f.Get("because-" + string(i)))}
	if c.Verdict == "" || c.Verdict == undecided {
		return c, false
	}
	if c.Reason == "" {
		c.Reason = f.Get("reason")
	}
	if c.Reason == "" {
		c.Reason = sentenceOf(c.Finding)
	}
	c.Outside = c.Verdict == casefile.Escalate && f.Get("outside-"+string(i)) != ""
	if c.Reason == "" {
		f.Bad("reason-"+string(i), "“"+i.Title()+"” needs a reason.")
	}
	if c.Verdict != casefile.Narrow {
		return c, true
	}
	c.Targets = narrowedTo(f, asked, i)
	return c, true
}

func same(d casefile.Decision, c review.Choice) bool {
	return d.Verdict == c.Verdict && d.Reason == c.Reason && d.Finding == c.Finding && slices.Equal(d.Targets, c.Targets)
}

// fieldOf finds the item that a refusal names.
func fieldOf(choices []review.Choice, err error) string {
	if err == nil {
		return ""
	}
	for _, c := range choices {
		if strings.Contains(fault.Say(err), c.Item.Title()) {
			return "verdict-" + string(c.Item)
		}
	}
	return ""
}

func (s *console) ask(d doing) (string, string, error) {
	text := d.form.Need("question", "Write the question.")
	q := queryOf(d.form, text)
	if !d.form.OK() {
		return "", "", nil
	}
	open, err := s.Desk.Review.Case(d.Context(), d.by.ID, d.n)
	if err != nil {
		return "", "", err
	}
	said := "Asked. The clock goes on: this limit does not wait for a question."
	if open.Case.Stops(open.Row, casefile.WaitClarification) {
		said = "Asked. The clock stands still until the agency answers, or the question lapses."
	}
	return said, "question", s.Desk.Review.Query(d.Context(), d.by.ID, d.n, q)
}

func (s *console) reply(d doing) (string, string, error) {
	name := "reply-" + d.PathValue("q")
	text := d.form.Need(name, "Write what they answered.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The answer is on the case.", name, s.Desk.Intake.Answer(d.Context(), d.by.Actor(), d.n, casefile.QuestionID(d.PathValue("q")), text)
}

// day reads a day of the form; an empty one is the zero time.
func day(f *kit.Form, name string) time.Time {
	v := f.Get(name)
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, v)
	if err != nil {
		f.Bad(name, "Write the day as year-month-day, such as 2026-11-23.")
	}
	return t
}

func (s *console) except(d doing) (string, string, error) {
	x := law.Exception(d.form.Need("exception", "Choose."))
	if x == "none" {
		x = law.NoException
	}
	reason, on := d.form.Need("except", "Give the reason."), day(d.form, "review")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The plan to tell the person is recorded.", "except", s.Desk.Notice.Except(d.Context(), d.by.ID, d.n, x, reason, on)
}

func (s *console) later(d doing) (string, string, error) {
	d.form.Need("until", "Give the day.")
	on, reason := day(d.form, "until"), d.form.Need("later", "Give the reason.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The person is told later; the reason and the day are recorded.", "until", s.Desk.Notice.Later(d.Context(), d.by.ID, d.n, on, d.form.Get("renewed") != "", reason)
}

func (s *console) tell(d doing) (string, string, error) {
	reason := d.form.Need("tell", "Give the reason.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The person is told as soon as two people have signed.", "tell", s.Desk.Notice.Now(d.Context(), d.by.ID, d.n, reason)
}

func (s *console) propose(d doing) (string, string, error) {
	why, field := d.why("propose")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The grants are before the key holders. Two different people sign them on the signing pages.", field, s.Desk.Review.Propose(d.Context(), d.by.ID, d.n, why)
}

func (s *console) takeBack(d doing) (string, string, error) {
	reason := d.form.Need("withdraw", "Give the reason.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The grants are taken back. The case can be decided anew.", "withdraw", s.Desk.Review.WithdrawGrants(d.Context(), d.by.ID, d.n, reason)
}

func (s *console) answer(d doing) (string, string, error) {
	why, field := d.why("answer")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The answer without records is being made.", field, s.Desk.Review.Answer(d.Context(), d.by.ID, d.n, why)
}

func (s *console) objection(d doing) (string, string, error) {
	o, err := strconv.ParseInt(d.PathValue("o"), 10, 64)
	if err != nil {
		return "", "", casefile.NoCase()
	}
	name := "objection-" + d.PathValue("o")
	reason, uphold := d.form.Need(name, "Give the reason."), d.form.Get("uphold") == "yes"
	if !d.form.OK() {
		return "", "", nil
	}
	said := "Cleared. The release goes on when its day has come."
	if uphold {
		said = "Upheld. The grants are taken back, and nothing is released under them."
	}
	return said, name, s.Desk.Notice.CloseObjection(d.Context(), d.by.ID, d.n, o, uphold, reason)
}

func (s *console) alarm(d doing) (string, string, error) {
	i, err := strconv.Atoi(d.PathValue("a"))
	if err != nil {
		return "", "", casefile.NoCase()
	}
	open, err := s.Desk.Review.Case(d.Context(), d.by.ID, d.n)
	if err != nil {
		return "", "", err
	}
	if i < 0 || i >= len(open.Case.Alarms) {
		return "", "", casefile.NoCase()
	}
	name := "alarm-" + strconv.Itoa(i)
	why := d.form.Need(name, "Say what you did about it.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "Noted that you saw it.", name, s.Desk.Review.SeeAlarm(d.Context(), d.by.ID, d.n, open.Case.Alarms[i].Text, why)
}

// withdrawn takes a paper request back on the agency's word. One that an
// officer filed is theirs to withdraw.
func (s *console) withdrawn(d doing) (string, string, error) {
	why := d.form.Need("withdrawn", "Say why, and how it reached us.")
	open, err := s.Desk.Review.Case(d.Context(), d.by.ID, d.n)
	if err != nil || !d.form.OK() {
		return "", "", err
	}
	if _, err := s.Desk.Staff.MayDecide(d.Context(), d.by.ID, open.Case); err != nil {
		return "", "withdrawn", err
	}
	if open.Case.Demand.Officer != "" {
		return "", "withdrawn", fault.New(fault.Forbidden, "withdraw request", "an officer filed this request, and only they take it back")
	}
	return "The request is withdrawn.", "withdrawn", s.Desk.Intake.Withdraw(d.Context(), d.by.Actor(), d.n, why)
}

// hand names a file that leaves as it is.
func hand(w http.ResponseWriter, how, name, kind string, size int64) {
	h := w.Header()
	h.Set("Content-Type", kind)
	if size >= 0 { // else it is not known before it is written
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
}

func (s *console) copy(w http.ResponseWriter, r *http.Request, body io.Reader) error {
	if _, err := io.Copy(w, body); err != nil {
		s.kit.Trouble(r, slog.LevelWarn, "a file broke off", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// download hands out the package of a paper request, to be sent the way the
// paper came.
func (s *console) download(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	body, p, err := s.Desk.Intake.Collect(r.Context(), m.Actor(), n, casefile.PackageID(r.PathValue("p")))
	if err != nil {
		return err
	}
	defer func() {
		if err := body.Close(); err != nil {
			s.kit.Trouble(r, slog.LevelError, "record the end of a download", err)
		}
	}()
	hand(w, "attachment", p.Name, "application/octet-stream", p.Size)
	return s.copy(w, r, body)
}

func (s *console) passphrase(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	secret, err := s.Desk.Intake.Passphrase(r.Context(), m.Actor(), n, casefile.PackageID(r.PathValue("p")))
	if err != nil {
		return err
	}
	return s.show(w, r, m, http.StatusOK, "passphrase.html", kit.Page{Title: "The passphrase, shown once", Trail: []kit.Link{{Text: "Queue", URL: "/"}, {Text: string(n), URL: caseURL(n)}},
		Data: struct {
			Passphrase kit.Code
			At         string
		}{kit.Code(secret.Reveal()), caseURL(n)}})
}
