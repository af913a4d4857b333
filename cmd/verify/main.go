//go:build !js

// Command verify checks what a provider produced, offline: for the officer, the
// prosecution, the defence and the court. It knows the format of a production
// and the provider's public keys; it talks to nobody and must not contain
// anything that could read a message.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, errFails) {
		fmt.Fprintln(os.Stderr, "verify:", err)
		os.Exit(2)
	}
	if err != nil {
		os.Exit(1)
	}
}

type commands struct {
	Keygen   keygenCmd   `cmd:"" help:"Make an officer's key: a file to keep secret, and a public key to give to the provider."`
	Open     openCmd     `cmd:"" help:"Open a sealed package, check everything in it, and extract it."`
	Check    checkCmd    `cmd:"" help:"Check a package, sealed or opened, or a folder it was extracted to."`
	Build    buildCmd    `cmd:"" help:"Look into a program and show that it contains nothing that could read a message."`
	Document documentCmd `cmd:"" help:"Check a document of the public document room against its list and the ledger."`
	History  historyCmd  `cmd:"" help:"Check that a ledger continues a checkpoint that was kept from earlier."`
	Openings openingsCmd `cmd:"" help:"Check openings for an auditor: that each act is in the ledger and is what was recorded, and that none is missing."`
	Page     pageCmd     `cmd:"" help:"Write the verifier as one page that works offline in a browser."`
}

// exit is how kong asks to stop after --help.
type exit int

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	defer func() {
		r := recover()
		code, ok := r.(exit)
		switch {
		case r != nil && !ok: // a fault of ours must not pass for a good package
			err = fmt.Errorf("nothing was checked, this program failed: %v", r)
		case code != 0:
			err = errors.New("wrong use; see --help")
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("verify"),
		kong.Description("Checks productions of a Letterlock provider, offline. Exit code 0: everything holds; 1: something does not; 2: it could not be checked."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(stdout, (*io.Writer)(nil)))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return parsed.Run()
}
