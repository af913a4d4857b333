package holdings_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/messenger/holdings"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func notify(timing d.NoticeTiming, asker bool) func(*d.Grant) {
	return func(g *d.Grant) {
		g.Kind = d.Notify
		g.Notice = d.NoticePlan{Timing: timing, Day: start.Unix(), Basis: "a secrecy order that has ended", Asker: asker}
	}
}

func TestThePersonIsToldWhatTheGrantSays(t *testing.T) {
	w := newWorld(t)
	h := w.ready(notify(d.ToldBefore, true))
	told, err := w.Tell(t.Context(), h)
	if err != nil || told.Queued != 1 || !told.Mailed {
		t.Fatalf("%+v %v", told, err)
	}
	n, err := wire.OpenNotice(w.post.notices[0], w.notice)
	if err != nil {
		t.Fatal(err)
	}
	if n.Account != w.alice || n.ID != told.Notice || !n.Before || n.Asker != "Harbor County Sheriff" || n.Case != "LL-2026-000017" ||
		n.Discloses != start.Add(7*24*time.Hour).Unix() || !slices.Equal(n.Fields, []string{"Last seen date", "Name"}) || n.Citation == "" {
		t.Errorf("%+v", n)
	}
	for _, s := range []string{"Harbor County Sheriff", "Court order for records", "LL-2026-000017", "Last seen date, Name", "object", "30 November 2026 (UTC)", "cannot be handed out"} {
		if !strings.Contains(n.Text, s) {
			t.Errorf("not said: %s in\n%s", s, n.Text)
		}
	}
	mail := strings.Join(w.post.mails, "\n")
	if !strings.Contains(mail, "person@example.org") || strings.Contains(mail, "Harbor") || strings.Contains(mail, "Name of") || strings.Contains(mail, "LL-2026") {
		t.Errorf("the mail says too much: %s", mail)
	}
	if _, err := w.Tell(t.Context(), h); !fault.Is(err, fault.Conflict) || len(w.post.notices) != 1 {
		t.Errorf("told twice: %v", err)
	}
}

func TestAWithheldAskerIsNotNamed(t *testing.T) {
	w := newWorld(t)
	if _, err := w.Tell(t.Context(), w.ready(notify(d.ToldAfter, false))); err != nil {
		t.Fatal(err)
	}
	n, err := wire.OpenNotice(w.post.notices[0], w.notice)
	if err != nil || n.Asker != "" || strings.Contains(n.Text, "Harbor") || n.Before || !strings.Contains(n.Text, "secrecy order that has ended") {
		t.Errorf("%+v %v", n, err)
	}
}

func TestNobodyIsToldWithoutTwoPeopleOrBeforeTheDay(t *testing.T) {
	for name, make := range map[string]func(w *world) d.Hash{
		"the desk alone": func(w *world) d.Hash { return w.propose(w.grant(notify(d.ToldAfter, true))) },
		"one person": func(w *world) d.Hash {
			h := w.propose(w.grant(notify(d.ToldAfter, true)))
			w.sign(h, "Ada Okafor")
			return h
		},
		"a produce grant": func(w *world) d.Hash { return w.ready() },
		"before the day": func(w *world) d.Hash {
			return w.ready(notify(d.ToldAfter, true), func(g *d.Grant) { g.Notice.Day = start.Add(24 * time.Hour).Unix() })
		},
	} {
		w := newWorld(t)
		if _, err := w.Tell(t.Context(), make(w)); !fault.Is(err, fault.Forbidden) || len(w.post.notices)+len(w.post.mails) > 0 {
			t.Errorf("%s: told (%v)", name, err)
		}
		if kinds(t, w.public)["door.refused"] != 1 {
			t.Errorf("%s: not in the ledger", name)
		}
	}
	w := newWorld(t)
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(notify(d.ToldWithheld, true)))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a notice that its own plan withholds: %v", err)
	}
}

