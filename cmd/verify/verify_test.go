//go:build !js

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/mod/sumdb/tlog"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/ledger/proof"
)

// world is a provider that made one package, and an officer's folder.
type world struct {
	t        *testing.T
	dir      string
	identity string
	public   string
	trust    string
	sealed   string
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// verify runs the program as a person does and returns its exit code.
func (w *world) verify(args ...string) (code int, out string) {
	w.t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), args, &stdout, &stderr)
	switch {
	case err == nil:
		return 0, stdout.String()
	case errors.Is(err, errFails):
		return 1, stdout.String()
	}
	return 2, stdout.String() + err.Error()
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

const demoCase = "LL-2026-000031"

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir()}
	t.Setenv("XDG_CONFIG_HOME", w.path("config"))
	w.identity = w.path("officer.key")
	code, out := w.verify("keygen", "--out", w.identity)
	if code != 0 {
		t.Fatal(out)
	}
	w.public = strings.TrimSpace(out)
	seal, err := produce.SealTo(w.public)
	must(t, err)
	w.pack(seal)
	return w
}

func (w *world) pack(seal produce.Seal) {
	t := w.t
	key, err := produce.NewSigningKey(rand.Reader)
	must(t, err)
	now := time.Now().UTC().Truncate(time.Second)
	var account disclosable.Account
	account[3] = 7
	grant := disclosable.Grant{Version: 1, Kind: disclosable.Produce, Nonce: disclosable.NewNonce(), Case: demoCase, Process: "us.subpoena",
		Agency: "Agency", Asked: "+15550100", Account: account, Fields: []disclosable.FieldID{"name"}, Issued: now.Unix(), Expires: now.Add(time.Hour).Unix(),
		Notice: disclosable.NoticePlan{Timing: disclosable.ToldBefore, Day: now.Unix(), Basis: "policy"}}
	raw, err := grant.Bytes()
	must(t, err)
	a, b := signGrant(t, "Ines Duarte", raw), signGrant(t, "Tomasz Wolski", raw)
	_, ledger, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	ledgerKey := proof.LogKey("example/carrier", ledger.Public().(ed25519.PublicKey))
	in := produce.Input{Package: "P-1", Created: now, Collected: now, Expires: now.Add(24 * time.Hour), Case: demoCase,
		Agency: produce.Agency{Name: "Agency"}, Process: produce.Process{ID: "us.subpoena", Name: "Subpoena"}, Provider: produce.Provider{Name: "Demo"},
		Targets: []produce.Target{{Asked: "+15550100", Account: account}},
		Records: func(yield func(disclosable.Record, error) bool) {
			yield(disclosable.Record{Account: account, Field: "name", Value: "Alice"}, nil)
		},
		Grants: []produce.Grant{{Signed: disclosable.SignedGrant{Grant: raw, Signatures: []disclosable.Signature{a.sig, b.sig}}, Holders: []bundle.Holder{a.Holder, b.Holder}, LawName: "Subpoena"}},
		Proofs: []produce.Proof{{About: lang.Say("the release"), Bytes: oneLeaf(t, ledger, now, raw, disclosable.Record{Account: account, Field: "name", Value: "Alice"})}}, LedgerKeys: []string{ledgerKey},
	}
	var inner, out bytes.Buffer
	packer := &produce.Packer{Key: key}
	got, err := packer.Pack(context.Background(), &inner, in, seal)
	must(t, err)
	certificate := w.certificate(in, got)
	_, err = packer.Certify(&out, certificate, func(to io.Writer) error { _, err := to.Write(inner.Bytes()); return err }, seal)
	must(t, err)
	w.sealed, w.trust = w.path(produce.FileName(in)), w.path("provider.json")
	must(t, os.WriteFile(w.sealed, out.Bytes(), 0o600))
	trust, err := json.Marshal(bundle.Trust{Provider: "Demo", Keys: []bundle.PublicKey{key.Public()}, Ledgers: []string{ledgerKey}, Holders: []bundle.Holder{a.Holder, b.Holder}, Custodians: []bundle.Holder{certificate.Signer}})
	must(t, err)
	must(t, os.WriteFile(w.trust, trust, 0o600))
}

// certificate is what a custodian signs about the package.
func (w *world) certificate(in produce.Input, got produce.Receipt) bundle.Certificate {
	s := bundle.Statement{Provider: in.Provider.Name, Custodian: "Ravi Menon", Title: "a custodian of records", Case: in.Case, Process: in.Process.Name, Package: in.Package,
		Collected: in.Collected, Records: got.Records, Files: bundle.RecordFiles(got.Files), Manifest: got.Manifest, Sealed: got.Sealed, Size: got.Size, Signed: in.Created}
	site, pen := passkey.Site{ID: "desk.localhost", Origin: "https://desk.localhost"}, soft.New()
	key, err := pen.Enrol(site, s.Custodian)
	must(w.t, err)
	h := bundle.CertificateHash(s.Text())
	a, err := pen.Sign(site, h[:])
	must(w.t, err)
	return bundle.Certificate{Statement: s, Text: s.Text(), Signer: bundle.Holder{Holder: s.Custodian, ID: key.ID, Public: key.Public, RPID: site.ID, Origin: site.Origin},
		Authenticator: a.AuthenticatorData, ClientData: a.ClientData, Signature: a.Signature}
}

