package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
)

// LineState is how this program stands to the carrier.
type LineState int

// The states.
const (
	Offline  LineState = iota // there is no connection; what is written waits
	Catching                  // connected, and taking in what waited
	Online
)

// Feed brings what happens to the screen. The store is the truth: news only say
// that there is something to look at, so that a thousand at once are one.
type Feed struct {
	news  chan struct{}
	signs chan client.Sign
	lines chan LineState
	over  chan error
}

// NewFeed makes one.
func NewFeed() *Feed {
	return &Feed{make(chan struct{}, 1), make(chan client.Sign, 32), make(chan LineState, 16), make(chan error, 1)}
}

// Entry is the client's OnEntry.
func (f *Feed) Entry(client.Entry) { f.stir() }

func (f *Feed) stir() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// Sign is the client's OnSign.
func (f *Feed) Sign(s client.Sign) {
	select {
	case f.signs <- s:
	default:
	}
}

// Line is told when the connection comes and goes.
func (f *Feed) Line(s LineState) {
	select {
	case f.lines <- s:
	default:
	}
}

// Run keeps the connection until ctx ends or the carrier no longer takes this
// device, which it then tells the screen.
func (f *Feed) Run(ctx context.Context, c *client.Client) error {
	err := c.Run(ctx, client.Run{Until: func(p client.Progress) bool {
		if p.Caught {
			f.Line(Online)
		}
		return false
	}})
	if err != nil && ctx.Err() == nil {
		f.over <- err
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// listen waits for the next thing that happens.
func (m *Model) listen() tea.Cmd {
	f, ctx := m.Feed, m.ctx
	return func() tea.Msg {
		select {
		case <-f.news:
			return step(func(m *Model) tea.Cmd { return tea.Batch(m.listen(), m.reload(), m.expire()) })
		case s := <-f.signs:
			return step(func(m *Model) tea.Cmd { return tea.Batch(m.listen(), m.sign(s)) })
		case s := <-f.lines:
			return step(func(m *Model) tea.Cmd {
				m.line = s
				return m.listen()
			})
		case err := <-f.over:
			return step(func(m *Model) tea.Cmd {
				m.ended = err
				return tea.Quit
			})
		case <-ctx.Done():
			return nil
		}
	}
}
