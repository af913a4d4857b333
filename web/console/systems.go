package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// Agencies' systems: software that files by the API, for one officer each.

func (s *console) systemRoutes(in router) {
	in("GET /systems", casefile.SeeDirectory, s.systems)
	in("POST /systems", casefile.KeepDirectory, s.systemAdded)
	in("GET /systems/{id}", casefile.SeeDirectory, s.system)
	in("POST /systems/{id}/rotate", casefile.KeepDirectory, s.systemRotated)
	in("POST /systems/{id}/revoke/{prefix}", casefile.KeepDirectory, s.keyRevoked)
	in("POST /systems/{id}/end", casefile.KeepDirectory, s.systemEnded)
}

const oneDay = 24 * time.Hour

func systemURL(id casefile.SystemID) string { return "/systems/" + string(id) }

func (s *console) systems(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.systemsPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) systemsPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.Agencies.Systems(r.Context())
	if err != nil {
		return err
	}
	officers, err := s.Desk.Agencies.Officers(r.Context())
	if err != nil {
		return err
	}
	agencies, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	names, people := map[casefile.AgencyID]string{}, map[casefile.OfficerID]agency.Officer{}
	for _, a := range agencies {
		names[a.ID] = a.Name
	}
	from := []kit.Option{{Text: "Choose"}}
	for _, o := range officers {
		people[o.ID] = o
		if o.State == agency.Active {
			from = append(from, kit.Option{Value: string(o.ID), Text: strings.TrimSpace(o.Rank+" "+o.Name) + ", " + names[o.Agency]})
		}
	}
	return s.show(w, r, m, status, "systems.html", kit.Page{Title: "Agencies’ systems", Here: "/agencies", Form: f, Wide: true, Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}},
		Lead: "Software that files by the API. Each acts for one officer and is never more than they are: when they leave, or their agency, its keys are dead at once.",
		Data: struct {
			Systems kit.Table
			Add     []kit.Field
		}{s.systemTable(all, names, people), []kit.Field{f.Text("name", "Name", "As the agency calls it, such as Records system.").Require().AtMost(120),
			f.Select("officer", "Officer who answers for it", "Active, and told of it by telephone at the number in the directory.", from).Require(),
			f.Long("networks", "Networks it may call from", "One on each line, such as 192.0.2.0/24. Empty: from anywhere.").Lines(2), lifeField(f), f.Text("why", "Why it is enrolled", "Such as: the agency asked for it in writing on 3 March.").Require().AtMost(500)}}})
}

func lifeField(f *kit.Form) kit.Field {
	return f.Number("days", "Days until the key expires", "At most 366.").Require().Fill("180")
}

func (s *console) systemTable(all []agency.System, names map[casefile.AgencyID]string, people map[casefile.OfficerID]agency.Officer) kit.Table {
	t := kit.Table{Caption: "Systems", Columns: kit.Columns("System", "Agency", "Officer", "Keys", "Last used"), Empty: "No system is enrolled."}
	for _, x := range all {
		state, used := any(kit.Badge{Tone: kit.Bad, Text: "ended"}), ""
		if x.Ended.IsZero() {
			state = s.keyBadge(x, people[x.Officer])
		}
		for _, k := range x.Keys {
			used = max(used, k.Used)
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: x.Name, URL: systemURL(x.ID)}, names[x.Agency], people[x.Officer].Name, state, orDash(used)})
	}
	return t
}

// keyBadge says whether a system can call now.
func (s *console) keyBadge(x agency.System, o agency.Officer) kit.Badge {
	if o.State != agency.Active {
		return kit.Badge{Tone: kit.Bad, Text: "dead: its officer may not act"}
	}
	live := 0
	var last time.Time
	for _, k := range x.Keys {
		if k.Live(s.Clock.Now()) {
			live++
			if k.Expires.After(last) {
				last = k.Expires
			}
		}
	}
	switch {
	case live == 0:
		return kit.Badge{Tone: kit.Bad, Text: "no living key"}
	case last.Sub(s.Clock.Now()) < 30*oneDay:
		return kit.Badge{Tone: kit.Warn, Text: "expires " + kit.Day(last)}
	}
	return kit.Badge{Tone: kit.Good, Text: kit.Plural(live, "living key", "living keys")}
}

