package bundle_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/internal/testkit"
)

var made = time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)

// key is a provider's; hostile packages below are all properly signed, so that
// nothing but the format's own rules stops them.
var private = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func public() bundle.PublicKey { return bundle.PublicKey(private.Public().(ed25519.PublicKey)) }

func manifest(files ...bundle.Entry) bundle.Manifest {
	return bundle.Manifest{Format: bundle.Format, Package: "P-1", Case: "C-1", Provider: "Prov", Created: made, Expires: made.Add(time.Hour),
		TimeZone: "UTC", Key: public(), LedgerKeys: []string{}, SealedTo: "x", Files: files}
}

type file struct{ name, body string }

func entry(f file) bundle.Entry {
	return bundle.Entry{Name: f.name, Size: int64(len(f.body)), SHA256: sha256.Sum256([]byte(f.body))}
}

// archive writes a signed package with these files, whatever they are called.
func archive(t testing.TB, files ...file) []byte {
	var list []bundle.Entry
	for _, f := range files {
		list = append(list, entry(f))
	}
	m := manifest(list...)
	return pack(t, m, files...)
}

func pack(t testing.TB, m bundle.Manifest, files ...file) []byte {
	t.Helper()
	raw, err := bundle.EncodeManifest(&m)
	if err != nil {
		t.Fatal(err)
	}
	return packRaw(t, raw, files...)
}

func packRaw(t testing.TB, raw []byte, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	a := bundle.NewArchive(&b, made)
	all := append([]file{{bundle.ManifestName, string(raw)}, {bundle.SignatureName, string(ed25519.Sign(private, raw))}}, files...)
	for _, f := range all {
		a.File(f.name, int64(len(f.body)), func(w io.Writer) error { _, err := io.WriteString(w, f.body); return err })
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// recorder notes what a reader would have created.
type recorder struct{ names []string }

func (r *recorder) Create(name string, _ int64) (io.WriteCloser, error) {
	r.names = append(r.names, name)
	return discard{io.Discard}, nil
}

type discard struct{ io.Writer }

func (discard) Close() error { return nil }

func verify(b []byte, sink bundle.Sink) *bundle.Report {
	return bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: bundle.Trust{Provider: "Prov", Keys: []bundle.PublicKey{public()}}, Now: made, Sink: sink})
}

func TestNamesThatLeaveTheFolder(t *testing.T) {
	for _, name := range []string{"../evil", "/etc/passwd", "a/../../evil", "..", ".", "", "a//b", "a/b/c", `..\evil`, `C:evil`, "a/", "./a", ".hidden",
		"nul", "NUL.txt", "con", "a/com1.txt", "a\x00b", "a\nb", "ü", "a b", "a/.b", strings.Repeat("a", 100), "manifest.json", "MANIFEST.JSON", "manifest.sig"} {
		sink := &recorder{}
		r := verify(archive(t, file{name, "x"}), sink)
		if r.OK() || r.Manifest != nil {
			t.Errorf("the name %q was accepted", name)
		}
		if len(sink.names) != 0 {
			t.Errorf("the name %q: files were created: %q", name, sink.names)
		}
	}
	for _, name := range []string{"letter.pdf", "grants/000001.cbor", "SHA256SUMS", "a"} {
		if err := bundle.CheckName(name); err != nil {
			t.Errorf("a good name: %v", err)
		}
	}
}

func TestTwoFilesOfOneName(t *testing.T) {
	for _, second := range []string{"a.txt", "A.TXT"} {
		if r := verify(archive(t, file{"a.txt", "1"}, file{second, "2"}), nil); r.OK() || r.Manifest != nil {
			t.Errorf("%q beside a.txt was accepted", second)
		}
	}
}

func TestSizesThatCannotBe(t *testing.T) {
	for _, size := range []int64{-1, 1 << 62, bundle.MaxFile + 1} {
		e := entry(file{"a.txt", "x"})
		e.Size = size
		if r := verify(pack(t, manifest(e), file{"a.txt", "x"}), nil); r.OK() || r.Manifest != nil {
			t.Errorf("a size of %d was accepted", size)
		}
	}
	// A size that is allowed but not there: nothing is allocated for it.
	e := entry(file{"a.txt", "x"})
	e.Size = bundle.MaxFile
	if r := verify(pack(t, manifest(e), file{"a.txt", "x"}), nil); r.OK() {
		t.Error("a file that is not there was accepted")
	}
	// A first header that promises a manifest beyond the limit.
	h := bundle.Header(bundle.ManifestName, bundle.MaxManifest+1, made)
	if r := verify(h[:], nil); r.OK() || !strings.Contains(r.Lines[0].Text, "out of bounds") {
		t.Errorf("a huge manifest: %+v", r.Lines)
	}
	// One within it that does not come: memory follows what is there.
	h = bundle.Header(bundle.ManifestName, bundle.MaxManifest, made)
	if n := testing.AllocsPerRun(1, func() { verify(h[:], nil) }); n > 200 {
		t.Errorf("%v allocations for a manifest that never comes", n)
	}
}

