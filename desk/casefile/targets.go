package casefile

import (
	"encoding/csv"
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// BadLine is a line of a list of identifiers that cannot be taken, with what is
// wrong with it.
type BadLine struct {
	Line int // from 1
	Say  string
	Err  error // the same, for whoever reads another language
}

// Fault is the line's complaint as an error.
func (b BadLine) Fault() error {
	return fault.New(fault.Invalid, "read identifiers", "Line %d: %s", b.Line, b.Say)
}

// ReadTargets reads a list of identifiers, one on each line or as CSV, and
// brings each to its one form. Of a CSV file it takes the column that its first
// line calls an identifier, else every number and account id of a line, else
// its first cell. What is named twice is there once. Every line that cannot be taken is told, and the others are read
// all the same; more than MaxTargets is TooLarge.
func ReadTargets(text string) ([]Target, []BadLine, error) {
	l := targetList{seen: map[Target]bool{}}
	err := eachCell(text, l.line)
	if err == nil && len(l.out) > MaxTargets {
		err = fault.New(fault.TooLarge, "read identifiers", "A request names at most %d identifiers, and this one names %d: file separate requests.", MaxTargets, len(l.out))
	}
	return l.out, l.bad, err
}

type targetList struct {
	out  []Target
	bad  []BadLine
	seen map[Target]bool
}

func (l *targetList) line(n int, cell string) {
	t, err := NewTarget(cell)
	if err != nil {
		l.bad = append(l.bad, BadLine{n, fault.Say(err), err})
		return
	}
	if !l.seen[t] {
		l.seen[t] = true
		l.out = append(l.out, t)
	}
}

// titles are what the first line of a CSV file calls the column of identifiers.
var titles = []string{"identifier", "identifiers", "phone", "phone_number", "telephone", "number", "msisdn", "account", "account_id", "target", "asked"}

// eachCell calls f with each line's identifier and the number of the line.
func eachCell(text string, f func(line int, cell string)) error {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace, r.ReuseRecord = -1, true, true, true
	if first, _, _ := strings.Cut(text, "\n"); strings.Count(first, ";") > strings.Count(first, ",") {
		r.Comma = ';'
	}
	column := -1
	for n := 0; ; n++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(fault.Invalid, "read identifiers", err, "The list cannot be read: write one identifier on each line, or give a CSV file.")
		}
		line, _ := r.FieldPos(0)
		if n == 0 {
			title := func(c string) bool { return slices.Contains(titles, strings.ToLower(strings.TrimSpace(c))) }
			if i := slices.IndexFunc(cells, title); i >= 0 {
				column = i
				continue
			}
		}
		for _, c := range cellsOf(cells, column) {
			if strings.TrimSpace(c) != "" {
				f(line, c)
			}
		}
	}
}

// cellsOf are a line's identifiers. Nothing that looks like one is passed over
// in silence.
func cellsOf(cells []string, column int) (out []string) {
	switch {
	case column >= len(cells):
		return nil
	case column >= 0:
		return cells[column : column+1]
	}
	for _, c := range cells {
		if _, err := disclosable.ParseAccount(strings.ToLower(strings.TrimSpace(c))); err == nil || strings.HasPrefix(strings.TrimSpace(c), "+") {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = cells[:1]
	}
	return out
}

// NewTarget sees from its form what kind of identifier a text is, and brings it
// to its one form. An IP address is followed by its moment.
func NewTarget(text string) (Target, error) {
	text = strings.TrimSpace(text)
	head, rest, _ := strings.Cut(text, " ")
	if _, err := disclosable.ParseAccount(strings.ToLower(text)); err == nil {
		return Target{Kind: law.TargetAccount, Identifier: text}.Normal()
	}
	if ip, err := netip.ParseAddr(head); err == nil {
		t := Target{Kind: law.TargetIP, Identifier: ip.String()}
		if rest = strings.TrimSpace(rest); rest != "" {
			if t.At, err = readMoment(rest); err != nil {
				return t, err
			}
		}
		return t.Normal()
	}
	switch {
	case strings.Contains(text, "@") && !strings.HasPrefix(text, "@"):
		return Target{Kind: law.TargetEmail, Identifier: text}.Normal()
	case strings.HasPrefix(text, "+") || strings.Trim(text, "0123456789 ()-./") == "":
		return Target{Kind: law.TargetPhone, Identifier: text}.Normal()
	}
	return Target{Kind: law.TargetUsername, Identifier: text}.Normal()
}

func readMoment(s string) (time.Time, error) {
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04 MST", "2006-01-02 15:04:05 MST"} {
		if t, err := time.Parse(form, s); err == nil && (t.Location() == time.UTC || form == time.RFC3339) {
			return t.UTC(), nil
		}
	}
	return time.Time{}, badTarget("“%s” is not a moment. After an IP address write it as 2026-11-23 03:15 UTC.", s)
}

func badTarget(format string, args ...any) error {
	return fault.New(fault.Invalid, "take request", format, args...)
}

// Normal is a target's one form: E.164 for a number, the hyphenated id for an
// account, lower case for an address.
func (t Target) Normal() (Target, error) {
	t.Identifier = strings.TrimSpace(t.Identifier)
	if !Plain(t.Identifier, MaxReference) {
		return t, badTarget("an identifier is at most %d bytes on one line", MaxReference)
	}
	switch t.Kind {
	case law.TargetPhone:
		n, err := phonenumbers.Parse(t.Identifier, "ZZ")
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			return t, badTarget("%q is not a phone number with its country code, such as +1 202 555 0142", t.Identifier)
		}
		e164 := phonenumbers.Format(n, phonenumbers.E164)
		if again, err := phonenumbers.Parse(e164, "ZZ"); err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 { // a row of zeros has two forms
			return t, badTarget("%q is not a phone number with its country code, such as +1 202 555 0142", t.Identifier)
		}
		t.Identifier = e164
	case law.TargetAccount:
		a, err := disclosable.ParseAccount(strings.ToLower(t.Identifier))
		if err != nil {
			return t, badTarget("%q is not an account id", t.Identifier)
		}
		t.Identifier = a.String()
	case law.TargetEmail:
		t.Identifier = strings.ToLower(t.Identifier)
		if !strings.Contains(t.Identifier, "@") {
			return t, badTarget("%q is not a mail address", t.Identifier)
		}
	case law.TargetUsername, law.TargetIP, law.TargetName, law.TargetPicture, law.TargetGroup, law.TargetArea, law.TargetCell:
		if t.Identifier == "" {
			return t, badTarget("an identifier is empty")
		}
	default:
		return t, badTarget("say what kind of identifier %q is", t.Identifier)
	}
	return t, nil
}