func (s *console) systemAdded(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	e := agency.Enlisting{Name: f.Need("name", "Give the system's name."), Officer: casefile.OfficerID(f.Need("officer", "Choose the officer.")), Networks: lines(f.Get("networks")), Life: readDays(f, "days"), Why: f.Need("why", "Say why it is enrolled.")}
	if f.OK() {
		x, key, err := s.Desk.Agencies.AddSystem(r.Context(), m.Actor(), e)
		if err == nil {
			return s.keyPage(w, r, m, x, key)
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
	}
	return s.systemsPage(w, r, m, http.StatusBadRequest, f)
}

func readDays(f *kit.Form, name string) time.Duration {
	n, err := strconv.Atoi(f.Get(name))
	if err != nil || n < 0 || n > 366 {
		f.Bad(name, "Give a number of days, at most 366.")
		return 0
	}
	return time.Duration(n) * oneDay
}

// keyPage shows a key, once. It is never in an address, and no cache keeps it.
func (s *console) keyPage(w http.ResponseWriter, r *http.Request, m staff.Member, x agency.System, key casefile.Secret) error {
	return s.show(w, r, m, http.StatusOK, "systemkey.html", kit.Page{Title: "The key of " + x.Name, Here: "/agencies", Trail: []kit.Link{{Text: "Agencies’ systems", URL: "/systems"}},
		Data: struct {
			Key kit.Code
			At  string
		}{kit.Code(key.Reveal()), systemURL(x.ID)}})
}

func (s *console) system(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.systemPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// keyView is a key as the page shows it.
type keyView struct {
	Prefix string
	Facts  kit.Facts
	At     string
	Why    kit.Field
}

func (s *console) systemPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	x, err := s.Desk.Agencies.System(r.Context(), casefile.SystemID(r.PathValue("id")))
	if err != nil {
		return err
	}
	o, err := s.Desk.Agencies.Officer(r.Context(), x.Officer)
	if err != nil {
		return err
	}
	a, err := s.Desk.Agencies.Agency(r.Context(), x.Agency)
	if err != nil {
		return err
	}
	nets := "from anywhere"
	if len(x.Networks) > 0 {
		nets = strings.Join(x.Networks, ", ")
	}
	facts := kit.Facts{{Label: "State", Value: s.keyBadge(x, o)}, {Label: "Agency", Value: a.Name}, {Label: "Officer who answers for it", Value: kit.Link{Text: strings.TrimSpace(o.Rank + " " + o.Name), URL: "/officers/" + string(o.ID)}},
		{Label: "May call", Value: nets}, {Label: "Enrolled", Value: kit.Group{kit.Stamp(x.Added), "by " + x.AddedBy.Name}}}
	if !x.Ended.IsZero() {
		facts[0].Value = kit.Badge{Tone: kit.Bad, Text: "ended"}
		facts = append(facts, kit.Fact{Label: "Ended", Value: kit.Stamp(x.Ended)}, kit.Fact{Label: "Reason", Value: x.Reason})
	}
	var keys []keyView
	for _, k := range x.Keys {
		expires := kit.Group{kit.Stamp(k.Expires)}
		if !k.Live(s.Clock.Now()) {
			expires = append(expires, kit.Badge{Tone: kit.Bad, Text: "expired"})
		}
		keys = append(keys, keyView{k.Prefix, kit.Facts{{Label: "Begins with", Value: kit.Code(k.Prefix)}, {Label: "Made", Value: kit.Stamp(k.Made)}, {Label: "Expires", Value: expires}, {Label: "Last day of use", Value: orDash(k.Used)}},
			systemURL(x.ID) + "/revoke/" + k.Prefix, f.Text("why-"+k.Prefix, "Why it is revoked", "").Require().AtMost(500)})
	}
	return s.show(w, r, m, status, "system.html", kit.Page{Title: x.Name, Here: "/agencies", Form: f, Trail: []kit.Link{{Text: "Agencies’ systems", URL: "/systems"}},
		Data: struct {
			At     string
			Facts  kit.Facts
			Keys   []keyView
			Open   bool
			Rotate []kit.Field
			Reason kit.Field
			Past   kit.Timeline
		}{systemURL(x.ID), facts, keys, x.Ended.IsZero(), []kit.Field{lifeField(f), f.Number("overlap", "Days that the earlier key goes on", "So that the agency can change it without a gap. At most 30; 0 ends it now.").Require().Fill("7"), f.Text("why", "Why a new key", "").Require().AtMost(500)},
			f.Text("reason", "Reason", "").Require().AtMost(500), changes(x.Changes)}})
}

func (s *console) systemRotated(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	life, overlap, why := readDays(f, "days"), readDays(f, "overlap"), f.Need("why", "Say why a new key.")
	if f.OK() {
		x, key, err := s.Desk.Agencies.Rotate(r.Context(), m.Actor(), casefile.SystemID(r.PathValue("id")), life, overlap, why)
		if err == nil {
			return s.keyPage(w, r, m, x, key)
		}
		if !sayable(err) {
			return err
		}
		f.Bad("overlap", fault.Say(err))
	}
	return s.systemPage(w, r, m, http.StatusBadRequest, f)
}

func (s *console) keyRevoked(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, field := casefile.SystemID(r.PathValue("id")), "why-"+r.PathValue("prefix")
	if why := f.Need(field, "Say why it is revoked."); f.OK() {
		err := s.Desk.Agencies.RevokeKey(r.Context(), m.Actor(), id, r.PathValue("prefix"), why)
		if err == nil {
			return s.kit.Done(w, r, systemURL(id), kit.Good, "Revoked: the key opens nothing any more.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad(field, fault.Say(err))
	}
	return s.systemPage(w, r, m, http.StatusBadRequest, f)
}

func (s *console) systemEnded(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id := casefile.SystemID(r.PathValue("id"))
	if why := f.Need("reason", "Give the reason."); f.OK() {
		err := s.Desk.Agencies.EndSystem(r.Context(), m.Actor(), id, why)
		if err == nil {
			return s.kit.Done(w, r, systemURL(id), kit.Good, "Ended: all its keys are dead. What it filed stays.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("reason", fault.Say(err))
	}
	return s.systemPage(w, r, m, http.StatusBadRequest, f)
}
