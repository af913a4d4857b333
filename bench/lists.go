package bench

import (
	"fmt"
	"strings"
)

// listRows are orders for so many accounts, with their marks in ms.
var listRows = []struct {
	accounts int
	mark     float64
}{{1, oneAccountMark}, {1000, 0}, {10_000, manyMark}}

// lists is the table of orders for many accounts.
func (d Desk) lists() string {
	var b strings.Builder
	b.WriteString("| accounts | from the signatures to the package | each account | mark | met |\n|---:|---:|---:|---:|---|\n")
	for _, x := range listRows {
		p, ok := find(d.Parts, fmt.Sprintf("List/accounts=%d", x.accounts))
		if !ok {
			continue
		}
		w, mark := row{figure: p.Micros / 1e3, mark: x.mark, most: true}, ""
		if x.mark > 0 {
			mark = "at most " + figure(x.mark) + " ms"
		}
		fmt.Fprintf(&b, "| %s | %s ms | %s ms | %s | %s |\n", thousands(float64(x.accounts)), figure(w.figure), figure(w.figure/float64(x.accounts)), mark, w.met())
	}
	b.WriteString("\nThe desk's work on SQLite: the accounts are drawn from a carrier within the program in batches, each act is on record in both ledgers before it counts, the certificate is signed, and the package is written, sealed to the officer. The records are two of each account. The carrier's own work and the way between two machines are not in it.\n")
	return b.String()
}
