//go:build !js

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"letterlock/cmd/verify/inspect"
	"letterlock/internal/testkit"
)

// repository is the root of the source.
const repository = "../.."

// program is the operator's program; while a checkout has none yet, this one
// stands in for it.
func program() string {
	if _, err := os.Stat(filepath.Join(repository, "cmd/letterlock/main.go")); err == nil {
		return "./cmd/letterlock"
	}
	return "./cmd/verify"
}

func build(t testing.TB, dir, target, out string, flags ...string) error {
	t.Helper()
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", out}, flags...)
	cmd := exec.Command("go", append(args, target)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	b, err := cmd.CombinedOutput()
	if err != nil {
		t.Logf("go build %s: %v\n%s", target, err, b)
	}
	return err
}

func TestTheOperatorsProgramHoldsNoReader(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "builds the program")
	}
	bin := filepath.Join(t.TempDir(), "program")
	must(t, build(t, repository, program(), bin))
	w := &world{t: t}
	code, out := w.verify("build", bin)
	if code != 0 || !strings.Contains(out, "HOLDS  No code that could open a message") || !strings.Contains(out, "letterlock/disclosable") {
		t.Errorf("%s: exit %d:\n%s", program(), code, out)
	}
	code, out = w.verify("build", bin, "--sha256", strings.Repeat("0", 64))
	if code != 1 || !strings.Contains(out, "It is not the file with the hash you gave") {
		t.Errorf("another hash: exit %d:\n%s", code, out)
	}
}

// planted is a program that links the protocol behind an operator's face.
const planted = `// Command planted is a program with a reader in it.
package main

import (
	"fmt"
	"os"

	"github.com/cloudflare/circl/kem/kyber/kyber1024"
	"letterlock/signal"
)

func main() {
	if len(os.Args) > 3 {
		pub, _, _ := kyber1024.GenerateKeyPair(nil)
		fmt.Println(pub, signal.GenerateIdentity)
	}
}
`

func TestAPlantedReaderIsFound(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "builds programs")
	}
	dir := t.TempDir()
	source := copySource(t, dir)
	must(t, os.MkdirAll(filepath.Join(source, "cmd/planted"), 0o700))
	reader := planted
	if name := exportedFunc(t, filepath.Join(source, "signal")); name != "" {
		reader = strings.Replace(reader, "signal.GenerateIdentity", "signal."+name, 1)
	}
	must(t, os.WriteFile(filepath.Join(source, "cmd/planted/main.go"), []byte(reader), 0o600))
	bin := filepath.Join(dir, "planted")
	must(t, build(t, source, "./cmd/planted", bin, "-ldflags=-s -w"))
	w := &world{t: t}
	code, out := w.verify("build", bin)
	for _, want := range []string{"It contains letterlock/signal: the Signal protocol", "It contains github.com/cloudflare/circl/kem/kyber/kyber1024"} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q:\n%s", code, want, out)
		}
	}
	// Carried inside another program it is found as well.
	outer := filepath.Join(dir, "outer")
	must(t, build(t, source, "./cmd/verify", outer))
	a, err := os.ReadFile(outer)
	must(t, err)
	b, err := os.ReadFile(bin)
	must(t, err)
	must(t, os.WriteFile(outer, slices.Concat(a, b), 0o600))
	if code, out := w.verify("build", outer); code != 1 || !strings.Contains(out, "It contains letterlock/signal") {
		t.Errorf("a reader inside: exit %d:\n%s", code, out)
	}
	var found inspect.Program
	_, out = w.verify("build", bin, "--json")
	must(t, json.Unmarshal([]byte(out), &found))
	if len(found.Readers) < 2 || found.Main != "letterlock/cmd/planted" || !slices.Contains(found.Packages, "runtime") {
		t.Errorf("as JSON: %+v", found.Readers)
	}
}

// exportedFunc is a plain function of the protocol package, so that the planted
// program goes on compiling when the package's names change.
func exportedFunc(t *testing.T, dir string) string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	must(t, err)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		must(t, err)
		for line := range strings.Lines(string(b)) {
			name, ok := strings.CutPrefix(line, "func ")
			if !ok || name[0] < 'A' || name[0] > 'Z' {
				continue
			}
			name = name[:strings.IndexAny(name, "([")]
			if !strings.Contains(line, name+"[") {
				return name
			}
		}
	}
	return ""
}

func TestPersonsClientIsAReader(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "builds the client")
	}
	bin := filepath.Join(t.TempDir(), "letter")
	must(t, build(t, repository, "./cmd/letter", bin))
	w := &world{t: t}
	if code, out := w.verify("build", bin); code != 1 || !strings.Contains(out, "It contains letterlock/signal") || !strings.Contains(out, "It contains letterlock/client") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

func TestWhatIsNoProgram(t *testing.T) {
	w := &world{t: t}
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	real, err := os.ReadFile(self)
	must(t, err)
	for name, b := range map[string][]byte{"empty": nil, "text": []byte("#!/bin/sh\n"), "cut": real[:len(real)/8],
		"magic": bytes.Repeat([]byte{0xF1, 0xFF, 0xFF, 0xFF, 0, 0, 1, 8}, 1000)} {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, b, 0o600))
		if code, out := w.verify("build", path); code != 1 || !strings.Contains(out, "Nothing is shown about this file") {
			t.Errorf("%s: exit %d:\n%s", name, code, out)
		}
	}
	// A program whose table of functions was overwritten shows nothing either.
	broken := bytes.ReplaceAll(real, []byte{0xF1, 0xFF, 0xFF, 0xFF, 0, 0}, []byte{0xF1, 0xFF, 0xFF, 0xFE, 0, 0})
	path := filepath.Join(dir, "broken")
	must(t, os.WriteFile(path, broken, 0o600))
	if code, out := w.verify("build", path); code != 1 || !strings.Contains(out, "cannot be found") {
		t.Errorf("broken table: exit %d:\n%s", code, out)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte{0xF1, 0xFF, 0xFF, 0xFF, 0, 0, 1, 8})
	f.Add(bytes.Repeat([]byte{0xFF, 0xFF, 0xFF, 0xF1, 0, 0, 4, 4}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := inspect.File(b); err == nil && len(p.Packages) == 0 {
			t.Error("a program without packages")
		}
	})
}

// copySource copies the source without what is not source.
func copySource(t *testing.T, to string) string {
	t.Helper()
	dst := filepath.Join(to, "letterlock-copy")
	err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(repository, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); rel != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "bin" || name == "build") {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(dst, rel), 0o700)
		}
		if !d.Type().IsRegular() || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return copyFile(path, filepath.Join(dst, rel))
	})
	must(t, err)
	return dst
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func TestBuildsInDifferentFoldersAreIdentical(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "builds the program twice")
	}
	dir := t.TempDir()
	source := copySource(t, filepath.Join(dir, "a", "very", "different", "place"))
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	must(t, build(t, repository, program(), one))
	must(t, build(t, source, program(), two))
	a, err := os.ReadFile(one)
	must(t, err)
	b, err := os.ReadFile(two)
	must(t, err)
	if !bytes.Equal(a, b) {
		t.Errorf("%s: two builds of the same source differ (%d and %d bytes)", program(), len(a), len(b))
	}
	for _, place := range []string{dir, repository} {
		abs, err := filepath.Abs(place)
		must(t, err)
		if bytes.Contains(a, []byte(abs)) || bytes.Contains(b, []byte(abs)) {
			t.Errorf("the program knows the folder it was built in")
		}
	}
}
