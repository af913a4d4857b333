package portal

import (
	"net/http"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// The signatures under an emergency: the officer's, and their supervisor's.

func (p *portal) emergencyRoutes(mine func(string, page)) {
	mine("GET /requests/{n}/sign", p.toSign)
	mine("POST /requests/{n}/sign", p.signed)
	mine("GET /cosign", p.coSign)
}

func signURL(n casefile.Number) string { return "/requests/" + string(n) + "/sign" }

func (p *portal) toSign(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.signPage(w, r, o, http.StatusOK, nil)
}

// signPage shows exactly what is signed. The hash of this very text is what
// the passkey is asked to sign: what is not on the page is not signed.
func (p *portal) signPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, wrong error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := p.c.Urgent.Read(r.Context(), o.ID, n, p.c.Clock.Now())
	if err != nil {
		return err
	}
	title, back := "Read and sign the attestation", "/requests/"+string(n)
	if x.As == casefile.AsSupervisor {
		title, back = "Read and sign as the supervisor", "/cosign"
	}
	return p.show(w, r, o, status, "sign.html", kit.Page{Title: title, Err: wrong, Trail: []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: string(n), URL: back}}, Data: struct {
		Text       string
		Done       bool
		Supervisor bool
		Back       string
		Ceremony   kit.Ceremony
	}{x.Text, x.Done, x.As == casefile.AsSupervisor, back, kit.Ceremony{Action: signURL(n), Options: p.c.Site.Get(x.Hash[:], x.Keys...), Button: "Sign with my passkey", Demo: p.c.Demo,
		Hidden: map[string]string{"shown": x.At.Format(time.RFC3339)}}}})
}

func (p *portal) signed(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	shown, err := time.Parse(time.RFC3339, f.Get("shown"))
	if err != nil {
		err = fault.New(fault.Invalid, "sign attestation", "the page was not whole; read it again and sign")
	} else {
		err = p.c.Urgent.Sign(r.Context(), o.ID, n, shown, []byte(f.Get("answer")))
	}
	switch {
	case err == nil:
		return p.kit.Done(w, r, p.afterSigning(r, o, n), kit.Good, "Signed. It stands with the request as you read it.")
	case !personal(err) && !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Expired):
		return err
	}
	return p.signPage(w, r, o, fault.KindOf(err).Status(), err)
}

// afterSigning is where a signature leads: to the request, or for a supervisor
// to their list.
func (p *portal) afterSigning(r *http.Request, o agency.Officer, n casefile.Number) string {
	if x, err := p.c.Urgent.Read(r.Context(), o.ID, n, p.c.Clock.Now()); err == nil && x.As == casefile.AsOfficer {
		return "/requests/" + string(n)
	}
	return "/cosign"
}

func (p *portal) coSign(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	waiting, err := p.c.Urgent.ToCoSign(r.Context(), o.ID)
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Emergencies that wait for your signature", Columns: kit.Columns("Request", "Officer", "Sent"), Empty: "Nothing waits for your signature."}
	for _, x := range waiting {
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(x.Number), URL: signURL(x.Number)}, x.Officer, kit.Stamp(x.Filed)})
	}
	return p.show(w, r, o, http.StatusOK, "cosign.html", kit.Page{Title: "To co-sign", Here: "/cosign", Data: struct {
		List       kit.Table
		Supervisor bool
	}{t, o.Role == casefile.Supervisor}})
}

// coSignLink is in the navigation of those who sign as supervisors.
func (p *portal) coSignLink(r *http.Request, o agency.Officer) []kit.Link {
	if o.Role != casefile.Supervisor {
		return nil
	}
	waiting, err := p.c.Urgent.ToCoSign(r.Context(), o.ID)
	if err != nil {
		return nil
	}
	return []kit.Link{{Text: "To co-sign", URL: "/cosign", Count: len(waiting)}}
}

// afterSending is where a request that was sent leads: an emergency is signed
// next.
func afterSending(d casefile.Demand, n casefile.Number) string {
	if d.Process == law.Emergency {
		return signURL(n)
	}
	return "/requests/" + string(n)
}

// urgentState is what an officer sees of their emergency's barriers.
type urgentState struct {
	Sign   string // where to sign, if that is to be done
	States kit.Facts
}

func urgentOf(v intake.View) *urgentState {
	if v.Demand.Process != law.Emergency || v.Withdrawn || v.Demand.Officer == "" {
		return nil
	}
	state := func(a *casefile.Attestation) any {
		if a == nil {
			return kit.Badge{Tone: kit.Warn, Text: "not signed yet"}
		}
		return kit.Group{kit.Badge{Tone: kit.Good, Text: "signed"}, a.Name, kit.Stamp(a.At)}
	}
	x := &urgentState{States: kit.Facts{{Label: "Your attestation", Value: state(v.Emergency.Attested)}, {Label: "Your supervisor’s signature", Value: state(v.Emergency.CoSigned)}}}
	if v.Emergency.Attested == nil && v.Own && !v.Phase.Over() {
		x.Sign = signURL(v.Number)
	}
	if p := v.Emergency.Promise; !p.Disclosed.IsZero() {
		var now any = kit.Group{kit.Badge{Tone: kit.Warn, Text: "awaited"}, kit.Stamp(p.Due)}
		switch {
		case p.Arrived != nil || p.Closed != "":
			now = kit.Badge{Tone: kit.Good, Text: "nothing is owed"}
		case p.Overdue:
			now = kit.Group{kit.Badge{Tone: kit.Bad, Text: "overdue"}, kit.Stamp(p.Due)}
		}
		x.States = append(x.States, kit.Fact{Label: "Legal process that you promised", Value: now})
	}
	return x
}

// sections are the fields of a request; an emergency's name the colleagues who
// can sign as supervisors.
func (p *portal) sections(r *http.Request, o agency.Officer, f *kit.Form, row law.Row) []demand.Section {
	all := demand.Sections(f, row, p.c.Law, p.c.Intake.House)
	if row.ID != law.Emergency {
		return all
	}
	colleagues, err := p.c.Agency.Colleagues(r.Context(), o.Agency)
	if err != nil { // whoever is reached first signs
		colleagues = nil
	}
	var known []kit.Option
	for _, c := range colleagues {
		if c.ID != o.ID && c.State == agency.Active && c.Role == casefile.Supervisor {
			known = append(known, kit.Option{Value: string(c.ID), Text: officerName(c)})
		}
	}
	return demand.WithSupervisors(all, f, known)
}
