package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ParseManifest reads a manifest. Its bytes must be exactly what EncodeManifest
// writes for it, so that the eye and the program see the same thing.
func ParseManifest(b []byte) (*Manifest, error) {
	if len(b) > MaxManifest {
		return nil, errors.New("the manifest is larger than any package needs")
	}
	var m Manifest
	if err := strict(b, &m); err != nil {
		return nil, fmt.Errorf("the manifest is %w", err)
	}
	m.Created, m.Expires = m.Created.UTC(), m.Expires.UTC()
	again, err := EncodeManifest(&m)
	if err != nil || !bytes.Equal(again, b) {
		return nil, errors.New("the manifest is not written in its one form")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return &m, nil
}

// EncodeManifest writes a manifest in its one form.
func EncodeManifest(m *Manifest) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return buf.Bytes(), nil
}

// Sink takes the files as they are read. Create is called only for a name and
// size that a signed manifest gives; Done says whether all of them held.
type Sink interface {
	Create(name string, size int64) (io.WriteCloser, error)
}

// reader walks an opened package and reports.
type reader struct {
	in     io.Reader
	report *Report
	sink   Sink
	inside *inside
	// unknown: go on without a key file of the provider
	unknown bool
}

// walk reads the whole archive. It returns false when it had to stop.
func (r *reader) walk(trust Trust) bool {
	manifest, ok := r.manifest(trust)
	if !ok {
		return false
	}
	good := true
	for _, e := range r.report.Manifest.Files {
		same, err := r.file(e)
		if err != nil {
			r.report.fails("files", fmt.Sprintf("%s cannot be read: %s.", e.Name, explain(err)))
			return false
		}
		if !same {
			r.report.fails("files", fmt.Sprintf("%s is not the file that was signed: its SHA-256 differs from the manifest's.", e.Name))
			good = false
		}
	}
	if err := r.end(); err != nil {
		r.report.fails("files", fmt.Sprintf("The package does not end where its manifest says: %s.", explain(err)))
		return false
	}
	if good {
		r.report.holds("files", fmt.Sprintf("All %d files are here, whole, and no other: each has the size and the SHA-256 that the signed manifest gives.", len(manifest.Files)))
	}
	return good
}

// manifest reads the first two files and judges the signature before anything
// the manifest says is used.
func (r *reader) manifest(trust Trust) (*Manifest, bool) {
	raw, header, err := r.first(ManifestName, MaxManifest)
	if err != nil {
		r.report.fails("format", fmt.Sprintf("This is not a package that can be read: %s.", explain(err)))
		return nil, false
	}
	m, err := ParseManifest(raw)
	if err != nil {
		r.report.fails("format", fmt.Sprintf("The manifest cannot be accepted: %s.", err))
		return nil, false
	}
	if header != Header(ManifestName, int64(len(raw)), m.Created) {
		r.report.fails("format", "The beginning of the package is not what its manifest calls for.")
		return nil, false
	}
	sig, err := r.body(SignatureName, ed25519.SignatureSize, m.Created)
	if err != nil {
		r.report.fails("signature", fmt.Sprintf("The signature cannot be read: %s.", explain(err)))
		return nil, false
	}
	if !m.Key.Verify(raw, sig) {
		r.report.fails("signature", "The signature does not fit the manifest: it was changed after signing, or never signed.")
		return nil, false
	}
	r.report.Manifest, r.report.manifest = m, sha256.Sum256(raw)
	r.report.holds("signature", fmt.Sprintf("The manifest is signed, unchanged, with production key %s.", m.Key.ID()))
	if err := r.pass(ManifestName, raw); err != nil {
		r.report.fails("files", err.Error())
		return nil, false
	}
	if err := r.pass(SignatureName, sig); err != nil {
		r.report.fails("files", err.Error())
		return nil, false
	}
	return m, judgeKey(r.report, m, trust, r.unknown)
}

