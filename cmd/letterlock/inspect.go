package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"letterlock/desk/intake"
	"letterlock/internal/fault"
)

// inspectCmd looks into one PDF. It runs in a process of its own, because a
// PDF from a stranger may crash, loop or eat the memory of whoever reads it.
type inspectCmd struct{}

// Run reads standard input and says in one line what is wrong, if anything is.
func (inspectCmd) Run(in io.Reader, out io.Writer) error {
	if err := confine(); err != nil {
		return fmt.Errorf("confine: %w", err)
	}
	err := intake.InspectPDF(in)
	if fault.Is(err, fault.Invalid) {
		fmt.Fprint(out, fault.Say(err))
		return nil
	}
	return err
}

// inspector runs inspectCmd of this very program.
type inspector struct{}

// inspectTime is the longest a PDF may take to be looked into.
const inspectTime = 15 * time.Second

func (inspector) Inspect(ctx context.Context, pdf io.Reader) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, inspectTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "inspect")
	cmd.Env = []string{"GOMEMLIMIT=512MiB", "GOMAXPROCS=1"}
	var says bytes.Buffer
	cmd.Stdin, cmd.Stdout = pdf, &says
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return fault.Wrap(fault.Invalid, "inspect PDF", err, "this PDF cannot be read within the limits; print it to a new PDF and try again")
	case err != nil:
		return fault.Wrap(fault.Unavailable, "inspect PDF", err, "the file cannot be checked now; nothing was changed; try again")
	case says.Len() > 0:
		return fault.New(fault.Invalid, "inspect PDF", "%s", strings.TrimSpace(says.String()))
	}
	return nil
}
