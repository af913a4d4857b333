package kit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"sync"
	"time"

	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Challenges makes the challenges of ceremonies. Each is for one purpose and
// one browser, works once and for ten minutes. Nothing is kept of a challenge
// until it is answered, so that nobody can use the room up by opening pages. A
// challenge that means something by itself (the hash of what is signed) needs
// none of this.
type Challenges struct {
	Kit *Kit

	mu   sync.Mutex
	key  []byte                 // drawn at first use: a restart ends all ceremonies
	used map[[32]byte]time.Time // answered, until they would be too old anyway
}

const (
	maxUsed      = 100_000
	challengeFor = 10 * time.Minute
)

// New makes a challenge for a purpose, such as "sign in" or "enrol <link>": 8
// bytes of time, 8 random ones and 16 of a MAC over them, purpose and browser.
func (c *Challenges) New(w http.ResponseWriter, r *http.Request, purpose string) ([]byte, error) {
	browser := c.browser(w, r)
	ch := binary.BigEndian.AppendUint64(nil, uint64(c.Kit.c.Clock.Now().Unix()))
	ch = append(ch, make([]byte, 8)...)
	rand.Read(ch[8:])
	return append(ch, c.mac(ch, purpose, browser)...), nil
}

func (c *Challenges) mac(head []byte, purpose string, browser [32]byte) []byte {
	c.mu.Lock()
	if c.key == nil {
		c.key = make([]byte, 32)
		rand.Read(c.key)
	}
	m := hmac.New(sha256.New, c.key)
	c.mu.Unlock()
	m.Write(head)
	m.Write(browser[:])
	m.Write([]byte(purpose))
	return m.Sum(nil)[:16]
}

// Take checks and uses up the challenge that a browser's answer answers.
func (c *Challenges) Take(r *http.Request, purpose string, answer []byte) ([]byte, error) {
	gone := fault.New(fault.Expired, "finish ceremony", "the page was too old or was used already; reload it and try again")
	ch, err := passkey.Challenge(answer)
	if err != nil {
		return nil, err
	}
	browser, known := c.known(r)
	if len(ch) != 32 || !known || !hmac.Equal(ch[16:], c.mac(ch[:16], purpose, browser)) {
		return nil, gone
	}
	now := c.Kit.c.Clock.Now()
	made := time.Unix(int64(binary.BigEndian.Uint64(ch)), 0)
	if now.Sub(made) > challengeFor || made.Sub(now) > time.Second {
		return nil, gone
	}
	if err := c.use([32]byte(ch), now, gone); err != nil {
		return nil, err
	}
	return ch, nil
}

// use marks a challenge as answered; gone if it was.
func (c *Challenges) use(ch [32]byte, now time.Time, gone error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.used[ch]; ok {
		return gone
	}
	if len(c.used) >= maxUsed {
		for k, until := range c.used {
			if now.After(until) {
				delete(c.used, k)
			}
		}
	}
	if len(c.used) >= maxUsed {
		return fault.New(fault.Exhausted, "finish ceremony", "too many people are signing in at once; try again in a minute")
	}
	if c.used == nil {
		c.used = map[[32]byte]time.Time{}
	}
	c.used[ch] = now.Add(2 * challengeFor)
	return nil
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
