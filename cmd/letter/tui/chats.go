package tui

import (
	"cmp"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/wire"
)

// chats is the list of conversations, the first page.
type chats struct {
	heads  []chatHead
	status int // status updates of others
	told   int // unread words of the service
	ready  bool
	at     int
	first  int
	loads  loading
}

// chatHead is one conversation in the list.
type chatHead struct {
	with    [16]byte
	group   bool
	left    bool
	name    string
	brief   string
	at      int64
	when    string
	unread  int
	timer   uint32
	trust   client.Trust
	writing string
}

func (c *chats) title(m *Model) row {
	return row{{m.t.T("Chats"), pen{bold: true}}, {"  " + m.me.Phone, pen{}}}
}

func (c *chats) paste(*Model, string) {}

func (c *chats) keys(m *Model) []binding {
	t := m.t
	return []binding{{"↑↓", t.T("move"), true}, {"Enter", t.T("open"), true}, {"n", t.T("new chat or group"), true}, {"/", t.T("search messages"), true},
		{"u", t.T("status updates"), true}, {"o", t.T("notices of the service"), false}, {"d", t.T("your devices"), false}, {"s", t.T("settings"), true},
		{"Esc", t.T("back"), false}, {"q", t.T("quit"), true}, {"Ctrl-L", t.T("draw the screen anew"), false}}
}

func (c *chats) load(m *Model) tea.Cmd {
	return c.loads.once(m, func(x *scope) (step, error) {
		heads, ids, err := x.heads()
		if err != nil {
			return nil, err
		}
		told, shown, err := x.apart()
		if err != nil {
			return nil, err
		}
		return func(m *Model) tea.Cmd {
			c.keep(heads)
			c.told, c.status, c.ready = told, shown, true
			return m.learn(ids)
		}, nil
	})
}

// keep takes a new list and stays at the conversation that was chosen.
func (c *chats) keep(heads []chatHead) {
	for i := range heads {
		for _, was := range c.heads {
			if was.with == heads[i].with && was.at == heads[i].at {
				heads[i].writing = was.writing
			}
		}
	}
	if c.at < len(c.heads) {
		chosen := c.heads[c.at].with
		if i := slices.IndexFunc(heads, func(h chatHead) bool { return h.with == chosen }); i >= 0 {
			c.at = i
		}
	}
	c.heads = heads
	c.at = max(0, min(c.at, len(heads)-1))
}

// heads are the conversations, the newest first; a group in which nothing was
// said yet is one, too.
func (x *scope) heads() (out []chatHead, ids []wire.AccountID, err error) {
	talks, err := x.c.Talks(x)
	if err != nil {
		return nil, nil, err
	}
	groups, err := x.c.Groups(x)
	if err != nil {
		return nil, nil, err
	}
	of := map[[16]byte]client.Group{}
	for _, g := range groups {
		of[g.ID] = g
	}
	for _, h := range talks {
		g, isGroup := of[h.With]
		delete(of, h.With)
		head, err := x.head(h, g, isGroup)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, head)
		ids = append(ids, h.Last.Peer)
	}
	for id, g := range of {
		out = append(out, chatHead{with: id, group: true, name: g.Name, left: g.Left, timer: g.Timer})
	}
	slices.SortFunc(out, func(a, b chatHead) int {
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.name, b.name), slices.Compare(a.with[:], b.with[:]))
	})
	return out, ids, nil
}

func (x *scope) head(h client.TalkHead, g client.Group, isGroup bool) (c chatHead, err error) {
	c = chatHead{with: h.With, group: isGroup, left: g.Left, name: g.Name, at: h.Last.At, unread: h.Unread, timer: g.Timer, when: x.when(h.Last.At)}
	if !isGroup {
		w, err := x.who(h.With)
		if err != nil {
			return c, err
		}
		c.name, c.trust = x.called(w), w.Trust
		if c.timer, err = x.c.Timer(x, h.With); err != nil {
			return c, err
		}
	}
	c.brief, err = x.brief(h.Last)
	return c, err
}

// when is an hour of today or else a day.
func (x *scope) when(milli int64) string {
	if now := x.clock.Now().UnixMilli(); x.day(milli) == x.day(now) {
		return x.hour(milli)
	}
	return stampDay(milli, x.zone)
}

