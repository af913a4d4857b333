package kit

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Challenges keeps the challenges of ceremonies that are under way. Each is
// for one purpose and one browser, works once and for ten minutes. A challenge
// that means something by itself (the hash of what is signed) needs none of
// this.
type Challenges struct {
	Kit *Kit

	mu  sync.Mutex
	all map[[32]byte]pending
}

type pending struct {
	purpose string
	browser [32]byte
	until   time.Time
}

const (
	maxPending   = 10000
	challengeFor = 10 * time.Minute
)

// New draws a challenge for a purpose, such as "sign in" or "enrol:<link>".
func (c *Challenges) New(w http.ResponseWriter, r *http.Request, purpose string) ([]byte, error) {
	browser := c.browser(w, r)
	ch := passkey.NewChallenge()
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Kit.c.Clock.Now()
	if len(c.all) >= maxPending {
		for k, p := range c.all {
			if now.After(p.until) {
				delete(c.all, k)
			}
		}
	}
	if len(c.all) >= maxPending {
		return nil, fault.New(fault.Exhausted, "start ceremony", "too many people are signing in at once; try again in a minute")
	}
	if c.all == nil {
		c.all = map[[32]byte]pending{}
	}
	c.all[[32]byte(ch)] = pending{purpose, browser, now.Add(challengeFor)}
	return ch, nil
}

// Take finds and uses up the challenge that a browser's answer answers.
func (c *Challenges) Take(r *http.Request, purpose string, answer []byte) ([]byte, error) {
	gone := fault.New(fault.Expired, "finish ceremony", "the page was too old or was used already; reload it and try again")
	ch, err := passkey.Challenge(answer)
	if err != nil {
		return nil, err
	}
	if len(ch) != 32 {
		return nil, gone
	}
	c.mu.Lock()
	p, ok := c.all[[32]byte(ch)]
	delete(c.all, [32]byte(ch))
	c.mu.Unlock()
	browser, known := c.known(r)
	same := known && subtle.ConstantTimeCompare(browser[:], p.browser[:]) == 1
	if !ok || p.purpose != purpose || !same || c.Kit.c.Clock.Now().After(p.until) {
		return nil, gone
	}
	return ch, nil
}

func (c *Challenges) known(r *http.Request) ([32]byte, bool) {
	k, err := r.Cookie(c.Kit.cookieName("ceremony"))
	if err != nil || len(k.Value) != 43 {
		return [32]byte{}, false
	}
	return sha256.Sum256([]byte(k.Value)), true
}

func (c *Challenges) browser(w http.ResponseWriter, r *http.Request) [32]byte {
	if b, ok := c.known(r); ok {
		return b
	}
	var raw [32]byte
	rand.Read(raw[:])
	v := base64.RawURLEncoding.EncodeToString(raw[:])
	http.SetCookie(w, &http.Cookie{Name: c.Kit.cookieName("ceremony"), Value: v, Path: "/", MaxAge: 3600, HttpOnly: true, Secure: c.Kit.c.Secure, SameSite: http.SameSiteStrictMode})
	return sha256.Sum256([]byte(v))
}
