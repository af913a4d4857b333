//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package clientdb

import (
	"os"
	"syscall"
)

// permissionsMean: the mode bits of a folder say who may read it.
const permissionsMean = true

// lockFile ends with the process, however it ends.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
