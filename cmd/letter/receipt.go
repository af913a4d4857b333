package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"letterlock/client"
	"letterlock/internal/fault"
)

// aNumber is a case's number that may be the name of a file.
var aNumber = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// saveReceipts writes the receipt of each notice that has one. The file is the
// ledger's proof as it came: it is checked by a program that has the provider's
// public keys, not here.
func (t *terminal) saveReceipts(dir string, notices []client.Entry, quiet bool) error {
	saved := 0
	for _, e := range notices {
		n := e.Notice
		if n == nil || len(n.Receipt) == 0 || !aNumber.MatchString(n.Case) {
			continue
		}
		name := filepath.Join(dir, n.Case+".proof")
		if err := os.WriteFile(name, n.Receipt, 0o600); err != nil {
			return fault.Wrap(fault.Unavailable, "save receipt", err, "%s cannot be written", name)
		}
		if saved++; !quiet {
			fmt.Fprintf(t.out, "Receipt of %s: %s\n", n.Case, name)
		}
	}
	if saved == 0 && !quiet {
		fmt.Fprintln(t.out, "No notice here has a receipt: there is none where it would name who asked, or of a matter that is published in bands only.")
	}
	return nil
}
