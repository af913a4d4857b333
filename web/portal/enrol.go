package portal

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"letterlock/desk/agency"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/web/kit"
)

func (p *portal) enrol(w http.ResponseWriter, r *http.Request) error {
	return p.enrolPage(w, r, http.StatusOK, p.form(r, nil))
}

func (p *portal) enrolPage(w http.ResponseWriter, r *http.Request, status int, f *kit.Form) error {
	return p.open(w, r, status, "enrol.html", kit.Page{Title: "Enrol", Here: "/enrol", Form: f,
		Lead: "Once, and in about five minutes. You need your official mailbox and a device with a passkey.",
		Data: struct {
			Steps   kit.Steps
			Contact string
		}{enrolSteps(0), p.c.Contact}})
}

func enrolSteps(at int) kit.Steps {
	var s kit.Steps
	for i, x := range []kit.Step{{Text: "Your name and mailbox"}, {Text: "Open the link we send"}, {Text: "Register a passkey"}, {Text: "We confirm you"}} {
		x.Done, x.Current = i < at, i == at
		s = append(s, x)
	}
	return s
}

func (p *portal) enrolled(w http.ResponseWriter, r *http.Request) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	e := agency.Enrolment{Name: f.Need("name", "Give your name."), Rank: f.Get("rank"), Phone: f.Need("phone", "Give a telephone number at which we reach you."),
		Mailbox: f.Need("mailbox", "Give your official mailbox, such as name@agency.example."), Language: f.Tongue().Code()}
	if f.OK() {
		if err := p.enrolling.Allow(kit.Peer(r)); err != nil {
			return err
		}
		err := p.c.Agency.Enrol(r.Context(), e)
		if err == nil {
			http.Redirect(w, r, "/enrol/sent", http.StatusSeeOther)
			return nil
		}
		if !personal(err) {
			return err
		}
		f.Fault("mailbox", err)
	}
	return p.enrolPage(w, r, http.StatusBadRequest, f)
}

func (p *portal) sent(w http.ResponseWriter, r *http.Request) error {
	return p.open(w, r, http.StatusOK, "sent.html", kit.Page{Title: "Look into your mailbox", Here: "/enrol", Data: struct {
		Steps   kit.Steps
		Contact string
	}{enrolSteps(1), p.c.Contact}})
}

// linkOf is the purpose under which a link's challenge is kept.
func linkOf(token string) string { return "link:" + token }

func (p *portal) link(w http.ResponseWriter, r *http.Request) error {
	return p.linkPage(w, r, http.StatusOK, nil)
}

func (p *portal) linkPage(w http.ResponseWriter, r *http.Request, status int, wrong error) error {
	token := r.PathValue("token")
	o, err := p.c.Agency.Open(r.Context(), token)
	if err != nil {
		return err
	}
	a, err := p.c.Agency.Agency(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	c, err := p.creation(w, r, linkOf(token), "/link/"+token, o)
	if err != nil {
		return err
	}
	return p.kit.Page(w, r, status, "link.html", kit.Page{Title: "Register your passkey", Err: wrong, Data: struct {
		Steps    kit.Steps
		Who      kit.Facts
		Ceremony kit.Ceremony
	}{enrolSteps(2), kit.Facts{{Label: "Name", Value: o.Name}, {Label: "Agency", Value: a.Name}, {Label: "Mailbox", Value: o.Mailbox}}, c}})
}

// creation is the ceremony by which an officer registers a passkey.
func (p *portal) creation(w http.ResponseWriter, r *http.Request, purpose, action string, o agency.Officer) (kit.Ceremony, error) {
	ch, err := p.challenges.New(w, r, purpose)
	if err != nil {
		return kit.Ceremony{}, err
	}
	u := passkey.User{Handle: []byte(o.ID), Name: o.Mailbox, Display: o.Name}
	return kit.Ceremony{Create: true, Action: action, Options: p.c.Site.Create(u, ch, p.other(o.Keys)), Button: "Register a passkey", Demo: p.c.Demo,
		Explain: "Your device asks for a fingerprint, face, PIN or security key. Nothing of it leaves the device; we get a public key."}, nil
}

// other are the keys that a further one must not be: all of them, except that
// the DEMO software key may stand for several devices.
func (p *portal) other(keys []passkey.Key) []passkey.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k passkey.Key) bool { return k.Demo && p.c.Demo })
}

