// Package inproc routes within one process: a sharded table of receivers. It
// keeps nothing else.
package inproc

import (
	"sync"

	"letterlock/routing"
)

const shards = 64

// Router is a routing.Router for one process.
type Router[G any] struct {
	shard [shards]shard[G]
}

type shard[G any] struct {
	mu sync.RWMutex
	at map[routing.Key]routing.Receiver[G]
}

// New makes an empty router.
func New[G any]() *Router[G] {
	r := &Router[G]{}
	for i := range r.shard {
		r.shard[i].at = map[routing.Key]routing.Receiver[G]{}
	}
	return r
}

// of spreads by a byte of the random account id.
func (r *Router[G]) of(k routing.Key) *shard[G] { return &r.shard[k[3]%shards] }

// Attach makes rc the receiver of a key.
func (r *Router[G]) Attach(k routing.Key, rc routing.Receiver[G]) (detach func()) {
	s := r.of(k)
	s.mu.Lock()
	old := s.at[k]
	s.at[k] = rc
	s.mu.Unlock()
	if old != nil {
		old.Replaced()
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.at[k] == rc {
			delete(s.at, k)
		}
	}
}

// Route hands over one good.
func (r *Router[G]) Route(k routing.Key, g G) bool {
	s := r.of(k)
	s.mu.RLock()
	defer s.mu.RUnlock() // held while handing over: a replaced receiver is handed nothing more
	rc := s.at[k]
	return rc != nil && rc.Take(g)
}
