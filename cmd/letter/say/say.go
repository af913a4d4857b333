// Package say puts things into words for a terminal: times, sizes, timers,
// places, waveforms, QR codes, and other people's text without anything that
// could steer the terminal. It knows no client and no command.
package say

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"rsc.io/qr"

	"letterlock/client"
	"letterlock/internal/fault"
)

// Plain makes other people's text harmless for a terminal: no control
// characters, which could move the cursor or retitle the window, and none of
// the marks that turn the direction of what follows.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		case r == unicode.ReplacementChar, unicode.IsPrint(r), unicode.IsMark(r), r == 0x200d, r == 0x200c, r == 0xfe0f:
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// Lines is Plain with the lines kept, each indented but the first.
func Lines(s, indent string) string {
	parts := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, p := range parts {
		parts[i] = Plain(p)
	}
	return strings.Join(parts, "\n"+indent)
}

// Stamp is a time for people, with its zone.
func Stamp(milli int64) string { return time.UnixMilli(milli).UTC().Format("2006-01-02 15:04 UTC") }

// Size is a length for people.
func Size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// Bars draws a waveform of at most so many steps.
func Bars(wave []byte, most int) string {
	steps := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for i := 0; i < len(wave); i += max(1, (len(wave)+most-1)/max(1, most)) {
		b.WriteRune(steps[min(int(wave[i]), 31)*(len(steps)-1)/31])
	}
	return b.String()
}

var units = []struct {
	letter  string
	seconds uint64
	name    string
}{{"w", 7 * 24 * 3600, "week"}, {"d", 24 * 3600, "day"}, {"h", 3600, "hour"}, {"m", 60, "minute"}, {"s", 1, "second"}}

// Lasting reads 30s, 5m, 8h, 7d, 4w or never.
func Lasting(s string) (uint32, error) {
	if s == "never" {
		return 0, nil
	}
	for _, u := range units {
		n, err := strconv.ParseUint(strings.TrimSuffix(s, u.letter), 10, 32)
		if !strings.HasSuffix(s, u.letter) || err != nil || n == 0 || n*u.seconds > client.MaxTimer {
			continue
		}
		return uint32(n * u.seconds), nil
	}
	return 0, fault.New(fault.Invalid, "read a time", "give a time such as 30s, 5m, 8h, 7d or 4w, a year at most, or 'never'")
}

// Timer says what a timer does to new messages.
func Timer(seconds uint32) string {
	if seconds == 0 {
		return "stay"
	}
	for _, u := range units {
		if n := uint64(seconds) / u.seconds; n*u.seconds == uint64(seconds) {
			return fmt.Sprintf("disappear %d %s after they were shown", n, Plural(u.name, n))
		}
	}
	return ""
}

// Short is a timer as Lasting reads it; "" for none.
func Short(seconds uint32) string {
	for _, u := range units {
		if n := uint64(seconds) / u.seconds; n > 0 && n*u.seconds == uint64(seconds) {
			return strconv.FormatUint(n, 10) + u.letter
		}
	}
	return ""
}

// Plural is a word's usual plural, unless there is one.
func Plural(name string, n uint64) string {
	if n == 1 {
		return name
	}
	return name + "s"
}

// QR draws a text as a QR code of half blocks, one line of the terminal for
// two rows of it, with the quiet zone of four modules that readers need.
func QR(text string) ([]string, error) {
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4
	var out []string
	for y := -quiet; y < c.Size+quiet; y += 2 {
		var b strings.Builder
		for x := -quiet; x < c.Size+quiet; x++ {
			b.WriteString(halves[[2]bool{c.Black(x, y), c.Black(x, y+1)}])
		}
		out = append(out, b.String())
	}
	return out, nil
}

var halves = map[[2]bool]string{{false, false}: " ", {true, false}: "▀", {false, true}: "▄", {true, true}: "█"}