// register reads the answer to a creation ceremony.
func (p *portal) register(r *http.Request, purpose string) (passkey.Key, error) {
	f, err := kit.ReadForm(r)
	if err != nil {
		return passkey.Key{}, err
	}
	answer := []byte(f.Get("answer"))
	ch, err := p.challenges.Take(r, purpose, answer)
	if err != nil {
		return passkey.Key{}, err
	}
	return p.c.Site.Register(ch, answer)
}

func (p *portal) linked(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	if _, err := p.c.Agency.Open(r.Context(), token); err != nil {
		return err
	}
	k, err := p.register(r, linkOf(token))
	if err != nil {
		return p.linkPage(w, r, http.StatusBadRequest, err)
	}
	o, err := p.c.Agency.RegisterKey(r.Context(), token, k)
	if err != nil {
		return err
	}
	if err := p.sessions.Begin(w, r, o.Subject()); err != nil {
		return err
	}
	return p.kit.Done(w, r, "/requests", kit.Good, "Your passkey is registered.")
}

func (p *portal) signIn(w http.ResponseWriter, r *http.Request) error {
	return p.signInPage(w, r, http.StatusOK, back(r.FormValue("back")), nil)
}

// back is where to go after signing in: an address of this site, and no other.
func back(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") || len(s) > 500 || strings.HasPrefix(s, "/sign") {
		return "/requests"
	}
	return s
}

func (p *portal) signInPage(w http.ResponseWriter, r *http.Request, status int, to string, wrong error) error {
	ch, err := p.challenges.New(w, r, "sign in")
	if err != nil {
		return err
	}
	c := kit.Ceremony{Action: "/signin", Options: p.c.Site.Get(ch), Button: "Sign in", Demo: p.c.Demo, Hidden: map[string]string{"back": to}}
	return p.kit.Page(w, r, status, "signin.html", kit.Page{Title: "Sign in", Here: "/signin", Err: wrong,
		Nav:  []kit.Link{{Text: "What can be asked", URL: "/"}, {Text: "Sign in", URL: "/signin"}, {Text: "Enrol", URL: "/enrol"}},
		Lead: "With the passkey that you registered when you enrolled.", Data: struct {
			Ceremony kit.Ceremony
			Contact  string
		}{c, p.c.Contact}})
}

func (p *portal) signedIn(w http.ResponseWriter, r *http.Request) error {
	if err := p.signing.Allow(kit.Peer(r)); err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	to := back(f.Get("back"))
	o, err := p.proven(r, []byte(f.Get("answer")))
	if err != nil {
		if fault.Is(err, fault.Internal) {
			return err
		}
		return p.signInPage(w, r, fault.KindOf(err).Status(), to, err)
	}
	if err := p.sessions.Begin(w, r, o.Subject()); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// proven is the officer whose passkey answered, its use counted.
func (p *portal) proven(r *http.Request, answer []byte) (agency.Officer, error) {
	ch, err := p.challenges.Take(r, "sign in", answer)
	if err != nil {
		return agency.Officer{}, err
	}
	a, err := passkey.ParseAssertion(answer)
	if err != nil {
		return agency.Officer{}, err
	}
	o, k, err := p.c.Agency.ByKey(r.Context(), a.KeyID)
	if err != nil {
		return agency.Officer{}, err
	}
	if k, err = p.c.Site.Verify(k, ch, a); err != nil {
		return agency.Officer{}, err
	}
	return o, p.c.Agency.KeyUsed(r.Context(), o.ID, k, kit.Peer(r))
}

func (p *portal) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.sessions.End(w, r); err != nil {
		return err
	}
	return p.kit.Done(w, r, "/", kit.Good, "You are signed out.")
}

