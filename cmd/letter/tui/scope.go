package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/wire"
)

// scope is with what a page reads, beside the screen. Nothing of it changes.
type scope struct {
	context.Context
	c       *client.Client
	t       *lang.Tongue
	me      client.Self
	people  *people
	clock   clock.Clock
	zone    *time.Location
	colours bool
}

func (m *Model) scope() *scope {
	return &scope{m.ctx, m.Client, m.t, m.me, m.people, m.Clock, m.Zone, m.colours}
}

// who is a correspondent as the screen names them.
type who struct {
	id        wire.AccountID
	me        bool
	phone     string
	confirmed bool
	name      string // as they call themselves
	client.Trust
}

// people remembers names, and who was asked for theirs in this start.
type people struct {
	mu    sync.Mutex
	kept  Names
	asked map[wire.AccountID]bool
}

func newPeople(n Names) *people { return &people{kept: n, asked: map[wire.AccountID]bool{}} }

// unasked marks somebody as asked, once.
func (p *people) unasked(id wire.AccountID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.asked[id]
	p.asked[id] = true
	return !was
}

func (x *scope) who(id wire.AccountID) (w who, err error) {
	w.id, w.me = id, id == x.me.Account
	if w.me || id.IsZero() {
		return w, nil
	}
	p, err := x.c.Person(x, id)
	if err != nil {
		return w, err
	}
	w.phone, w.confirmed, w.name = p.Phone, p.Confirmed, x.people.kept.Name(id)
	if shows, found, err := x.c.ShownBy(x, id); err != nil {
		return w, err
	} else if found && shows.Name != "" {
		w.name = shows.Name
	}
	w.Trust, err = x.c.TrustOf(x, id)
	return w, err
}

// called is a person's name on the screen.
func (x *scope) called(w who) string {
	switch {
	case w.me:
		return x.t.T("You")
	case w.name != "":
		return w.name
	case w.phone == "":
		return x.t.T("account %s", w.id.String()[:8])
	case !w.confirmed:
		return x.t.T("somebody who says to be %s", w.phone)
	}
	return w.phone
}

func (x *scope) name(id wire.AccountID) string {
	w, err := x.who(id)
	if err != nil {
		return x.t.T("account %s", id.String()[:8])
	}
	return x.called(w)
}

// learn asks, once in a start, what people call themselves.
func (m *Model) learn(ids []wire.AccountID) tea.Cmd {
	var ask []wire.AccountID
	for _, id := range ids {
		if !id.IsZero() && id != m.me.Account && m.people.unasked(id) {
			ask = append(ask, id)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	return m.call(func(x *scope) (step, error) {
		news := false
		for _, id := range ask {
			p, err := x.c.ProfileOf(x, id)
			if err != nil || p.Name == x.people.kept.Name(id) {
				continue // another start asks again
			}
			if err := x.people.kept.Learn(id, p.Name); err != nil {
				return nil, err
			}
			news = true
		}
		if !news {
			return nil, nil
		}
		return func(m *Model) tea.Cmd { return m.reload() }, nil
	})
}

// number is the phone number of somebody; an error if it was never learnt.
func (x *scope) number(id wire.AccountID) (string, error) {
	p, err := x.c.Person(x, id)
	if err == nil && p.Phone == "" {
		err = fault.New(fault.NotFound, "find a number", "the number of this person is not known: ask them for it and begin a chat with it")
	}
	return p.Phone, err
}

// hour and day are a time as the person's clock shows it.
func (x *scope) hour(milli int64) string { return time.UnixMilli(milli).In(x.zone).Format("15:04") }

func (x *scope) day(milli int64) string {
	at := time.UnixMilli(milli).In(x.zone)
	return x.t.Day(time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, time.UTC))
}

// moment is day and hour, with the zone.
func (x *scope) moment(milli int64) string {
	return x.day(milli) + ", " + time.UnixMilli(milli).In(x.zone).Format("15:04 MST")
}
