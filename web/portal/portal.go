// Package portal is the agencies' site: an officer enrols, files a request,
// sees the findings before sending, follows it, and collects the answer. It
// knows officers and what they may see of their own requests; it must not know
// the team's work, the carrier, or where anything is stored.
package portal

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/emergency"
	"letterlock/desk/intake"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/internal/note"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/web/kit"
)

//go:embed all:pages
var pages embed.FS

// Config is what the portal needs. Everything but Center, Opener and Log must
// be given.
type Config struct {
	Owner   string // whose service it is
	Contact string // how an agency reaches the team, in words
	Center  string // address of the public site; empty: no link
	Agency  *agency.Service
	Intake  *intake.Service
	Urgent  *emergency.Service // signatures under emergencies
	Law     *law.Table
	// Approvals are counsel's of rows that anybody may know of; nil: none.
	Approvals func(context.Context) (law.Approvals, error)
	Book      *lang.Book       // the languages of the pages; nil: those that the program brings
	Sessions  kit.SessionStore // of this site alone
	Site      passkey.Site     // host, origin and name of this site
	Opener    fs.FS            // a folder with verify.html and other ways to open a package; nil: none
	Secure    bool             // served over https
	Demo      bool             // offers the DEMO software key
	Clock     clock.Clock
	Log       *slog.Logger
	Aside     func(r *http.Request, what error) bool // failures that must not be in the log; nil: none
}

// Signing in may last as long as a request takes to write: an officer who
// looks for a docket number must not lose the page.
const (
	idle  = 2 * time.Hour
	total = 12 * time.Hour
)

// maxUpload bounds one upload of papers: four of the largest, and the form.
const maxUpload = 4*casefile.MaxPaper + 1<<20

// maxDetails bounds the form of a request: a list far over the limit of
// identifiers still gets a sentence and not a broken page.
const maxDetails = 1 << 20

type portal struct {
	c          Config
	kit        *kit.Kit
	sessions   kit.Sessions
	challenges *kit.Challenges
	enrolling  *kit.Limiter // links by mail, by address
	signing    *kit.Limiter // sign-ins, by address
}

// New is the site's handler.
func New(c Config) (http.Handler, error) {
	if c.Agency == nil || c.Intake == nil || c.Urgent == nil || c.Law == nil || c.Sessions == nil || c.Clock == nil || c.Site.ID == "" {
		return nil, fmt.Errorf("portal: agency, intake, urgent, law, sessions, site and clock must be given")
	}
	own, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	c.Site.Demo = c.Demo
	if c.Log == nil {
		c.Log = note.Discard()
	}
	if c.Book == nil {
		c.Book = lang.Default()
	}
	k, err := kit.New(kit.Config{Name: "Portal for agencies", Owner: c.Owner, Mark: "portal", Pages: own, Foot: foot(c), Secure: c.Secure,
		Demo: c.Demo, Clock: c.Clock, Log: c.Log, Aside: c.Aside, Limit: limitOf, Book: c.Book, Spoken: funcs})
	if err != nil {
		return nil, err
	}
	p := &portal{c: c, kit: k, sessions: kit.Sessions{Kit: k, Store: c.Sessions, Idle: idle, Total: total}, challenges: &kit.Challenges{Kit: k},
		enrolling: &kit.Limiter{Every: 2 * time.Minute, Burst: 10, Clock: c.Clock}, signing: &kit.Limiter{Every: time.Second, Burst: 60, Clock: c.Clock}}
	mux := http.NewServeMux()
	p.routes(mux)
	return k.Protect(mux), nil
}

func foot(c Config) []kit.Link {
	l := []kit.Link{{Text: "What can I get?", URL: "/find"}, {Text: "What can be asked, with what", URL: "/"}, {Text: "How to open a package", URL: "/open"}, {Text: "API for agencies’ systems", URL: "/api"}}
	if c.Center != "" {
		l = append(l, kit.Link{Text: "Public centre", URL: c.Center})
	}
	return l
}

// limitOf gives the routes that need it a larger body.
func limitOf(r *http.Request) int64 {
	switch path := r.URL.Path; {
	case r.Method != http.MethodPost:
	case strings.HasSuffix(path, "/papers"):
		return maxUpload
	case strings.HasPrefix(path, "/drafts/"), strings.HasSuffix(path, "/correct"), strings.Contains(path, "/answer/"):
		return maxDetails
	}
	return 0
}

