//go:build !js

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"letterlock/desk/produce/bundle"
)

// errFails ends the program with exit code 1 after a report that says what
// does not hold.
var errFails = errors.New("something does not hold")

// identities reads the key that opens a package.
func identities(identityFile, passphraseFile string) ([]age.Identity, error) {
	switch {
	case identityFile != "" && passphraseFile != "":
		return nil, errors.New("give either --identity or --passphrase-file, not both")
	case identityFile != "":
		f, err := os.Open(identityFile)
		if err != nil {
			return nil, fmt.Errorf("cannot open the identity file: %w", err)
		}
		defer f.Close()
		ids, err := age.ParseIdentities(f)
		if err != nil {
			return nil, fmt.Errorf("%s is not an identity file as \"verify keygen\" writes it", identityFile)
		}
		return ids, nil
	case passphraseFile != "":
		b, err := os.ReadFile(passphraseFile)
		if err != nil {
			return nil, fmt.Errorf("cannot open the passphrase file: %w", err)
		}
		return passphrase(string(b))
	}
	return nil, errors.New("this package is sealed: give --identity FILE or --passphrase-file FILE")
}

// trust reads the provider's key files: those named, or the one pinned in the
// user's configuration.
func trust(files []string) (bundle.Trust, error) {
	if len(files) == 0 {
		dir, err := os.UserConfigDir()
		if err != nil {
			return bundle.Trust{}, nil
		}
		pinned := filepath.Join(dir, "letterlock", "provider.json")
		if _, err := os.Stat(pinned); err != nil {
			return bundle.Trust{}, nil
		}
		files = []string{pinned}
	}
	var all []byte
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return bundle.Trust{}, fmt.Errorf("cannot open the provider's key file: %w", err)
		}
		all = append(append(all, b...), '\n')
	}
	return bundle.ParseTrust(all)
}

// printReport writes the report for people, or as JSON.
func printReport(out io.Writer, r *bundle.Report, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		if err := e.Encode(struct {
			OK bool `json:"ok"`
			*bundle.Report
		}{r.OK(), r}); err != nil {
			return err
		}
		return verdict(r)
	}
	if m := r.Manifest; m != nil {
		fmt.Fprintf(out, "Package %s of %s, case %s", m.Package, m.Provider, m.Case)
		if m.Language != "" {
			fmt.Fprintf(out, ", letter in the language %q", m.Language)
		}
		fmt.Fprint(out, "\n\n")
	}
	for _, l := range r.Lines {
		fmt.Fprintf(out, "%-6s %s\n", map[bundle.State]string{bundle.Holds: "HOLDS", bundle.Fails: "FAILS", bundle.Note: "note"}[l.State], l.Text)
	}
	if r.OK() {
		fmt.Fprintln(out, "\nEverything that was checked holds.")
	} else {
		fmt.Fprintln(out, "\nDo not rely on this: something does not hold.")
	}
	return verdict(r)
}

func verdict(r *bundle.Report) error {
	if r.OK() {
		return nil
	}
	return errFails
}

// staging is a folder beside the one asked for: files appear in their place
// only when everything holds.
type staging struct {
	root *os.Root
	path string
	dir  string
}

func newStaging(dir string) (*staging, error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("refusing to extract: the folder %s is not empty", dir)
	}
	dir = filepath.Clean(dir)
	path, err := os.MkdirTemp(filepath.Dir(dir), ".verify-*")
	if err != nil {
		return nil, fmt.Errorf("cannot make a folder beside %s: %w", dir, err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &staging{root, path, dir}, nil
}

// Create implements bundle.Sink. The name was checked against the format; the
// root keeps it inside in any case.
func (s *staging) Create(name string, _ int64) (io.WriteCloser, error) {
	if folder, _, ok := strings.Cut(name, "/"); ok {
		if err := s.root.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, err
		}
	}
	return s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// keep puts the files in their place.
func (s *staging) keep() error {
	s.root.Close()
	if err := os.Remove(s.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(s.path, s.dir)
}

// drop removes them.
func (s *staging) drop() {
	s.root.Close()
	os.RemoveAll(s.path)
}

// source opens what a person named: a sealed package, an opened one, or a
// folder it was extracted to.
type source struct {
	io.Reader
	io.Closer
	sealed      bool // as a whole
	certified   bool // opened, with a sealed package inside
	certificate *bundle.CertificateFiles
	strangers   []string
}

func openSource(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the package: %w", err)
	}
	if info.IsDir() {
		in, strangers, err := bundle.Folder(os.DirFS(path))
		if err != nil {
			return nil, err
		}
		certificate, err := bundle.FolderCertificate(os.DirFS(path))
		if err != nil {
			in.Close()
			return nil, err
		}
		return &source{Reader: in, Closer: in, strangers: strangers, certificate: certificate}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the package: %w", err)
	}
	intro := make([]byte, len(bundle.Intro))
	n, _ := io.ReadFull(f, intro)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("cannot read the package: %w", err)
	}
	// Whatever does not begin as an opened package counts as sealed: a damaged
	// beginning is then reported as a damaged seal.
	opened, certified := bundle.Opened(intro[:n])
	return &source{Reader: f, Closer: f, sealed: !opened, certified: certified}, nil
}
