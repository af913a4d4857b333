package bundle

import (
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
)

// Options are what a check is given besides the package.
type Options struct {
	Trust Trust
	// Unknown lets a check go on without a key file: who signed is then a
	// note and no failure.
	Unknown bool
	Now     time.Time
	Sink    Sink // nil: nothing is kept
	// Certificate is that of a package which lies in a folder; nil: none.
	Certificate *CertificateFiles
	// Identities open the package inside a certified one whose own seal was
	// opened already.
	Identities []age.Identity
}

// Intro is how a sealed package begins.
const Intro = "age-encryption.org/v1\n"

// VerifySealed opens a sealed package and checks everything in it.
func VerifySealed(in io.Reader, identities []age.Identity, o Options) *Report {
	report := &Report{Lines: []Line{}}
	if opened := decrypted(in, identities, report, "The package opens with your key."); opened != nil {
		verifyOpened(opened, identities, o, report)
	}
	return report
}

// decrypted opens a seal, or says why it does not open and returns nil.
func decrypted(in io.Reader, identities []age.Identity, report *Report, opens string) io.Reader {
	if len(identities) == 0 {
		report.fails("seal", "The package is sealed: its key or passphrase is needed to look into it.")
		return nil
	}
	opened, err := age.Decrypt(in, identities...)
	var nobody *age.NoIdentityMatchError
	switch {
	case errors.As(err, &nobody):
		report.fails("seal", "The key or passphrase does not open this package: it was sealed to someone else, or mistyped.")
		return nil
	case err != nil:
		report.fails("seal", fmt.Sprintf("The seal is damaged: %s.", err))
		return nil
	}
	report.holds("seal", opens)
	return opened
}

// Verify checks an opened package: the archive as it was before sealing. It
// reads all of in, once, and never more than its manifest allows.
func Verify(in io.Reader, o Options) *Report {
	return verifyOpened(in, o.Identities, o, &Report{Lines: []Line{}})
}

func verify(in io.Reader, o Options, report *Report) *Report {
	inside := &inside{report: report, trust: o.Trust}
	r := &reader{in: in, report: report, sink: o.Sink, inside: inside, unknown: o.Unknown}
	whole := r.walk(o.Trust)
	inside.close()
	if !whole {
		report.note("rest", "Because of this the rest was not checked.")
		return report
	}
	inside.judge()
	judgeCertificate(report, o.Certificate, o.Trust)
	expiry(report, o.Now)
	return report
}

// expiry tells whether the download is over. A package is evidence for longer
// than that, so it is a note.
func expiry(report *Report, now time.Time) {
	m := report.Manifest
	if now.IsZero() {
		return
	}
	if m.Created.After(now.Add(24 * time.Hour)) {
		report.fails("time", fmt.Sprintf("It says it was made on %s, which is still to come by this machine's clock.", day(m.Created)))
	}
	if now.After(m.Expires) {
		report.note("expiry", fmt.Sprintf("The download expired on %s: the provider has destroyed its copy. This does not weaken the package.", day(m.Expires)))
		return
	}
	report.note("expiry", fmt.Sprintf("Made on %s; the download ends on %s.", day(m.Created), day(m.Expires)))
}

// both writes to two places and closes one.
type both struct {
	io.Writer
	io.Closer
}

type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Close() error                { return nil }
