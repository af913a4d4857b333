package console

import (
	"net/http"
	"strings"

	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/web/kit"
)

func linkOf(token string) string { return "enrol:" + token }

func (s *console) enrol(w http.ResponseWriter, r *http.Request) error {
	return s.enrolPage(w, r, http.StatusOK, kit.NewForm(nil), nil)
}

// enrolPage offers a passkey to whoever holds a one-time link. The first lead
// is nobody yet and says who they are: in a form of its own before the
// ceremony, so that the name is part of what is registered.
func (s *console) enrolPage(w http.ResponseWriter, r *http.Request, status int, f *kit.Form, wrong error) error {
	token := r.PathValue("token")
	m, err := s.Desk.Staff.Open(r.Context(), token)
	if err != nil {
		return err
	}
	name := f.Get("name")
	if name == "" {
		name = strings.TrimSpace(r.URL.Query().Get("name"))
	}
	data := struct {
		Who      kit.Facts
		Nameless bool
		Name     kit.Field
		Action   string
		Ceremony *kit.Ceremony
	}{Nameless: nameless(m), Action: "/enrol/" + token}
	if data.Nameless {
		data.Name = f.Text("name", "Your name", "As colleagues and courts should read it on every act of yours.").Require().Completes("name").AtMost(120).Fill(name)
	} else {
		name = m.Name
	}
	data.Who = kit.Facts{{Label: "Name", Value: orDash(name)}, {Label: "Roles", Value: roleList(m)}}
	if m.Mailbox != "" {
		data.Who = append(data.Who, kit.Fact{Label: "Mailbox", Value: m.Mailbox})
	}
	if name != "" && len(name) <= 120 {
		c, err := s.creation(w, r, token, name, m)
		if err != nil {
			return err
		}
		data.Ceremony = &c
	}
	return s.kit.Page(w, r, status, "enrol.html", kit.Page{Title: "Join the response team", Form: f, Err: wrong, Data: data,
		Lead: "The link you opened works once. Your passkey replaces it: a fingerprint, face, PIN or security key of this device."})
}

// nameless is the first lead, whom nobody has invited by name.
func nameless(m staff.Member) bool { return m.State == staff.Invited && m.Mailbox == "" }

func (s *console) creation(w http.ResponseWriter, r *http.Request, token, name string, m staff.Member) (kit.Ceremony, error) {
	ch, err := s.challenges.New(w, r, linkOf(token))
	if err != nil {
		return kit.Ceremony{}, err
	}
	c := kit.Ceremony{Create: true, Action: "/enrol/" + token, Button: "Register a passkey for " + name, Demo: s.Demo,
		Options: s.Site.Create(passkey.User{Handle: []byte(m.ID), Name: name, Display: name}, ch, m.Keys),
		Explain: "Nothing of it leaves the device; we get a public key."}
	if nameless(m) {
		c.Hidden = map[string]string{"name": name}
	}
	return c, nil
}

func (s *console) enrolled(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	m, err := s.Desk.Staff.Open(r.Context(), token)
	if err != nil {
		return err
	}
	if nameless(m) && f.Get("name") == "" {
		f.Bad("name", "Give your name.")
		return s.enrolPage(w, r, http.StatusBadRequest, f, nil)
	}
	k, err := s.registered(r, token, []byte(f.Get("answer")))
	if err != nil {
		return s.enrolPage(w, r, fault.KindOf(err).Status(), f, err)
	}
	if m, err = s.Desk.Staff.RegisterKey(r.Context(), token, f.Get("name"), k); err != nil {
		return err
	}
	if err := s.sessions.Begin(w, r, m.Subject()); err != nil {
		return err
	}
	return s.kit.Done(w, r, "/", kit.Good, "Welcome. Your passkey is registered.")
}

func (s *console) registered(r *http.Request, token string, answer []byte) (passkey.Key, error) {
	ch, err := s.challenges.Take(r, linkOf(token), answer)
	if err != nil {
		return passkey.Key{}, err
	}
	return s.Site.Register(ch, answer)
}

func (s *console) signIn(w http.ResponseWriter, r *http.Request) error {
	return s.signInPage(w, r, http.StatusOK, back(r.FormValue("back")), nil)
}

// back is where to go after signing in: an address of this site, and no other.
func back(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") || len(to) > 500 || strings.HasPrefix(to, "/sign") {
		return "/"
	}
	return to
}

func (s *console) signInPage(w http.ResponseWriter, r *http.Request, status int, to string, wrong error) error {
	ch, err := s.challenges.New(w, r, "sign in")
	if err != nil {
		return err
	}
	return s.kit.Page(w, r, status, "signin.html", kit.Page{Title: "Sign in", Err: wrong, Lead: "For members of the response team, with the passkey registered when they joined.",
		Data: kit.Ceremony{Action: "/signin", Options: s.Site.Get(ch), Button: "Sign in with your passkey", Demo: s.Demo, Hidden: map[string]string{"back": to}}})
}

func (s *console) signedIn(w http.ResponseWriter, r *http.Request) error {
	if err := s.signing.Allow(kit.Peer(r)); err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	to := back(f.Get("back"))
	m, err := s.proven(r, []byte(f.Get("answer")))
	if fault.Is(err, fault.Internal) {
		return err
	}
	if err != nil {
		return s.signInPage(w, r, fault.KindOf(err).Status(), to, err)
	}
	if err := s.sessions.Begin(w, r, m.Subject()); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// proven is the member whose passkey answered, its use counted.
func (s *console) proven(r *http.Request, answer []byte) (staff.Member, error) {
	ch, err := s.challenges.Take(r, "sign in", answer)
	if err != nil {
		return staff.Member{}, err
	}
	a, err := passkey.ParseAssertion(answer)
	if err != nil {
		return staff.Member{}, err
	}
	m, k, err := s.Desk.Staff.ByKey(r.Context(), a.KeyID)
	if err != nil {
		return staff.Member{}, err
	}
	if k, err = s.Site.Verify(k, ch, a); err != nil {
		return staff.Member{}, err
	}
	return m, s.Desk.Staff.KeyUsed(r.Context(), m.ID, k)
}

func (s *console) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.End(w, r); err != nil {
		return err
	}
	return s.kit.Done(w, r, "/signin", kit.Good, "You are signed out.")
}
