package desk

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
)

// Outbox writes each mail as a file: for the demo and for tests.
type Outbox struct {
	Dir   string
	From  string
	Clock clock.Clock
}

// Send is casefile.Mailer's.
func (o Outbox) Send(_ context.Context, m casefile.Mail) error {
	b, err := message(o.From, m, o.Clock.Now())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	name := o.Clock.Now().Format("20060102-150405.000000") + "-" + casefile.NewID()[:8] + ".eml"
	if err := os.WriteFile(filepath.Join(o.Dir, name), b, 0o600); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	return nil
}

// SMTP sends through a mail server, with STARTTLS where it is offered and a
// password only over TLS.
type SMTP struct {
	Server   string // host:port
	From     string
	User     string
	Password func() string // read when needed; never printed
	Clock    clock.Clock
}

// Send is casefile.Mailer's.
func (s SMTP) Send(_ context.Context, m casefile.Mail) error {
	b, err := message(s.From, m, s.Clock.Now())
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(s.Server)
	if err != nil {
		return fmt.Errorf("mail server address: %w", err)
	}
	var auth smtp.Auth
	if s.User != "" {
		auth = smtp.PlainAuth("", s.User, s.Password(), host)
	}
	if err := smtp.SendMail(s.Server, auth, s.From, []string{m.To}, b); err != nil {
		return fault.Wrap(fault.Unavailable, "send mail", err, "the mail could not be sent; try again later")
	}
	return nil
}

// message writes a mail; a line break in a header would add headers.
func message(from string, m casefile.Mail, at time.Time) ([]byte, error) {
	if strings.ContainsAny(m.To+m.Subject+from, "\r\n") || !strings.Contains(m.To, "@") {
		return nil, fault.New(fault.Invalid, "write mail", "this is not a mail address")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\n", from, m.To, mime.QEncoding.Encode("utf-8", m.Subject), at.UTC().Format(time.RFC1123Z))
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n")
	b.WriteString(strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n") + "\r\n")
	return b.Bytes(), nil
}
