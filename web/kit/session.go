package kit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"letterlock/internal/fault"
)

// Session is one person signed in with one browser. The token itself is in
// the person's cookie only.
type Session struct {
	Token [32]byte // SHA-256 of the token
	Who   string   // the site's own name for the person
	Begun time.Time
	Seen  time.Time
}

// SessionStore keeps sessions. A missing one is a fault.NotFound.
type SessionStore interface {
	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, token [32]byte) (Session, error)
	SeeSession(ctx context.Context, token [32]byte, at time.Time) error
	DropSession(ctx context.Context, token [32]byte) error
	// DropSessions ends all sessions of a person.
	DropSessions(ctx context.Context, who string) error
}

// Sessions signs people in and out.
type Sessions struct {
	Kit   *Kit
	Store SessionStore
	Idle  time.Duration // since last seen; 0 is 30 minutes
	Total time.Duration // since signing in; 0 is 12 hours
}

func (s Sessions) idle() time.Duration {
	if s.Idle == 0 {
		return 30 * time.Minute
	}
	return s.Idle
}

func (s Sessions) total() time.Duration {
	if s.Total == 0 {
		return 12 * time.Hour
	}
	return s.Total
}

func (s Sessions) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: s.Kit.cookieName("session"), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.Kit.c.Secure, SameSite: http.SameSiteStrictMode}
}

// Begin signs a person in. A session that the browser had before ends.
func (s Sessions) Begin(w http.ResponseWriter, r *http.Request, who string) error {
	if old, ok := s.token(r); ok {
		if err := s.Store.DropSession(r.Context(), old); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	var raw [32]byte
	rand.Read(raw[:])
	now := s.Kit.c.Clock.Now()
	if err := s.Store.PutSession(r.Context(), Session{Token: sha256.Sum256(raw[:]), Who: who, Begun: now, Seen: now}); err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(base64.RawURLEncoding.EncodeToString(raw[:]), int(s.total()/time.Second)))
	return nil
}

// Of is the session of a request; Unauthenticated without one or when it is
// over. A clock that went back ends a session rather than lengthen it.
func (s Sessions) Of(r *http.Request) (Session, error) {
	t, ok := s.token(r)
	if !ok {
		return Session{}, signIn()
	}
	got, err := s.Store.Session(r.Context(), t)
	if fault.Is(err, fault.NotFound) {
		return Session{}, signIn()
	}
	if err != nil {
		return Session{}, err
	}
	now := s.Kit.c.Clock.Now()
	if now.Before(got.Begun) || now.Sub(got.Seen) > s.idle() || now.Sub(got.Begun) > s.total() {
		if err := s.Store.DropSession(r.Context(), t); err != nil && !fault.Is(err, fault.NotFound) {
			return Session{}, err
		}
		return Session{}, signIn()
	}
	if now.Sub(got.Seen) > time.Minute { // one write a minute is enough
		err = s.Store.SeeSession(r.Context(), t, now)
		got.Seen = now
	}
	return got, err
}

// End signs out.
func (s Sessions) End(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookie("", -1))
	t, ok := s.token(r)
	if !ok {
		return nil
	}
	if err := s.Store.DropSession(r.Context(), t); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil
}

func (s Sessions) token(r *http.Request) ([32]byte, bool) {
	c, err := r.Cookie(s.Kit.cookieName("session"))
	if err != nil {
		return [32]byte{}, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(c.Value)
	if err != nil || len(raw) != 32 {
		return [32]byte{}, false
	}
	return sha256.Sum256(raw), true
}

func signIn() error {
	return fault.New(fault.Unauthenticated, "find session", "you are not signed in, or were away too long")
}

// MemorySessions keeps sessions in the process: a restart signs everyone out.
type MemorySessions struct {
	mu  sync.Mutex
	all map[[32]byte]Session
}

func noSession() error { return fault.New(fault.NotFound, "find session", "no such session") }

// PutSession implements SessionStore.
func (m *MemorySessions) PutSession(_ context.Context, s Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[[32]byte]Session{}
	}
	if len(m.all) >= maxSessions {
		return fault.New(fault.Exhausted, "keep session", "too many people are signed in")
	}
	m.all[s.Token] = s
	return nil
}

const maxSessions = 10000

// Session implements SessionStore.
func (m *MemorySessions) Session(_ context.Context, token [32]byte) (Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.all[token]
	if !ok {
		return Session{}, noSession()
	}
	return s, nil
}

// SeeSession implements SessionStore.
func (m *MemorySessions) SeeSession(_ context.Context, token [32]byte, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.all[token]
	if !ok {
		return noSession()
	}
	s.Seen = at
	m.all[token] = s
	return nil
}

// DropSession implements SessionStore.
func (m *MemorySessions) DropSession(_ context.Context, token [32]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, token)
	return nil
}

// DropSessions implements SessionStore.
func (m *MemorySessions) DropSessions(_ context.Context, who string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for t, s := range m.all {
		if s.Who == who {
			delete(m.all, t)
		}
	}
	return nil
}
