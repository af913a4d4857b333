package clientdb

import (
	"os"

	"golang.org/x/sys/windows"
)

// permissionsMean: Windows keeps rights elsewhere; a person's own folders are
// theirs alone.
const permissionsMean = false

// lockFile ends with the process, however it ends.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}
