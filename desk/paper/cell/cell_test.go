package cell_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"letterlock/desk/paper/cell"
	"letterlock/internal/testkit"
)

// probe names what this program shall try in a cell.
const probe = "CELL_PROBE"

// TestMain runs the test program itself as the process in the cell.
func TestMain(m *testing.M) {
	if os.Getenv(probe) == "" {
		os.Exit(m.Run())
	}
	if os.Getenv(probe) == "rules" {
		fmt.Fprintln(os.Stderr, cell.ReadUnderRulesAlone("/etc/passwd"))
		os.Exit(4)
	}
	l := cell.Paper
	if os.Getenv(probe) == "spin" {
		l.CPU = time.Second
	}
	if err := cell.Enter(l); err != nil {
		fmt.Fprintln(os.Stderr, "enter:", err)
		os.Exit(3)
	}
	if err := attempts[os.Getenv(probe)](); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(4)
	}
	os.Exit(0)
}

var attempts = map[string]func() error{
	"echo": func() error { _, err := io.Copy(os.Stdout, os.Stdin); return err },
	"work": work,
	"dial": func() error { _, err := net.Dial("tcp", "127.0.0.1:1"); return err },
	"unix": func() error { _, err := net.Dial("unix", "/run/x.sock"); return err },
	"name": func() error { _, err := net.LookupHost("example.org"); return err },
	"read": func() error { _, err := os.ReadFile("/etc/passwd"); return err },
	"list": func() error { _, err := os.ReadDir("/"); return err },
	"make": func() error { return os.WriteFile("/tmp/letterlock-cell-test", nil, 0o600) },
	"exec": func() error { return exec.Command("/bin/true").Run() },
	"swap": func() error { return syscall.Exec("/bin/true", []string{"true"}, nil) },
	"kill": func() error { return syscall.Kill(os.Getppid(), syscall.SIGUSR1) },
	"code": func() error {
		_, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_EXEC, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		return err
	},
	"grow": grow,
	"spin": func() error {
		for i := 0; ; i++ {
			_ = i
		}
	},
	"wait": func() error { time.Sleep(time.Hour); return nil },
	"talk": func() error {
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<16)); err != nil {
				return err
			}
		}
	},
}

// grow asks for more memory than there is in the cell, and uses it.
func grow() error {
	var all [][]byte
	for range 64 {
		b := make([]byte, 64<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
	return fmt.Errorf("took %d MiB", len(all)*64)
}

// work is what an honest job does: threads, memory, time, input and output.
func work() error {
	done := make(chan int)
	for i := range 8 {
		go func() { time.Sleep(time.Millisecond); done <- len(make([]byte, i<<20)) }()
	}
	for range 8 {
		<-done
	}
	_, err := io.Copy(os.Stdout, os.Stdin)
	return err
}

func try(t *testing.T, what string, wall time.Duration) ([]byte, error) {
	t.Helper()
	if !cell.Whole {
		testkit.Missing(t, "this system has no whole cell: papers are not drawn here (docs/operating.md)")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return cell.Run(t.Context(), cell.Job{Program: self, Env: []string{probe + "=" + what}, Wall: wall, Out: 1 << 20}, strings.NewReader("a paper"))
}

func TestAnHonestJobRunsInACell(t *testing.T) {
	for _, what := range []string{"echo", "work"} {
		got, err := try(t, what, 20*time.Second)
		if err != nil || !bytes.Equal(got, []byte("a paper")) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

func TestACellHasNoNetworkNoFileAndNoOtherProgram(t *testing.T) {
	for what, says := range map[string]string{"dial": "bad system call", "unix": "bad system call", "name": "bad system call", "exec": "operation not permitted", "swap": "bad system call",
		"read": "operation not permitted", "list": "operation not permitted", "make": "operation not permitted", "kill": "operation not permitted", "code": "operation not permitted"} {
		got, err := try(t, what, 20*time.Second)
		if !errors.Is(err, cell.ErrEnded) || !strings.Contains(err.Error(), says) || len(got) > 0 {
			t.Errorf("%s in a cell: %q, %v; want an end with %q", what, got, err, says)
		}
	}
	if _, err := os.Stat("/tmp/letterlock-cell-test"); err == nil {
		t.Error("a cell made a file")
	}
}

func TestACellEndsWhoeverTakesTooMuch(t *testing.T) {
	for what, want := range map[string]error{"grow": cell.ErrEnded, "spin": cell.ErrEnded, "wait": cell.ErrTime, "talk": cell.ErrOut} {
		wall := 20 * time.Second
		if what == "wait" {
			wall = 300 * time.Millisecond
		}
		began := time.Now()
		got, err := try(t, what, wall)
		if !errors.Is(err, want) || len(got) > 0 {
			t.Errorf("%s in a cell: %d bytes, %v; want %v", what, len(got), err, want)
		}
		if what == "grow" && !strings.Contains(err.Error(), "memory") {
			t.Errorf("it did not end for want of memory: %v", err)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("%s went on for %s", what, took)
		}
	}
}

// The files stay closed by the file rules alone too, on a kernel that has them.
func TestTheFilterIsNotTheOnlyLock(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = cell.Run(t.Context(), cell.Job{Program: self, Env: []string{probe + "=rules"}, Wall: 20 * time.Second, Out: 1 << 10}, strings.NewReader(""))
	if err != nil && strings.Contains(err.Error(), "no such rules") {
		testkit.Missing(t, "this kernel has no Landlock")
	}
	if !errors.Is(err, cell.ErrEnded) || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("with the file rules alone: %v", err)
	}
}
