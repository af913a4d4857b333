package release

import (
	"encoding/hex"
	"net/http"
	"time"

	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/web/kit"
)

type enrolData struct {
	Holder   string
	Ceremony kit.Ceremony
}

func (s *site) enrolPage(w http.ResponseWriter, r *http.Request) error {
	return s.enrolForm(w, r, http.StatusOK, nil)
}

func (s *site) enrolForm(w http.ResponseWriter, r *http.Request, status int, problem error) error {
	if err := s.knocks.Allow(kit.Peer(r)); err != nil {
		return err
	}
	token := r.PathValue("token")
	holder, err := s.setOfLink(r.Context(), token).Link(r.Context(), token)
	if err != nil {
		return err
	}
	ch, err := s.challenges.New(w, r, "enrol "+token)
	if err != nil {
		return err
	}
	handle := passkey.NewChallenge()
	o := s.Site.Create(passkey.User{Handle: handle, Name: holder, Display: holder}, ch, nil)
	return s.kit.Page(w, r, status, "enrol.html", kit.Page{Title: "Enrol your release key", Err: problem, Data: enrolData{holder,
		kit.Ceremony{Create: true, Action: "/enrol/" + token, Options: o, Button: "Enrol a passkey for " + holder, Demo: s.Site.Demo}}})
}

func (s *site) enrol(w http.ResponseWriter, r *http.Request) error {
	if err := s.knocks.Allow(kit.Peer(r)); err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	token, answer := r.PathValue("token"), []byte(f.Get("answer"))
	set := s.setOfLink(r.Context(), token)
	if _, err := set.Link(r.Context(), token); err != nil {
		return err
	}
	ch, err := s.challenges.Take(r, "enrol "+token, answer)
	var active time.Time
	if err == nil {
		active, err = set.Enrol(r.Context(), token, ch, answer)
	}
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Unauthenticated {
		return s.enrolForm(w, r, k.Status(), err)
	}
	if err != nil {
		return err
	}
	text := "Your release key is enrolled. Sign in with it."
	if active.IsZero() {
		text = "Your key is registered. It counts one day after two key holders have signed for it."
	}
	return s.kit.Done(w, r, "/", kit.Good, text)
}

type keysData struct {
	Table kit.Table
	Rows  []keyRow
	Link  string // shown once
	For   string
}

type keyRow struct {
	ID, Name string
}

func (s *site) keys(v visit) error {
	return s.keysPage(v, http.StatusOK, kit.NewForm(nil), keysData{}, nil)
}

func (s *site) keysPage(v visit, status int, f *kit.Form, data keysData, problem error) error {
	all, err := v.set.Holders(v.Context())
	if err != nil {
		return err
	}
	data.Table = kit.Table{Caption: "Release keys", Columns: []kit.Column{{Title: "Holder"}, {Title: "Key"}, {Title: "State"}, {Title: "Counts from"}, {Title: "Until"}}}
	for _, k := range all {
		var until any = "not retired"
		if !k.Retired.IsZero() {
			until = k.Retired
		} else {
			data.Rows = append(data.Rows, keyRow{hex.EncodeToString(k.ID), k.Name + ", " + hex.EncodeToString(k.ID)[:8]})
		}
		data.Table.Rows = append(data.Table.Rows, []any{k.Name, kit.Code(hex.EncodeToString(k.ID)[:8]), s.keyState(k), k.Active, until})
	}
	return s.page(v, status, "keys.html", kit.Page{Title: "Who may sign", Here: "/keys", Form: f, Err: problem, Data: data,
		Lead: "Each change is a grant of its own: two people sign it, and it takes effect a day later."})
}

func (s *site) keyState(k door.Holder) kit.Group {
	g := kit.Group{}
	switch now := s.Clock.Now(); {
	case k.Usable(now):
		g = append(g, kit.Badge{Tone: kit.Good, Text: "counts"})
	case k.Active.IsZero():
		g = append(g, kit.Badge{Tone: kit.Warn, Text: "waits for two signatures"})
	case now.Before(k.Active):
		g = append(g, kit.Badge{Tone: kit.Warn, Text: "counts soon"})
	default:
		g = append(g, kit.Badge{Tone: kit.Plain, Text: "retired"})
	}
	if k.Counsel {
		g = append(g, kit.Badge{Tone: kit.Info, Text: "signs as counsel"})
	}
	if k.Demo {
		g = append(g, kit.Badge{Tone: kit.Warn, Text: "DEMO"})
	}
	return g
}

func (s *site) invite(v visit) error {
	f, err := kit.ReadForm(v.Request)
	if err != nil {
		return err
	}
	if f.Need("name", "Give the person's full name"); !f.OK() {
		return s.keysPage(v, http.StatusBadRequest, f, keysData{}, nil)
	}
	link, err := v.set.Invite(v.Context(), v.holder, f.Get("name"), f.Get("counsel") != "")
	if again(err) {
		return s.keysPage(v, fault.KindOf(err).Status(), f, keysData{}, err)
	}
	if err != nil {
		return err
	}
	return s.keysPage(v, http.StatusOK, kit.NewForm(nil), keysData{Link: link, For: f.Get("name")}, nil)
}

func (s *site) retire(v visit) error {
	id, err := hex.DecodeString(v.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "retire key", "there is no such key")
	}
	hash, err := v.set.Retire(v.Context(), v.holder, id)
	if err != nil {
		return err
	}
	return s.kit.Done(v.ResponseWriter, v.Request, "/grants/"+hash.String(), kit.Good, "The retirement waits for two signatures.")
}
