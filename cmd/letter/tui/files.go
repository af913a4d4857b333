package tui

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/internal/fault"
)

// askFile asks for a file to send.
func (t *talk) askFile(m *Model, voice bool) tea.Cmd {
	say := m.t.T("Which file? Tab completes. What is typed below becomes its caption.")
	if voice {
		say = m.t.T("Which sound file? Tab completes.")
	}
	m.question(say, "", func(m *Model, path string) tea.Cmd { return t.sendFile(m, path, voice) })
	m.ask.complete = complete
	return nil
}

// sendFile seals a file beside the screen; what was being written is its
// caption.
func (t *talk) sendFile(m *Model, path string, voice bool) tea.Cmd {
	if path == "" {
		return nil
	}
	w := client.Markup(strings.TrimSpace(t.ed.text))
	if t.group {
		w = mentions(w, t.names)
	}
	w.Reply = t.reply
	with, group := t.with, t.group
	m.tell(m.t.T("Sealing %s…", filepath.Base(path)))
	return m.call(func(x *scope) (step, error) {
		if err := x.sendFile(with, group, untilde(path), voice, w); err != nil {
			return nil, err
		}
		return func(m *Model) tea.Cmd {
			t.leaveEdit()
			t.ed.set("")
			m.note = ""
			return m.reload()
		}, nil
	})
}

func (x *scope) sendFile(with [16]byte, group bool, path string, voice bool, w client.Words) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.Wrap(fault.Invalid, "send file", err, "%s cannot be read: %v", path, cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return fault.New(fault.Invalid, "send file", "%s is no file", path)
	}
	a := client.Attachment{Body: f, Name: filepath.Base(path), Voice: voice, Words: w}
	if group {
		_, err = x.c.SendFileGroup(x, with, a)
		return err
	}
	phone, err := x.number(with)
	if err == nil {
		_, err = x.c.SendFile(x, phone, a)
	}
	return err
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func untilde(path string) string {
	home, err := os.UserHomeDir()
	if rest, found := strings.CutPrefix(path, "~/"); found && err == nil {
		return filepath.Join(home, rest)
	}
	return path
}

// complete makes a path longer as far as the files there agree.
func complete(path string) string {
	dir, begin := filepath.Split(path)
	in := untilde(dir)
	if in == "" {
		in = "."
	}
	all, err := os.ReadDir(in)
	if err != nil {
		return path
	}
	common, several, folder := "", false, false
	for _, f := range all {
		if !strings.HasPrefix(f.Name(), begin) || (begin == "" && strings.HasPrefix(f.Name(), ".")) {
			continue
		}
		if !several && common == "" {
			common, folder = f.Name(), f.IsDir()
			continue
		}
		several = true
		for !strings.HasPrefix(f.Name(), common) {
			common = common[:len(common)-1]
		}
	}
	if common == "" {
		return path
	}
	if !several && folder {
		common += string(filepath.Separator)
	}
	return dir + common
}

// askSave fetches a file, if need be, and saves it where the person says.
func (t *talk) askSave(m *Model, s shown) tea.Cmd {
	if s.e.File == nil {
		m.fail(fault.New(fault.NotFound, "save", "this message is no file"))
		return nil
	}
	m.question(m.t.T("Save in which folder? Nothing is overwritten."), m.Home, func(m *Model, dir string) tea.Cmd { return m.save(s.e, untilde(dir)) })
	m.ask.complete = complete
	return nil
}

func (m *Model) save(e client.Entry, dir string) tea.Cmd {
	if _, busy := m.work[e.Seq]; busy || dir == "" {
		return nil
	}
	m.work[e.Seq] = progress{0, e.File.Total()}
	steps := make(chan progress, 1)
	end := func(m *Model) { delete(m.work, e.Seq) }
	x, save := m.scope(), m.Save
	bring := func() tea.Msg {
		defer close(steps)
		err := x.c.Fetch(x, e.Seq, func(done, total int64) {
			select {
			case steps <- progress{done, total}:
			default:
			}
		})
		path := ""
		if err == nil {
			path, err = save(x, e, dir)
		}
		return step(func(m *Model) tea.Cmd {
			if end(m); err != nil {
				m.fail(err)
			} else {
				m.tell(m.t.T("Saved as %s", path))
			}
			return m.reload()
		})
	}
	return tea.Batch(bring, m.watch(e.Seq, steps))
}

// watch draws how far a fetch is.
func (m *Model) watch(seq uint64, steps <-chan progress) tea.Cmd {
	return func() tea.Msg {
		p, open := <-steps
		if !open {
			return nil
		}
		return step(func(m *Model) tea.Cmd {
			if _, on := m.work[seq]; on {
				m.work[seq] = p
			}
			return m.watch(seq, steps)
		})
	}
}
