package desk_test

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/ledger/proof"
)

// unsealed are the files of the case's package, as its officer opens it.
func (w *world) unsealed(n casefile.Number) (sealed []byte, secret string, files map[string][]byte) {
	w.Helper()
	p := w.load(n).Packages[0]
	r, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, p.ID)
	w.ok(err)
	sealed = must(io.ReadAll(r))(w)
	w.ok(r.Close())
	secret = must(w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, p.ID))(w).Reveal()
	plain := must(age.Decrypt(bytes.NewReader(sealed), must(age.NewScryptIdentity(secret))(w)))(w)
	files = map[string][]byte{}
	for t := tar.NewReader(plain); ; {
		h, err := t.Next()
		if err == io.EOF {
			return sealed, secret, files
		}
		w.ok(err)
		files[h.Name] = must(io.ReadAll(t))(w)
	}
}

// The receipt is what "letterlock report verify --receipt" takes: the desk's
// ledger says by it that this very case was filed, and under which process.
func TestEveryPackageCarriesTheProofThatItsCaseIsCounted(t *testing.T) {
	w := newWorld(t)
	n := w.declined()
	sealed, secret, files := w.unsealed(n)
	w.verifies(sealed, secret)
	p := must(proof.Parse(files[bundle.ReceiptName]))(t)
	v := must(p.Verify(must(proof.ParseKeys(w.ledger.Keys()...))(t)))(t)
	var c casefile.Counted
	w.ok(casefile.Decode(v.Entry.Body, &c))
	if v.Entry.Kind != "case.filed" || v.Entry.Case != string(n) || c.Process != string(w.load(n).Demand.Process) || c.Country != "US" {
		t.Fatalf("the receipt is of %s %s: %+v", v.Entry.Kind, v.Entry.Case, c)
	}
	other := w.declined()
	_, _, theirs := w.unsealed(other)
	if bytes.Equal(theirs[bundle.ReceiptName], files[bundle.ReceiptName]) {
		t.Fatal("two cases share a receipt")
	}
}
