package signal

import (
	"context"
	"sync"
)

// peerLocks is one lock per peer device, held around load, work and store:
// two encryptions from one stored state would use one key twice.
//
// spec: deployed 3.5
type peerLocks struct {
	mu    sync.Mutex
	peers map[Address]*peerLock
}

type peerLock struct {
	held    chan struct{} // holds one token while somebody has the lock
	waiting int           // holders and waiters; guarded by peerLocks.mu
}

// lock waits for the peer's lock or for ctx, and returns the way to release it.
func (l *peerLocks) lock(ctx context.Context, peer Address) (unlock func(), err error) {
	p := l.join(peer)
	select {
	case p.held <- struct{}{}:
		return func() { <-p.held; l.leave(peer, p) }, nil
	case <-ctx.Done():
		l.leave(peer, p)
		return nil, ctx.Err()
	}
}

func (l *peerLocks) join(peer Address) *peerLock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.peers == nil {
		l.peers = make(map[Address]*peerLock)
	}
	p := l.peers[peer]
	if p == nil {
		p = &peerLock{held: make(chan struct{}, 1)}
		l.peers[peer] = p
	}
	p.waiting++
	return p
}

func (l *peerLocks) leave(peer Address, p *peerLock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.waiting--; p.waiting == 0 {
		delete(l.peers, peer)
	}
}
