package produce_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/mod/sumdb/tlog"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/ledger/proof"
)

// The standing cast: a provider with its keys, two reviewers, one officer.
type cast struct {
	key       produce.SigningKey
	reviewers []reviewer
	ledger    ed25519.PrivateKey
	witness   ed25519.PrivateKey
}

const (
	providerName = "Letterlock Demo Service"
	ledgerName   = "letterlock.example/carrier"
	witnessName  = "letterlock.example/desk-witness"
	releaseHost  = "release.localhost"
	releasePage  = "https://release.localhost:8443"
)

var now = time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)

func newCast(t testing.TB) *cast {
	t.Helper()
	key, err := produce.NewSigningKey(rand.Reader)
	must(t, err)
	_, ledger, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	_, witness, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return &cast{key, []reviewer{newReviewer(t, "Ines Duarte"), newReviewer(t, "Tomasz Wolski")}, ledger, witness}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reviewer signs grants with a software passkey.
type reviewer struct {
	bundle.Holder
	key *ecdsa.PrivateKey
}

func newReviewer(t testing.TB, name string) reviewer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	point, err := key.PublicKey.Bytes()
	must(t, err)
	mode, err := cbor.CTAP2EncOptions().EncMode()
	must(t, err)
	public, err := mode.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	must(t, err)
	id := sha256.Sum256(public)
	return reviewer{bundle.Holder{Holder: name, ID: id[:16], Public: public, RPID: releaseHost, Origin: releasePage}, key}
}

func (r reviewer) sign(t testing.TB, grant []byte) disclosable.Signature {
	hash := disclosable.GrantHash(grant)
	client := fmt.Sprintf(`{"type":"webauthn.get","challenge":%q,"origin":%q,"crossOrigin":false}`,
		base64.RawURLEncoding.EncodeToString(hash[:]), r.Origin)
	rp := sha256.Sum256([]byte(r.RPID))
	auth := binary.BigEndian.AppendUint32(append(rp[:], 0x05), 7)
	clientHash := sha256.Sum256([]byte(client))
	sum := sha256.Sum256(append(slices.Clone(auth), clientHash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, r.key, sum[:])
	must(t, err)
	return disclosable.Signature{KeyID: r.ID, AuthenticatorData: auth, ClientData: []byte(client), Signature: sig}
}

func account(n int) (a disclosable.Account) {
	sum := sha256.Sum256(fmt.Appendf(nil, "account %d", n))
	copy(a[:], sum[:])
	return a
}

func number(n int) string { return fmt.Sprintf("+1555%07d", 100+n) }

const caseNumber = "LL-2026-004217"

func (c *cast) grant(t testing.TB, n int, fields ...disclosable.FieldID) produce.Grant {
	slices.Sort(fields)
	g := disclosable.Grant{
		Version: disclosable.GrantVersion, Kind: disclosable.Produce, Nonce: disclosable.NewNonce(), Case: caseNumber,
		Process: "us.2703d", Agency: "Office of the District Attorney, Example County", Officer: "Det. Maria Okafor", Ref: "24-CR-1187",
		Asked: number(n), Account: account(n), Fields: fields,
		Issued: now.Add(-time.Hour).Unix(), Expires: now.Add(24 * time.Hour).Unix(),
		Notice: disclosable.NoticePlan{Timing: disclosable.ToldAfter, Day: now.Add(90 * 24 * time.Hour).Unix(), Basis: "18 USC 2705(b)"},
	}
	b, err := g.Bytes()
	must(t, err)
	signed := disclosable.SignedGrant{Grant: b}
	var holders []bundle.Holder
	for _, r := range c.reviewers {
		signed.Signatures = append(signed.Signatures, r.sign(t, b))
		holders = append(holders, r.Holder)
	}
	return produce.Grant{Signed: signed, Holders: holders, LawName: "Court order, 18 USC 2703(d)"}
}

// proofOf makes a small ledger that holds one record among dummies.
func (c *cast) proofOf(t testing.TB, caseRef string, body []byte) []byte {
	return proofIn(t, ledgerName, c.ledger, c.witness, caseRef, body)
}

func proofIn(t testing.TB, name string, key, witness ed25519.PrivateKey, caseRef string, body []byte) []byte {
	entry := proof.Entry{Kind: "release.done", Case: caseRef, Happened: now, Recorded: now, Body: body}
	opening := proof.Opening{Salt: proof.Salt(sha256.Sum256([]byte("salt"))), Entry: entry.Bytes()}
	leaves := [][]byte{}
	for i := range 8 {
		leaf := proof.Leaf(sha256.Sum256(fmt.Appendf(nil, "dummy %d", i)))
		if i == 5 {
			leaf = opening.Leaf()
		}
		leaves = append(leaves, leaf[:])
	}
	store := memory{}
	for i, l := range leaves {
		hashes, err := tlog.StoredHashes(int64(i), l, store.reader())
		must(t, err)
		store.hashes = append(store.hashes, hashes...)
	}
	root, err := tlog.TreeHash(8, store.reader())
	must(t, err)
	path, err := tlog.ProveRecord(8, 5, store.reader())
	must(t, err)
	text := proof.Checkpoint{Origin: name, Size: 8, Root: root, Time: now}.Text()
	signed := text + "\n" + proof.LogLine(name, key, text) + proof.CosignLine(witnessName, witness, text, now)
	return proof.Proof{Opening: opening, Index: 5, Path: path, Checkpoint: []byte(signed)}.Bytes()
}

type memory struct{ hashes []tlog.Hash }

func (m *memory) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = m.hashes[n]
		}
		return out, nil
	})
}

