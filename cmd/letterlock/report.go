package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"letterlock/desk/produce/bundle"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/transparency"
)

type reportCmd struct {
	Build  reportBuildCmd  `cmd:"" help:"Count a half-year from the ledger and write the signed report."`
	Verify reportVerifyCmd `cmd:"" help:"Check a report: signature, forms, ledger; with a receipt, that a case was counted; with openings, every figure."`
	Open   reportOpenCmd   `cmd:"" help:"Write the openings of the records that a report was counted from, for an auditor."`
}

// reportSettings are what all three need to know of the house.
type reportSettings struct {
	Data   string `required:"" type:"existingdir" help:"Data folder. The service may be running."`
	Config string `type:"existingfile" help:"Configuration file."`
}

func (s reportSettings) load() (Config, *law.Table, error) {
	c, err := LoadConfig(s.Config)
	if err != nil {
		return c, nil, err
	}
	c.Data = s.Data
	table, _, err := loadLaw(c.LawFile)
	return c, table, err
}

type reportBuildCmd struct {
	reportSettings
	Period  string `required:"" placeholder:"2026H1" help:"The half-year."`
	Out     string `required:"" placeholder:"DIR" help:"Folder for the report's files; it must not exist, or be empty."`
	Counted int64  `placeholder:"LEAVES" help:"Count up to the checkpoint of this size, to build a report again; the latest without."`
	Earlier string `placeholder:"DIR" help:"Folder with the folders of reports published before: what they said and what is true now stands in this one."`
}

// Run builds.
func (b *reportBuildCmd) Run(_ context.Context, out io.Writer) error {
	c, table, err := b.load()
	if err != nil {
		return err
	}
	if there, err := os.ReadDir(b.Out); err == nil && len(there) > 0 {
		return fault.New(fault.Conflict, "build report", "refusing to write into %s: it is not empty", b.Out)
	}
	in, err := reportInput(c, table, b.Period, b.Counted)
	if err != nil {
		return err
	}
	if in.Earlier, err = published(b.Earlier); err != nil {
		return err
	}
	r, err := transparency.Build(in)
	if err != nil {
		return err
	}
	files, err := r.Files()
	if err != nil {
		return err
	}
	key, public, err := reportKey(filepath.Join(c.Data, "desk", "keys"), c.Host)
	if err != nil {
		return err
	}
	if files[transparency.FileSignature], err = transparency.Sign(r, files, key); err != nil {
		return err
	}
	if err := writeFiles(b.Out, files); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d requests about %d accounts, counted up to %s\nsigned by %s\nwritten to %s\n", r.Period, r.Total.Requests, r.Total.Accounts,
		r.Counted.Time.Format("2006-01-02 15:04 UTC"), public, b.Out)
	return nil
}

// reportInput reads what a report is made of.
func reportInput(c Config, table *law.Table, period string, size int64) (in transparency.Input, err error) {
	if in.Period, err = transparency.ParsePeriod(period); err != nil {
		return in, err
	}
	if in.Structure, err = transparency.ParseStructure(c.ReportBands); err != nil {
		return in, err
	}
	in.Provider = c.Name
	lawOf(table, &in)
	cp, head, entries, err := ledgerEntries(ledgerDir(c, "desk", false), size)
	if err != nil {
		return in, err
	}
	in.Head, in.Entries = transparency.Head{Origin: cp.Origin, Time: cp.Time, Note: string(head)}, entries
	if in.Structure == transparency.NothingPublished {
		return in, nil
	}
	_, _, in.Sealed, err = ledgerEntries(ledgerDir(c, "desk", true), 0)
	return in, err
}

func ledgerEntries(dir string, size int64) (cp proof.Checkpoint, head []byte, out []transparency.Entry, err error) {
	v, err := ledger.Read(dir, clock.System)
	if err != nil {
		return cp, nil, nil, err
	}
	defer v.Close()
	if cp, head, err = v.At(size); err != nil {
		return cp, nil, nil, err
	}
	for o, err := range v.Openings(cp.Size) {
		if err != nil {
			return cp, nil, nil, err
		}
		out = append(out, entryOf(o.Entry))
	}
	return cp, head, out, nil
}

func entryOf(e proof.Entry) transparency.Entry {
	return transparency.Entry{Kind: e.Kind, Case: e.Case, Time: e.Happened, Body: e.Body}
}

// lawOf gives a report what it must know of the law table.
func lawOf(table *law.Table, in *transparency.Input) {
	in.Process = processOf(table)
	in.Country = func(id string) string { return table.PlaceName(law.Jurisdiction(id)) }
	in.Members = table.Members("EU")
}

// processOf says where the law table has a process counted.
func processOf(table *law.Table) func(string, time.Time) (transparency.Process, bool) {
	return func(id string, on time.Time) (transparency.Process, bool) {
		row, ok := table.Row(law.ProcessID(id), on)
		if !ok {
			return transparency.Process{}, false
		}
		return transparency.Process{Title: row.Name, Group: groupOf(row), Bucket: row.Publication.Bucket, Jurisdiction: string(row.Jurisdiction)}, true
	}
}

