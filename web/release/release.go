// Package release is where two people sign. The carrier serves these pages
// under an origin of their own and renders each grant from its canonical bytes,
// so that a captured desk can propose a grant but cannot disguise one. It knows
// grants and law, not the desk and not the messenger: what it needs of the
// carrier is the Holdings below.
package release

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/web/kit"
)

// Holdings is what the pages need of the carrier. It decides everything: a page
// that forgot a check would open nothing.
type Holdings interface {
	// Waiting and History are grants that wait, and those that ended.
	Waiting(ctx context.Context) ([]door.Paper, error)
	History(ctx context.Context) ([]door.Paper, error)
	Paper(ctx context.Context, grant d.Hash) (door.Paper, error)
	Holders(ctx context.Context) ([]door.Holder, error)
	// Knows reports whether a passkey is one of its release keys.
	Knows(ctx context.Context, keyID []byte) (bool, error)
	// SignIn tells whose release key answered the challenge.
	SignIn(ctx context.Context, challenge []byte, a passkey.Assertion) (holder string, err error)
	// Sign takes an assertion whose challenge is the grant's hash, with the
	// holder's word that they have no tie.
	Sign(ctx context.Context, grant d.Hash, w door.Word, a passkey.Assertion) (door.Proposal, error)
	// DeclareTie keeps a holder from signing a grant.
	DeclareTie(ctx context.Context, holder string, grant d.Hash, why string) error
	// Trained is until when the holder's yearly training counts; zero: it does not.
	Trained(ctx context.Context, holder string) (time.Time, error)
	// Statement is what a holder signs about their training; Train takes the
	// assertion whose challenge is its hash.
	Statement(ctx context.Context, holder string, day, at time.Time) (door.Statement, error)
	Train(ctx context.Context, holder string, day, at time.Time, a passkey.Assertion) error
	Refuse(ctx context.Context, holder string, grant d.Hash, reason string) error
	// Link is whose one-time link the token is.
	Link(ctx context.Context, token string) (holder string, err error)
	// Enrol registers a key; a zero time says that two people must sign first.
	Enrol(ctx context.Context, token string, challenge, answer []byte) (active time.Time, err error)
	Invite(ctx context.Context, by, name string, counsel bool) (link string, err error)
	Retire(ctx context.Context, by string, keyID []byte) (d.Hash, error)
}

// Config is what the pages are given.
type Config struct {
	Holdings Holdings
	Sealed   Holdings // of sealed matters, with key holders of their own; nil: none
	Law      *law.Table
	Site     passkey.Site
	Owner    string
	Secure   bool
	Clock    clock.Clock
	Log      *slog.Logger
}

//go:embed pages
var pages embed.FS

type site struct {
	Config
	kit        *kit.Kit
	sessions   kit.Sessions
	challenges *kit.Challenges
	knocks     *kit.Limiter
}

// New is the handler of the whole site.
func New(c Config) (http.Handler, error) {
	k, err := kit.New(kit.Config{Name: "Release signatures", Owner: c.Owner, Mark: "release", Home: "/", Pages: pages, Secure: c.Secure, Demo: c.Site.Demo, Clock: c.Clock, Log: c.Log,
		Note: "Served by the carrier, not by the desk that asks. What you read here is made from the very bytes that your passkey signs."})
	if err != nil {
		return nil, err
	}
	s := &site{Config: c, kit: k, challenges: &kit.Challenges{Kit: k}, sessions: kit.Sessions{Kit: k, Store: &kit.MemorySessions{}, Idle: 15 * time.Minute},
		knocks: &kit.Limiter{Every: 3 * time.Second, Burst: 40, Clock: c.Clock}}
	return k.Protect(s.routes()), nil
}

func (s *site) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.kit.Handle(s.front))
	mux.Handle("POST /signin", s.kit.Handle(s.signIn))
	mux.Handle("POST /signout", s.kit.Handle(s.signOut))
	mux.Handle("GET /enrol/{token}", s.kit.Handle(s.enrolPage))
	mux.Handle("POST /enrol/{token}", s.kit.Handle(s.enrol))
	mux.Handle("GET /grants", s.held(s.waiting))
	mux.Handle("GET /grants/{hash}", s.held(s.grant))
	mux.Handle("POST /grants/{hash}/sign", s.held(s.sign))
	mux.Handle("POST /grants/{hash}/refuse", s.held(s.refuse))
	mux.Handle("POST /grants/{hash}/tie", s.held(s.tied))
	mux.Handle("GET /training", s.held(s.training))
	mux.Handle("POST /training", s.held(s.stated))
	mux.Handle("POST /training/sign", s.held(s.trainingSigned))
	mux.Handle("GET /history", s.held(s.history))
	mux.Handle("GET /keys", s.held(s.keys))
	mux.Handle("POST /keys/invite", s.held(s.invite))
	mux.Handle("POST /keys/{id}/retire", s.held(s.retire))
	return mux
}

// visit is one request of a signed-in key holder.
type visit struct {
	http.ResponseWriter
	*http.Request
	holder string
	set    Holdings      // the one that they hold a key of: the other does not exist for them
	sealed bool          // that one is of sealed matters
	keys   []door.Holder // of the holder, usable now

	trained time.Time // their training counts until then; zero: it does not
}

