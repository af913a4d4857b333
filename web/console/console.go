// Package console is the response team's site: the queue by time left, the
// case page where each item is decided with a reason, the directory, the team
// and the law table. It knows the desk's services, which refuse on their own
// whatever a page forgot to hide; it must not know the carrier or where
// anything is stored.
package console

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/internal/passkey"
	"letterlock/web/kit"
)

//go:embed all:pages
var pages embed.FS

// Config is what the console needs. Everything but Release, Center and Log
// must be given.
type Config struct {
	Desk     *desk.Desk
	Sessions kit.SessionStore // of this site alone
	Site     passkey.Site     // host, origin and name of this site
	Owner    string           // whose service it is
	Release  string           // origin of the pages where grants are signed
	Center   string           // address of the public site; empty: no link
	Secure   bool             // served over https
	Demo     bool             // offers the DEMO software key
	Clock    clock.Clock
	Log      *slog.Logger
}

// aside takes failures of sealed matters from the log to those on the list.
func (c Config) aside(r *http.Request, what error) bool {
	return c.Desk.Aside(r.Context(), r.URL.Path, what)
}

// A night shift reads long papers; an unattended desk must not stay open.
const (
	idle  = time.Hour
	total = 12 * time.Hour
)

// Bounds of what is sent: papers, and forms with many reasons.
const (
	maxUpload = 4*casefile.MaxPaper + 1<<20
	maxForm   = 2 << 20
)

type console struct {
	Config
	kit        *kit.Kit
	sessions   kit.Sessions
	challenges *kit.Challenges
	signing    *kit.Limiter
}

// New is the site's handler.
func New(c Config) (http.Handler, error) {
	if c.Desk == nil || c.Sessions == nil || c.Clock == nil || c.Site.ID == "" {
		return nil, fmt.Errorf("console: desk, sessions, site and clock must be given")
	}
	own, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	c.Site.Demo = c.Demo
	c.Release = strings.TrimSuffix(c.Release, "/")
	if c.Log == nil {
		c.Log = note.Discard()
	}
	k, err := kit.New(kit.Config{Name: "Response desk", Owner: c.Owner, Mark: "console", Pages: own, Foot: foot(c), Secure: c.Secure, Demo: c.Demo,
		Clock: c.Clock, Log: c.Log, Aside: c.aside, Limit: limitOf, Funcs: funcs(), Note: "For the response team only. Every act on these pages is recorded."})
	if err != nil {
		return nil, err
	}
	s := &console{Config: c, kit: k, sessions: kit.Sessions{Kit: k, Store: c.Sessions, Idle: idle, Total: total}, challenges: &kit.Challenges{Kit: k},
		signing: &kit.Limiter{Every: time.Second, Burst: 60, Clock: c.Clock}}
	mux := http.NewServeMux()
	s.routes(mux)
	return k.Protect(mux), nil
}

func foot(c Config) []kit.Link {
	var l []kit.Link
	if c.Release != "" {
		l = append(l, kit.Link{Text: "Signing pages", URL: c.Release})
	}
	if c.Center != "" {
		l = append(l, kit.Link{Text: "Public centre", URL: c.Center})
	}
	return l
}

// limitOf gives the forms that need it a larger body.
func limitOf(r *http.Request) int64 {
	switch path := r.URL.Path; {
	case r.Method != http.MethodPost:
	case strings.HasSuffix(path, "/papers"), path == "/papers/email":
		return maxUpload
	case strings.HasPrefix(path, "/cases/"), strings.HasPrefix(path, "/drafts/"):
		return maxForm
	}
	return 0
}

// routes is every address of the site. Those given to in refuse whoever is not
// an active member of the team.
func (s *console) routes(mux *http.ServeMux) {
	open := func(pattern string, h func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, s.kit.Handle(h))
	}
	in := func(pattern string, need casefile.Permission, h page) {
		mux.HandleFunc(pattern, s.kit.Handle(s.member(need, h)))
	}
	open("GET /signin", s.signIn)
	open("POST /signin", s.signedIn)
	open("POST /signout", s.signOut)
	open("GET /enrol/{token}", s.enrol)
	open("POST /enrol/{token}", s.enrolled)
	in("GET /{$}", casefile.SeeCases, s.queue)
	in("POST /next", casefile.DecideCases, s.takeNext)
	in("GET /clock", casefile.SeeHealth, s.clock)
	in("POST /clock", casefile.ConfirmClock, s.clockConfirmed)
	s.sealedRoutes(in)
	s.caseRoutes(in)
	s.emergencyRoutes(in)
	s.drillRoutes(in)
	s.teamRoutes(in)
	s.trainingRoutes(in)
	s.secondRoutes(in)
	s.systemRoutes(in)
	s.figureRoutes(in)
	s.actRoutes(in)
	s.openingRoutes(in)
	s.accountRoutes(in)
	s.certifyRoutes(in)
	s.roomRoutes(in)
}

// page is a handler that knows which member asks.
type page func(w http.ResponseWriter, r *http.Request, m staff.Member) error

// router takes an address, the permission that it needs, and its page.
type router func(pattern string, need casefile.Permission, h page)

// member lets only active members of the team pass whose role has the
// permission; anyone else signs in first and comes back.
func (s *console) member(need casefile.Permission, h page) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		ses, err := s.sessions.Of(r)
		if fault.Is(err, fault.Unauthenticated) && r.Method == http.MethodGet {
			to := "/signin"
			if r.URL.Path != "/" {
				to += "?back=" + url.QueryEscape(r.URL.RequestURI())
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return s.kit.EndedSession(w, r, "/signin", err)
		}
		if r.URL.Path == "/" {
			if to, err := s.home(r, casefile.MemberID(ses.Who)); err == nil && to != "/" {
				http.Redirect(w, r, to, http.StatusSeeOther)
				return nil
			}
		}
		m, err := s.Desk.Staff.Require(r.Context(), casefile.MemberID(ses.Who), need)
		if err != nil {
			return err
		}
		return h(w, r, m)
	}
}

// show renders a page of a signed-in member: who they are, what they are, and
// whether they may decide now.
func (s *console) show(w http.ResponseWriter, r *http.Request, m staff.Member, status int, name string, p kit.Page) error {
	p.User, p.SignOut = m.Name+" · "+roleList(m)+" · "+s.training(m), "/signout"
	health := 0
	if s.Desk.Watch.Held(r.Context()) {
		health = 1
	}
	if m.Is(staff.Outside) {
		p.Lead = strings.TrimSpace("For " + m.Name + " alone, opened on " + kit.UTC(s.Clock.Now()) + ". " + p.Lead)
	}
	p.Nav, p.Wide = nav(m, health), true // the sections stay where they are from page to page
	if p.Here == "" {
		p.Here = "/"
	}
	return s.kit.Page(w, r, status, name, p)
}

// sayable is a fault that is said on the page where the form was, with
// everything that was typed.
func sayable(err error) bool {
	return slices.Contains([]fault.Kind{fault.Invalid, fault.TooLarge, fault.Exhausted, fault.Conflict, fault.Unavailable, fault.Forbidden, fault.Expired}, fault.KindOf(err))
}
