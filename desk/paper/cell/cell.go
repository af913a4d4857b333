// Package cell is where a stranger's file is handled: a process of its own that
// has given up network, files, other programs and all but a little memory and
// time. It knows how to enter such a process from inside and how to run one
// from outside, and nothing of what is handled there.
package cell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Limits bound a process from inside.
type Limits struct {
	Memory uint64        // bytes of address space
	CPU    time.Duration // of a processor, in whole seconds
}

// Paper is enough for one paper of the largest size that is taken, and for
// nothing much beyond.
var Paper = Limits{Memory: 2 << 30, CPU: 10 * time.Second}

// Job is one run of a cell.
type Job struct {
	Program string
	Args    []string
	Env     []string
	Wall    time.Duration // the longest it may take
	Out     int64         // the most it may say, in bytes
}

// The ways in which a run fails, besides not starting.
var (
	ErrTime  = errors.New("it took longer than it may")
	ErrOut   = errors.New("it said more than it may")
	ErrEnded = errors.New("it broke down or was ended")
)

// Run runs the job with in as its standard input and returns what it said. The
// process sees no environment but the job's own.
func Run(ctx context.Context, j Job, in io.Reader) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, j.Wall)
	defer cancel()
	cmd := exec.CommandContext(ctx, j.Program, j.Args...)
	cmd.Env = append([]string{"GOMAXPROCS=2", "GOMEMLIMIT=768MiB", "GOTRACEBACK=none"}, j.Env...)
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	var says bytes.Buffer
	out := &bounded{to: &says, left: j.Out, over: cancel}
	complaint := &bounded{to: new(bytes.Buffer), left: 4 << 10, over: func() {}}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, complaint
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case out.broke:
		return nil, ErrOut
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, ErrTime
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &ended):
		return nil, fmt.Errorf("%w: %s: %s", ErrEnded, ended, firstLine(complaint.to.String()))
	case err != nil:
		return nil, fmt.Errorf("run cell: %w", err)
	}
	return says.Bytes(), nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// bounded takes so many bytes and then reports that there were more.
type bounded struct {
	to    *bytes.Buffer
	left  int64
	broke bool
	over  func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if int64(len(p)) > b.left {
		b.to.Write(p[:b.left])
		b.left, b.broke = 0, true
		b.over()
		return len(p), nil
	}
	b.left -= int64(len(p))
	return b.to.Write(p)
}
