//go:build !js

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"

	"letterlock/cmd/verify/inspect"
	"letterlock/cmd/verify/page"
	"letterlock/desk/produce/bundle"
)

type keygenCmd struct {
	Out string `required:"" placeholder:"FILE" help:"Where to write the secret key. An existing file is never overwritten."`
}

// Run makes a key and prints the half that may be known.
func (c *keygenCmd) Run(out io.Writer) error {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("refusing to overwrite %s", c.Out)
	}
	if err != nil {
		return fmt.Errorf("cannot write the key: %w", err)
	}
	_, err = fmt.Fprintf(f, "# Key for opening productions. Keep this file secret.\n# public key: %s\n%s\n", id.Recipient(), id)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("cannot write the key: %w", err)
	}
	fmt.Fprintln(out, id.Recipient())
	return nil
}

// given are the flags by which a package is opened and judged.
type given struct {
	Identity       string   `placeholder:"FILE" help:"Your secret key, as keygen wrote it."`
	PassphraseFile string   `placeholder:"FILE" help:"A file with the passphrase you were given."`
	Trust          []string `sep:"none" placeholder:"FILE" help:"The provider's key file; may be given again, where its halves publish one each. Without it the one pinned at CONFIG/letterlock/provider.json is used."`
	AnyProvider    bool     `help:"Go on without a key file: who signed is then not shown."`
	JSON           bool     `name:"json" help:"Print the report as JSON."`
}

func (g given) check(s *source, sink bundle.Sink) (*bundle.Report, error) {
	known, err := trust(g.Trust)
	if err != nil {
		return nil, err
	}
	o := bundle.Options{Trust: known, Unknown: g.AnyProvider, Now: today(), Sink: sink, Certificate: s.certificate}
	if s.sealed || s.certified {
		if o.Identities, err = identities(g.Identity, g.PassphraseFile); err != nil {
			return nil, err
		}
	}
	if !s.sealed {
		r := bundle.Verify(s, o)
		for _, name := range s.strangers {
			r.Lines = append(r.Lines, bundle.Line{Check: "strangers", State: bundle.Fails, Text: fmt.Sprintf("The file %q is no part of the package.", name)})
		}
		return r, nil
	}
	return bundle.VerifySealed(s, o.Identities, o), nil
}

type openCmd struct {
	Package string `arg:"" help:"The package."`
	given
	Out string `required:"" placeholder:"DIR" help:"The folder to extract to; it must not exist, or be empty."`
}

// Run opens, checks and extracts; nothing is left behind unless all holds.
func (c *openCmd) Run(ctx context.Context, out io.Writer) error {
	s, err := openSource(c.Package)
	if err != nil {
		return err
	}
	defer s.Close()
	stage, err := newStaging(c.Out)
	if err != nil {
		return err
	}
	report, err := c.check(s, stage)
	if err != nil || !report.OK() || ctx.Err() != nil {
		stage.drop()
		if err == nil && ctx.Err() == nil {
			err = errors.Join(printReport(out, report, c.JSON))
		}
		return errors.Join(err, ctx.Err())
	}
	if err := stage.keep(); err != nil {
		stage.drop()
		return fmt.Errorf("cannot put the files in their place: %w", err)
	}
	err = printReport(out, report, c.JSON)
	if err == nil && !c.JSON {
		fmt.Fprintf(out, "Extracted to %s.\n", c.Out)
	}
	return err
}

type checkCmd struct {
	Package string `arg:"" help:"The package, sealed or opened, or the folder it was extracted to."`
	given
}

// Run checks and keeps nothing.
func (c *checkCmd) Run(out io.Writer) error {
	s, err := openSource(c.Package)
	if err != nil {
		return err
	}
	defer s.Close()
	report, err := c.check(s, nil)
	if err != nil {
		return err
	}
	return printReport(out, report, c.JSON)
}

type buildCmd struct {
	Binary string `arg:"" help:"The program's file."`
	SHA256 string `name:"sha256" placeholder:"HEX" help:"The hash it should have, for instance from a sheet that says content cannot be produced."`
	JSON   bool   `name:"json" help:"Print the findings as JSON."`
}

