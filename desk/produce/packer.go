package produce

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"time"

	"filippo.io/age"

	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
	"letterlock/disclosable"
	"letterlock/internal/fault"
)

// Packer makes packages. It holds what stays the same from one to the next.
type Packer struct {
	Key   SigningKey
	Fonts *pdf.Library // nil: the fonts built in
	Paper pdf.Paper    // zero: A4
	// Spool is a folder for what does not fit in memory while packing; what
	// is written there is sealed with a key that only this process has, and
	// removed. Empty: the system's.
	Spool string
}

// FileName is what a package is called: case and package number, nothing about
// a person.
func FileName(in Input) string { return in.Case + "-" + in.Package + ".tar.age" }

// Pack writes the sealed package to w. After an error what was written is not
// a package and opens for nobody.
func (p *Packer) Pack(ctx context.Context, w io.Writer, in Input, to Seal) (Receipt, error) {
	if to.recipient == nil {
		return Receipt{}, fault.New(fault.Invalid, "pack", "refusing to pack: the package would not be sealed to anyone")
	}
	out := &measure{w: w, hash: sha256.New()}
	sealed, err := age.Encrypt(out, to.recipient)
	if err != nil {
		return Receipt{}, fmt.Errorf("seal package: %w", err)
	}
	receipt, err := p.Open(ctx, sealed, in, to.name)
	if err != nil {
		return Receipt{}, err
	}
	if err := sealed.Close(); err != nil {
		return Receipt{}, fmt.Errorf("seal package: %w", err)
	}
	receipt.Sealed, receipt.Size = bundle.Digest(out.hash.Sum(nil)), out.size
	return receipt, nil
}

// Open writes the package as it is before sealing: the same input gives the
// same bytes. sealedTo is what the manifest says about the seal.
func (p *Packer) Open(ctx context.Context, w io.Writer, in Input, sealedTo string) (Receipt, error) {
	allowed, err := check(in)
	if err != nil {
		return Receipt{}, err
	}
	in = inUTC(in)
	files, t, err := p.fill(ctx, in, allowed)
	defer func() {
		for _, f := range files {
			f.close()
		}
	}()
	if err != nil {
		return Receipt{}, err
	}
	return p.assemble(w, in, files, t.total, sealedTo)
}

// check refuses what could not be said truthfully in a package.
func check(in Input) (reach, error) {
	bad := func(format string, args ...any) (reach, error) {
		return nil, fault.New(fault.Invalid, "check production", "refusing to pack: "+format, args...)
	}
	switch {
	case in.Package == "" || bundle.CheckName(in.Package) != nil:
		return bad("the package has no usable number")
	case in.Case == "" || in.Provider.Name == "" || in.Agency.Name == "" || in.Process.Name == "":
		return bad("case, provider, agency and process must be named")
	case in.Created.IsZero() || !in.Expires.After(in.Created):
		return bad("it must expire after it is made")
	case in.Records == nil:
		return bad("there is no list of records, not even an empty one")
	case in.Content == nil && len(in.Kept) == 0 && len(in.Grants) == 0 && len(in.Refused) == 0 && len(in.NotHeld) == 0:
		return bad("there is nothing to say")
	}
	return reachOf(in)
}

// reachOf collects what the signed grants allow.
func reachOf(in Input) (reach, error) {
	allowed := reach{}
	for i, g := range in.Grants {
		parsed, err := disclosable.ParseGrant(g.Signed.Grant)
		if err != nil {
			return nil, fmt.Errorf("read grant %d: %w", i+1, err)
		}
		if parsed.Case != in.Case || parsed.Kind != disclosable.Produce && (parsed.Kind != disclosable.Trace || in.Trace == nil) {
			return nil, fault.New(fault.Forbidden, "check production", "refusing to pack: grant %d is not for producing in case %s", i+1, in.Case)
		}
		for _, f := range parsed.Fields {
			for a := range parsed.Each() {
				allowed[a] |= bits[f]
			}
		}
	}
	return allowed, nil
}

func inUTC(in Input) Input {
	for _, t := range []*time.Time{&in.Created, &in.Collected, &in.Expires, &in.Received, &in.Period.From, &in.Period.To} {
		*t = t.UTC()
	}
	in.Created, in.Expires = in.Created.Truncate(time.Second), in.Expires.Truncate(time.Second)
	return in
}

