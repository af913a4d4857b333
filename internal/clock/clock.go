// Package clock gives time to whoever needs it, so that tests and the demo can
// move it. It knows no domain.
package clock

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"
)

// Clock tells the time, always in UTC.
type Clock interface {
	Now() time.Time
}

// Func is a function used as a clock.
type Func func() time.Time

// Now is what the function says, in UTC.
func (f Func) Now() time.Time { return f().UTC() }

// System is the machine's clock.
var System Clock = Func(time.Now)

// Manual is a clock that only moves when told to.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual starts a manual clock.
func NewManual(t time.Time) *Manual { return &Manual{now: t.UTC()} }

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Set puts the clock anywhere, also backwards.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = t.UTC()
}

// Advance moves the clock on.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// Shifted is the machine's clock plus the offset (a Go duration such as
// "168h") that a file holds; an absent file means none. Programs accept it in
// demo mode only: it lets a story, or a test that runs real processes, live
// through months.
type Shifted struct {
	Path string

	mu   sync.Mutex
	read time.Time // when the file was last looked at
	off  time.Duration
}

// Now is the shifted time; the file is looked at four times a second at most.
func (s *Shifted) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.read) > 250*time.Millisecond {
		s.read = now
		if b, err := os.ReadFile(s.Path); err == nil {
			if d, err := time.ParseDuration(strings.TrimSpace(string(b))); err == nil {
				s.off = d
			}
		} else if errors.Is(err, os.ErrNotExist) {
			s.off = 0
		}
	}
	return now.Add(s.off).UTC()
}

// Every calls f at once and then each time the real interval has passed, until
// the context ends. What is due is f's business, by its own Clock.
func Every(ctx context.Context, interval time.Duration, f func(context.Context)) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		f(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