// keyView is a passkey in the officer's list.
type keyView struct {
	Name, ID  string
	Last, New bool
}

func (p *portal) account(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.accountPage(w, r, o, http.StatusOK, p.form(r, nil), nil)
}

func (p *portal) accountPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form, wrong error) error {
	a, err := p.c.Agency.Agency(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	c, err := p.creation(w, r, "add:"+string(o.ID), "/account/key", o)
	if err != nil {
		return err
	}
	c.Button = "Add a passkey"
	var keys []keyView
	for i, k := range o.Keys {
		v := keyView{Name: f.T("Passkey %d", i+1), ID: base64.RawURLEncoding.EncodeToString(k.ID), Last: len(o.Keys) == 1}
		switch {
		case k.Demo:
			v.Name += " (DEMO software key)"
		case k.Synced:
			v.Name += " (kept by your passkey provider)"
		default:
			v.Name += " (on one device)"
		}
		keys = append(keys, v)
	}
	return p.show(w, r, o, status, "account.html", kit.Page{Title: "My keys", Here: "/account", Form: f, Err: wrong, Data: struct {
		Who       kit.Facts
		Keys      []keyView
		Full, Few bool
		Ceremony  kit.Ceremony
		Recipient string
	}{kit.Facts{{Label: "Name", Value: strings.TrimSpace(o.Rank + " " + o.Name)}, {Label: "Agency", Value: a.Name}, {Label: "Mailbox", Value: o.Mailbox}, {Label: "Telephone", Value: o.Phone}},
		keys, len(o.Keys) >= agency.MaxKeys, len(o.Keys) < agency.MinKeys, c, o.Recipient}})
}

func (p *portal) addKey(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	k, err := p.register(r, "add:"+string(o.ID))
	if err == nil {
		_, err = p.c.Agency.AddKey(r.Context(), o.ID, k)
	}
	if err != nil {
		if fault.Is(err, fault.Internal) {
			return err
		}
		if o.State != agency.Active {
			return p.waitingPage(w, r, http.StatusBadRequest, o, err)
		}
		return p.accountPage(w, r, o, http.StatusBadRequest, p.form(r, nil), err)
	}
	to := "/account"
	if o.State != agency.Active {
		to = "/requests"
	}
	return p.kit.Done(w, r, to, kit.Good, "The passkey is registered. Your mailbox was told.")
}

func (p *portal) dropKey(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := base64.RawURLEncoding.DecodeString(f.Get("key"))
	if err != nil || !slices.ContainsFunc(o.Keys, func(k passkey.Key) bool { return string(k.ID) == string(id) }) {
		return fault.New(fault.NotFound, "drop passkey", "there is no such passkey")
	}
	if err := p.c.Agency.DropKey(r.Context(), o.ID, id); err != nil {
		return err
	}
	return p.kit.Done(w, r, "/account", kit.Good, "The passkey is removed and can no longer sign in.")
}

func (p *portal) recipient(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	key := f.Get("recipient")
	if f.Get("how") == "passphrase" {
		key = ""
	} else if key == "" {
		f.Bad("recipient", "Paste your package key; it begins with age1. Or choose a passphrase for each package.")
	}
	if f.OK() {
		err := p.c.Agency.SetRecipient(r.Context(), o.ID, key)
		if err == nil {
			return p.kit.Done(w, r, "/account", kit.Good, "Kept. It holds for packages made from now on.")
		}
		if !personal(err) {
			return err
		}
		f.Fault("recipient", err)
	}
	return p.accountPage(w, r, o, http.StatusBadRequest, f, nil)
}
