package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/cmd/letter/say"
)

func shortTimer(seconds uint32) string { return say.Short(seconds) }

const editorMost = 8 // lines

func (t *talk) body(m *Model, wide, high int) ([]row, *tea.Cursor) {
	if !t.ready {
		return []row{inked(" "+m.t.T("One moment…"), pen{dim: true})}, nil
	}
	top, foot := t.banners(m, wide), t.foot(m, wide)
	lines, y, x := t.editorRows(wide, min(editorMost, max(1, high/3)))
	room := max(1, high-len(top)-len(foot)-len(lines))
	out := append(top, t.messages(m, wide, room)...)
	out = append(out, foot...)
	at := len(out) + y
	out = append(out, lines...)
	if t.choosing {
		return out, nil
	}
	return out, tea.NewCursor(x, at)
}

// banners say what must be known before anything is written.
func (t *talk) banners(m *Model, wide int) (out []row) {
	warn := func(s string) {
		out = append(out, indent(inked(s, pen{bold: true, ink: red}).fold(wide-2), run{text: " "})...)
	}
	switch {
	case !t.group && t.w.Changed:
		warn(m.t.T("The safety number changed. Nothing is sent until you accept it: Ctrl-G."))
	case t.group && t.g.Left:
		warn(m.t.T("You left this group."))
	case t.group && len(t.g.Waiting) > 0 && t.g.Own != client.RoleMember:
		warn(m.t.N(len(t.g.Waiting), "%d person asks to come in: Ctrl-G.", "%d people ask to come in: Ctrl-G."))
	}
	return out
}

// messages draws as much of the conversation as fits: its end, or what stands
// around the message that is chosen.
func (t *talk) messages(m *Model, wide, high int) []row {
	if len(t.entries) == 0 {
		return tall([]row{{}, inked(" "+m.t.T("Nothing yet. What you write here is sealed on this computer."), pen{dim: true}).cut(wide)}, high)
	}
	from := len(t.entries)
	below := []row(nil)
	if t.choosing {
		from = t.at + 1
		for i := from; i < len(t.entries) && len(below) < high/2; i++ {
			below = append(below, t.drawn(m, i, wide)...)
		}
		below = below[:min(len(below), high/2)]
	}
	var above []row
	for i := from - 1; i >= 0 && len(above) < high; i-- {
		above = append(t.drawn(m, i, wide), above...)
	}
	if t.at == 0 && t.choosing && !t.all {
		above = append([]row{inked(" "+m.t.T("Press ↑ for what was before."), pen{dim: true})}, above...)
	}
	if room := max(0, high-len(below)); len(above) > room {
		above = above[t.scrolled(m, wide, len(above), room):]
		above = above[:min(len(above), room)]
	}
	out := append(above, below...)
	if len(out) < high { // a short conversation stands at the foot, above what is being written
		out = append(make([]row, high-len(out)), out...)
	}
	return out
}

// scrolled is how many lines are left away above: of a chosen message that is
// higher than the screen, the beginning is shown.
func (t *talk) scrolled(m *Model, wide, lines, room int) int {
	if t.choosing {
		if own := len(t.drawn(m, t.at, wide)); own > room {
			return lines - own
		}
	}
	return lines - room
}

// drawn is one entry, with the line of a new day before it.
func (t *talk) drawn(m *Model, i, wide int) (out []row) {
	s := t.entries[i]
	if i == 0 || t.entries[i-1].day != s.day {
		out = append(out, ruled(s.day, wide, pen{dim: true}))
	}
	if s.e.Seq == t.fresh {
		out = append(out, ruled(m.t.T("new"), wide, pen{ink: yellow}))
	}
	mark := run{text: "  "}
	if t.choosing && i == t.at {
		mark = run{"▶ ", pen{bold: true, ink: yellow}}
	}
	if s.event != "" {
		p := pen{dim: true, italic: true}
		if s.loud {
			p = pen{bold: true, ink: red}
		}
		return append(out, indent(inked(s.event+"  "+s.hour, p).fold(wide-3), mark)...)
	}
	if i == 0 || len(out) > 0 || t.entries[i-1].event != "" || t.entries[i-1].author != s.author || t.entries[i-1].own != s.own {
		p := pen{bold: true, ink: blue}
		if s.own {
			p.ink = green
		}
		out = append(out, inked(" "+s.author, p).cut(wide))
	}
	return append(out, indent(t.content(m, s, wide-3), mark)...)
}

