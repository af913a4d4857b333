package law

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// MLATChannel is the authority through which a country's own authorities send
// a request for mutual legal assistance.
type MLATChannel struct {
	Country   Jurisdiction `toml:"country"`
	Authority string       `toml:"authority"`
	Source    string       `toml:"source"`
	Certainty Certainty    `toml:"certainty"`
	CheckedOn Date         `toml:"checked_on"` // of S: the day on which its source was read
	Note      string       `toml:"note"`
}

func (c MLATChannel) check() error {
	if len(c.Country) != 2 || strings.TrimSpace(c.Authority) == "" || c.Source == "" {
		return fmt.Errorf("country, authority and source are required")
	}
	if (c.Certainty == Seen) != (c.CheckedOn != "") {
		return fmt.Errorf("checked_on is the day on which the source of a channel of certainty S was read, and of no other")
	}
	return errors.Join(checkMark(c.Certainty), c.CheckedOn.check())
}

func (t *Table) readChannels(files fs.FS) error {
	var file struct {
		Channels []MLATChannel `toml:"channel"`
	}
	if err := readFile(files, "channels.toml", &file); err != nil {
		return err
	}
	for i, c := range file.Channels {
		if err := c.check(); err != nil {
			return fmt.Errorf("channels.toml: %s: %w", c.Country, err)
		}
		if slices.ContainsFunc(file.Channels[:i], func(x MLATChannel) bool { return x.Country == c.Country }) {
			return fmt.Errorf("channels.toml: %s is listed twice", c.Country)
		}
	}
	t.channels = file.Channels
	return nil
}

// MLATChannels are the channels known, in their order.
func (t *Table) MLATChannels() []MLATChannel { return slices.Clone(t.channels) }

// MLATChannel is the channel of a country; none is known of most.
func (t *Table) MLATChannel(where Jurisdiction) (MLATChannel, bool) {
	country, _, _ := strings.Cut(string(where), "-")
	i := slices.IndexFunc(t.channels, func(c MLATChannel) bool { return string(c.Country) == country })
	if i < 0 {
		return MLATChannel{}, false
	}
	return t.channels[i], true
}

// Unchanneled are the countries of which no authority is named to anybody:
// counsel names it.
func (t *Table) Unchanneled() []Jurisdiction {
	return slices.DeleteFunc(Countries(), func(j Jurisdiction) bool {
		c, ok := t.MLATChannel(j)
		return ok && c.Certainty != Uncertain
	})
}

// ByTreaty is the sentence that tells an authority where to send a request
// that needs mutual legal assistance. Of a country that the table does not
// know, or knows uncertainly, it names no authority: none is made up.
func (t *Table) ByTreaty(where Jurisdiction) string { return t.ByTreatyIn(where, english{}) }

// ByTreatyIn is ByTreaty in a language. The authority keeps its own name.
func (t *Table) ByTreatyIn(where Jurisdiction, l Tongue) string {
	form, place, authority := t.Treaty(where)
	if authority == "" {
		return l.T(form)
	}
	return l.T(form, l.T(place), authority)
}

// Treaty is that sentence in its parts: its English form and what fills it, the
// country and the authority. Where none is named there is nothing to fill.
func (t *Table) Treaty(where Jurisdiction) (form, place, authority string) {
	c, ok := t.MLATChannel(where)
	switch {
	case !ok || c.Certainty == Uncertain:
		return treatyUnknown, "", ""
	case c.Certainty == Known:
		return treatyKnown, t.PlaceName(where), c.Authority
	}
	return treatySeen, t.PlaceName(where), c.Authority
}

// The three sentences of ByTreaty.
const (
	treatyUnknown = "Please send it through your own central authority for mutual legal assistance."
	treatyKnown   = "Please send it through your own central authority for mutual legal assistance; for %s that is, as far as we know, the %s. Please check this with it."
	treatySeen    = "Please send it through your own central authority for mutual legal assistance; for %s that is the %s."
)

// english says a text as it is written.
type english struct{}

func (english) T(text string, args ...any) string {
	if len(args) == 0 {
		return text
	}
	return fill(text, args...)
}

// fill is Sprintf under a name that vet does not take for a wrapper of it: the
// texts of the table are formats for those alone that carry arguments.
var fill = fmt.Sprintf