// judgeKey asks whether the key in the manifest is the provider's. What was
// signed by a stranger is not looked at further.
func judgeKey(report *Report, m *Manifest, trust Trust, unknown bool) bool {
	switch {
	case len(trust.Keys) == 0 && unknown:
		report.note("provider", fmt.Sprintf("Who signed is not shown: no key file of the provider was given. The package says %q; compare its key %s with the one the provider publishes.", m.Provider, m.Key.ID()))
		return true
	case len(trust.Keys) == 0:
		report.fails("provider", fmt.Sprintf("Who signed is not shown: no key file of the provider was given. The package says %q, with key %s.", m.Provider, m.Key.ID()))
	case !trust.Trusts(m.Key):
		report.fails("provider", fmt.Sprintf("The signing key %s is not one of %s.", m.Key.ID(), trust.Provider))
	case m.Provider != trust.Provider:
		report.fails("provider", fmt.Sprintf("The package names %q as its maker, and the key belongs to %q.", m.Provider, trust.Provider))
	default:
		report.holds("provider", fmt.Sprintf("The key is one of %s, by the key file given.", trust.Provider))
		return true
	}
	return false
}

// first reads the file that begins an archive, whose size only its own header
// tells.
func (r *reader) first(name string, most int64) ([]byte, [Block]byte, error) {
	var header [Block]byte
	if _, err := io.ReadFull(r.in, header[:]); err != nil {
		return nil, header, err
	}
	if !begins(header[:], name) {
		return nil, header, fmt.Errorf("it does not begin with %s", name)
	}
	var size int64
	if _, err := fmt.Sscanf(string(header[124:135]), "%o", &size); err != nil || size < 0 || size > most {
		return nil, header, fmt.Errorf("the size of its %s is out of bounds", name)
	}
	raw, err := io.ReadAll(io.LimitReader(r.in, size))
	if err != nil {
		return nil, header, err
	}
	if int64(len(raw)) != size {
		return nil, header, io.ErrUnexpectedEOF
	}
	return raw, header, r.zeros(Padding(size))
}

// body reads a small file of known size whole.
func (r *reader) body(name string, size int64, made time.Time) ([]byte, error) {
	if err := r.header(name, size, made); err != nil {
		return nil, err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r.in, b); err != nil {
		return nil, err
	}
	return b, r.zeros(Padding(size))
}

// file reads one file of the manifest and says whether its hash is the signed
// one.
func (r *reader) file(e Entry) (bool, error) {
	if err := r.header(e.Name, e.Size, r.report.Manifest.Created); err != nil {
		return false, err
	}
	out, err := r.open(e)
	if err != nil {
		return false, err
	}
	h := sha256.New()
	_, err = io.CopyN(io.MultiWriter(h, out), r.in, e.Size)
	if shut := out.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return false, err
	}
	return Digest(h.Sum(nil)) == e.SHA256, r.zeros(Padding(e.Size))
}

func (r *reader) open(e Entry) (io.WriteCloser, error) {
	var out io.WriteCloser = nowhere{}
	if r.sink != nil {
		var err error
		if out, err = r.sink.Create(e.Name, e.Size); err != nil {
			return nil, err
		}
	}
	if look := r.inside.look(e); look != nil {
		return both{io.MultiWriter(out, look), out}, nil
	}
	return out, nil
}

// pass hands a file that is already in memory to the sink.
func (r *reader) pass(name string, b []byte) error {
	if r.sink == nil {
		return nil
	}
	out, err := r.sink.Create(name, int64(len(b)))
	if err != nil {
		return err
	}
	_, err = out.Write(b)
	return errors.Join(err, out.Close())
}

func (r *reader) header(name string, size int64, made time.Time) error {
	want := Header(name, size, made)
	var got [Block]byte
	if _, err := io.ReadFull(r.in, got[:]); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("where %s should begin there is something else", name)
	}
	return nil
}

func (r *reader) zeros(n int) error {
	var got [Trailer]byte
	if _, err := io.ReadFull(r.in, got[:n]); err != nil {
		return err
	}
	if slices.ContainsFunc(got[:n], func(b byte) bool { return b != 0 }) {
		return errors.New("there are bytes between the files that were not signed")
	}
	return nil
}

// end wants the closing zeros and then nothing.
func (r *reader) end() error {
	if err := r.zeros(Trailer); err != nil {
		return err
	}
	var one [1]byte
	n, err := io.ReadFull(r.in, one[:])
	if n != 0 {
		return errors.New("there is more after its end")
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// explain turns a reading error into words.
func explain(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return err.Error()
}
