package tui

import (
	"slices"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/wire"
)

// talk is one conversation.
type talk struct {
	with    [16]byte
	group   bool
	g       client.Group
	w       who
	names   []mentionable // of a group
	here    string        // whether the other person is here
	timer   uint32
	entries []shown
	most    int    // so many are read
	all     bool   // there are no more
	fresh   uint64 // the first entry that was new when the page was opened
	seen    bool   // it was looked for
	ready   bool
	loads   loading
	ticks   bool

	ed       editor
	choosing bool
	at       int // the message that is chosen
	goal     uint64
	reply    uint64
	edit     uint64
	open     map[uint64]bool // hidden words that the person opened
	writing  map[wire.AccountID]writer
	showed   time.Time // when it was last shown that this person writes
}

type writer struct {
	name string
	turn int
}

const talkPage = 200 // entries that are read at once

func newTalk(with [16]byte, group bool) *talk {
	return &talk{with: with, group: group, most: talkPage, open: map[uint64]bool{}, writing: map[wire.AccountID]writer{}}
}

func (t *talk) title(m *Model) row {
	if !t.ready {
		return nil
	}
	if t.group {
		r := row{{t.g.Name, pen{bold: true}}, {"  " + m.t.N(len(t.g.Members), "%d member", "%d members"), pen{}}}
		return t.marks(m, r)
	}
	r := row{{m.scope().called(t.w), pen{bold: true}}}
	if t.w.name != "" && t.w.phone != "" {
		r = r.add("  "+t.w.phone, pen{})
	}
	if t.w.Verified {
		r = r.add("  ✔ "+m.t.T("verified"), pen{})
	}
	if t.w.Changed {
		r = r.add("  ! "+m.t.T("safety number changed"), pen{bold: true})
	}
	if t.here != "" {
		r = r.add("  "+t.here, pen{})
	}
	return t.marks(m, r)
}

func (t *talk) marks(m *Model, r row) row {
	if t.timer != 0 {
		r = r.add("  ◷ "+shortTimer(t.timer), pen{})
	}
	return r
}

func (t *talk) load(m *Model) tea.Cmd {
	most, goal, focused := t.most, t.goal, !m.blurred
	return t.loads.once(m, func(x *scope) (step, error) {
		n, err := t.read(x, most, goal)
		if err != nil {
			return nil, err
		}
		return func(m *Model) tea.Cmd { return t.take(m, n, focused) }, nil
	})
}

// talkNow is a conversation as it was read.
type talkNow struct {
	entries []shown
	unread  []client.Entry
	all     bool
	g       client.Group
	w       who
	names   []mentionable
	here    string
	timer   uint32
	bring   bool // a file is on its way
	ids     []wire.AccountID
}

func (t *talk) read(x *scope, most int, goal uint64) (n talkNow, err error) {
	if goal != 0 {
		seqs, err := x.c.Seqs(x, t.with)
		if err != nil {
			return n, err
		}
		if i := slices.Index(seqs, goal); i >= 0 {
			most = max(most, len(seqs)-i+20)
		}
	}
	past, err := x.c.Talk(x, t.with, most)
	if err != nil {
		return n, err
	}
	n.all = len(past) < most
	for _, e := range past {
		s, err := x.shown(e)
		if err != nil {
			return n, err
		}
		n.entries = append(n.entries, s)
		n.bring = n.bring || (e.File != nil && e.File.State == client.Bringing)
	}
	if n.unread, err = x.c.Unread(x, t.with); err != nil {
		return n, err
	}
	n.unread = slices.DeleteFunc(n.unread, func(e client.Entry) bool { return e.Kind == client.StatusUpdate })
	return n, t.readWith(x, &n)
}

// readWith reads who is in the conversation.
func (t *talk) readWith(x *scope, n *talkNow) (err error) {
	if n.timer, err = x.c.Timer(x, t.with); err != nil {
		return err
	}
	if !t.group {
		n.ids = []wire.AccountID{t.with}
		if n.w, err = x.who(t.with); err != nil {
			return err
		}
		here, last, err := x.c.Near(x, t.with)
		switch {
		case here:
			n.here = x.t.T("here")
		case !last.IsZero():
			n.here = x.t.T("last here at %s", x.hour(last.UnixMilli()))
		}
		return err
	}
	if n.g, err = x.c.GroupOf(x, t.with); err != nil {
		return err
	}
	for _, p := range n.g.Members {
		n.ids = append(n.ids, p.Account)
		if p.Account != x.me.Account {
			n.names = append(n.names, mentionable{p.Account, x.name(p.Account)})
		}
	}
	slices.SortFunc(n.names, func(a, b mentionable) int { return len(b.name) - len(a.name) })
	return nil
}