// ruled is a line across with a word in it.
func ruled(word string, wide int, p pen) row {
	side := max(1, (wide-width(word)-4)/2)
	line := strings.Repeat("─", side)
	return inked(" "+line+" "+word+" "+line, p).cut(wide)
}

// content is what somebody wrote, and what happened to it since.
func (t *talk) content(m *Model, s shown, wide int) (out []row) {
	e := s.e
	if s.quote != nil {
		q := row{{"┃ ", pen{ink: magenta}}}
		if s.quote.by != "" {
			q = q.add(s.quote.by+": ", pen{dim: true, bold: true})
		}
		out = append(out, q.add(s.quote.text, pen{dim: true}).cut(wide))
	}
	switch {
	case e.Deleted:
		out = append(out, inked(m.t.T("(deleted)"), pen{dim: true, italic: true}))
	default:
		out = append(out, t.fileRows(m, s, wide)...)
		out = append(out, t.placeRows(m, e, wide)...)
		if e.Text != "" {
			out = append(out, paragraphs(styled(e.Text, e.Style, pen{}, t.open[e.Seq]), wide)...)
		}
	}
	if len(s.reacted) > 0 {
		out = append(out, inked(strings.Join(s.reacted, "  "), pen{ink: yellow}).fold(wide)...)
	}
	return aside(out, t.meta(m, s), wide)
}

// aside puts a note at the right of the last line, or below it.
func aside(rows []row, note row, wide int) []row {
	if len(rows) == 0 {
		rows = []row{{}}
	}
	last := len(rows) - 1
	if gap := wide - rows[last].width() - note.width(); gap >= 2 {
		rows[last] = append(append(rows[last][:len(rows[last]):len(rows[last])], run{text: strings.Repeat(" ", gap)}), note...)
		return rows
	}
	return append(rows, append(row{{text: strings.Repeat(" ", max(0, wide-note.width()))}}, note...))
}

// meta is the hour and what became of a message.
func (t *talk) meta(m *Model, s shown) row {
	e, faint := s.e, pen{dim: true}
	r := inked(s.hour, faint)
	if e.Edited != 0 && !e.Deleted {
		r = r.add(" "+m.t.T("edited"), faint)
	}
	if s.ends != "" || e.Timer != 0 {
		r = r.add(" ◷", faint)
	}
	mark := outcome(e)
	switch {
	case mark == "" || e.Deleted && e.State != client.Failed:
	case e.State == client.Failed:
		r = r.add(" ✗ "+m.t.T("not sent: %s", e.Why), pen{bold: true, ink: red})
	case e.State == client.Held:
		r = r.add(" ! "+m.t.T("held"), pen{bold: true, ink: red})
	case e.Read != 0:
		r = r.add(" ✓✓ "+m.t.T("read"), pen{ink: cyan})
	default:
		r = r.add(" "+mark, faint)
	}
	return r
}

func (t *talk) fileRows(m *Model, s shown, wide int) (out []row) {
	f := s.e.File
	if f == nil {
		return nil
	}
	if m.colours && len(f.Thumb) > 0 {
		out = append(out, picture(f.Thumb, min(wide, 32), 10)...)
	}
	if f.Kind == client.Voice && len(f.Wave) > 0 {
		out = append(out, row{{say.Bars(f.Wave, max(8, min(wide-8, 48))), pen{ink: cyan}}, {" " + clockOf(f.Length), pen{dim: true}}})
	}
	what := m.scope().file(f) + ", " + say.Size(f.Size)
	if f.Width > 0 {
		what += ", " + m.t.T("%d x %d", f.Width, f.Height)
	}
	if f.Kind == client.Video && f.Length > 0 {
		what += ", " + clockOf(f.Length)
	}
	out = append(out, row{{"[" + what + "]", pen{bold: true}}}.fold(wide)...)
	return append(out, t.way(m, s, wide)...)
}