func TestOneFormOnly(t *testing.T) {
	m := manifest(entry(file{"a.txt", "x"}))
	raw, err := bundle.EncodeManifest(&m)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"a member twice":        {`"case": "C-1"`, `"case": "C-0", "case": "C-1"`},
		"another spelling":      {`"case"`, `"Case"`},
		"another space":         {`"case": "C-1"`, `"case":  "C-1"`},
		"an unknown member":     {`"case": "C-1"`, `"x": 1, "case": "C-1"`},
		"a time with an offset": {`T14:30:00Z`, `T16:30:00+02:00`},
		"a later format":        {`production 1`, `production 2`},
		"upper-case hash":       {`"sha256": "2d`, `"sha256": "2D`},
		"another time zone":     {`"UTC"`, `"CET"`},
		"no case":               {`"C-1"`, `""`},
	} {
		if !bytes.Contains(raw, []byte(change[0])) {
			t.Errorf("%s: the test changes nothing", name)
		}
		bad := bytes.Replace(raw, []byte(change[0]), []byte(change[1]), 1)
		if r := verify(packRaw(t, bad, file{"a.txt", "x"}), nil); r.OK() || r.Manifest != nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if r := verify(packRaw(t, append(raw, "{}"...), file{"a.txt", "x"}), nil); r.Manifest != nil {
		t.Error("a second value was accepted")
	}
}

func TestFilesThatAreNotTheSignedOnes(t *testing.T) {
	m := manifest(entry(file{"a.txt", "1"}), entry(file{"b.txt", "2"}))
	for name, files := range map[string][]file{
		"another body":    {{"a.txt", "9"}, {"b.txt", "2"}},
		"another order":   {{"b.txt", "2"}, {"a.txt", "1"}},
		"one missing":     {{"a.txt", "1"}},
		"one more":        {{"a.txt", "1"}, {"b.txt", "2"}, {"c.txt", "3"}},
		"another name":    {{"a.txt", "1"}, {"c.txt", "2"}},
		"a longer body":   {{"a.txt", "11"}, {"b.txt", "2"}},
		"one before them": {{"c.txt", "3"}, {"a.txt", "1"}, {"b.txt", "2"}},
	} {
		if r := verify(pack(t, m, files...), nil); r.OK() {
			t.Errorf("%s: everything holds", name)
		}
	}
}

