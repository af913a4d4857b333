package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"strings"
	"testing"

	"letterlock/wire"
)

func TestAReportInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("bob", "send", "--to", alice, "an insult")
	w.ok("alice", "receive")
	w.refused(exitFailed, "takes no reports", "alice", "report", "--message", "1")
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.carrier.AbuseKey = key.PublicKey().Bytes()
	r := w.letter("alice", "no\n", "report", "--message", "1", "--note", "at work")
	if r.code != exitFailed || !strings.Contains(r.out, "an insult") || len(w.carrier.Reports) != 0 {
		t.Fatalf("%+v, %d reports", r, len(w.carrier.Reports))
	}
	r = w.letter("alice", "report\n", "report", "--message", "1", "--note", "at work", "--block")
	contains(t, r.out, "This, and nothing else", "at work", "Reported and blocked.")
	got, err := wire.OpenReport(key, w.carrier.Reports[0].Sealed)
	if err != nil || !strings.Contains(r.out, string(got)) {
		t.Fatalf("sent was %s, shown was %s, %v", got, r.out, err)
	}
	lacks(t, w.ok("alice", "report", "--about", bob, "--note", "again", "--json"), "nothing else is")
	if len(w.carrier.Reports) != 1 {
		t.Error("--json without --yes sent it")
	}
	w.refused(exitFailed, "say with --about", "alice", "report", "--note", "somebody")
}
