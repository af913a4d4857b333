package client_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// inbox gives the carrier a key for reports, and returns the key that opens them.
func (w *world) inbox() *ecdh.PrivateKey {
	w.t.Helper()
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	w.carrier.AbuseKey = key.PublicKey().Bytes()
	return key
}

// A report is what the person saw before it left, byte for byte, and nothing
// else; it can be read with the operator's key alone.
func TestAReportHasOnlyWhatTheReporterPutIntoIt(t *testing.T) {
	w := newWorld(t)
	key := w.inbox()
	a, b := w.met()
	for _, text := range []string{"a kind word", "an INSULT", "a private matter"} {
		b.send(a, text)
	}
	settle(b, a)
	insult := a.find("an INSULT")
	r, err := a.DraftReport(bg, accountOf(b), []uint64{insult.Seq, insult.Seq}, "this happened at work")
	a.must(err)
	if len(w.carrier.Reports) != 0 {
		t.Fatal("a draft left")
	}
	preview := r.Text()
	a.must(a.SendReport(bg, r, true))
	if len(w.carrier.Reports) != 1 {
		t.Fatalf("%d reports arrived", len(w.carrier.Reports))
	}
	sent := w.carrier.Reports[0].Sealed
	got, err := wire.OpenReport(key, sent)
	if err != nil || !bytes.Equal(got, preview) {
		t.Fatalf("sent was\n%s\nshown was\n%s\n%v", got, preview, err)
	}
	for _, not := range []string{"kind word", "private matter", a.phone, accountOf(a).String()} {
		if bytes.Contains(got, []byte(not)) {
			t.Errorf("the report has %q, which the reporter did not put into it", not)
		}
	}
	if bytes.Contains(sent, []byte("INSULT")) {
		t.Error("the report is not sealed")
	}
	var read client.Report
	if err := json.Unmarshal(got, &read); err != nil || len(read.Messages) != 1 || read.Messages[0].By != "them" || !strings.Contains(read.Says, "reporter's word") || read.Account != accountOf(b).String() {
		t.Fatalf("%+v, %v", read, err)
	}
	b.send(a, "after the block")
	b.flush()
	if k, err := a.Journal(bg, client.Incoming); err != nil || joined(k) == "" {
		t.Fatal(err)
	}
	other, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.OpenReport(other, sent); err == nil {
		t.Error("another key opens it")
	}
}

func TestAReportHasNobodyElsesWords(t *testing.T) {
	w, id, a, b, c, _ := choir(t)
	w.inbox()
	b.say(id, "rude")
	c.say(id, "polite")
	settle(a, b, c)
	own := a.say(id, "mine")
	settle(a, b, c)
	r, err := a.DraftReport(bg, accountOf(b), []uint64{a.find("rude").Seq}, "")
	a.must(err)
	if r.Messages[0].Group != "Choir" || r.Messages[0].Text != "rude" {
		t.Errorf("%+v", r.Messages)
	}
	for name, seqs := range map[string][]uint64{"another member's": {a.find("polite").Seq}, "one's own to a group": {own.Seq}, "none that exists": {9999}, "too many": make([]uint64, 21), "nothing": nil} {
		if _, err := a.DraftReport(bg, accountOf(b), seqs, ""); fault.KindOf(err) == fault.Internal || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.DraftReport(bg, accountOf(a), nil, "me"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, err := a.DraftReport(bg, accountOf(b), nil, strings.Repeat("x", wire.MaxReport)); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
	w.carrier.AbuseKey = nil
	if _, err := a.DraftReport(bg, accountOf(b), nil, "help"); !fault.Is(err, fault.NotFound) || !strings.Contains(fault.Say(err), "takes no reports") {
		t.Error(err)
	}
}