func TestOtherProgramsReadTheArchive(t *testing.T) {
	tar := testkit.Program(t, "tar")
	b := archive(t, file{"letter.pdf", "a letter"}, file{"grants/000001.cbor", strings.Repeat("g", 1000)})
	dir := t.TempDir()
	cmd := exec.Command(tar, "-x", "-C", dir)
	cmd.Stdin = bytes.NewReader(b)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "grants", "000001.cbor"))
	if err != nil || len(got) != 1000 {
		t.Errorf("extracted %d bytes: %v", len(got), err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, body string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := manifest(entry(file{"a.txt", "1"}), entry(file{"b.txt", "22"}))
	raw, err := bundle.EncodeManifest(&m)
	if err != nil {
		t.Fatal(err)
	}
	write(bundle.ManifestName, string(raw))
	write(bundle.SignatureName, string(ed25519.Sign(private, raw)))
	check := func() (bool, []string, string) {
		t.Helper()
		in, strangers, err := bundle.Folder(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		r := bundle.Verify(in, bundle.Options{Trust: bundle.Trust{Provider: "Prov", Keys: []bundle.PublicKey{public()}}, Now: made})
		for _, l := range r.Lines {
			if l.Check == "files" {
				return l.State == bundle.Holds, strangers, l.Text
			}
		}
		return false, strangers, fmt.Sprint(r.Lines)
	}
	write("a.txt", "1")
	if ok, _, text := check(); ok || !strings.Contains(text, "missing") {
		t.Errorf("a missing file: %s", text)
	}
	write("b.txt", "22")
	if ok, strangers, text := check(); !ok || len(strangers) != 0 {
		t.Errorf("a good folder: %s %q", text, strangers)
	}
	write("b.txt", "23")
	if ok, _, text := check(); ok {
		t.Errorf("a changed file: %s", text)
	}
	write("b.txt", "222")
	if ok, _, text := check(); ok || !strings.Contains(text, "3 bytes instead of 2") {
		t.Errorf("a longer file: %s", text)
	}
	write("b.txt", "22")
	write("c.txt", "3")
	if _, strangers, _ := check(); len(strangers) != 1 || strangers[0] != "c.txt" {
		t.Errorf("strangers %q", strangers)
	}
}

func TestTrust(t *testing.T) {
	key, err := public().MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	good := fmt.Sprintf(`{"provider":"Prov","production_keys":[%q],"ledger_keys":[],"release_keys":[]}`, key)
	if k, err := bundle.ParseTrust([]byte(good)); err != nil || !k.Trusts(public()) {
		t.Errorf("a good key file: %v", err)
	}
	carrier := `{"provider":"Prov","production_keys":null,"ledger_keys":["x"],"release_keys":[]}`
	if k, err := bundle.ParseTrust([]byte(carrier + "\n" + good)); err != nil || !k.Trusts(public()) || len(k.Ledgers) != 1 {
		t.Errorf("the files of two halves: %v", err)
	}
	for _, bad := range []string{"", "{}", carrier, good + strings.Replace(carrier, "Prov", "Other", 1), good + "x", strings.Replace(good, "Prov", "", 1), strings.Replace(good, "provider", "maker", 1),
		strings.Replace(good, string(key), "AAAA", 1), `{"provider":"Prov","production_keys":[]}`} {
		if _, err := bundle.ParseTrust([]byte(bad)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(archive(f, file{"a.txt", "1"}))
	f.Add(archive(f, file{"records.json", `{"head":{"format":"letterlock records 1","package":"P-1","case":"C-1","time_zone":"UTC"},"records":[],"count":0}`},
		file{"grant.cbor", "x"}, file{"grant-signatures.cbor", "y"}, file{"ledger-proof.json", `{"format":"letterlock ledger proofs 1","proofs":[]}`}))
	f.Add([]byte(bundle.Intro))
	f.Fuzz(func(t *testing.T, b []byte) {
		sink := &recorder{}
		r := verify(b, sink)
		if r.OK() && !bytes.Contains(b, []byte(bundle.Format)) {
			t.Error("bytes that name no format hold")
		}
		for _, n := range sink.names {
			if n != bundle.ManifestName && n != bundle.SignatureName && bundle.CheckName(n) != nil {
				t.Errorf("would create %q", n)
			}
		}
		if len(r.Lines) == 0 {
			t.Error("the report says nothing")
		}
	})
}

func FuzzManifest(f *testing.F) {
	m := manifest(entry(file{"a.txt", "1"}))
	raw, err := bundle.EncodeManifest(&m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := bundle.ParseManifest(b)
		if err != nil {
			if m != nil {
				t.Error("an error and a manifest")
			}
			return
		}
		again, err := bundle.EncodeManifest(m)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("read and written it is other bytes: %v", err)
		}
	})
}

// FuzzInside signs whatever comes: the files that are looked into must hold on
// their own.
func FuzzInside(f *testing.F) {
	f.Add([]byte(`{"head":{"format":"letterlock records 1","package":"P-1","case":"C-1","time_zone":"UTC","collected":""},"records":[`+
		`{"account":"6ab3311b-fe7c-52d9-3098-e661558a14c2","asked":"+1","field":"name","title":"Name","class":"BSI","value":"v"}],"count":1}`),
		[]byte(`{"format":"letterlock ledger proofs 1","proofs":[{"about":"a","ledger":"l","leaf":0,"leaves":1,"kind":"k","case":"C-1","happened":"2026-11-20T14:30:00Z","recorded":"2026-11-20T14:30:00Z","checkpoint":"x","proof":"AAAA"}]}`),
		[]byte("grant"), []byte("signatures"))
	f.Fuzz(func(t *testing.T, records, proofs, grant, sigs []byte) {
		files := []file{{"grant.cbor", string(grant)}, {"grant-signatures.cbor", string(sigs)}, {bundle.ProofName, string(proofs)}, {bundle.RecordsJSON, string(records)}}
		m := manifest(entry(files[0]), entry(files[1]), entry(files[2]), entry(files[3]))
		m.Records = 1
		if r := verify(pack(t, m, files...), nil); r.OK() {
			t.Errorf("a grant that nobody signed holds: %+v", r.Lines)
		}
	})
}
