package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"letterlock/client"
	"letterlock/cmd/letter/say"
	"letterlock/wire"
)

// shown is an entry of a conversation with everything that its drawing needs.
type shown struct {
	e       client.Entry
	own     bool
	author  string
	day     string
	hour    string
	ends    string
	quote   *quote
	reacted []string // an emoji and who put it there
	event   string   // what happened, where nobody wrote
	loud    bool     // and it is a warning
}

type quote struct {
	seq  uint64 // 0: it is not here
	by   string
	text string
}

func (x *scope) shown(e client.Entry) (s shown, err error) {
	at := cmp.Or(e.Sent, e.At)
	if e.Kind == client.Outgoing || at == 0 {
		at = e.At
	}
	s = shown{e: e, own: e.Author(x.me.Account) == x.me.Account, day: x.day(at), hour: x.hour(at)}
	s.author = x.name(e.Author(x.me.Account))
	if e.Ends != 0 {
		s.ends = x.moment(e.Ends)
	}
	if e.Reply != nil {
		if s.quote, err = x.quoted(*e.Reply); err != nil {
			return s, err
		}
	}
	for _, r := range e.Reactions {
		if r.Emoji != "" {
			s.reacted = append(s.reacted, r.Emoji+" "+x.name(r.By))
		}
	}
	s.event, s.loud, err = x.event(e)
	return s, err
}

func (x *scope) quoted(r client.Ref) (*quote, error) {
	e, found, err := x.c.Named(x, r)
	if err != nil || !found {
		return &quote{text: x.t.T("a message that is not here")}, err
	}
	said, err := x.said(e)
	return &quote{e.Seq, x.name(r.Author), said}, err
}

// brief is an entry in one line of the list.
func (x *scope) brief(e client.Entry) (string, error) {
	event, _, err := x.event(e)
	if err != nil || event != "" {
		return event, err
	}
	said, err := x.said(e)
	switch {
	case e.Kind == client.Outgoing:
		return outcome(e) + " " + said, err
	case !e.Group.IsZero():
		return x.name(e.Peer) + ": " + said, err
	}
	return said, err
}

// said is what a message says, at a glance: what is hidden stays hidden.
func (x *scope) said(e client.Entry) (string, error) {
	if e.Deleted {
		return x.t.T("(deleted)"), nil
	}
	var parts []string
	if e.File != nil {
		parts = append(parts, "["+x.file(e.File)+"]")
	}
	if e.Place != nil {
		parts = append(parts, "["+x.t.T("place")+"]")
	}
	var text strings.Builder
	for _, r := range styled(e.Text, e.Style, pen{}, false) {
		text.WriteString(r.text + " ")
	}
	return strings.TrimSpace(strings.Join(append(parts, strings.Join(strings.Fields(text.String()), " ")), " ")), nil
}

// file names a file in a few words.
func (x *scope) file(f *client.File) string {
	what := map[client.FileKind]string{client.Document: x.t.T("file"), client.Photo: x.t.T("photo"), client.Video: x.t.T("video"), client.Voice: x.t.T("voice message")}[f.Kind]
	if f.Name != "" && f.Kind != client.Voice {
		what += " " + f.Name
	}
	return what
}

// outcome is how far an own message has come, as a mark.
func outcome(e client.Entry) string {
	switch {
	case e.Kind != client.Outgoing:
		return ""
	case e.State == client.Failed:
		return "✗"
	case e.Read != 0, e.Delivered != 0:
		return "✓✓"
	case e.State == client.Sent:
		return "✓"
	case e.State == client.Held:
		return "!"
	}
	return "…"
}

