package main

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"letterlock/internal/fault"
	"letterlock/messenger/abuse"
	"letterlock/storage/messengerdb"
)

type abuseCmd struct {
	Key   abuseKeyCmd   `cmd:"" help:"Make the key for reports. Do it on another computer than the server."`
	List  abuseListCmd  `cmd:"" help:"Read the reports that wait. The service may be running."`
	Close abuseCloseCmd `cmd:"" help:"Remove a report that was dealt with, for good."`
}

type abuseKeyCmd struct {
	Out string `required:"" placeholder:"FILE" help:"File for the private key; an existing one is never overwritten."`
}

// Run is the command.
func (k *abuseKeyCmd) Run(out io.Writer) error {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(k.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.Wrap(fault.Invalid, "make a key", err, "%s cannot be written, or is there already", k.Out)
	}
	_, err = fmt.Fprintln(f, base64.StdEncoding.EncodeToString(key.Bytes()))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fault.Wrap(fault.Unavailable, "make a key", err, "%s cannot be written", k.Out)
	}
	fmt.Fprintf(out, "abuse_key = %q\n\nPut this line into the configuration. Keep %s off the server: whoever has it and the database reads what people report.\n",
		base64.StdEncoding.EncodeToString(key.PublicKey().Bytes()), k.Out)
	return nil
}

// readAbuseKey reads the private key.
func readAbuseKey(path string) (*ecdh.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		b, err = base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read key", err, "%s is not a key of 'letterlock abuse key'", path)
	}
	key, err := ecdh.X25519().NewPrivateKey(b)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read key", err, "%s is not a key of 'letterlock abuse key'", path)
	}
	return key, nil
}

// reports opens the carrier's database for one act.
func (s settings) reports(ctx context.Context, f func(*messengerdb.DB) error) (err error) {
	conf, err := s.load()
	if err != nil {
		return err
	}
	if !conf.Carrier() {
		return fault.New(fault.Invalid, "open reports", "reports lie with the carrier: run this where it runs")
	}
	db, err := messengerdb.Open(ctx, base{conf: conf}.database("carrier", conf.Database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return f(db)
}

type abuseListCmd struct {
	settings
	Key  string `required:"" type:"existingfile" placeholder:"FILE" help:"The private key."`
	JSON bool   `name:"json" help:"One JSON object on each line."`
}

type reportJSON struct {
	Report   string          `json:"report"`
	Day      string          `json:"day"`
	Reporter string          `json:"reporter_account,omitempty"` // the server's word
	Text     json.RawMessage `json:"text,omitempty"`             // the reporter's word
	Opens    bool            `json:"opens"`
}

// Run is the command.
func (l *abuseListCmd) Run(ctx context.Context, out io.Writer) error {
	key, err := readAbuseKey(l.Key)
	if err != nil {
		return err
	}
	return l.reports(ctx, func(db *messengerdb.DB) error {
		all, err := abuse.Open(ctx, db, key)
		if err != nil {
			return err
		}
		for _, o := range all {
			if err := l.show(out, o); err != nil {
				return err
			}
		}
		if len(all) == 0 && !l.JSON {
			fmt.Fprintln(out, "No reports wait.")
		}
		return nil
	})
}

func (l *abuseListCmd) show(out io.Writer, o abuse.Opened) error {
	r := reportJSON{Report: o.ID.String(), Day: string(o.Day), Opens: !o.Bad}
	if !o.Reporter.IsZero() {
		r.Reporter = o.Reporter.String()
	}
	if r.Text = o.Text; !json.Valid(o.Text) { // of a program of their own
		r.Text = nil
		if o.Text != nil {
			r.Text, _ = json.Marshal(string(o.Text))
		}
	}
	if l.JSON {
		return json.NewEncoder(out).Encode(r)
	}
	if o.Bad {
		_, err := fmt.Fprintf(out, "%s  %s  does not open with this key, or was not sealed by our program\n", r.Report, r.Day)
		return err
	}
	text, err := json.MarshalIndent(r.Text, "", "  ") // escapes what could move a terminal's cursor
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s  %s  reported by account %s (the server's word). The rest is the reporter's word:\n%s\n", r.Report, r.Day, r.Reporter, harmless(text))
	return err
}

// harmless drops what a terminal would take for orders; JSON has none of it.
func harmless(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, string(b))
}

type abuseCloseCmd struct {
	settings
	ID string `arg:"" help:"The report's number."`
}

// Run is the command.
func (c *abuseCloseCmd) Run(ctx context.Context, out io.Writer) error {
	id, err := abuse.ParseID(c.ID)
	if err != nil {
		return err
	}
	return c.reports(ctx, func(db *messengerdb.DB) error {
		if err := abuse.Close(ctx, db, id); err != nil {
			return err
		}
		fmt.Fprintln(out, "Closed: the report is gone.")
		return nil
	})
}