type signer struct {
	bundle.Holder
	sig disclosable.Signature
}

// signGrant is a reviewer with a software passkey.
func signGrant(t *testing.T, name string, grant []byte) signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	point, err := key.PublicKey.Bytes()
	must(t, err)
	mode, err := cbor.CTAP2EncOptions().EncMode()
	must(t, err)
	public, err := mode.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	must(t, err)
	hash := disclosable.GrantHash(grant)
	client := fmt.Appendf(nil, `{"type":"webauthn.get","challenge":%q,"origin":"https://release.localhost"}`, base64.RawURLEncoding.EncodeToString(hash[:]))
	rp, client256 := sha256.Sum256([]byte("release.localhost")), sha256.Sum256(client)
	auth := binary.BigEndian.AppendUint32(append(rp[:], 5), 1)
	sum := sha256.Sum256(append(slices.Clone(auth), client256[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	must(t, err)
	id := []byte("key of " + name)
	return signer{bundle.Holder{Holder: name, ID: id, Public: public, RPID: "release.localhost", Origin: "https://release.localhost"},
		disclosable.Signature{KeyID: id, AuthenticatorData: auth, ClientData: client, Signature: sig}}
}

// oneLeaf is a proof from a ledger of a single record.
func oneLeaf(t *testing.T, key ed25519.PrivateKey, at time.Time, grant []byte, records ...disclosable.Record) []byte {
	b, err := disclosable.Marshal(records)
	must(t, err)
	body, err := disclosable.Marshal(map[string]any{"grant": disclosable.GrantHash(grant), "records": disclosable.Hash(sha256.Sum256(b))})
	must(t, err)
	o := proof.Opening{Entry: proof.Entry{Kind: "release.done", Case: demoCase, Happened: at, Recorded: at, Body: body}.Bytes()}
	leaf := o.Leaf()
	c := proof.Checkpoint{Origin: "example/carrier", Size: 1, Root: tlog.RecordHash(leaf[:]), Time: at}.Text()
	return proof.Proof{Opening: o, Checkpoint: []byte(c + "\n" + proof.LogLine("example/carrier", key, c))}.Bytes()
}

func TestOpen(t *testing.T) {
	w := newWorld(t)
	code, out := w.verify("open", w.sealed, "--identity", w.identity, "--trust", w.trust, "--out", w.path("case"))
	if code != 0 || !strings.Contains(out, "Everything that was checked holds.") {
		t.Fatalf("exit %d:\n%s", code, out)
	}
	csv, err := os.ReadFile(filepath.Join(w.path("case"), bundle.RecordsCSV))
	if err != nil || !strings.Contains(string(csv), "Alice") {
		t.Errorf("records: %v %s", err, csv)
	}
	if !strings.Contains(out, "Ravi Menon, a custodian of records at Demo, signed the certificate") || !strings.Contains(out, "What this does not show") {
		t.Errorf("nothing is said of the certificate:\n%s", out)
	}
	for _, name := range []string{bundle.CertificateName, bundle.CertificateSig, bundle.CertificatePDF} {
		if b, err := os.ReadFile(filepath.Join(w.path("case"), name)); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The folder it was extracted to checks, and a change in it is found.
	if code, out := w.verify("check", w.path("case"), "--trust", w.trust); code != 0 {
		t.Errorf("check of the folder: exit %d:\n%s", code, out)
	}
	must(t, os.WriteFile(filepath.Join(w.path("case"), bundle.RecordsCSV), bytes.Replace(csv, []byte("Alice"), []byte("Alicf"), 1), 0o600))
	if code, out := w.verify("check", w.path("case"), "--trust", w.trust); code != 1 || !strings.Contains(out, "records.csv is not the file that was signed") {
		t.Errorf("a changed record: exit %d:\n%s", code, out)
	}
	must(t, os.WriteFile(filepath.Join(w.path("case"), bundle.RecordsCSV), csv, 0o600))
	must(t, os.WriteFile(filepath.Join(w.path("case"), "extra.txt"), nil, 0o600))
	if code, out := w.verify("check", w.path("case"), "--trust", w.trust); code != 1 || !strings.Contains(out, `"extra.txt" is no part`) {
		t.Errorf("a file too many: exit %d:\n%s", code, out)
	}
	if code, out := w.verify("open", w.sealed, "--identity", w.identity, "--trust", w.trust, "--out", w.path("case")); code != 2 || !strings.Contains(out, "not empty") {
		t.Errorf("over a full folder: exit %d: %s", code, out)
	}
}

func TestNothingIsLeftBehindWhenSomethingFails(t *testing.T) {
	w := newWorld(t)
	b, err := os.ReadFile(w.sealed)
	must(t, err)
	b[len(b)-100] ^= 1
	must(t, os.WriteFile(w.path("bad.age"), b, 0o600))
	before := names(t, w.dir)
	code, out := w.verify("open", w.path("bad.age"), "--identity", w.identity, "--trust", w.trust, "--out", w.path("case"))
	if code != 1 || !strings.Contains(out, "FAILS") || !strings.Contains(out, "Do not rely") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if after := names(t, w.dir); !slices.Equal(before, after) {
		t.Errorf("left behind: %q", after)
	}
}

func names(t *testing.T, dir string) (out []string) {
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWhoIsTrusted(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"check", w.sealed, "--identity", w.identity, "--trust", w.trust}, 0, "by the key file given"},
		{[]string{"check", w.sealed, "--identity", w.identity}, 1, "Who signed is not shown"},
		{[]string{"check", w.sealed, "--identity", w.identity, "--any-provider"}, 0, "note   Who signed is not shown"},
		{[]string{"check", w.sealed, "--identity", w.identity, "--trust", other.trust}, 1, "is not one of Demo"},
		{[]string{"check", w.sealed, "--identity", other.identity, "--trust", w.trust}, 1, "does not open"},
		{[]string{"check", w.sealed, "--identity", w.identity, "--trust", w.trust, "--trust", other.trust}, 0, "by the key file given"},
		{[]string{"check", w.sealed, "--trust", w.trust}, 2, "give --identity FILE"},
		{[]string{"check", w.sealed, "--identity", w.sealed}, 2, "not an identity file"},
		{[]string{"check", w.path("none"), "--identity", w.identity}, 2, "cannot open"},
		{[]string{"check", w.identity, "--identity", w.identity, "--trust", w.trust}, 1, "seal is damaged"},
		{[]string{"check", w.sealed, "--identity", w.identity, "--trust", w.sealed}, 2, "key file"},
		{[]string{"check", w.dir}, 2, "no manifest.json"},
		{[]string{"nonsense"}, 2, "unexpected argument"},
	} {
		if code, out := w.verify(c.args...); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d, want %d with %q:\n%s", c.args, code, c.code, c.want, out)
		}
	}
	// Pinned once, the key file needs no flag.
	pinned := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "letterlock", "provider.json")
	must(t, os.MkdirAll(filepath.Dir(pinned), 0o700))
	b, err := os.ReadFile(w.trust)
	must(t, err)
	must(t, os.WriteFile(pinned, b, 0o600))
	if code, out := w.verify("check", w.sealed, "--identity", w.identity); code != 0 {
		t.Errorf("with a pinned key file: exit %d:\n%s", code, out)
	}
}

