package api

import (
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
)

// supervisor is who confirms an emergency at the agency.
type supervisor struct {
	Name  string `json:"name,omitempty"`
	Rank  string `json:"rank,omitempty"`
	Phone string `json:"phone,omitempty" doc:"Not the number that is called back: that one is the directory's."`
}

// emergency are the fields of the emergency form that no other request has. The
// attestation, field 13, is none of them: a person signs it, with a passkey.
type emergency struct {
	Address      string     `json:"address,omitempty" doc:"1: street address of the agency, no post box."`
	AgencyNumber string     `json:"agency_number,omitempty" doc:"1: ORI or another official number of the agency."`
	Rank         string     `json:"rank,omitempty" doc:"2: the officer's rank or office."`
	Badge        string     `json:"badge,omitempty" doc:"2: badge or identity number."`
	Extension    string     `json:"extension,omitempty" doc:"3: behind the agency's switchboard. The telephone is the demand's phone."`
	Supervisor   supervisor `json:"supervisor,omitzero" doc:"4: who confirms the request and signs it too, in the portal."`
	CoSigner     string     `json:"co_signer,omitempty" doc:"4: id of the supervisor who signs too, of GET /supervisors. Without it whoever of them is reached first."`
	Incident     string     `json:"incident,omitempty" doc:"5: case or incident number."`
	Nature       string     `json:"nature,omitempty" doc:"6: what is happening."`
	InDanger     string     `json:"in_danger,omitempty" doc:"7: who is in danger, and from whom or what."`
	Harm         string     `json:"harm,omitempty" enum:"death,serious_injury" doc:"7: of what. The law knows no other danger for this."`
	When         string     `json:"when,omitempty" doc:"8: when the harm is expected."`
	WhyNow       string     `json:"why_now,omitempty" doc:"8: what makes it imminent."`
	Deadline     time.Time  `json:"deadline,omitzero" doc:"8: if one is known."`
	TooSlow      string     `json:"too_slow,omitempty" doc:"9: why ordinary process is too slow."`
	Needed       string     `json:"needed,omitempty" doc:"10: which data, and for what; accounts, items and period are the demand's."`
	Averts       string     `json:"averts,omitempty" doc:"11: how the data avert the harm."`
	Quiet        bool       `json:"confidential,omitempty" doc:"12: confidentiality is wanted. Without it the person is told once the danger has passed."`
	QuietWhy     string     `json:"confidential_why,omitempty" doc:"12: why."`
	Follows      bool       `json:"legal_process_follows,omitempty" doc:"14: legal process follows within 48 hours of the disclosure. Without it no emergency is sent."`
}

// emergencyOf is an emergency as it travels.
func emergencyOf(e casefile.Emergency) emergency {
	return emergency{Address: e.Address, AgencyNumber: e.AgencyNumber, Rank: e.Rank, Badge: e.Badge, Extension: e.Extension, Supervisor: supervisor{e.Supervisor.Name, e.Supervisor.Rank, e.Supervisor.Phone}, CoSigner: string(e.CoSigner),
		Incident: e.Incident, Nature: e.Nature, InDanger: e.InDanger, Harm: string(e.Harm), When: e.When, WhyNow: e.WhyNow, Deadline: e.Deadline, TooSlow: e.TooSlow, Needed: e.Needed, Averts: e.Averts,
		Quiet: e.Quiet, QuietWhy: e.QuietWhy, Follows: e.Follows}
}

// emergency reads it. What stands there belongs to an emergency and to nothing
// else.
func (r *reader) emergency(x emergency, urgent bool) casefile.Emergency {
	if x != (emergency{}) && !urgent {
		r.say("/emergency", "this process is no emergency; leave it out")
	}
	if h := casefile.Harm(x.Harm); x.Harm != "" && h.InWords() == "" {
		r.say("/emergency/harm", "this is death or serious_injury; the law knows no other danger for this")
	}
	if !x.Deadline.IsZero() && (x.Deadline.Year() < 1970 || x.Deadline.Year() > 2200) {
		r.say("/emergency/deadline", "this is no moment that can be meant")
	}
	if len(x.CoSigner) > 64 {
		r.say("/emergency/co_signer", "this is no id of a supervisor; GET %s/supervisors lists them", Base)
	}
	e := casefile.Emergency{Address: x.Address, AgencyNumber: x.AgencyNumber, Rank: x.Rank, Badge: x.Badge, Extension: x.Extension, Supervisor: casefile.Person(x.Supervisor),
		CoSigner: casefile.OfficerID(x.CoSigner), Incident: x.Incident, Nature: x.Nature, InDanger: x.InDanger, Harm: casefile.Harm(x.Harm), When: x.When, WhyNow: x.WhyNow, TooSlow: x.TooSlow, Needed: x.Needed, Averts: x.Averts,
		Quiet: x.Quiet, QuietWhy: x.QuietWhy, Follows: x.Follows}
	if !x.Deadline.IsZero() {
		e.Deadline = x.Deadline.UTC()
	}
	return e
}

// coSigner is a supervisor of the officer's agency who can sign an emergency.
type coSigner struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Rank string `json:"rank,omitempty"`
}

type coSigners struct {
	Supervisors []coSigner `json:"supervisors"`
}

// listSupervisors names those whom an emergency can be given to for the second
// signature: the same choice as in the portal.
func (a *api) listSupervisors(c *call) (any, error) {
	all, err := a.Agency.Colleagues(c.r.Context(), c.officer.Agency)
	if err != nil {
		return nil, err
	}
	out := coSigners{Supervisors: []coSigner{}}
	for _, o := range all {
		if o.ID != c.officer.ID && o.State == agency.Active && o.Role == casefile.Supervisor {
			out.Supervisors = append(out.Supervisors, coSigner{string(o.ID), o.Name, o.Rank})
		}
	}
	return out, nil
}
