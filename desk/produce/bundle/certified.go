package bundle

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"
)

// WriteCertified writes a certified package as it is before it is sealed once
// more: the certificate's files, and the sealed package that it is about.
func WriteCertified(w io.Writer, c *Certificate, f CertificateFiles, sealed func(io.Writer) error) error {
	a := NewArchive(w, c.made())
	for _, x := range []struct {
		name string
		body []byte
	}{{CertificateName, f.JSON}, {CertificateSig, f.Sig}, {CertificatePDF, f.PDF}} {
		a.File(x.name, int64(len(x.body)), func(w io.Writer) error { _, err := w.Write(x.body); return err })
	}
	a.File(SealedName, c.Statement.Size, sealed)
	return a.Close()
}

// Opened reports bytes that begin as a package does whose outer seal is open:
// either the files themselves, or a certificate around a package that is still
// sealed.
func Opened(begin []byte) (opened, certified bool) {
	certified = begins(begin, CertificateName)
	return certified || begins(begin, ManifestName), certified
}

func begins(b []byte, name string) bool {
	return len(b) > len(name) && string(b[:len(name)+1]) == name+"\x00"
}

// verifyOpened goes on with what a seal held: a package, or a certificate
// around a sealed one.
func verifyOpened(in io.Reader, ids []age.Identity, o Options, report *Report) *Report {
	b := bufio.NewReader(in)
	begin, _ := b.Peek(len(CertificateName) + 1)
	if _, certified := Opened(begin); certified {
		return verifyCertified(b, ids, o, report)
	}
	return verify(b, o, report)
}

// verifyCertified reads a certificate, then the sealed package that it is
// about, and wants nothing else to be there.
func verifyCertified(in io.Reader, ids []age.Identity, o Options, report *Report) *Report {
	r := &reader{in: in, report: report, sink: o.Sink}
	c, files, err := r.certificate()
	if err != nil {
		report.fails("certificate", fmt.Sprintf("The certificate cannot be accepted: %s.", explain(err)))
		report.note("rest", "Because of this the rest was not checked.")
		return report
	}
	o.Certificate = files
	if err := r.header(SealedName, c.Statement.Size, c.made()); err != nil {
		report.fails("certificate", fmt.Sprintf("The sealed package cannot be found: %s.", explain(err)))
		return report
	}
	h := sha256.New()
	body := io.TeeReader(io.LimitReader(in, c.Statement.Size), h)
	inner := decrypted(body, ids, report, "The package inside the certificate opens with your key.")
	if inner == nil {
		return report
	}
	verify(inner, o, report)
	if err := r.closes(body, h.Sum(nil), c); err != nil {
		report.fails("certificate", fmt.Sprintf("The sealed package is not the one that was certified: %s.", explain(err)))
	}
	return report
}

// certificate reads the three files of the certificate and hands them on.
func (r *reader) certificate() (*Certificate, *CertificateFiles, error) {
	raw, header, err := r.first(CertificateName, maxCertificate)
	if err != nil {
		return nil, nil, err
	}
	c, err := ParseCertificate(raw)
	if err != nil {
		return nil, nil, err
	}
	if header != Header(CertificateName, int64(len(raw)), c.made()) {
		return nil, nil, errors.New("the package does not begin as it calls for")
	}
	f := &CertificateFiles{JSON: raw}
	if f.Sig, err = r.body(CertificateSig, ed25519.SignatureSize, c.made()); err != nil {
		return nil, nil, err
	}
	if f.PDF, err = r.body(CertificatePDF, c.PDF.Size, c.made()); err != nil {
		return nil, nil, err
	}
	if _, err = f.open(); err != nil {
		return nil, nil, err
	}
	return c, f, errors.Join(r.pass(CertificateName, f.JSON), r.pass(CertificateSig, f.Sig), r.pass(CertificatePDF, f.PDF))
}

// closes reads what is left of the sealed package and wants the end after it.
func (r *reader) closes(rest io.Reader, sum []byte, c *Certificate) error {
	n, err := io.Copy(io.Discard, rest)
	switch {
	case err != nil:
		return err
	case n != 0:
		return errors.New("there is more of it than its seal covers")
	case Digest(sum) != c.Statement.Sealed:
		return errors.New("its SHA-256 is another one")
	}
	if err := r.zeros(Padding(c.Statement.Size)); err != nil {
		return err
	}
	return r.end()
}

// FolderCertificate reads the certificate of a package that was extracted to a
// folder; nil: there is none. The sealed package is not there any more: that
// its bytes are the certified ones was checked when it was opened, and the
// manifest's hash says the same of what it held.
func FolderCertificate(f fs.FS) (*CertificateFiles, error) {
	var out CertificateFiles
	for _, x := range []struct {
		name string
		into *[]byte
	}{{CertificateName, &out.JSON}, {CertificateSig, &out.Sig}, {CertificatePDF, &out.PDF}} {
		b, err := fs.ReadFile(f, x.name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // one that lacks a file does not hold
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", x.name, err)
		}
		*x.into = b
	}
	if out.JSON == nil && out.Sig == nil && out.PDF == nil {
		return nil, nil
	}
	return &out, nil
}
