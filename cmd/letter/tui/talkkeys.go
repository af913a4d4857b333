package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/internal/fault"
)

func (t *talk) keys(m *Model) []binding {
	x := m.t
	if t.choosing {
		return []binding{{"↑↓", x.T("choose"), true}, {"r", x.T("answer"), true}, {"1-6", strings.Join(quick, " "), true}, {"+", x.T("another emoji"), false}, {"0", x.T("take your emoji back"), false},
			{"e", x.T("edit"), true}, {"d", x.T("delete for everybody"), true}, {"x", x.T("remove here"), false}, {"s", x.T("save the file"), true},
			{"Space", x.T("show hidden words"), false}, {"g", x.T("go to what it answers"), false}, {"i", x.T("all about this message"), true},
			{"!", x.T("report it"), false}, {"p", x.T("move your live place"), false}, {"P", x.T("end your live place"), false}, {"Esc", x.T("write"), true}}
	}
	return []binding{{"Enter", x.T("send"), true}, {"↑", x.T("choose a message"), true}, {"Ctrl-O", x.T("more"), true}, {"Ctrl-G", x.T("person or group"), true},
		{"Esc", x.T("back"), true}, {"Alt-Enter, Ctrl-J", x.T("new line"), false}, {"Ctrl-F", x.T("send a file"), false}, {"PgUp", x.T("scroll"), false}, {"Ctrl-U", x.T("empty the line"), false}}
}

// quick are the emoji under the digits.
var quick = []string{"👍", "❤️", "😂", "😮", "😢", "🙏"}

func (t *talk) paste(m *Model, text string) {
	t.choosing = false
	t.ed.insert(text)
	t.typed(m)
}

func (t *talk) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.Keystroke() {
	case "ctrl+g":
		return t.details(m)
	case "ctrl+o":
		return m.open(newMore(m, t))
	case "ctrl+f":
		return t.askFile(m, false)
	}
	if t.choosing {
		return t.chooseKey(m, k)
	}
	return t.writeKey(m, k)
}

func (t *talk) details(m *Model) tea.Cmd {
	if t.group {
		return m.open(newGroup(m, t.with))
	}
	return m.open(newPerson(m, t.with))
}

func (t *talk) writeKey(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.Keystroke() {
	case "enter":
		return t.send(m)
	case "alt+enter", "shift+enter", "ctrl+j":
		t.ed.insert("\n")
	case "esc":
		if t.reply != 0 || t.edit != 0 {
			t.leaveEdit()
			return nil
		}
		t.ed.set(t.ed.text)
		t.hush(m)
		return m.back()
	case "up":
		if !t.ed.vertical(m.wide-3, -1) {
			t.choose(len(t.entries) - 1)
		}
		return nil
	case "down":
		t.ed.vertical(m.wide-3, 1)
		return nil
	case "pgup":
		t.choose(len(t.entries) - 8)
		return nil
	case "tab":
		t.takeMention()
	default:
		t.ed.key(k)
	}
	t.typed(m)
	return nil
}

// hush ends the sign that this person writes.
func (t *talk) hush(m *Model) {
	if !t.showed.IsZero() {
		m.Client.Writing(t.with, false)
	}
}

func (t *talk) leaveEdit() {
	if t.edit != 0 {
		t.ed.set("")
	}
	t.reply, t.edit = 0, 0
}

func (t *talk) choose(i int) {
	if len(t.entries) > 0 {
		t.choosing, t.at = true, max(0, min(i, len(t.entries)-1))
	}
}

func (t *talk) takeMention() {
	from, who := t.meant()
	if len(who) == 0 {
		t.choose(len(t.entries) - 1)
		return
	}
	rest := t.ed.text[t.ed.at:]
	t.ed.text = t.ed.text[:from] + "@" + who[0].name + " " + rest
	t.ed.at = len(t.ed.text) - len(rest)
}

