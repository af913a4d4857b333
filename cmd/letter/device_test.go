package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	linkText = regexp.MustCompile(`letterlock-device:[A-Za-z0-9_-]+`)
	linkCode = regexp.MustCompile(`[0-9]{3} [0-9]{3}`)
)

// link joins a new device to somebody by the two commands, each in its own
// folder, and confirms with the code that the new device shows.
func (h *house) link(primary, newcomer string, args ...string) {
	h.t.Helper()
	var out buffer
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	go func() {
		done <- run(ctx, []string{"--dir", h.folder(newcomer), "device", "join", "--server", h.url, "--name", newcomer}, strings.NewReader(""), &out, &out)
	}()
	out.until(h.t, "letterlock-device:")
	out.until(h.t, "\n\n")
	link := linkText.FindString(out.String())
	var answers buffer
	linked := make(chan error, 1)
	in, type_ := newTyping()
	go func() {
		linked <- run(ctx, append([]string{"--dir", h.folder(primary), "device", "link", link}, args...), in, &answers, &answers)
	}()
	out.until(h.t, "must show this code")
	if !slices.Contains(args, "--code") {
		answers.until(h.t, "type yes")
		if a, b := linkCode.FindString(out.String()), linkCode.FindString(answers.String()); a != b || a == "" {
			h.t.Fatalf("one shows %q, the other %q", a, b)
		}
		contains(h.t, answers.String(), newcomer)
		type_("yes\n")
	}
	if err := <-linked; err != nil {
		h.t.Fatalf("link: %v\n%s", err, answers.String())
	}
	if err := <-done; err != nil {
		h.t.Fatalf("join: %v\n%s", err, out.String())
	}
	contains(h.t, out.String(), "Linked to", "▀")
}

// typing is an input that gets its lines later.
type typing chan string

func newTyping() (typing, func(string)) {
	t := make(typing, 1)
	return t, func(s string) { t <- s }
}

func (t typing) Read(b []byte) (int, error) { return copy(b, <-t), nil }

func TestDevicesAreLinkedListedNamedAndRemoved(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.ok("alice", "send", "--to", bob, "before the laptop")
	h.received("bob")
	h.link("alice", "laptop", "--history", "all")
	if got := h.received("laptop"); len(got) != 0 {
		t.Errorf("what was seen on the phone is new on the laptop: %q", got)
	}
	contains(t, h.ok("laptop", "history", "--with", bob), "before the laptop")
	h.received("bob") // and so hears of the laptop
	h.ok("bob", "send", "--to", alice, "to both")
	if got := h.received("laptop"); !slices.Contains(got, "message to both") {
		t.Errorf("the laptop has %q", got)
	}
	if got := h.received("alice"); slices.Contains(got, "message to both") {
		t.Error("what was seen on the laptop is new on the phone")
	}
	contains(t, h.ok("alice", "history", "--with", bob), "to both")
	h.ok("laptop", "send", "--to", bob, "from the laptop")
	got := h.received("bob")
	if !slices.Contains(got, "message from the laptop") {
		t.Errorf("%q", got)
	}
	contains(t, h.ok("bob", "history", "--with", alice), "uses a new device", "safety number is the same")
	h.received("alice")
	contains(t, h.ok("alice", "history", "--with", bob), "from the laptop")
	h.ok("alice", "device", "name", "phone")
	contains(t, h.ok("laptop", "device"), "phone", "the one you registered with", "laptop, this device")
	contains(t, h.ok("alice", "device", "list", "--json"), `"name":"laptop"`, `"last_active":"`)
	lacks(t, h.ok("alice", "export"), "laptop")
	contains(t, h.ok("alice", "export"), "Linked devices")
	h.refused(exitFailed, "registered with", "laptop", "device", "remove", "1")
	h.refused(exitFailed, "registered with", "laptop", "delete", "--yes")
	h.refused(exitFailed, "no such device", "alice", "device", "remove", "7")
	contains(t, h.ok("alice", "device", "remove", "2"), "Unlinked")
	h.refused(exitFailed, "unlinked from "+alice, "laptop", "receive")
	h.refused(exitFailed, "letter device join", "laptop", "history", "--with", bob)
	h.received("bob")
	contains(t, h.ok("bob", "history", "--with", alice), "no longer uses a device")
	h.link("alice", "laptop") // the same folder again
	h.letter("laptop", "", "device", "remove", "--yes")
	h.refused(exitFailed, "nobody is registered", "laptop", "receive")
	h.received("alice")
	lacks(t, h.ok("alice", "device"), "laptop")
}

