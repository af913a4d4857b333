package main

import (
	"context"
	"io"
	"testing"
)

// A place once, and one that follows its author until they end it.
func TestAPlaceInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "place", "--to", bob, "--within", "20", "38.7223,-9.1393", "at the *fountain*")
	contains(t, w.ok("bob", "receive"), "(geo:38.7223,-9.1393;u=20) at the *fountain*")
	w.refused(exitFailed, "such as 38.7223,-9.1393", "alice", "place", "--to", bob, "Lisbon")
	w.refused(exitFailed, "such as 38.7223,-9.1393", "alice", "place", "--to", bob, "91,0")
	w.refused(exitFailed, "8 hours at most", "alice", "place", "--to", bob, "--live", "9h", "1,1")

	in, moves := io.Pipe()
	var out, errs buffer
	done := make(chan error)
	go func() {
		done <- run(context.Background(), []string{"--dir", w.folder("alice"), "place", "--to", bob, "--live", "15m", "38.7223,-9.1393"}, in, &out, &errs)
	}()
	out.until(t, "They see where you are until")
	contains(t, w.ok("bob", "receive", "--wait", "5s"), "live until")
	io.WriteString(moves, "nowhere\n38.8029,-9.3817\n")
	errs.until(t, `"nowhere" is no place`)
	moves.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	contains(t, out.String(), "no longer see where you are")
	w.ok("bob", "receive")
	contains(t, w.ok("bob", "history", "--with", alice), "(geo:38.8029,-9.3817, the last of a place that followed them")
	contains(t, w.ok("bob", "history", "--with", alice, "--json"), `"place":{"geo":"geo:38.8029,-9.3817"`, `"live":false`)
}