// send takes what was written into the outbox.
func (t *talk) send(m *Model) tea.Cmd {
	text := strings.TrimSpace(t.ed.text)
	if text == "" {
		return nil
	}
	w := client.Markup(text)
	if t.group {
		w = mentions(w, t.names)
	}
	w.Reply = t.reply
	edit, with, group := t.edit, t.with, t.group
	before := *t
	t.leaveEdit()
	t.ed.set("")
	t.showed, t.fresh = time.Time{}, 0 // the message says that the writing is over
	x := m.scope()
	return func() tea.Msg {
		err := x.write(with, group, edit, w)
		return step(func(m *Model) tea.Cmd {
			if err != nil {
				m.fail(err)
				if t.ed.text == "" { // nothing that was written is lost
					t.ed.set(before.ed.text)
					t.reply, t.edit = before.reply, before.edit
				}
			}
			return m.reload()
		})
	}
}

func (x *scope) write(with [16]byte, group bool, edit uint64, w client.Words) (err error) {
	switch {
	case edit != 0:
		_, err = x.c.Edit(x, edit, w)
	case group:
		_, err = x.c.WriteGroup(x, with, w)
	default:
		var phone string
		if phone, err = x.number(with); err == nil {
			_, err = x.c.Write(x, phone, w)
		}
	}
	return err
}

// chooseKey is what a key does to the message that is chosen.
func (t *talk) chooseKey(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch key := k.Keystroke(); key {
	case "up", "k":
		return t.older(m, 1)
	case "pgup":
		return t.older(m, 8)
	case "home":
		return t.older(m, len(t.entries))
	case "down", "j", "pgdown":
		by := 1
		if key == "pgdown" {
			by = 8
		}
		if t.at += by; t.at >= len(t.entries) {
			t.choosing = false
		}
		return nil
	case "esc", "end", "tab", "enter", "q":
		t.choosing = false
		return nil
	}
	s, ok := t.chosen()
	if !ok {
		return nil
	}
	if k.Text == "?" {
		return m.open(newHelp(m))
	}
	return t.actKey(m, k, s)
}

// older goes up, and reads more where the beginning of what is here is reached.
func (t *talk) older(m *Model, by int) tea.Cmd {
	if t.at > 0 {
		t.at = max(0, t.at-by)
		return nil
	}
	if t.all {
		return nil
	}
	t.most += talkPage
	return t.load(m)
}

func (t *talk) actKey(m *Model, k tea.KeyPressMsg, s shown) tea.Cmd {
	message := s.event == "" && !s.e.Deleted
	switch key := k.Text; {
	case k.Keystroke() == "space":
		t.open[s.e.Seq] = !t.open[s.e.Seq]
	case key == "i":
		return m.open(newMessage(m, t, s))
	case key == "x":
		return m.sure(m.t.T("Remove it from this device? Others keep theirs."), func(m *Model) tea.Cmd {
			return m.do(m.t.T("Removed here."), func(x *scope) error { return x.c.Remove(x, s.e) })
		})
	case !message:
		return nil
	case key == "!" && s.e.Kind == client.Incoming:
		return m.report(s.e.Peer, []uint64{s.e.Seq})
	case key == "r":
		t.reply, t.edit, t.choosing = s.e.Seq, 0, false
	case key == "e":
		return t.beginEdit(m, s)
	case key == "d":
		return t.unsend(m, s)
	case key == "s":
		return t.askSave(m, s)
	case key == "g" && s.quote != nil:
		if i := t.index(s.quote.seq); i >= 0 {
			t.at = i
		} else if s.quote.seq != 0 {
			t.goal = s.quote.seq
			return t.load(m)
		}
	case key == "p" || key == "P":
		return t.movePlace(m, s, key == "P")
	default:
		return t.reactKey(m, k, s)
	}
	return nil
}