func TestAnotherCodeLinksNothing(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	var out buffer
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	go func() {
		done <- run(ctx, []string{"--dir", h.folder("x"), "device", "join", "--server", h.url, "--name", "x", "--no-qr"}, strings.NewReader(""), &out, &out)
	}()
	out.until(t, "\n\n    letter device link letterlock-device:")
	out.until(t, "\n\n")
	time.Sleep(50 * time.Millisecond)
	h.refused(exitFailed, "nothing was linked", "alice", "device", "link", linkText.FindString(out.String()), "--code", "no code")
	if err := <-done; err == nil || !strings.Contains(sentence(err), "said no") {
		t.Errorf("%v", err)
	}
	h.refused(exitFailed, "letterlock-device:", "alice", "device", "link", "https://example.org")
	h.refused(exitFailed, "1 to 60 bytes", "y", "device", "join", "--server", h.url, "--name", "")
}

func TestALockAndANewNumberInTheTerminal(t *testing.T) {
	const next = "+441632960099"
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.ok("alice", "send", "--to", bob, "hello")
	h.received("bob")
	h.refused(exitFailed, "4 to 20 digits", "alice", "lock", "--pin", "12")
	h.refused(exitFailed, "guessed at once", "alice", "lock", "--pin", "1234")
	contains(t, h.ok("alice", "lock", "--pin", "4711"), "Locked")
	h.refused(exitFailed, "--code", "thief", "register", "--server", h.url, "--phone", alice)
	code := func(phone string) string { h.mu.Lock(); defer h.mu.Unlock(); return h.codes[phone] }
	h.refused(exitFailed, "registration lock", "thief", "register", "--server", h.url, "--phone", alice, "--code", code(alice))
	h.refused(exitFailed, "not the PIN", "thief", "register", "--server", h.url, "--phone", alice, "--code", code(alice), "--pin", "4712")
	contains(t, h.ok("alice", "lock", "--off"), "off")
	h.refused(exitFailed, "--code", "alice", "number", "change", next)
	contains(t, h.ok("alice", "number", "change", next, "--code", code(next)), next, alice+" is free")
	if got := h.received("bob"); !slices.Contains(got, "number ") {
		t.Errorf("Bob was told %q", got)
	}
	contains(t, h.ok("bob", "history", "--with", next), "has another number now", "hello")
	h.ok("bob", "send", "--to", next, "there you are")
	if got := h.received("alice"); !slices.Contains(got, "message there you are") {
		t.Errorf("%q", got)
	}
}

// Two people with three devices each write at once through the carrier of this
// repository: every device shows each message once, and all show one order.
func TestThreeDevicesEachThroughTheCarrier(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	other := map[string]string{"alice": bob, "alice2": bob, "alice3": bob, "bob": alice, "bob2": alice, "bob3": alice}
	for _, who := range []string{"alice", "bob"} {
		h.link(who, who+"2", "--history", "none")
		h.link(who, who+"3", "--history", "none")
	}
	var all sync.WaitGroup
	for who, to := range other {
		all.Go(func() {
			for i := range 3 {
				if r := h.letter(who, "", "send", "--to", to, fmt.Sprint(who, "-", i)); r.code != 0 {
					t.Errorf("%+v", r)
				}
			}
		})
	}
	all.Wait()
	for range 3 {
		for who := range other {
			h.ok(who, "receive")
		}
	}
	var order []string
	for who, to := range other {
		var got []string
		for line := range strings.Lines(h.ok(who, "history", "--with", to, "--json", "--last", "100")) {
			var r record
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			switch string(r.Kind) {
			case "message", "sent":
				got = append(got, r.Text)
			case "unopened", "doubt", "safety-number":
				t.Errorf("%s: %s", who, line)
			}
		}
		if order == nil {
			order = got
		}
		if len(got) != 18 || !slices.Equal(got, order) {
			t.Errorf("%s shows %q, another %q", who, got, order)
		}
	}
}