// A session names the set before the holder.
const ordinarySession, sealedSession = "ordinary ", "sealed "

// place is the set that a session is of, and the holder.
func (s *site) place(who string) (set Holdings, holder string, sealed bool) {
	if name, ok := strings.CutPrefix(who, sealedSession); ok && s.Sealed != nil {
		return s.Sealed, name, true
	}
	return s.Holdings, strings.TrimPrefix(who, ordinarySession), false
}

// setOfLink is the set that made an enrolment link; a link of neither is looked
// for among the ordinary ones.
func (s *site) setOfLink(ctx context.Context, token string) Holdings {
	if s.Sealed != nil {
		if _, err := s.Sealed.Link(ctx, token); err == nil {
			return s.Sealed
		}
	}
	return s.Holdings
}

// held lets key holders in whose key still counts, and nobody else. A page
// asked for without signing in leads to the sign-in page.
func (s *site) held(h func(visit) error) http.Handler {
	return s.kit.Handle(func(w http.ResponseWriter, r *http.Request) error {
		session, err := s.sessions.Of(r)
		if fault.Is(err, fault.Unauthenticated) && r.Method == http.MethodGet {
			http.Redirect(w, r, "/?to="+url.QueryEscape(r.URL.Path), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		v := visit{ResponseWriter: w, Request: r}
		v.set, v.holder, v.sealed = s.place(session.Who)
		all, err := v.set.Holders(r.Context())
		if err != nil {
			return err
		}
		for _, k := range all {
			if k.Name == v.holder && k.Usable(s.Clock.Now()) {
				v.keys = append(v.keys, k)
			}
		}
		if len(v.keys) == 0 {
			return fault.New(fault.Forbidden, "find release key", "you hold no release key any more")
		}
		if v.trained, err = v.set.Trained(r.Context(), v.holder); err != nil {
			return err
		}
		return h(v)
	})
}

// page renders a page of a signed-in holder.
func (s *site) page(v visit, status int, name string, p kit.Page) error {
	p.User, p.SignOut = v.holder, "/signout"
	if v.sealed {
		p.User += " · sealed matters"
	}
	p.Wide = true // the sections stay where they are from page to page
	p.Nav = []kit.Link{{Text: "Waiting", URL: "/grants"}, {Text: "History", URL: "/history"}, {Text: "Key holders", URL: "/keys"}, {Text: "Training", URL: "/training"}}
	return s.kit.Page(v.ResponseWriter, v.Request, status, name, p)
}

// local is where to go after signing in: a path of this site or the list.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || len(to) < 2 || to[0] != '/' || to[1] == '/' || to[1] == '\\' || strings.HasPrefix(u.Path, "//") {
		return "/grants"
	}
	return u.EscapedPath()
}

type frontData struct {
	Ceremony kit.Ceremony
	To       string // asked for: a link from another site arrives without cookies
}

func (s *site) front(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.sessions.Of(r); err == nil {
		http.Redirect(w, r, "/grants", http.StatusSeeOther)
		return nil
	}
	return s.frontPage(w, r, http.StatusOK, local(r.URL.Query().Get("to")), nil)
}

func (s *site) frontPage(w http.ResponseWriter, r *http.Request, status int, to string, problem error) error {
	ch, err := s.challenges.New(w, r, "sign in")
	if err != nil {
		return err
	}
	return s.kit.Page(w, r, status, "front.html", kit.Page{Title: "Sign in to read and sign grants", Err: problem, Data: frontData{To: to, Ceremony: kit.Ceremony{
		Action: "/signin", Options: s.Site.Get(ch), Button: "Sign in with your release key", Hidden: map[string]string{"to": to}, Demo: s.Site.Demo}}})
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := s.knocks.Allow(kit.Peer(r)); err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	holder, err := s.whoAnswered(r, []byte(f.Get("answer")))
	if k := fault.KindOf(err); err != nil && k != fault.Internal && k != fault.Unavailable {
		return s.frontPage(w, r, k.Status(), local(f.Get("to")), err)
	}
	if err != nil {
		return err
	}
	if err := s.sessions.Begin(w, r, holder); err != nil {
		return err
	}
	return s.kit.Done(w, r, local(f.Get("to")), kit.Plain, "")
}

// whoAnswered is the session of whoever answered: the key says of which set.
func (s *site) whoAnswered(r *http.Request, answer []byte) (string, error) {
	ch, err := s.challenges.Take(r, "sign in", answer)
	if err != nil {
		return "", err
	}
	a, err := passkey.ParseAssertion(answer)
	if err != nil {
		return "", err
	}
	set, before := s.Holdings, ordinarySession
	if s.Sealed != nil {
		known, err := s.Sealed.Knows(r.Context(), a.KeyID)
		if err != nil {
			return "", err
		}
		if known {
			set, before = s.Sealed, sealedSession
		}
	}
	holder, err := set.SignIn(r.Context(), ch, a)
	return before + holder, err
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.sessions.End(w, r); err != nil {
		return err
	}
	return s.kit.Done(w, r, "/", kit.Good, "You are signed out.")
}
