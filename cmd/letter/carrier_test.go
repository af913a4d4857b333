package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/note"
	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/media"
	"letterlock/messenger/prekey"
	"letterlock/messenger/turn"
	"letterlock/routing/inproc"
	"letterlock/storage/blob"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// house is the carrier of this repository behind a listener, with the codes
// that it sent by text message.
type house struct {
	*world
	mu      sync.Mutex
	codes   map[string]string
	objects []wire.Objection
	boxes   *mailbox.Mailboxes
	files   *media.Media
	db      storagetest.Carrier
}

var sixDigits = regexp.MustCompile(`[0-9]{6}`)

func (h *house) Text(_ context.Context, phone, message string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.codes[phone] = sixDigits.FindString(message)
	return nil
}

func (h *house) Object(_ context.Context, _ wire.AccountID, o wire.Objection) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.objects = append(h.objects, o)
	return nil
}

func newHouse(t testing.TB) *house {
	h := &house{world: &world{t: t, dir: t.TempDir()}, codes: map[string]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	db := storagetest.SQLite(t)
	h.db = db
	secret, err := account.NewSecret(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	noticeKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h.boxes = mailbox.New(mailbox.Config{Store: db, Router: inproc.New[*mailbox.Letter](), Clock: clock.System, Log: note.Discard()})
	accounts := account.New(account.Config{Store: db, Clock: clock.System, Texter: h, Secret: secret, Log: note.Discard(), Post: h.boxes})
	keys := prekey.New(prekey.Config{Store: db, Clock: clock.System, OnLow: func(a wire.Address, left uint32) { h.boxes.Tell(a, wire.KeysLow{Left: left}) }})
	pieces, err := blob.OpenPieces(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	h.files = media.New(media.Config{Store: db, Blobs: pieces, Clock: clock.System})
	gate := gateway.New(gateway.Config{Files: h.files, Clock: clock.System, Objector: h, Accounts: accounts, Mail: h.boxes, Keys: keys, Turns: turn.New(turn.Config{Store: db, Clock: clock.System}), Log: note.Discard(),
		Info: wire.Info{Name: "House", Version: wire.Version, NoticeKey: noticeKey}})
	server := httptest.NewServer(gate)
	h.url = server.URL
	var parts sync.WaitGroup
	parts.Go(func() { h.boxes.Run(ctx) })
	parts.Go(func() { accounts.Run(ctx) })
	t.Cleanup(func() {
		down, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		if err := gate.Shutdown(down); err != nil {
			t.Error(err)
		}
		server.Close()
		cancel()
		parts.Wait()
	})
	return h
}

func (h *house) join(who, phone string) {
	h.t.Helper()
	h.refused(exitFailed, "--code", who, "register", "--server", h.url, "--phone", phone)
	h.mu.Lock()
	code := h.codes[phone]
	h.mu.Unlock()
	h.ok(who, "register", "--server", h.url, "--phone", phone, "--code", code, "--name", who)
}

func (h *house) received(who string, args ...string) (out []string) {
	h.t.Helper()
	for line := range strings.Lines(h.ok(who, append([]string{"receive", "--json"}, args...)...)) {
		var r record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			h.t.Fatalf("%s: %v", line, err)
		}
		out = append(out, string(r.Kind)+" "+r.Text)
	}
	return out
}

// The terminal client and the carrier of this repository, with nothing between
// them that is made for the test.
func TestWithTheCarrier(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.ok("alice", "send", "--to", bob, "while you were away")
	h.ok("alice", "send", "--to", bob, "twice")
	if got := h.received("bob"); !slices.Equal(got, []string{"message while you were away", "message twice"}) {
		t.Fatalf("%q", got)
	}
	if got := h.received("bob"); got != nil {
		t.Fatalf("again: %q", got)
	}
	done := make(chan []string)
	go func() { done <- h.received("alice", "--wait", "10s") }()
	time.Sleep(300 * time.Millisecond) // so that Alice is connected when Bob writes
	h.ok("bob", "send", "--to", alice, "here I am")
	if got := <-done; !slices.Equal(got, []string{"message here I am"}) {
		t.Fatalf("%q", got)
	}
	a, b := h.ok("alice", "safety", "--with", bob), h.ok("bob", "safety", "--with", alice)
	if digits(a) != digits(b) || len(digits(a)) != 60 {
		t.Fatalf("%s\n%s", a, b)
	}
	contains(t, h.ok("alice", "profile", "--about", "at work", "--email", "alice@example.org"), "at work")
	contains(t, h.ok("alice", "export"), alice, "alice@example.org")
	h.refused(exitFailed, "", "alice", "send", "--to", carol, "not there")
	h.ok("alice", "block", bob)
	h.ok("bob", "send", "--to", alice, "unwanted")
	if got := h.received("alice"); got != nil {
		t.Fatalf("a block lets through %q", got)
	}
	h.ok("alice", "unblock", bob)
}

func TestBothWriteAtOnceThroughTheCarrier(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	var both sync.WaitGroup
	for who, to := range map[string]string{"alice": bob, "bob": alice} {
		both.Go(func() {
			for i := range 6 {
				if r := h.letter(who, "", "send", "--to", to, fmt.Sprint(who, " ", i)); r.code != 0 {
					t.Errorf("%+v", r)
				}
			}
		})
	}
	both.Wait()
	for who, other := range map[string]string{"alice": "bob", "bob": "alice"} {
		got := h.received(who)
		slices.Sort(got)
		var want []string
		for i := range 6 {
			want = append(want, fmt.Sprint("message ", other, " ", i))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has %q", who, got)
		}
	}
}

func TestANumberThatChangesHandsAtTheCarrier(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.ok("alice", "send", "--to", bob, "to the first phone")
	h.received("bob")
	h.join("next", bob)
	h.refused(exitFailed, "safety number", "alice", "send", "--to", bob, "to whom?")
	if got := h.received("next"); got != nil {
		t.Fatalf("%q", got)
	}
	h.ok("alice", "safety", "--with", bob)
	h.ok("alice", "safety", "--with", bob, "--accept")
	if got := h.received("next"); !slices.Equal(got, []string{"message to whom?"}) {
		t.Fatalf("%q", got)
	}
	h.refused(exitFailed, "", "bob", "receive")
	if r := h.letter("next", "", "delete", "--yes"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	h.refused(exitFailed, "", "alice", "send", "--to", bob, "to nobody")
}
