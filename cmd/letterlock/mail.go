package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// mailer sends plain text by SMTP, or to a folder for a service on one machine.
type mailer interface {
	Mail(ctx context.Context, to, subject, text string) error
}

// newMailer reads the setting: "outbox:DIR" or "smtp://user:password@host:port"
// ("smtps://" for TLS from the start).
func newMailer(setting, from string) (mailer, error) {
	if dir, ok := strings.CutPrefix(setting, "outbox:"); ok {
		return mailFolder(dir), os.MkdirAll(dir, 0o700)
	}
	u, err := url.Parse(setting)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		return nil, fault.New(fault.Invalid, "read mail setting", `mail must be "outbox:DIR" or "smtp://user:password@host:port"`)
	}
	if from == "" {
		return nil, fault.New(fault.Invalid, "read mail setting", "mail_from must name the sender of e-mail")
	}
	o := []mail.Option{mail.WithTLSPolicy(mail.TLSMandatory)}
	if u.Scheme == "smtps" {
		o = []mail.Option{mail.WithSSL()}
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, fault.New(fault.Invalid, "read mail setting", "mail: %q is no port", p)
		}
		o = append(o, mail.WithPort(n))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	c, err := mail.NewClient(u.Hostname(), o...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return smtpMailer{c, from}, nil
}

type smtpMailer struct {
	client *mail.Client
	from   string
}

func (s smtpMailer) Mail(ctx context.Context, to, subject, text string) error {
	m := mail.NewMsg()
	if err := m.From(s.from); err != nil {
		return fmt.Errorf("mail from: %w", err)
	}
	if err := m.To(to); err != nil {
		return fault.Wrap(fault.Invalid, "mail", err, "that is no e-mail address")
	}
	m.Subject(subject)
	m.SetBodyString(mail.TypeTextPlain, text)
	if err := s.client.DialAndSendWithContext(ctx, m); err != nil {
		return fault.Wrap(fault.Unavailable, "mail", err, "the e-mail could not be sent now; try again")
	}
	return nil
}

// mailFolder writes one file per message.
type mailFolder string

func (d mailFolder) Mail(_ context.Context, to, subject, text string) error {
	body := fmt.Sprintf("To: %s\nSubject: %s\n\n%s\n", oneLine(to), oneLine(subject), text)
	tmp, err := os.CreateTemp(string(d), "."+rand.Text())
	if err != nil {
		return fault.Wrap(fault.Unavailable, "mail", err, "the mail folder cannot be written")
	}
	if _, err := tmp.WriteString(body); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(string(d), rand.Text()+".txt"))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// deskMail is the same as the desk's port.
type deskMail struct{ mailer }

func (d deskMail) Send(ctx context.Context, m casefile.Mail) error {
	return d.Mail(ctx, m.To, m.Subject, m.Text)
}