func TestPassphrase(t *testing.T) {
	w := newWorld(t)
	seal, pass, err := produce.SealWithPassphrase()
	must(t, err)
	w.pack(seal)
	must(t, os.WriteFile(w.path("pass"), []byte(pass.Reveal()+"\n"), 0o600))
	if code, out := w.verify("check", w.sealed, "--passphrase-file", w.path("pass"), "--trust", w.trust); code != 0 {
		t.Errorf("exit %d:\n%s", code, out)
	}
	must(t, os.WriteFile(w.path("pass"), []byte("wrong"), 0o600))
	if code, out := w.verify("check", w.sealed, "--passphrase-file", w.path("pass"), "--trust", w.trust); code != 1 || !strings.Contains(out, "does not open") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

func TestJSON(t *testing.T) {
	w := newWorld(t)
	var report struct {
		OK       bool            `json:"ok"`
		Lines    []bundle.Line   `json:"lines"`
		Manifest bundle.Manifest `json:"manifest"`
	}
	_, out := w.verify("check", w.sealed, "--identity", w.identity, "--trust", w.trust, "--json")
	must(t, json.Unmarshal([]byte(out), &report))
	if !report.OK || len(report.Lines) < 7 || report.Manifest.Case != demoCase {
		t.Errorf("%s", out)
	}
	code, out := w.verify("check", w.sealed, "--identity", w.identity, "--json")
	must(t, json.Unmarshal([]byte(out), &report))
	if report.OK || code != 1 {
		t.Errorf("exit %d %s", code, out)
	}
}

func TestKeygenNeverOverwrites(t *testing.T) {
	w := newWorld(t)
	before, err := os.ReadFile(w.identity)
	must(t, err)
	if code, out := w.verify("keygen", "--out", w.identity); code != 2 || !strings.Contains(out, "refusing to overwrite") {
		t.Errorf("exit %d %s", code, out)
	}
	after, err := os.ReadFile(w.identity)
	must(t, err)
	info, err := os.Stat(w.identity)
	must(t, err)
	if !bytes.Equal(before, after) || info.Mode().Perm() != 0o600 {
		t.Errorf("the key changed, or others may read it (%v)", info.Mode())
	}
}
