package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
)

// Config is what the screen needs.
type Config struct {
	Client *client.Client
	Feed   *Feed // given to the client's OnEntry and OnSign before
	Clock  clock.Clock
	Zone   *time.Location // in which times are shown
	Names  Names
	Memory Memory
	// Save writes a file that is here into a folder and returns its path.
	Save func(ctx context.Context, e client.Entry, dir string) (string, error)
	Home string // where files are saved unless the person says otherwise
}

// Names keeps what people call themselves, so that they are known without the
// network.
type Names interface {
	Name(id [16]byte) string
	Learn(id [16]byte, name string) error
}

// Memory keeps what the person set about this screen.
type Memory interface {
	Language() string
	Speak(code string) error
}

// step is what changes the screen, worked out elsewhere.
type step func(*Model) tea.Cmd

// page is one screen.
type page interface {
	title(m *Model) row
	body(m *Model, wide, high int) ([]row, *tea.Cursor)
	key(m *Model, k tea.KeyPressMsg) tea.Cmd
	paste(m *Model, text string)
	load(m *Model) tea.Cmd
	keys(m *Model) []binding
}

// binding is a key and what it does, for the line below and for the help.
type binding struct {
	key, does string
	main      bool // in the line below, too
}

// Model is the whole screen.
type Model struct {
	Config
	ctx    context.Context
	t      *lang.Tongue
	me     client.Self
	people *people
	chats  *chats
	stack  []page // the last one is seen
	ask    *ask

	wide, high int
	colours    bool // as many as a picture needs
	blurred    bool // the person looks elsewhere
	line       LineState
	note       string // what the last act came to
	bad        bool   // it failed
	ended      error  // why the line is over for good
	work       map[uint64]progress
	ends       int // the latest look at what disappears
}

// New makes the screen of somebody who is registered.
func New(ctx context.Context, c Config) (*Model, error) {
	me, err := c.Client.Me(ctx)
	if err != nil {
		return nil, err
	}
	m := &Model{Config: c, ctx: ctx, me: me, wide: 80, high: 24, people: newPeople(c.Names), work: map[uint64]progress{}, chats: &chats{}}
	m.t = tongue(c.Memory.Language())
	m.stack = []page{m.chats}
	return m, nil
}

// Err is why the screen ended by itself; nil if the person left.
func (m *Model) Err() error { return m.ended }

// Init is part of tea.Model.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.listen(), m.chats.load(m), m.expire())
}

func (m *Model) top() page { return m.stack[len(m.stack)-1] }

// open shows a page over the others.
func (m *Model) open(p page) tea.Cmd {
	m.stack, m.note = append(m.stack, p), ""
	return p.load(m)
}

// back leaves the page that is seen.
func (m *Model) back() tea.Cmd {
	if len(m.stack) > 1 {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return m.reload()
}

// reload reads again what is seen.
func (m *Model) reload() tea.Cmd {
	cmds := []tea.Cmd{m.chats.load(m)}
	if p := m.top(); p != page(m.chats) {
		cmds = append(cmds, p.load(m))
	}
	return tea.Batch(cmds...)
}

// call works something out beside the screen. What comes of it is a step, or
// the sentence of what went wrong.
func (m *Model) call(f func(*scope) (step, error)) tea.Cmd {
	x := m.scope()
	return func() tea.Msg {
		s, err := f(x)
		if err != nil {
			return step(func(m *Model) tea.Cmd { m.fail(err); return nil })
		}
		return s
	}
}

// do acts, says done and reads again what is seen.
func (m *Model) do(done string, f func(*scope) error) tea.Cmd {
	return m.call(func(x *scope) (step, error) {
		if err := f(x); err != nil {
			return nil, err
		}
		return func(m *Model) tea.Cmd { m.tell(done); return m.reload() }, nil
	})
}

func (m *Model) tell(s string) { m.note, m.bad = s, false }

func (m *Model) fail(err error) {
	if m.ctx.Err() != nil {
		return
	}
	m.note, m.bad = m.t.Say(err), true
	if fault.KindOf(err) == fault.Internal {
		m.note = err.Error() // on their own computer: it names no key and no word of a message
	}
}

// Update is part of tea.Model.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case step:
		if msg != nil {
			return m, msg(m)
		}
	case tea.WindowSizeMsg:
		m.wide, m.high = msg.Width, msg.Height
	case tea.ColorProfileMsg:
		m.colours = trueColours(msg)
	case tea.BlurMsg:
		m.blurred = true
	case tea.FocusMsg:
		m.blurred = false
		return m, m.reload()
	case tea.PasteMsg:
		m.paste(msg.Content)
	case tea.KeyPressMsg:
		return m, m.press(msg)
	}
	return m, nil
}

func (m *Model) paste(text string) {
	if m.ask != nil {
		m.ask.ed.insert(text)
		return
	}
	m.top().paste(m, text)
}

func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	switch k.Keystroke() {
	case "ctrl+c":
		return tea.Quit
	case "f1":
		if _, open := m.top().(*help); !open {
			return m.open(newHelp(m))
		}
	case "ctrl+l":
		return tea.ClearScreen
	}
	if m.ask != nil {
		return m.ask.press(m, k)
	}
	m.note = ""
	return m.top().key(m, k)
}

// expire takes away what is due to disappear, now and whenever it is.
func (m *Model) expire() tea.Cmd {
	m.ends++
	turn := m.ends
	return m.call(func(x *scope) (step, error) {
		next, err := x.c.Expire(x)
		if err != nil || next == 0 {
			return nil, err
		}
		wait := time.UnixMilli(next).Sub(x.clock.Now()) + 50*time.Millisecond
		return func(m *Model) tea.Cmd {
			return tea.Tick(min(max(wait, 50*time.Millisecond), 12*time.Hour), func(time.Time) tea.Msg {
				return step(func(m *Model) tea.Cmd {
					if m.ends != turn {
						return nil
					}
					return tea.Batch(m.expire(), m.reload())
				})
			})
		}, nil
	})
}
