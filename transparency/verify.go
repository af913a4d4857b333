package transparency

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/mod/sumdb/note"

	"letterlock/ledger/proof"
)

// Finding is one thing that a verification looked at.
type Finding struct {
	OK   bool
	Text string
}

// Verify checks a published report with public keys alone: that it is signed,
// that every form of it says the same, and that the ledger vouches for the
// checkpoint it was counted from.
func Verify(files map[string][]byte, signers note.Verifiers, ledgers proof.Keys) (*Report, []Finding) {
	r, err := Read(files[FileJSON])
	if err != nil {
		return nil, []Finding{{Text: "report.json cannot be read: " + err.Error()}}
	}
	out := []Finding{{true, "It is signed, and no file was changed since."}, {true, "The page and the CSV say what the JSON says."},
		{true, "The ledger " + r.Counted.Origin + " signed the checkpoint it was counted from, " + r.Counted.Time.UTC().Format("2006-01-02 15:04 UTC") + "."}}
	if err := checkSignature(r, files, signers); err != nil {
		out[0] = Finding{Text: err.Error()}
	}
	again, err := r.Files()
	for name, b := range again {
		if err != nil || !bytes.Equal(b, files[name]) {
			out[1] = Finding{Text: name + " does not say what report.json says."}
		}
	}
	s, err := proof.OpenCheckpoint([]byte(r.Counted.Note), ledgers)
	if err != nil || s.Origin != r.Counted.Origin || !s.Time.Equal(r.Counted.Time) {
		out[2] = Finding{Text: "The checkpoint it was counted from is not signed by a ledger that is trusted here."}
	}
	return r, out
}

// Read reads a report and nothing else.
func Read(b []byte) (*Report, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var r Report
	if err := d.Decode(&r); err != nil {
		return nil, err
	}
	if r.Schema != Schema {
		return nil, invalid("this is no report of form %s", Schema)
	}
	again, err := r.JSON()
	if err != nil || !bytes.Equal(again, b) {
		return nil, invalid("the report is not in its one exact form")
	}
	return &r, nil
}

// Receipt checks that a case was counted: its record is in the ledger, not later
// than the report's checkpoint, was filed in the report's period, and the row it
// belongs to is there. It returns which.
func (r *Report) Receipt(p proof.Proof, ledgers proof.Keys, groupOf func(process string, on time.Time) (Process, bool)) (string, error) {
	v, err := p.Verify(ledgers)
	if err != nil {
		return "", err
	}
	at, own := v.Entry.Happened.UTC(), v.Checkpoint.Origin == r.Counted.Origin
	switch {
	case !own:
		return "", invalid("the receipt is of another ledger, %s", v.Checkpoint.Origin)
	case v.Entry.Kind != prefix+"filed":
		return "", invalid("the receipt is of an act %q and not of a request that was filed", v.Entry.Kind)
	case !r.Period.Holds(at):
		return "", invalid("the request was filed on %s, which is in %s", at.Format(time.DateOnly), PeriodOf(at))
	case at.After(r.Counted.Time):
		return "", invalid("the request was filed after the ledger was counted")
	}
	var c Counted
	if err := cbor.Unmarshal(v.Entry.Body, &c); err != nil {
		return "", invalid("the record cannot be read")
	}
	return r.where(c, at, groupOf)
}

func (r *Report) where(c Counted, at time.Time, groupOf func(string, time.Time) (Process, bool)) (string, error) {
	p, ok := groupOf(c.Process, at)
	if !ok {
		p = Process{Group: Legal, Bucket: other}
	}
	switch p.Group {
	case Barred, Banded:
		return "", invalid("requests of this kind are not counted in tables")
	case Legal, Emergency:
		if r.Total.Requests == 0 {
			return "", invalid("the report says that there was no request")
		}
		return "counted in the total, under " + in(r.Countries, country(c.Country)) + " of the countries and " + in(r.Processes, p.Bucket) + " of the processes", nil
	}
	i := slices.IndexFunc(r.Apart, func(a Aside) bool { return a.Group == p.Group })
	if i < 0 {
		return "", invalid("the report has no line for requests of this kind")
	}
	return "counted apart, under " + r.Apart[i].Name, nil
}

// in says under which row something is counted.
func in(rows []Row, id string) string {
	for _, r := range rows {
		if r.ID == id {
			return r.Name
		}
	}
	if len(rows) == 0 {
		return "none"
	}
	return rows[len(rows)-1].Name
}

// Recount builds the report anew from what an auditor was shown and says whether
// it is the same, byte for byte. The bands are taken over: what is sealed is
// shown to no auditor.
func Recount(published *Report, given Input) error {
	given.Structure, given.Sealed = NothingPublished, nil
	r, err := Build(given)
	if err != nil {
		return err
	}
	r.National = published.National
	b, err := r.JSON()
	if err != nil {
		return err
	}
	want, err := published.JSON()
	if err != nil {
		return err
	}
	if !bytes.Equal(b, want) {
		return invalid("counted anew, the report says something else")
	}
	return nil
}
