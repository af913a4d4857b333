//go:build unix

package pg

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// demote runs a program as the user postgres where the test is root, which
// PostgreSQL refuses, and in its folder.
func demote(cmd *exec.Cmd, dir string) error {
	cmd.Dir = dir
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("running as root, and there is no user postgres: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(dir, uid, gid)
}

// guard starts a shell that waits for the end of this process, however it comes
// (a panic, a timeout, kill -9), and then stops the server and removes its
// files: the pipe it reads from closes with us.
func guard(pid int, dir string) error {
	const script = `cat >/dev/null; kill -INT "$1" 2>/dev/null; i=0; while kill -0 "$1" 2>/dev/null && [ $i -lt 20 ]; do sleep 0.5; i=$((i+1)); done; rm -rf "$2"`
	cmd := exec.Command("sh", "-c", script, "guard", strconv.Itoa(pid), dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is not for it
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	held = append(held, pipe)
	return cmd.Start()
}

// held keeps the pipes open: one that is collected is closed.
var held []io.Closer
