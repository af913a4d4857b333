// Package note sets up the programs' logs. It knows no domain, and that is the
// point: what must never be in a log (numbers, names, addresses, ciphertext)
// is not given to it. As a second net it drops attributes whose keys would
// carry such things and cuts anything that looks like a phone number or an IP
// address out of the text.
package note

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// New is a logger that writes JSON lines.
func New(w io.Writer, level slog.Level) *slog.Logger {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: scrub})
	return slog.New(scrubber{h})
}

// Discard is a logger that writes nothing.
func Discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

var banned = map[string]bool{"phone": true, "number": true, "account": true, "address": true, "ip": true,
	"remote": true, "token": true, "ciphertext": true, "envelope": true, "email": true, "body": true}

var personal = regexp.MustCompile(`\+[0-9][0-9 ()-]{6,18}[0-9]|\b[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]+)?\b|\[?[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){3,7}\]?(:[0-9]+)?|\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|\bLL-[0-9]{4}-[0-9X][0-9]{5,11}\b`)

const cut = "[cut]"

func scrub(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return a
	}
	if banned[a.Key] {
		return slog.String(a.Key, cut)
	}
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, personal.ReplaceAllString(v.String(), cut))
	case slog.KindAny:
		if b, ok := v.Any().([]byte); ok {
			return slog.String(a.Key, fmt.Sprintf("%d bytes", len(b)))
		}
		return slog.String(a.Key, personal.ReplaceAllString(fmt.Sprint(v.Any()), cut))
	}
	return a
}

// scrubber cuts the message too, which ReplaceAttr does for attributes.
type scrubber struct{ slog.Handler }

func (s scrubber) Handle(ctx context.Context, r slog.Record) error {
	n := slog.NewRecord(r.Time, r.Level, personal.ReplaceAllString(r.Message, cut), r.PC)
	r.Attrs(func(a slog.Attr) bool { n.AddAttrs(a); return true })
	return s.Handler.Handle(ctx, n)
}

func (s scrubber) WithAttrs(as []slog.Attr) slog.Handler { return scrubber{s.Handler.WithAttrs(as)} }
func (s scrubber) WithGroup(name string) slog.Handler    { return scrubber{s.Handler.WithGroup(name)} }