// Run looks into a program.
func (c *buildCmd) Run(out io.Writer) error {
	data, err := os.ReadFile(c.Binary)
	if err != nil {
		return fmt.Errorf("cannot open the program: %w", err)
	}
	p, problem := inspect.File(data)
	r := judgeBuild(p, problem, c.SHA256)
	if c.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		if err := e.Encode(struct {
			OK bool `json:"ok"`
			*inspect.Program
			Lines []bundle.Line `json:"lines"`
		}{buildHolds(r), p, r}); err != nil {
			return err
		}
	} else {
		printBuild(out, p, r)
	}
	if !buildHolds(r) {
		return errFails
	}
	return nil
}

func judgeBuild(p *inspect.Program, problem error, want string) (lines []bundle.Line) {
	add := func(s bundle.State, check, format string, args ...any) {
		lines = append(lines, bundle.Line{Check: check, State: s, Text: fmt.Sprintf(format, args...)})
	}
	add(bundle.Note, "sha256", "SHA-256 %s, %d bytes.", p.SHA256, p.Size)
	switch {
	case want == "":
	case strings.EqualFold(want, p.SHA256):
		add(bundle.Holds, "same", "It is the file with the hash you gave.")
	default:
		add(bundle.Fails, "same", "It is not the file with the hash you gave (%s).", want)
	}
	if problem != nil {
		add(bundle.Fails, "packages", "Nothing is shown about this file: %s.", problem)
		return lines
	}
	add(bundle.Note, "program", "Program %s, compiled by %s, %s.", p.Main, p.Go, p.Summary())
	if !p.Trimmed {
		add(bundle.Note, "trimpath", "It was built without -trimpath: builds in other folders will have other hashes.")
	}
	for _, f := range p.Readers {
		add(bundle.Fails, "reader", "It contains %s: %s.", f.Package, f.Why)
	}
	if len(p.Readers) == 0 {
		add(bundle.Holds, "reader", "No code that could open a message is linked into it: not the client, not the Signal protocol, not its keys.")
	}
	add(bundle.Note, "limits", "This is about the file. That a machine runs this very file is shown by who operates it; that anyone's build of the source gives the same file, by its hash.")
	return lines
}

func buildHolds(lines []bundle.Line) bool {
	for _, l := range lines {
		if l.State == bundle.Fails {
			return false
		}
	}
	return true
}

func printBuild(out io.Writer, p *inspect.Program, lines []bundle.Line) {
	for _, l := range lines {
		fmt.Fprintf(out, "%-6s %s\n", map[bundle.State]string{bundle.Holds: "HOLDS", bundle.Fails: "FAILS", bundle.Note: "note"}[l.State], l.Text)
	}
	if len(p.Packages) == 0 {
		return
	}
	fmt.Fprintf(out, "\nPackages of Letterlock in it:\n")
	for _, name := range p.Own() {
		fmt.Fprintf(out, "  %s\n", name)
	}
	fmt.Fprintf(out, "\nModules in it:\n")
	for _, name := range p.Modules {
		fmt.Fprintf(out, "  %s\n", name)
	}
}

type pageCmd struct {
	Out  string `required:"" placeholder:"FILE" help:"The page to write."`
	Wasm string `required:"" placeholder:"FILE" help:"This program built for the browser: GOOS=js GOARCH=wasm go build -trimpath -ldflags=-s -o verify.wasm ./cmd/verify"`
	Exec string `required:"" placeholder:"FILE" help:"Go's loader for such programs, lib/wasm/wasm_exec.js of the same compiler (go env GOROOT)."`
}

// Run writes one file that holds everything.
func (c *pageCmd) Run(out io.Writer) error {
	wasm, err := os.ReadFile(c.Wasm)
	if err != nil {
		return fmt.Errorf("cannot read the browser program: %w", err)
	}
	loader, err := os.ReadFile(c.Exec)
	if err != nil {
		return fmt.Errorf("cannot read the loader: %w", err)
	}
	b, err := page.Make(wasm, loader)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, b, 0o644); err != nil {
		return fmt.Errorf("cannot write the page: %w", err)
	}
	fmt.Fprintf(out, "%s: %d bytes, of which the program is %d compressed.\n", c.Out, len(b), page.Packed(wasm))
	return nil
}