// styled cuts a text where its look changes.
func styled(text string, style []client.Span, base pen, open bool) (out []run) {
	cuts := []int{0, len(text)}
	for _, s := range style {
		cuts = append(cuts, min(int(s.Start), len(text)), min(int(s.Start)+int(s.Length), len(text)))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := 1; i < len(cuts); i++ {
		r := run{text[cuts[i-1]:cuts[i]], base}
		for _, s := range style {
			if int(s.Start) <= cuts[i-1] && cuts[i] <= int(s.Start)+int(s.Length) {
				r = look(r, s.Look, open)
			}
		}
		out = append(out, r)
	}
	return out
}

func look(r run, l client.Look, open bool) run {
	switch l {
	case client.Bold:
		r.pen.bold = true
	case client.Italic:
		r.pen.italic = true
	case client.Strike:
		r.pen.struck = true
	case client.Mono:
		r.pen.ink = yellow
	case client.Mention:
		r.pen.bold, r.pen.ink = true, cyan
	case client.Spoiler:
		if !open {
			r.text = strings.Map(func(c rune) rune {
				if c == '\n' {
					return c
				}
				return '▒'
			}, r.text)
		} else {
			r.pen.under = true
		}
	}
	return r
}

// paragraphs folds a styled text.
func paragraphs(runs []run, most int) (out []row) {
	line := row{}
	for _, r := range runs {
		parts := strings.Split(strings.ReplaceAll(r.text, "\r\n", "\n"), "\n")
		for i, p := range parts {
			if i > 0 {
				out = append(out, line.fold(most)...)
				line = row{}
			}
			line = append(line, run{say.Plain(p), r.pen})
		}
	}
	return append(out, line.fold(most)...)
}

// event says what happened where nobody wrote; "" where somebody did.
func (x *scope) event(e client.Entry) (say string, loud bool, err error) {
	t, by := x.t, x.name(e.Peer)
	switch e.Kind {
	case client.GroupChanged:
		say, loud = x.groupEvent(e)
		return say, loud, nil
	case client.TimerSet:
		if e.Own {
			by = t.T("You")
		}
		return x.timerSet(by, e.Timer), false, nil
	case client.Unknown:
		return t.T("%s sent something that this program cannot show yet: update to see this", by), false, nil
	case client.Unopened:
		if e.Peer.IsZero() {
			return t.T("A message could not be opened: %s.", e.Why), false, nil
		}
		return t.T("A message from %s could not be opened: %s. If it does not come again, ask them to repeat it.", by, e.Why), false, nil
	case client.KeyChanged:
		return t.T("The safety number with %s changed (%s). Nothing is sent until you accept it: Ctrl-G.", by, e.Why), true, nil
	case client.DevicesChanged:
		if e.Own {
			return t.T("One of your devices changed: you %s (number %d). If that was not you, unlink it.", strings.Replace(e.Why, "uses", "use", 1), e.Device), true, nil
		}
		return t.T("%s %s. Their safety number is the same.", by, e.Why), false, nil
	case client.ServerDoubt:
		return t.T("Warning about %s: %s.", by, e.Why), true, nil
	case client.NumberChanged:
		return by + " " + e.Why + ".", false, nil
	case client.NoticeRejected:
		return t.T("Warning: %s.", e.Why), true, nil
	case client.ServiceNotice:
		return t.T("Notice of the service"), false, nil
	}
	return "", false, nil
}

func (x *scope) timerSet(by string, seconds uint32) string {
	if seconds == 0 {
		return x.t.T("%s: new messages stay", by)
	}
	return x.t.T("%s: new messages disappear %s after they were shown", by, say.Short(seconds))
}

// groupEvent is what happened to a group.
func (x *scope) groupEvent(e client.Entry) (string, bool) {
	by := x.name(e.Peer)
	if e.Peer.IsZero() {
		by = x.t.T("You")
	}
	if e.Event == nil {
		return by, false
	}
	if e.Event.Why != "" {
		return x.t.T("Warning about %s: %s.", by, e.Event.Why), true
	}
	if e.Event.Act == client.ActTimer {
		return x.timerSet(by, e.Timer), false
	}
	parts := []string{by + ": " + x.t.T(e.Event.Act.String())}
	if e.Event.Name != "" {
		parts = append(parts, "“"+e.Event.Name+"”")
	}
	var names []string
	for _, id := range e.Event.Who {
		names = append(names, x.name(id))
	}
	if len(names) > 0 {
		parts = append(parts, strings.Join(names, ", "))
	}
	return strings.Join(parts, " "), false
}

// clockOf is a length of sound or film, as 1:05.
func clockOf(milli uint32) string {
	d := (time.Duration(milli) * time.Millisecond).Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func stampDay(milli int64, zone *time.Location) string {
	return time.UnixMilli(milli).In(zone).Format("2006-01-02")
}

// mentions marks the members that a text names with @, as far as they are meant.
func mentions(w client.Words, members []mentionable) client.Words {
	taken := func(from, to int) bool {
		return slices.ContainsFunc(w.Style, func(s client.Span) bool {
			return s.Look == client.Mention && from < int(s.Start+s.Length) && int(s.Start) < to
		})
	}
	for _, p := range members {
		for at := 0; ; {
			i := strings.Index(w.Text[at:], "@"+p.name)
			if i < 0 {
				break
			}
			from, to := at+i, at+i+1+len(p.name)
			if next, _ := utf8.DecodeRuneInString(w.Text[to:]); !wordy(next) && !taken(from, to) {
				w.Style = append(w.Style, client.Span{Start: uint32(from), Length: uint32(to - from), Look: client.Mention, Who: p.id[:]})
			}
			at = to
		}
	}
	slices.SortFunc(w.Style, func(a, b client.Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Length, b.Length), cmp.Compare(a.Look, b.Look))
	})
	return w
}

// mentionable is a member as an @ finds them.
type mentionable struct {
	id   wire.AccountID
	name string
}
