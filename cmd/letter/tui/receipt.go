package tui

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"letterlock/client"
	"letterlock/internal/fault"
)

// aNumber is a case's number that may be the name of a file.
var aNumber = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// saveReceipt writes the receipt of a notice, as it came, over nothing.
func saveReceipt(dir string, e client.Entry) (string, error) {
	if !aNumber.MatchString(e.Notice.Case) {
		return "", fault.New(fault.Invalid, "save receipt", "this notice has no case number that a file can be named after")
	}
	path := filepath.Join(dir, e.Notice.Case+".proof")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(e.Notice.Receipt)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, "save receipt", err, "%s cannot be written: %v", path, cause(err))
	}
	return path, nil
}
