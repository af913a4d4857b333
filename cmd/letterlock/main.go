// Command letterlock is all that an operator runs: the carrier of sealed
// messages and the desk that answers governments, together or apart. It wires
// the rooms and decides nothing itself; it contains no code that can read a
// message.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"letterlock/internal/fault"
)

type commands struct {
	Serve   serveCmd      `cmd:"" help:"Run the service. The first start creates keys and prints the links with which people enrol."`
	Config  configCmd     `cmd:"" help:"Show the settings in force; with --help, every setting there is."`
	Ledger  ledgerCmd     `cmd:"" help:"Verify the ledgers, and write openings of them for auditors."`
	Report  reportCmd     `cmd:"" help:"Count, sign and check the transparency report."`
	Site    siteCmd       `cmd:"" help:"Write the public site as files that any web server can deliver."`
	Abuse   abuseCmd      `cmd:"" help:"What people reported: make the key, read, close."`
	Backup  backupCmd     `cmd:"" help:"Write a sealed backup. Mailboxes are left out."`
	Restore restoreCmd    `cmd:"" help:"Bring a backup back into an empty data folder."`
	Lang    langCmd       `cmd:"" help:"Languages of the officers' pages and letters."`
	Sealed  sealedKeysCmd `cmd:"" name:"sealed-keys" help:"Print the public keys of those who sign sealed grants, for whoever must check such a package. They are in no public file."`
	Inspect inspectCmd    `cmd:"" hidden:"" help:"Look into one PDF on standard input, in a process of its own."`
	Picture pictureCmd    `cmd:"" hidden:"" help:"Draw one page of the PDF on standard input, in a process of its own."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		say := fault.Say(err)
		if fault.KindOf(err) == fault.Internal {
			say = err.Error() // the operator's own terminal, not a page
		}
		fmt.Fprintln(os.Stderr, "letterlock:", say)
		os.Exit(1)
	}
}

// exit carries kong's wish to end, which it does after printing help.
type exit int

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	defer func() {
		r := recover()
		code, ok := r.(exit)
		switch {
		case r != nil && !ok:
			panic(r) // a fault of ours must not look like an orderly end
		case code != 0:
			err = fault.New(fault.Invalid, "parse command line", "see 'letterlock --help'")
		}
	}()
	var c commands
	p, err := kong.New(&c, kong.Name("letterlock"), kong.Writers(stdout, stderr),
		kong.Description("A messenger whose operator cannot read what people write, and the desk that answers governments."),
		kong.Exit(func(code int) { panic(exit(code)) }), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(stdout, (*io.Writer)(nil)), kong.BindTo(stdin, (*io.Reader)(nil)))
	if err != nil {
		return err
	}
	k, err := p.Parse(args)
	if err != nil {
		return fault.Wrap(fault.Invalid, "parse command line", err, "%v. See 'letterlock --help'", err)
	}
	return k.Run()
}

// settings are the flags that serve, config, backup and restore share; they
// stand above the configuration file.
type settings struct {
	Config       string `type:"existingfile" help:"Configuration file (TOML). See 'letterlock config --help'."`
	Data         string `help:"Data folder."`
	Listen       string `help:"HOST:PORT to listen on."`
	Role         string `help:"all, carrier or desk."`
	Database     string `help:"Carrier's database, postgres://... or empty for SQLite."`
	DeskDatabase string `help:"Desk's database, never the carrier's."`
	SMS          string `name:"sms" help:"outbox:DIR or webhook:URL."`
	Mail         string `help:"outbox:DIR or smtp://..."`
	Chat         string `help:"Folder of the browser client, to serve it."`
	Demo         bool   `help:"Demo mode: software keys are accepted. Loopback only."`
}

func (s settings) load() (Config, error) {
	c, err := LoadConfig(s.Config)
	if err != nil {
		return Config{}, err
	}
	for to, from := range map[*string]string{&c.Data: s.Data, &c.Listen: s.Listen, &c.Role: s.Role, &c.Database: s.Database,
		&c.DeskDatabase: s.DeskDatabase, &c.SMS: s.SMS, &c.Mail: s.Mail, &c.Chat: s.Chat} {
		if from != "" {
			*to = from
		}
	}
	c.Demo = c.Demo || s.Demo
	return c, c.Finish()
}

type configCmd struct {
	settings
}

// Help is every setting, from the tags of Config.
func (configCmd) Help() string {
	b := bytes.NewBufferString("The settings of the configuration file (TOML), with their defaults:\n\n")
	if err := DocumentConfig(b); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.String()
}

// Run shows the settings in force.
func (c *configCmd) Run(out io.Writer) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	return conf.Print(out)
}
