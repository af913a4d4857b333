package produce

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
)

// Certified is what the desk keeps of a package that went out with a
// certificate.
type Certified struct {
	Sealed bundle.Digest // SHA-256 of the sealed file
	Size   int64
}

// Certify writes the sealed package with its certificate around it, and closes
// both to whom the package is for. Nobody needs to open the package for that.
// What the certificate says is the custodian's; here it is checked once more
// that it is theirs.
func (p *Packer) Certify(w io.Writer, c bundle.Certificate, sealed func(io.Writer) error, to Seal) (Certified, error) {
	paper, err := p.certificatePDF(c)
	if err != nil {
		return Certified{}, err
	}
	c.Format, c.Key = bundle.CertificateFormat, p.Key.Public()
	c.PDF = bundle.Entry{Name: bundle.CertificatePDF, Size: int64(len(paper)), SHA256: sha256.Sum256(paper)}
	raw, err := c.Encode()
	if err != nil {
		return Certified{}, err
	}
	read, err := bundle.ParseCertificate(raw)
	if err != nil {
		return Certified{}, fmt.Errorf("the certificate would not be accepted by a reader: %w", err)
	}
	out := &measure{w: w, hash: sha256.New()}
	closed, err := age.Encrypt(out, to.recipient)
	if err != nil {
		return Certified{}, fmt.Errorf("seal package: %w", err)
	}
	if err := bundle.WriteCertified(closed, read, bundle.CertificateFiles{JSON: raw, Sig: p.Key.sign(raw), PDF: paper}, sealed); err != nil {
		return Certified{}, fmt.Errorf("write the certified package: %w", err)
	}
	if err := closed.Close(); err != nil {
		return Certified{}, fmt.Errorf("seal package: %w", err)
	}
	return Certified{Sealed: bundle.Digest(out.hash.Sum(nil)), Size: out.size}, nil
}

// certificatePDF sets the text that was signed, word for word, and what a
// reader needs to find the signature.
func (p *Packer) certificatePDF(c bundle.Certificate) ([]byte, error) {
	s := c.Statement
	d := p.document(Input{Provider: Provider{Name: s.Provider}, Case: s.Case, Package: s.Package, Created: s.Signed}, "Certificate of the custodian of records, case "+s.Case)
	parts := strings.Split(strings.TrimSpace(c.Text), "\n\n")
	for i, part := range parts {
		lines := strings.Split(part, "\n")
		switch {
		case i == 0:
			d.Heading(1, plain(lines[0]), titleStyle)
			d.Paragraph(join(lines[1:]), bodyStyle)
		case i == 1:
			d.Facts(0.3, factName, factValue, facts(lines))
		default:
			d.Paragraph(plain(lines[0]), bodyStyle)
			for _, l := range lines[1:] {
				d.Paragraph(plain(l), smallCode)
			}
			if len(lines) > 1 {
				d.Space(6)
			}
		}
	}
	d.Space(8)
	d.Rule(0.6, 0)
	d.Space(8)
	key := sha256.Sum256(c.Signer.Public)
	d.Facts(0.3, factName, factValue, [][2]string{
		{"Signed by", plain(s.Custodian) + ", " + plain(s.Title)},
		{"On", s.Signed.UTC().Format("2 January 2006, 15:04:05 UTC")},
		{"With", "a passkey of " + plain(c.Signer.RPID) + demoWord(c.Signer.Demo)},
		{"Public key, SHA-256", fmt.Sprintf("%x", key)},
	})
	d.Paragraph("The signature is electronic. It lies in "+bundle.CertificateName+" beside the exact text; the program “verify” and the offline page check both. This page shows the same words and is no signature by itself.", pdf.Style{Cut: pdf.SerifItalic, Size: 9, Gray: 0.3})
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("set %s: %w", bundle.CertificatePDF, err)
	}
	return b.Bytes(), nil
}

func join(all []string) string { return lines(all...) }

func facts(lines []string) (out [][2]string) {
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		out = append(out, [2]string{plain(name), plain(value)})
	}
	return out
}

func demoWord(demo bool) string {
	if demo {
		return " (DEMO key)"
	}
	return ""
}