// apart counts what is new outside of the conversations: words of the service,
// and status updates of others.
func (x *scope) apart() (told, status int, err error) {
	unread, err := x.c.Unread(x, [16]byte{})
	for _, e := range unread {
		switch {
		case e.Kind == client.StatusUpdate:
			status++
		case e.Peer.IsZero() && e.Group.IsZero():
			told++
		}
	}
	return told, status, err
}

func (c *chats) body(m *Model, wide, high int) ([]row, *tea.Cursor) {
	return c.list(m, wide, high, [16]byte{}), nil
}

// list draws the conversations, two lines each.
func (c *chats) list(m *Model, wide, high int, open [16]byte) (out []row) {
	if c.told > 0 {
		out = append(out, inked(" ! "+m.t.N(c.told, "%d notice of the service (o)", "%d notices of the service (o)"), pen{bold: true, ink: yellow}).cut(wide))
	}
	if c.status > 0 {
		out = append(out, inked(" ◉ "+m.t.N(c.status, "%d new status update (u)", "%d new status updates (u)"), pen{ink: cyan}).cut(wide))
	}
	if c.ready && len(c.heads) == 0 {
		out = append(out, row{})
		for _, say := range []string{m.t.T("No chats yet."), m.t.T("Press n and give the number of somebody to write to.")} {
			out = append(out, indent(plainRow(say).fold(wide-2), run{text: " "})...)
		}
		return out
	}
	room := max(1, (high-len(out))/2)
	at := c.at
	if open != [16]byte{} {
		at = slices.IndexFunc(c.heads, func(h chatHead) bool { return h.with == open })
	}
	if at >= 0 {
		c.first = max(min(c.first, at), at-room+1)
	}
	for i := c.first; i < min(len(c.heads), c.first+room); i++ {
		out = append(out, c.heads[i].rows(m, wide, i == at)...)
	}
	return out
}

func (h chatHead) rows(m *Model, wide int, chosen bool) []row {
	mark, name := run{text: "  "}, pen{bold: h.unread > 0}
	if chosen {
		mark, name.turned = run{"▶ ", pen{bold: true}}, true
	}
	top := row{mark, {h.name, name}}
	if h.group {
		top = top.add(" #", pen{dim: true})
	}
	if h.trust.Verified {
		top = top.add(" ✔", pen{ink: green})
	}
	if h.trust.Changed {
		top = top.add(" !", pen{bold: true, ink: red})
	}
	if h.timer != 0 {
		top = top.add(" ◷", pen{dim: true})
	}
	right := row{{" " + h.when, pen{dim: true}}}
	top = append(top.fill(max(4, wide-right.width()-1)), right...)
	under := row{{"  " + h.brief, pen{dim: true}}}
	switch {
	case h.writing != "":
		under = row{{"  " + h.writing, pen{ink: green, italic: true}}}
	case h.left:
		under = row{{"  " + m.t.T("You left this group."), pen{dim: true}}}
	}
	badge := row{}
	if h.unread > 0 {
		badge = row{{fmt.Sprintf(" (%d)", h.unread), pen{bold: true, ink: green}}}
	}
	under = append(under.fill(max(4, wide-badge.width()-1)), badge...)
	return []row{top.fill(wide), under.fill(wide)}
}

func (c *chats) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.Keystroke() {
	case "up", "k":
		c.at = max(0, c.at-1)
	case "down", "j":
		c.at = max(0, min(len(c.heads)-1, c.at+1))
	case "pgup":
		c.at = max(0, c.at-10)
	case "pgdown":
		c.at = max(0, min(len(c.heads)-1, c.at+10))
	case "home":
		c.at = 0
	case "end":
		c.at = max(0, len(c.heads)-1)
	case "enter", "right":
		if c.at < len(c.heads) {
			return m.open(newTalk(c.heads[c.at].with, c.heads[c.at].group))
		}
	case "n":
		return m.open(newBegin(m))
	case "/", "ctrl+f":
		return m.open(&search{})
	case "u":
		return m.open(newStatuses(m))
	case "o":
		return m.open(newNotices(m))
	case "d":
		return m.open(newDevices(m))
	case "s":
		return m.open(newSettings(m))
	case "q":
		return tea.Quit
	default:
		if k.Text == "?" {
			return m.open(newHelp(m))
		}
	}
	return nil
}
