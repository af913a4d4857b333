package bench

import (
	"fmt"
	"strings"
)

// listRows are orders for so many accounts, with their marks in ms.
var listRows = []struct {
	name     string
	accounts int
	sealed   string
	mark     float64
}{{"accounts=1", 1, "key", oneAccountMark}, {"passphrase=1", 1, "passphrase", oneAccountMark}, {"accounts=1000", 1000, "key", 0}, {"accounts=10000", 10_000, "key", manyMark}}

// lists is the table of orders for many accounts.
func (d Desk) lists() string {
	var b strings.Builder
	b.WriteString("| accounts | sealed to a | from the signatures to the package | each account | mark | met |\n|---:|---|---:|---:|---:|---|\n")
	for _, x := range listRows {
		p, ok := find(d.Parts, "List/"+x.name)
		if !ok {
			continue
		}
		w, mark := row{figure: p.Micros / 1e3, mark: x.mark, most: true}, ""
		if x.mark > 0 {
			mark = "at most " + figure(x.mark) + " ms"
		}
		fmt.Fprintf(&b, "| %s | %s | %s ms | %s ms | %s | %s |\n", thousands(float64(x.accounts)), x.sealed, figure(w.figure), figure(w.figure/float64(x.accounts)), mark, w.met())
	}
	b.WriteString("\nThe desk's work on SQLite: the accounts are drawn from a carrier within the program in batches, each act is on record in both ledgers before it counts, the custodian signs the certificate as soon as it can be read, and the package is written, sealed to the officer and, with its certificate, once more. The desk has answered one request before, as one that runs has: its fonts are loaded. The waits of a running desk are not in it, and cannot be: up to a minute until a record lies in the ledger's tree, and the custodian's time to read. The records are two of each account. The carrier's own work and the way between two machines are not in it.\n")
	return b.String()
}