// take puts what was read on the screen, and marks it as seen if somebody looks.
func (t *talk) take(m *Model, n talkNow, focused bool) tea.Cmd {
	chosen := uint64(0)
	if t.choosing && t.at < len(t.entries) {
		chosen = t.entries[t.at].e.Seq
	}
	t.wrote(n.entries)
	t.entries, t.all, t.g, t.w, t.names, t.here, t.timer, t.ready = n.entries, n.all, n.g, n.w, n.names, n.here, n.timer, true
	if !t.seen && len(n.unread) > 0 {
		t.fresh = n.unread[0].Seq
	}
	t.seen = true
	if t.goal != 0 {
		chosen, t.goal, t.choosing = t.goal, 0, true
	}
	if i := t.index(chosen); i >= 0 {
		t.at = i
	} else if t.at >= len(t.entries) {
		t.at, t.choosing = max(0, len(t.entries)-1), t.choosing && len(t.entries) > 0
	}
	cmds := []tea.Cmd{m.learn(n.ids)}
	if n.bring && !t.ticks {
		t.ticks = true
		cmds = append(cmds, tea.Tick(250*time.Millisecond, func(time.Time) tea.Msg {
			return step(func(m *Model) tea.Cmd {
				t.ticks = false
				return t.load(m)
			})
		}))
	}
	if focused && len(n.unread) > 0 && m.top() == page(t) {
		unread := n.unread
		cmds = append(cmds, m.call(func(x *scope) (step, error) { return nil, x.c.Shown(x, unread...) }))
	}
	return tea.Batch(cmds...)
}

// wrote ends the sign that somebody writes when what they wrote is here.
func (t *talk) wrote(now []shown) {
	last := uint64(0)
	for _, s := range t.entries {
		last = max(last, s.e.Seq)
	}
	for _, s := range now {
		if s.e.Seq > last && s.e.Kind == client.Incoming {
			delete(t.writing, s.e.Peer)
		}
	}
}

func (t *talk) index(seq uint64) int {
	return slices.IndexFunc(t.entries, func(s shown) bool { return s.e.Seq == seq })
}

// chosen is the message that is chosen.
func (t *talk) chosen() (shown, bool) {
	if t.at < 0 || t.at >= len(t.entries) {
		return shown{}, false
	}
	return t.entries[t.at], true
}

// signTime is for how long a sign is shown.
const signTime = 10 * time.Second

// sign is what somebody shows of this moment.
func (m *Model) sign(s client.Sign) tea.Cmd {
	with := [16]byte(s.Peer)
	if !s.Group.IsZero() {
		with = s.Group
	}
	name := m.scope().name(s.Peer)
	on := s.What == client.IsWriting
	for i := range m.chats.heads {
		if m.chats.heads[i].with == with {
			m.chats.heads[i].writing = ""
			if on {
				m.chats.heads[i].writing = m.t.T("%s is writing…", name)
			}
		}
	}
	t := m.openTalk(with)
	if t == nil {
		if on {
			return m.fade(s)
		}
		return nil
	}
	was := t.writing[s.Peer]
	delete(t.writing, s.Peer)
	if !on {
		return t.load(m)
	}
	t.writing[s.Peer] = writer{name, was.turn + 1}
	return m.fade(s)
}

// fade lets a sign go after a while.
func (m *Model) fade(s client.Sign) tea.Cmd {
	with := [16]byte(s.Peer)
	if !s.Group.IsZero() {
		with = s.Group
	}
	turn := 0
	if t := m.openTalk(with); t != nil {
		turn = t.writing[s.Peer].turn
	}
	return tea.Tick(signTime, func(time.Time) tea.Msg {
		return step(func(m *Model) tea.Cmd {
			if t := m.openTalk(with); t != nil && t.writing[s.Peer].turn != turn {
				return nil
			}
			s.What = client.HasStopped
			return m.sign(s)
		})
	})
}

// openTalk is the conversation, if its page is open.
func (m *Model) openTalk(with [16]byte) *talk {
	for _, p := range m.stack {
		if t, ok := p.(*talk); ok && t.with == with {
			return t
		}
	}
	return nil
}

// writes says who is writing.
func (t *talk) writes(m *Model) string {
	var names []string
	for _, w := range t.writing {
		names = append(names, w.name)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return m.t.N(len(names), "%[2]s is writing…", "%[2]s are writing…", strings.Join(names, ", "))
}

// typed shows the others that this person writes, now and again.
func (t *talk) typed(m *Model) {
	now := m.Clock.Now()
	if t.ed.text == "" {
		if !t.showed.IsZero() {
			t.showed = time.Time{}
			m.Client.Writing(t.with, false)
		}
		return
	}
	if now.Sub(t.showed) > signTime/2 {
		t.showed = now
		m.Client.Writing(t.with, true)
	}
}

// meant is what stands behind the @ before the cursor, and who may be meant.
func (t *talk) meant() (from int, who []mentionable) {
	if !t.group {
		return 0, nil
	}
	from = strings.LastIndexByte(t.ed.text[:t.ed.at], '@')
	if from < 0 || strings.ContainsRune(t.ed.text[from:t.ed.at], '\n') {
		return 0, nil
	}
	if before := strings.TrimRightFunc(t.ed.text[:from], wordy); len(before) < from {
		return 0, nil // an address of mail
	}
	typed := strings.ToLower(t.ed.text[from+1 : t.ed.at])
	for _, p := range t.names {
		if strings.HasPrefix(strings.ToLower(p.name), typed) && p.name != t.ed.text[from+1:t.ed.at] {
			who = append(who, p)
		}
	}
	slices.SortFunc(who, func(a, b mentionable) int { return strings.Compare(a.name, b.name) })
	return from, who
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
