package produce

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/lang"
)

// Trace is a batch of a trace, for a package.
type Trace struct {
	Grant   disclosable.Hash
	Account disclosable.Account
	First   uint64
	Last    uint64
	Stopped time.Time // zero: it runs
	Why     string    // it stopped
	Events  []disclosable.TraceEvent
}

func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func (t Trace) file(in Input) bundle.Trace {
	out := bundle.Trace{Format: bundle.TraceFormat, Package: in.Package, Case: in.Case, Grant: t.Grant, Account: t.Account, First: t.First, Last: t.Last, Ended: t.ended(), Events: []bundle.Traced{}}
	for _, e := range t.Events {
		x := bundle.Traced{Number: e.Seq, At: milli(e.At), Kind: string(e.Kind), Direction: "received", Counterparty: e.Other, OwnIP: e.IP, Lost: e.Lost, Why: e.Why}
		if e.Sent {
			x.Direction = "sent"
		}
		if e.Kind == disclosable.TracedGap {
			since := milli(e.Since)
			x.Direction, x.Since = "", &since
		}
		out.Events = append(out.Events, x)
	}
	return out
}

// ended is when and why it stopped, in English, for programs.
func (t Trace) ended() string {
	if t.Stopped.IsZero() {
		return ""
	}
	return disclosable.Minute(t.Stopped.Unix()) + ", " + t.Why
}

// writeTrace writes a batch as JSON and as CSV.
func writeTrace(in Input, csvOut, jsonOut io.Writer) error {
	t := in.Trace.file(in)
	e := json.NewEncoder(jsonOut)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(t); err != nil {
		return fmt.Errorf("write %s: %w", bundle.TraceJSON, err)
	}
	table := csv.NewWriter(csvOut)
	table.UseCRLF = true
	rows := [][]string{{"number", "at", "kind", "direction", "counterparty", "own_ip", "gap_since", "gap_lost", "gap_why"}}
	for _, x := range t.Events {
		row := []string{strconv.FormatUint(x.Number, 10), x.At.Format("2006-01-02T15:04:05.000Z"), x.Kind, x.Direction, x.Counterparty.String(), x.OwnIP, "", "", cell(x.Why)}
		if x.Since != nil {
			row[4], row[6], row[7] = "", x.Since.Format("2006-01-02T15:04:05.000Z"), strconv.FormatUint(x.Lost, 10)
		}
		rows = append(rows, row)
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", bundle.TraceCSV, err)
	}
	return nil
}

// tracing says in the letter what a batch is.
func (l *letter) tracing() {
	t := l.in.Trace
	l.Heading(2, l.t.T("The trace"), headStyle)
	if len(t.Events) == 0 {
		l.Paragraph(l.t.T("Nothing was recorded of account %s since the last package.", t.Account), bodyStyle)
	} else {
		l.Paragraph(l.t.T("The events numbered %d to %d of account %s are in the files %s and %s. Each is one envelope or call that the account sent or received: when, the other account, and the account's own IP address when it sent. An envelope may be a message or a receipt, which cannot be told apart, and it goes to each device of a person. There is no content. A line of the kind gap says that events may be missing, since when, and why.",
			t.First, t.Last, t.Account, bundle.TraceCSV, bundle.TraceJSON), bodyStyle)
	}
	if !t.Stopped.IsZero() {
		l.Paragraph(l.t.T("The trace has ended: %s. This is the last package of it.", l.t.T("%s, %s¦when and why", l.t.Moment(t.Stopped), whyEnded(l.t, t.Why))), bodyStyle)
	}
}

// whyEnded is the reason that carrier or desk gave for the end, in a language.
func whyEnded(t *lang.Tongue, why string) string {
	for _, known := range []lang.Text{lang.Say("its end has come"), lang.Say("the carrier's clock cannot be believed"), lang.Say("the account was deleted"),
		lang.Say("nobody collects what it records"), lang.Say("the request was withdrawn"), lang.Say("the sender may have been somebody else"), lang.Say("stopped by the desk"),
		lang.Say("an objection was upheld"), lang.Say("the desk does not have its start"), lang.Say("the carrier does not have it any more"),
		lang.Say("the service was restored from a backup, and backups hold no trace")} {
		if known.Key == why {
			return known.In(t)
		}
	}
	return t.T("%s", plain(why))
}