func (t *talk) reactKey(m *Model, k tea.KeyPressMsg, s shown) tea.Cmd {
	react := func(emoji string) tea.Cmd {
		return m.call(func(x *scope) (step, error) {
			_, err := x.c.React(x, s.e.Seq, emoji)
			return func(m *Model) tea.Cmd { return m.reload() }, err
		})
	}
	switch key := k.Text; {
	case key == "0":
		return react("")
	case key == "+":
		return m.question(m.t.T("One emoji:"), "", func(_ *Model, s string) tea.Cmd { return react(s) })
	case len(key) == 1 && key[0] >= '1' && key[0] <= '6':
		return react(quick[key[0]-'1'])
	}
	return nil
}

func (t *talk) beginEdit(m *Model, s shown) tea.Cmd {
	if s.e.Kind != client.Outgoing || s.e.Text == "" {
		m.fail(fault.New(fault.Forbidden, "edit", "only the person who wrote a message can change it"))
		return nil
	}
	t.edit, t.reply, t.choosing = s.e.Seq, 0, false
	t.ed.set(client.Marked(s.e.Text, slices.DeleteFunc(slices.Clone(s.e.Style), func(p client.Span) bool { return p.Look == client.Mention })))
	return nil
}

func (t *talk) unsend(m *Model, s shown) tea.Cmd {
	if s.e.Kind != client.Outgoing {
		m.fail(fault.New(fault.Forbidden, "unsend", "only the person who wrote a message can change it"))
		return nil
	}
	return m.sure(m.t.T("Delete it for everybody? Who has read it has read it."), func(m *Model) tea.Cmd {
		return m.do(m.t.T("Deleted."), func(x *scope) error {
			_, err := x.c.Unsend(x, s.e.Seq)
			return err
		})
	})
}

// newMessage is everything about one message.
func newMessage(m *Model, t *talk, s shown) page {
	open := t.open[s.e.Seq]
	return &sheet{name: m.t.T("A message"), fill: func(x *scope) ([]item, error) {
		e, found, err := x.c.Entry(x, s.e.Seq)
		if err != nil || !found {
			return []item{reading(x.t.T("It is no longer here."))}, err
		}
		now, err := x.shown(e)
		if err != nil {
			return nil, err
		}
		items := []item{fact(x.t.T("From"), now.author), fact(x.t.T("Number"), "#"+plainNumber(int64(e.Seq))), fact(x.t.T("Written"), x.moment(max(e.Sent, e.At)))}
		for _, f := range []struct {
			name string
			at   int64
		}{{x.t.T("Edited"), e.Edited}, {x.t.T("Delivered"), e.Delivered}, {x.t.T("Read"), e.Read}, {x.t.T("Disappears"), e.Ends}} {
			if f.at != 0 {
				items = append(items, fact(f.name, x.moment(f.at)))
			}
		}
		if e.Why != "" {
			items = append(items, warning(e.Why))
		}
		marks, err := x.marks(e)
		if err != nil {
			return nil, err
		}
		items = append(append(items, x.receipts(e)...), marks...)
		for _, r := range now.reacted {
			items = append(items, reading(r))
		}
		if e.Text != "" && !e.Deleted {
			items = append(items, gap(), item{rows: indent(paragraphs(styled(e.Text, e.Style, pen{}, open), 70), run{text: "  "})})
		}
		return items, nil
	}}
}

// receipts says how many devices do not have an own message yet.
func (x *scope) receipts(e client.Entry) []item {
	if e.Kind != client.Outgoing || e.Copies == 0 {
		return nil
	}
	return []item{reading(x.t.N(e.Copies, "%d device does not have it yet.", "%d devices do not have it yet."))}
}

// marks are what each person said of an own message: who has it, who read it.
func (x *scope) marks(e client.Entry) (items []item, err error) {
	if e.Kind != client.Outgoing || e.Group.IsZero() {
		return nil, nil
	}
	all, err := x.c.Marks(x, e.Seq)
	for _, k := range all {
		say := x.t.T("says nothing (not there yet, or hidden)")
		switch {
		case k.Read != 0:
			say = x.t.T("read") + " " + x.moment(k.Read)
		case k.Delivered != 0:
			say = x.t.T("delivered") + " " + x.moment(k.Delivered)
		}
		items = append(items, fact(x.name(k.By), say))
	}
	return items, err
}