func TestANoticeIsNeverLost(t *testing.T) {
	w := newWorld(t)
	h := w.ready(notify(d.ToldAfter, true))
	w.post.broken = errors.New("disk full")
	if _, err := w.Tell(t.Context(), h); err == nil {
		t.Fatal("told")
	}
	w.post.broken = nil
	first, err := w.Tell(t.Context(), h)
	if err != nil {
		t.Fatalf("the failure spent the grant: %v", err)
	}
	// A crash between queueing and the mark leads to the same notice again.
	g := w.grant(notify(d.ToldAfter, true))
	a := w.signed(g)
	one, err := w.Tell(t.Context(), a)
	if err != nil || one.Notice == first.Notice {
		t.Errorf("two grants, one notice: %v", err)
	}
}

func TestANoticeYearsLaterOutlivesKeysAndLaw(t *testing.T) {
	w := newWorld(t)
	w.second("Dee Roy", "Dee Roy")
	now := w.clock.Now()
	h := w.propose(w.grant(notify(d.ToldAfter, true), func(g *d.Grant) {
		g.Notice.Day, g.NotYet, g.Expires = now.AddDate(3, 0, 0).Unix(), now.AddDate(3, 0, 0).Unix(), now.AddDate(4, 0, 0).Unix()
	}))
	w.sign(h, "Ada Okafor", "Dee Roy")
	w.retire("Dee Roy")
	w.clock.Set(now.AddDate(3, 0, 1))
	w.accept()
	if _, err := w.Tell(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

func TestAnObjectionReachesTheDesk(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		told, err := w.Tell(t.Context(), w.ready(notify(d.ToldBefore, true)))
		if err != nil {
			t.Fatal(err)
		}
		o := wire.Objection{Notice: told.Notice, Text: "I am a journalist."}
		for name, bad := range map[string]error{
			"somebody else's": w.Object(t.Context(), w.bob, o),
			"no such notice":  w.Object(t.Context(), w.alice, wire.Objection{Notice: [16]byte{1}, Text: "x"}),
			"empty":           w.Object(t.Context(), w.alice, wire.Objection{Notice: told.Notice, Text: " "}),
			"too long":        w.Object(t.Context(), w.alice, wire.Objection{Notice: told.Notice, Text: strings.Repeat("x", wire.MaxObjection+1)}),
		} {
			if bad == nil {
				t.Errorf("%s: taken", name)
			}
		}
		for range 5 {
			if err := w.Object(t.Context(), w.alice, o); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Object(t.Context(), w.alice, o); !fault.Is(err, fault.Exhausted) {
			t.Errorf("a flood: %v", err)
		}
		got, err := w.Objections(t.Context(), 0)
		if err != nil || len(got) != 5 || got[0].Case != "LL-2026-000017" || got[0].Text != o.Text || got[4].Number != 5 {
			t.Errorf("%+v %v", got, err)
		}
		if rest, _ := w.Objections(t.Context(), 4); len(rest) != 1 {
			t.Errorf("%+v", rest)
		}
		if kinds(t, w.public)["notice.objection"] != 5 {
			t.Error("not in the ledger")
		}
	})
}

func TestTheFirstStartEnrolsOnceAndLaterTwoDecide(t *testing.T) {
	w := newWorld(t)
	if _, err := w.FirstHolders(t.Context(), []string{"Evil One", "Evil Two"}); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a second first start: %v", err)
	}
	url, err := w.Invite(t.Context(), "Ada Okafor", "Dee Roy", false)
	if err != nil {
		t.Fatal(err)
	}
	if active := w.enrol("Dee Roy", url); !active.IsZero() {
		t.Fatal("an invited key counts at once")
	}
	token := url[strings.LastIndex(url, "/")+1:]
	if _, err := w.Link(t.Context(), token); !fault.Is(err, fault.Expired) {
		t.Errorf("the link works twice: %v", err)
	}
	h := w.propose(w.grant())
	cannot := func(when string) {
		t.Helper()
		a, _ := w.keys["Dee Roy"].Sign(w.site, h[:])
		if _, err := w.Sign(t.Context(), h, noTie, a); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: the new key signed (%v)", when, err)
		}
	}
	cannot("before two signed")
	papers, err := w.Waiting(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range papers {
		if g, _ := d.ParseGrant(p.Grant); g.Kind == d.KeyChange {
			w.sign(p.Hash, "Ben Ito")
			cannot("after one signed")
			w.sign(p.Hash, "Chi Park")
		}
	}
	cannot("within the day")
	w.clock.Advance(holdings.KeyDelay)
	w.accept()
	w.sign(h, "Dee Roy", "Ada Okafor")
	if r, err := w.Redeem(t.Context(), h); err != nil || len(r.Records) != 2 {
		t.Errorf("after the day: %v", err)
	}
}