// way says where the bytes of a file are.
func (t *talk) way(m *Model, s shown, wide int) []row {
	f := s.e.File
	if p, fetching := m.work[s.e.Seq]; fetching {
		return []row{bar(m.t.T("fetching"), p.done, p.total, wide)}
	}
	note := func(s string, p pen) []row { return inked(s, p).fold(wide) }
	switch f.State {
	case client.Bringing:
		return []row{bar(m.t.T("sending"), f.Done, f.Total(), wide)}
	case client.There:
		return note(m.t.T("not fetched yet: choose it and press s"), pen{dim: true})
	case client.Lost:
		return note(m.t.T("not at the server any more"), pen{ink: red})
	case client.Broken:
		return note(m.t.T("Warning: what came is not what was sent, and was not kept."), pen{bold: true, ink: red})
	}
	return nil
}

// progress is how far something is.
type progress struct{ done, total int64 }

func bar(what string, done, total int64, wide int) row {
	share := int64(0)
	if total > 0 {
		share = min(100, done*100/total)
	}
	room := max(5, min(30, wide-len(what)-24))
	full := int(share) * room / 100
	return row{{what + " ", pen{}}, {strings.Repeat("█", full) + strings.Repeat("░", room-full), pen{ink: cyan}},
		{" " + plainNumber(share) + " %, " + say.Size(done), pen{dim: true}}}.cut(wide)
}

func (t *talk) placeRows(m *Model, e client.Entry, wide int) (out []row) {
	p := e.Place
	if p == nil {
		return nil
	}
	x := m.scope()
	out = append(out, row{{"⌖ ", pen{ink: cyan}}, {say.Geo(p.Spot), pen{bold: true}}}.fold(wide)...)
	switch {
	case p.Live(m.Clock.Now().UnixMilli()):
		out = append(out, inked(m.t.T("as of %s, live until %s", x.hour(p.At), x.moment(p.Until)), pen{ink: green}).fold(wide)...)
	case p.Until != 0:
		out = append(out, inked(m.t.T("the last of a place that followed them, %s", x.moment(p.At)), pen{dim: true}).fold(wide)...)
	}
	return out
}

// foot stands between the messages and what is being written.
func (t *talk) foot(m *Model, wide int) []row {
	words := t.writes(m)
	out := []row{ruledLeft(words, wide)}
	name := ""
	switch i := t.index(t.reply + t.edit); {
	case t.reply != 0 && i >= 0:
		said, err := m.scope().said(t.entries[i].e)
		if err != nil {
			said = ""
		}
		name = m.t.T("Answer to %s:", t.entries[i].author) + " " + said
	case t.edit != 0:
		name = m.t.T("Another text for your message; Esc leaves it as it is.")
	}
	if name != "" {
		out = append(out, inked(name, pen{ink: magenta}).cut(wide))
	}
	if _, who := t.meant(); len(who) > 0 && !t.choosing {
		r := row{{"@ ", pen{bold: true, ink: cyan}}}
		for i, p := range who[:min(6, len(who))] {
			r = r.add(p.name+"  ", pen{turned: i == 0})
		}
		out = append(out, r.add(m.t.T("Tab takes the first"), pen{dim: true}).cut(wide))
	}
	return out
}

func ruledLeft(word string, wide int) row {
	if word == "" {
		return inked(strings.Repeat("─", wide), pen{dim: true})
	}
	r := row{{"── ", pen{dim: true}}, {word, pen{ink: green, italic: true}}, {" ", pen{}}}.cut(wide)
	return r.add(strings.Repeat("─", max(0, wide-r.width())), pen{dim: true})
}

// editorRows are the lines of what is being written around the cursor.
func (t *talk) editorRows(wide, most int) (out []row, y, x int) {
	const prompt = "> "
	lines := t.ed.folded(wide - len(prompt) - 1)
	at, x := t.ed.cursor(lines)
	first := max(0, min(at-most/2, len(lines)-most))
	for i := first; i < min(len(lines), first+most); i++ {
		mark := run{"  ", pen{}}
		if i == 0 {
			mark = run{prompt, pen{bold: true, dim: t.choosing}}
		}
		out = append(out, row{mark, {t.ed.text[lines[i].from:lines[i].to], pen{dim: t.choosing}}})
	}
	return out, at - first, x + len(prompt)
}
