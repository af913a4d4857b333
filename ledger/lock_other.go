//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package ledger

import (
	"errors"
	"os"
)

// Without a lock two processes could write one ledger; then none may.
func lockFile(*os.File) error {
	return errors.New("this system has no file locks that a ledger can rely on")
}