func TestTwoPeopleAlwaysRemain(t *testing.T) {
	w := newWorld(t)
	w.retire("Ada Okafor")
	all, _ := w.Holders(t.Context())
	for _, k := range all {
		if k.Name != "Ben Ito" {
			continue
		}
		h, err := w.Retire(t.Context(), "Chi Park", k.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.sign(h, "Ben Ito")
		a, _ := w.keys["Chi Park"].Sign(w.site, h[:])
		if _, err := w.Sign(t.Context(), h, noTie, a); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one holder remains: %v", err)
		}
	}
}

func TestSigningIn(t *testing.T) {
	w := newWorld(t)
	ch := passkey.NewChallenge()
	a, _ := w.keys["Ada Okafor"].Sign(w.site, ch)
	if who, err := w.SignIn(t.Context(), ch, a); err != nil || who != "Ada Okafor" {
		t.Fatalf("%q %v", who, err)
	}
	if _, err := w.SignIn(t.Context(), ch, a); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the same use twice: %v", err)
	}
	stranger := soft.New()
	stranger.Enrol(w.site, "x")
	a, _ = stranger.Sign(w.site, ch)
	if _, err := w.SignIn(t.Context(), ch, a); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestWaitingGrantsAreBounded(t *testing.T) {
	w := newWorld(t)
	for i := range holdings.MaxWaiting {
		h := d.Hash{byte(i), byte(i >> 8), 7}
		if _, err := w.store.Keep(t.Context(), holdings.Sheet{Hash: h, Grant: []byte{1}, Proposed: start, Expires: start.Add(time.Hour), State: holdings.Open}, 1000); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Propose(t.Context(), w.bytes(w.grant())); !fault.Is(err, fault.Exhausted) {
		t.Fatalf("%v", err)
	}
}

func TestTheTwoHalvesCosign(t *testing.T) {
	w := newWorld(t)
	desk := w.ledger("example.org/desk", false)
	if err := w.public.Trust(desk.Keys()...); err != nil {
		t.Fatal(err)
	}
	if err := desk.Trust(w.public.Keys()...); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(61 * time.Second)
	if err := w.public.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := desk.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := desk.Gather(t.Context(), w); err != nil {
		t.Fatalf("the carrier co-signs the desk: %v", err)
	}
	seen, err := desk.Seen(t.Context(), w.public.Origin())
	if err != nil {
		t.Fatal(err)
	}
	req, err := w.Witness(t.Context(), seen)
	if err != nil || len(req) == 0 {
		t.Fatalf("no request: %v", err)
	}
	line, err := desk.Cosign(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Cosigned(t.Context(), []byte("nonsense\n")); err == nil {
		t.Error("nonsense was taken for a co-signature")
	}
	if err := w.Cosigned(t.Context(), line); err != nil {
		t.Fatal(err)
	}
	if s := w.public.State(); s.Cosigned != s.Size || s.Size == 0 {
		t.Errorf("%+v", s)
	}
}