func (c *cast) ledgerKeys() []string {
	return []string{proof.LogKey(ledgerName, c.ledger.Public().(ed25519.PublicKey)),
		proof.WitnessKey(witnessName, c.witness.Public().(ed25519.PublicKey))}
}

func (c *cast) trust() bundle.Trust {
	var holders []bundle.Holder
	for _, r := range c.reviewers {
		holders = append(holders, r.Holder)
	}
	return bundle.Trust{Provider: providerName, Keys: []bundle.PublicKey{c.key.Public()}, Ledgers: c.ledgerKeys(), Holders: holders}
}

func list(records ...disclosable.Record) iter.Seq2[disclosable.Record, error] {
	return func(yield func(disclosable.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// input is an ordinary production: one account, some fields, one refused.
func (c *cast) input(t testing.TB) produce.Input {
	a := account(1)
	return proven(t, c, produce.Input{
		Package: "P-7Q2M4XKD", Created: now, Collected: now.Add(-10 * time.Minute), Expires: now.Add(30 * 24 * time.Hour),
		Case: caseNumber, TheirReference: "24-CR-1187",
		Agency: produce.Agency{Name: "Office of the District Attorney, Example County", Unit: "Cyber Crime Unit", Officer: "Det. Maria Okafor",
			Address: []string{"400 Courthouse Square", "Springfield, EX 01234", "United States of America"}},
		Process:  produce.Process{ID: "us.2703d", Name: "Court order", Citation: "18 USC 2703(d)"},
		Received: now.Add(-5 * 24 * time.Hour), Period: produce.Period{From: now.Add(-90 * 24 * time.Hour), To: now},
		Provider: produce.Provider{Name: providerName, Address: []string{"Legal Response Team", "1 Example Street", "Example City"}, Contact: "desk@letterlock.example"},
		Signer:   produce.Signer{Name: "Ines Duarte", Title: "Custodian of Records"},
		Targets:  []produce.Target{{Asked: number(1), Account: a}, {Asked: "+15550009999"}},
		Records: list(
			disclosable.Record{Account: a, Field: "phone", Value: number(1)},
			disclosable.Record{Account: a, Field: "name", Value: "ليلى منصور · Λήδα · Лейла · לילה"},
			disclosable.Record{Account: a, Field: "service_start", Value: "2024-03-07"},
			disclosable.Record{Account: a, Field: "last_seen", Value: "2026-11-19"},
			disclosable.Record{Account: a, Field: "last_ip", Value: "2001:db8:85a3::8a2e:370:7334"},
			disclosable.Record{Account: a, Field: "device_type", Value: "Letterlock for Linux 1.0"},
			disclosable.Record{Account: a, Field: "devices", Value: "device 1, added 2024-03-07"},
		),
		Refused: []produce.Refusal{{Field: "about", FindingID: "REACH.CLASS", Reason: "A court order under 18 USC 2703(d) does not reach this field; it takes a search warrant."}},
		NotHeld: produce.MissingOf(disclosable.Absents()[:2]...),
		Content: &produce.Content{Asked: "the content of all messages sent and received in the period",
			Build: produce.Build{Program: "letterlock/cmd/letterlock", SHA256: sha256.Sum256([]byte("program")), Go: "go1.26.8", Commit: "0123456789abcdef"}},
		Notice:     "The account holder has not been told: the order forbids it until 18 February 2027 (18 USC 2705(b)). The person will be told on that day.",
		Grants:     []produce.Grant{c.grant(t, 1, "phone", "name", "service_start", "last_seen", "last_ip", "device_type", "devices", "email")},
		LedgerKeys: c.ledgerKeys(),
	})
}

// proven adds the carrier's proof of each grant's release, as its ledger has it.
func proven(t testing.TB, c *cast, in produce.Input) produce.Input {
	released := map[disclosable.Account][]disclosable.Record{}
	for r, err := range in.Records {
		must(t, err)
		released[r.Account] = append(released[r.Account], r)
	}
	in.Proofs = nil
	for _, g := range in.Grants {
		grant, err := disclosable.ParseGrant(g.Signed.Grant)
		must(t, err)
		in.Proofs = append(in.Proofs, produce.Proof{About: lang.Say("the release by the carrier"),
			Bytes: c.proofOf(t, caseNumber, release(t, g.Signed.Grant, released[grant.Account]))})
	}
	return in
}

// release is the carrier's record of what it handed out.
func release(t testing.TB, grant []byte, records []disclosable.Record) []byte {
	b, err := disclosable.Marshal(records)
	must(t, err)
	body, err := disclosable.Marshal(map[string]any{"op": "redeem", "grant": disclosable.GrantHash(grant), "records": disclosable.Hash(sha256.Sum256(b))})
	must(t, err)
	return body
}
