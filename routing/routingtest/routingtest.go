// Package routingtest is the suite that every router must pass.
package routingtest

import (
	"sync"
	"testing"

	"letterlock/routing"
)

// Inbox is a receiver that remembers.
type Inbox struct {
	mu       sync.Mutex
	got      []int
	full     bool
	replaced int
	late     int // goods after it was replaced
}

// Take remembers a good unless the inbox is full.
func (i *Inbox) Take(g int) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.replaced > 0 {
		i.late++
	}
	if i.full {
		return false
	}
	i.got = append(i.got, g)
	return true
}

// Replaced counts.
func (i *Inbox) Replaced() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.replaced++
}

// Run runs the suite on fresh routers.
func Run(t *testing.T, fresh func() routing.Router[int]) {
	for name, f := range map[string]func(*testing.T, routing.Router[int]){
		"nobody": nobody, "order": order, "replace": replace, "refuse": refuse, "concurrent": concurrent} {
		t.Run(name, func(t *testing.T) { f(t, fresh()) })
	}
}

func key(n byte) routing.Key { return routing.Key{3: n, 16: 1} }

func nobody(t *testing.T, r routing.Router[int]) {
	if r.Route(key(1), 1) {
		t.Fatal("nobody took a good")
	}
	in := &Inbox{}
	detach := r.Attach(key(1), in)
	if r.Route(key(2), 1) || r.Route(routing.Key{3: 1, 16: 2}, 1) {
		t.Fatal("a good of another key was taken")
	}
	detach()
	detach()
	if r.Route(key(1), 1) || len(in.got) != 0 || in.replaced != 0 {
		t.Fatalf("after detaching: %v", in.got)
	}
}

func order(t *testing.T, r routing.Router[int]) {
	in := &Inbox{}
	defer r.Attach(key(1), in)()
	for n := range 1000 {
		if !r.Route(key(1), n) {
			t.Fatalf("good %d was not taken", n)
		}
	}
	for n, g := range in.got {
		if n != g {
			t.Fatalf("at place %d is %d", n, g)
		}
	}
}

func replace(t *testing.T, r routing.Router[int]) {
	a, b := &Inbox{}, &Inbox{}
	first := r.Attach(key(1), a)
	second := r.Attach(key(1), b)
	first() // it is not attached any more: without effect
	if !r.Route(key(1), 7) || len(a.got) != 0 || len(b.got) != 1 || a.replaced != 1 || b.replaced != 0 {
		t.Fatalf("first %+v, second %+v", a, b)
	}
	second()
	if r.Route(key(1), 8) {
		t.Fatal("somebody is still attached")
	}
}

func refuse(t *testing.T, r routing.Router[int]) {
	in := &Inbox{full: true}
	defer r.Attach(key(1), in)()
	if r.Route(key(1), 1) {
		t.Fatal("a full receiver took a good")
	}
}

// concurrent: receivers take each other's places while goods arrive; nobody who
// was replaced is handed anything.
func concurrent(t *testing.T, r routing.Router[int]) {
	var all sync.WaitGroup
	stop := make(chan struct{})
	var ins []*Inbox
	all.Go(func() {
		defer close(stop)
		for range 500 {
			in := &Inbox{}
			r.Attach(key(1), in)
			ins = append(ins, in)
		}
	})
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					r.Route(key(1), 1)
				}
			}
		})
	}
	all.Wait()
	for n, in := range ins {
		if in.late != 0 || (in.replaced == 1) != (n < len(ins)-1) {
			t.Fatalf("receiver %d: replaced %d times, %d goods after that", n, in.replaced, in.late)
		}
	}
}
