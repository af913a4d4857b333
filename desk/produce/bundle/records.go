package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"letterlock/disclosable"
)

// recordReader reads records.json while it passes, one record at a time.
type recordReader struct {
	*io.PipeWriter
	done   chan struct{}
	result recordResult
}

// recordResult is what the records turned out to be.
type recordResult struct {
	head   recordHead
	count  int
	stated int
	seen   map[permission]bool
	sums   map[disclosable.Account][]disclosable.Hash // of each unbroken run of an account's records
	group  group

	several map[disclosable.Account]bool                 // accounts with more than one grant
	kept    map[disclosable.Account][]disclosable.Record // their records
	err     error
}

type recordHead struct {
	Format    string `json:"format"`
	Package   string `json:"package"`
	Case      string `json:"case"`
	TimeZone  string `json:"time_zone"`
	Collected string `json:"collected"`
}

type record struct {
	Account disclosable.Account `json:"account"`
	Asked   string              `json:"asked"`
	Field   disclosable.FieldID `json:"field"`
	Title   string              `json:"title"`
	Class   string              `json:"class"`
	Value   string              `json:"value"`
	AsOf    string              `json:"as_of,omitempty"`
}

func readRecords(several map[disclosable.Account]bool) *recordReader {
	in, out := io.Pipe()
	r := &recordReader{PipeWriter: out, done: make(chan struct{}), result: recordResult{seen: map[permission]bool{}, sums: map[disclosable.Account][]disclosable.Hash{},
		several: several, kept: map[disclosable.Account][]disclosable.Record{}}}
	go func() {
		defer close(r.done)
		r.result.err = r.result.read(in)
		io.Copy(io.Discard, in) // the rest still has to pass
	}()
	return r
}

func (r *recordReader) close() {
	r.PipeWriter.Close()
	<-r.done
}

// maxRecord bounds one record. The longest field of the inventory, a block
// list, stays far below.
const maxRecord = 16 << 20

func (r *recordResult) read(in io.Reader) error {
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := expect(d, json.Delim('{'), "head"); err != nil {
		return err
	}
	if err := d.Decode(&r.head); err != nil {
		return fmt.Errorf("its head is not as expected: %w", err)
	}
	if r.head.Format != "letterlock records 1" || r.head.TimeZone != "UTC" {
		return errors.New("its format is unknown")
	}
	if err := expect(d, "records", json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var one record
		at := d.InputOffset()
		if err := d.Decode(&one); err != nil {
			return fmt.Errorf("record %d is not as expected: %w", r.count+1, err)
		}
		if d.InputOffset()-at > maxRecord {
			return fmt.Errorf("record %d is larger than any record is", r.count+1)
		}
		r.count++
		r.seen[permission{one.Account, one.Field}] = true
		if err := r.add(disclosable.Record{Account: one.Account, Field: one.Field, Value: one.Value, AsOf: one.AsOf}); err != nil {
			return err
		}
	}
	if err := r.sum(); err != nil {
		return err
	}
	if err := expect(d, json.Delim(']'), "count"); err != nil {
		return err
	}
	if err := d.Decode(&r.stated); err != nil {
		return fmt.Errorf("its count is not a number: %w", err)
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after its end")
	}
	return nil
}

func expect(d *json.Decoder, want ...json.Token) error {
	for _, w := range want {
		got, err := d.Token()
		if err != nil {
			return fmt.Errorf("it is cut off: %w", err)
		}
		if got != w {
			return fmt.Errorf("there is %v where %v should be", got, w)
		}
	}
	return nil
}