// routes is every address of the site. Those given to officer refuse whoever
// is not an active officer.
func (p *portal) routes(mux *http.ServeMux) {
	open := func(pattern string, h func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, p.kit.Handle(h))
	}
	mine := func(pattern string, h page) { mux.HandleFunc(pattern, p.kit.Handle(p.officer(h))) }
	open("GET /{$}", p.start)
	open("GET /find", p.find)
	open("GET /process/{id}", p.process)
	open("GET /enrol", p.enrol)
	open("POST /enrol", p.enrolled)
	open("GET /enrol/sent", p.sent)
	open("GET /link/{token}", p.link)
	open("POST /link/{token}", p.linked)
	open("GET /signin", p.signIn)
	open("POST /signin", p.signedIn)
	open("POST /signout", p.signOut)
	open("POST /language", p.language)
	open("GET /open", p.opening)
	open("GET /open/{file}", p.opener)
	mine("GET /account", p.account)
	mux.HandleFunc("POST /account/key", p.kit.Handle(p.keyHolder(p.addKey)))
	mine("POST /account/key/drop", p.dropKey)
	mine("POST /account/recipient", p.recipient)
	p.colleagueRoutes(mine)
	mine("GET /new", p.choose)
	mine("POST /new", p.chosen)
	mine("GET /drafts/{id}", p.goOn)
	mine("GET /drafts/{id}/kind", p.kind)
	mine("POST /drafts/{id}/kind", p.kindChosen)
	mine("GET /drafts/{id}/step/{step}", p.step)
	mine("POST /drafts/{id}/step/{step}", p.stepped)
	mine("GET /drafts/{id}/papers", p.papers)
	mine("POST /drafts/{id}/papers", p.paperSent)
	mine("POST /drafts/{id}/drop-paper/{paper}", p.paperDropped)
	mine("GET /drafts/{id}/review", p.review)
	mine("POST /drafts/{id}/send", p.send)
	mine("GET /drafts/{id}/delete", p.askDelete)
	mine("POST /drafts/{id}/delete", p.deleted)
	mine("GET /requests", p.requests)
	p.emergencyRoutes(mine)
	mine("GET /requests/{n}", p.request)
	mine("GET /requests/{n}/accounts", p.accounts)
	mine("GET /requests/{n}/accounts.csv", p.accountsFile)
	mine("POST /requests/{n}/answer/{q}", p.answer)
	mine("GET /requests/{n}/correct", p.correct)
	mine("POST /requests/{n}/correct", p.corrected)
	mine("GET /requests/{n}/withdraw", p.askWithdraw)
	mine("POST /requests/{n}/withdraw", p.withdrawn)
	mine("POST /requests/{n}/papers", p.casePaper)
	mine("POST /requests/{n}/renew", p.renew)
	mine("GET /requests/{n}/download/{p}", p.download)
	mine("POST /requests/{n}/passphrase/{p}", p.passphrase)
}

// page is a handler that knows which officer asks.
type page func(w http.ResponseWriter, r *http.Request, o agency.Officer) error

// keyHolder lets an officer pass who may look after their passkeys, also one who
// waits for confirmation.
func (p *portal) keyHolder(h page) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := p.sessions.Of(r)
		if err != nil {
			return err
		}
		o, err := p.c.Agency.SignedIn(r.Context(), casefile.OfficerID(s.Who))
		if err != nil {
			return err
		}
		return h(w, p.kit.Speak(r, o.Language), o)
	}
}

// officer lets only an active officer pass. Whoever waits for confirmation is
// told so; anyone else signs in first and comes back.
func (p *portal) officer(h page) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := p.sessions.Of(r)
		if fault.Is(err, fault.Unauthenticated) && r.Method == http.MethodGet {
			http.Redirect(w, r, "/signin?back="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return p.kit.EndedSession(w, r, "/signin", err)
		}
		o, err := p.c.Agency.Active(r.Context(), casefile.OfficerID(s.Who))
		if fault.Is(err, fault.Unauthenticated) {
			return p.notActive(w, r, s, err)
		}
		if err != nil {
			return err
		}
		return h(w, p.kit.Speak(r, o.Language), o)
	}
}

func (p *portal) notActive(w http.ResponseWriter, r *http.Request, s kit.Session, cause error) error {
	o, err := p.c.Agency.Officer(r.Context(), casefile.OfficerID(s.Who))
	if err != nil || o.State != agency.Keyed {
		return cause
	}
	return p.waitingPage(w, r, http.StatusForbidden, o, nil)
}

// waitingPage tells a registered officer what is left: a second passkey, and
// the team's confirmation.
func (p *portal) waitingPage(w http.ResponseWriter, r *http.Request, status int, o agency.Officer, wrong error) error {
	c, err := p.creation(w, r, "add:"+string(o.ID), "/account/key", o)
	if err != nil {
		return err
	}
	c.Button = "Register a second passkey"
	return p.kit.Page(w, r, status, "waiting.html", kit.Page{Title: "One step is left: we confirm you", User: o.Name, SignOut: "/signout", Err: wrong,
		Data: struct {
			Officer  agency.Officer
			Contact  string
			Second   bool
			Ceremony kit.Ceremony
		}{o, p.c.Contact, len(o.Keys) < agency.MinKeys, c}})
}

// show renders a page of a signed-in officer.
func (p *portal) show(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, name string, page kit.Page) error {
	page.User, page.SignOut, page.Tongues = o.Name, "/signout", "/language"
	page.Nav = []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: "New request", URL: "/new"}, {Text: "What can I get?", URL: "/find"}, {Text: "My agency", URL: "/agency"}, {Text: "What can be asked", URL: "/"}, {Text: "My keys", URL: "/account"}}
	page.Nav = append(page.Nav, p.coSignLink(r, o)...)
	if page.Here == "" {
		page.Here = "/requests"
	}
	return p.kit.Page(w, r, status, name, page)
}

// open renders a page that anyone may see; who is signed in is greeted.
func (p *portal) open(w http.ResponseWriter, r *http.Request, status int, name string, page kit.Page) error {
	if s, err := p.sessions.Of(r); err == nil {
		if o, err := p.c.Agency.Active(r.Context(), casefile.OfficerID(s.Who)); err == nil {
			return p.show(w, p.kit.Speak(r, o.Language), o, status, name, page)
		}
	}
	page.Nav = []kit.Link{{Text: "What can I get?", URL: "/find"}, {Text: "What can be asked", URL: "/"}, {Text: "Sign in", URL: "/signin"}, {Text: "Enrol", URL: "/enrol"}}
	return p.kit.Page(w, r, status, name, page)
}

// personal is a fault that the person can mend: it is said on the page they
// came from, with everything they typed.
func personal(err error) bool {
	return slices.Contains([]fault.Kind{fault.Invalid, fault.TooLarge, fault.Exhausted, fault.Conflict, fault.Unavailable}, fault.KindOf(err))
}