func groupOf(r law.Row) transparency.Group {
	switch {
	case r.Publication.Kind == law.Barred:
		return transparency.Barred
	case r.Publication.Kind == law.Banded:
		return transparency.Banded
	case r.ID == law.Emergency:
		return transparency.Emergency
	case r.Stance == law.StanceSnapshot:
		return transparency.Preservation
	case r.Stance == law.StanceChallenge || r.Stance == law.StanceChallengeIfZG || r.Publication.Bucket == "challenge":
		return transparency.Weaken
	case r.Publication.Bucket == "private.civil":
		return transparency.Civil
	case r.Stance == law.StanceDecline || r.Stance == law.StanceVoluntaryDecline || r.Stance == law.StanceReject:
		return transparency.Informal
	}
	return transparency.Legal
}

// published reads the reports in the folders below dir, the oldest first.
func published(dir string) (out []*transparency.Report, err error) {
	if dir == "" {
		return nil, nil
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", transparency.FileJSON))
	if err != nil {
		return nil, err
	}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r, err := transparency.Read(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *transparency.Report) int { return strings.Compare(a.Period.String(), b.Period.String()) })
	return out, nil
}

// reportKey is the key that signs reports, made at first use.
func reportKey(dir, host string) (note.Signer, string, error) {
	path := filepath.Join(dir, "report")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		private, public, err := note.GenerateKey(nil, host+"/report")
		if err != nil {
			return nil, "", err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, "", err
		}
		b = []byte(private + "\n" + public + "\n")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return nil, "", fmt.Errorf("keep the report's key: %w", err)
		}
	} else if err != nil {
		return nil, "", err
	}
	lines := strings.Fields(string(b))
	if len(lines) != 2 {
		return nil, "", fault.New(fault.Invalid, "read report key", "%s is no key for reports", path)
	}
	s, err := note.NewSigner(lines[0])
	return s, lines[1], err
}

func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

type reportVerifyCmd struct {
	Dir      string   `arg:"" type:"existingdir" help:"Folder with the report's files."`
	Trust    []string `required:"" sep:"none" placeholder:"FILE" help:"The provider's key file (trust.json of its public page)."`
	Receipt  string   `type:"existingfile" help:"A ledger proof of a request that was filed, to see that it was counted."`
	Openings string   `type:"existingdir" help:"What 'report open' wrote, to count every figure anew."`
	LawFile  string   `type:"existingfile" help:"The operator's law file, if it has one."`
	Earlier  string   `type:"existingdir" help:"Folder with the folders of earlier reports, if there are any."`
}

var errReport = fault.New(fault.Invalid, "verify report", "the report does not hold")

// Run checks.
func (v *reportVerifyCmd) Run(_ context.Context, out io.Writer) error {
	known, err := readTrust(v.Trust)
	if err != nil {
		return err
	}
	files, err := readFiles(v.Dir)
	if err != nil {
		return err
	}
	ledgers, err := proof.ParseKeys(known.Ledgers...)
	if err != nil {
		return err
	}
	signers, err := reportVerifiers(known.Reports)
	if err != nil {
		return err
	}
	r, findings := transparency.Verify(files, signers, ledgers)
	table, _, err := loadLaw(v.LawFile)
	if err != nil {
		return err
	}
	if r != nil && v.Receipt != "" {
		findings = append(findings, receipt(r, v.Receipt, ledgers, table))
	}
	if r != nil && v.Openings != "" {
		findings = append(findings, v.recount(r, ledgers, table))
	}
	ok := true
	for _, f := range findings {
		mark := "holds        "
		if !f.OK {
			mark, ok = "DOES NOT HOLD", false
		}
		fmt.Fprintf(out, "%s  %s\n", mark, f.Text)
	}
	if !ok {
		return errReport
	}
	return nil
}

func receipt(r *transparency.Report, path string, ledgers proof.Keys, table *law.Table) transparency.Finding {
	b, err := os.ReadFile(path)
	if err != nil {
		return transparency.Finding{Text: err.Error()}
	}
	p, err := proof.Parse(b)
	if err != nil {
		return transparency.Finding{Text: fault.Say(err)}
	}
	where, err := r.Receipt(p, ledgers, processOf(table))
	if err != nil {
		return transparency.Finding{Text: "The receipt: " + fault.Say(err)}
	}
	return transparency.Finding{OK: true, Text: "The receipt's case is " + where + "."}
}

func readTrust(paths []string) (bundle.Trust, error) {
	var all []byte
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			return bundle.Trust{}, err
		}
		all = append(all, b...)
	}
	return bundle.ParseTrust(all)
}

func readFiles(dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range []string{transparency.FileJSON, transparency.FileCSV, transparency.FileHTML, transparency.FileSchema, transparency.FileSignature} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			out[name] = b
		}
	}
	return out, nil
}

func reportVerifiers(keys []string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "read report key", err, "%q is no key of a report", k)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}