// fill writes every file of the package to its spool, in the package's order.
// The letter stands first and is written last: it says what the others hold.
func (p *Packer) fill(ctx context.Context, in Input, allowed reach) (files []*spool, t *tally, err error) {
	file := func(name string) *spool {
		s := newSpool(p.Spool, name)
		files = append(files, s)
		return s
	}
	letter := file(bundle.LetterName)
	if in.Content != nil {
		pdfSheet, text := file(bundle.SheetPDF), file(bundle.SheetText)
		if err := errors.Join(writeSheetText(text, in), p.writeSheet(pdfSheet, in)); err != nil {
			return files, nil, err
		}
	}
	for i, g := range in.Grants {
		signatures, err := bundle.EncodeSignatures(g.Signed.Signatures, g.Holders)
		if err != nil {
			return files, nil, fmt.Errorf("pack grant %d: %w", i+1, err)
		}
		file(bundle.GrantName(i+1, len(in.Grants))).hold(g.Signed.Grant)
		file(bundle.GrantSignatures(i+1, len(in.Grants))).hold(signatures)
	}
	if in.Receipt != nil {
		file(bundle.ReceiptName).hold(in.Receipt)
	}
	fields := fieldsOf(allowed)
	if err := errors.Join(writeGrants(file(bundle.GrantsText), in), writeProofs(file(bundle.ProofName), in),
		writeDictionaryCSV(file(bundle.DictionaryCSV), in.Tongue, fields), writeDictionaryJSON(file(bundle.DictionaryJSN), in.Tongue, fields),
		writeTargets(file(bundle.TargetsCSV), in)); err != nil {
		return files, nil, err
	}
	if in.Trace != nil {
		if err := writeTrace(in, file(bundle.TraceCSV), file(bundle.TraceJSON)); err != nil {
			return files, nil, err
		}
	}
	table, list := file(bundle.RecordsCSV), file(bundle.RecordsJSON)
	in.Records = interruptible(ctx, in.Records)
	if t, err = writeRecords(in, allowed, table, list); err != nil {
		return files, nil, err
	}
	return files, t, p.writeLetter(letter, in, allowed, t)
}

// interruptible stops a long run of records when the context ends.
func interruptible(ctx context.Context, records iter.Seq2[disclosable.Record, error]) iter.Seq2[disclosable.Record, error] {
	return func(yield func(disclosable.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				err = ctx.Err()
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// assemble writes manifest, signature, files and sums as one archive.
func (p *Packer) assemble(w io.Writer, in Input, files []*spool, records int, sealedTo string) (Receipt, error) {
	sums := newSpool(p.Spool, bundle.SumsName)
	m := bundle.Manifest{
		Format: bundle.Format, Package: in.Package, Case: in.Case, Reference: in.TheirReference, Provider: in.Provider.Name,
		Created: in.Created, Expires: in.Expires, TimeZone: "UTC", Language: in.Tongue.Code(), Key: p.Key.Public(), LedgerKeys: nonNil(in.LedgerKeys),
		SealedTo: sealedTo, Records: records, Certified: in.Certified && records > 0,
	}
	for _, f := range files {
		e, err := f.entry()
		if err != nil {
			return Receipt{}, err
		}
		m.Files = append(m.Files, e)
		fmt.Fprintf(sums, "%s  %s\n", e.SHA256, e.Name)
	}
	last, err := sums.entry()
	if err != nil {
		return Receipt{}, err
	}
	m.Files = append(m.Files, last)
	manifest, err := bundle.EncodeManifest(&m)
	if err != nil {
		return Receipt{}, err
	}
	if _, err := bundle.ParseManifest(manifest); err != nil {
		return Receipt{}, fmt.Errorf("the manifest would not be accepted by a reader: %w", err)
	}
	out := &measure{w: w, hash: sha256.New()}
	err = p.archive(out, manifest, append(files, sums), m)
	return Receipt{Package: in.Package, Manifest: sha256.Sum256(manifest), Opened: bundle.Digest(out.hash.Sum(nil)),
		Records: records, Files: m.Files}, err
}

func (p *Packer) archive(w io.Writer, manifest []byte, files []*spool, m bundle.Manifest) error {
	a := bundle.NewArchive(w, m.Created)
	a.File(bundle.ManifestName, int64(len(manifest)), bytesTo(manifest))
	sig := p.Key.sign(manifest)
	a.File(bundle.SignatureName, int64(len(sig)), bytesTo(sig))
	for i, f := range files {
		a.File(f.name, m.Files[i].Size, f.copyTo)
	}
	return a.Close()
}

func bytesTo(b []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(b); return err }
}

// nonNil keeps an absent list from being written as null.
func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// measure hashes and counts what passes.
type measure struct {
	w    io.Writer
	hash hash.Hash
	size int64
}

func (m *measure) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.hash.Write(b[:n])
	m.size += int64(n)
	return n, err
}
