package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readers are the packages that read what strangers send, or what a captured
// part of the house could send, each with what it reads and who tries it.
var readers = []struct {
	pkg, reads string
	fuzzed     []string
}{
	{"web/api", "JSON bodies, idempotency keys and digests of agencies' systems", []string{"FuzzBodies", "FuzzLaterBodies", "FuzzRepeating"}},
	{"web/kit", "posted forms, uploads, asked-for ranges", []string{"FuzzReadForm", "FuzzUpload", "FuzzWanted"}},
	{"web/demand", "the form of a request: days, periods, identifiers, grounds", []string{"FuzzRead"}},
	{"desk/casefile", "lists of identifiers, telephone numbers, case numbers, stored events", []string{"FuzzReadTargets", "FuzzParseNumber", "FuzzParseEvent"}},
	{"desk/email", "e-mail files, DKIM signatures and records of the sender's domain, look-alike names", []string{"FuzzRead", "FuzzDKIM", "FuzzLookAlike"}},
	{"desk/paper", "PDF files, their signatures, the answer of the process that read them", []string{"FuzzCheck", "FuzzSignature", "FuzzCell"}},
	{"law", "the operator's law file with its lists, and the words of a request", []string{"FuzzLoadOverrides", "FuzzJudgeText"}},
	{"internal/lang", "translators' catalogues", []string{"FuzzLoad"}},
	{"internal/passkey", "answers of passkeys", []string{"FuzzAnswer"}},
	{"disclosable", "grants", []string{"FuzzParseGrant"}},
	{"disclosable/door", "calls of the other half", []string{"FuzzHandler"}},
	{"desk/produce/bundle", "packages, manifests, records and key files, for a court", []string{"FuzzVerify", "FuzzManifest", "FuzzInside", "FuzzParseTrust"}},
	{"desk/produce/pdf", "texts of officers in letters", []string{"FuzzText"}},
	{"cmd/verify", "programs that a court inspects", []string{"FuzzInspect"}},
	{"ledger", "ledgers on disk, co-signatures, checkpoints of witnesses", []string{"FuzzJournal", "FuzzItem", "FuzzSettings", "FuzzWitnessed", "FuzzCosign"}},
	{"ledger/proof", "receipts: proofs, entries, checkpoints", []string{"FuzzProof", "FuzzEntry", "FuzzCheckpoint"}},
	{"ledger/witness", "requests for a witness's signature", []string{"FuzzHandler"}},
	{"desk/room", "what an agency typed, before the public reads it", []string{"FuzzTypedTextLosesPersons"}},
	{"transparency/room", "lists and tombstones of published papers", []string{"FuzzParseManifest"}},
	{"transparency", "published reports and their periods", []string{"FuzzVerifyReport", "FuzzParsePeriod"}},
	{"messenger/account", "telephone numbers of people who register", []string{"FuzzPhone"}},
	{"messenger/gateway", "frames of devices", []string{"FuzzSocket"}},
	{"wire", "frames and sealed rows", []string{"FuzzParseFrame", "FuzzOpenRow"}},
	{"client", "formatted texts that a peer wrote, and lists of contacts", []string{"FuzzContacts", "FuzzMarkup"}},
	{"client/internal/group", "changes of a group that a peer sealed", []string{"FuzzApply"}},
	{"client/internal/content", "contents that a peer sealed", []string{"FuzzOpen", "FuzzFile"}},
	{"client/internal/stream", "sealed files that a peer made and a carrier had", []string{"FuzzReader"}},
	{"client/internal/picture", "pictures of peers, and those that a person sends on", []string{"FuzzPicture"}},
	{"client/internal/film", "films and pictures of items that a person sends on", []string{"FuzzFilm"}},
	{"client/internal/sound", "recordings that a person sends on", []string{"FuzzOpus", "FuzzWave"}},
	{"signal", "messages, keys and records of the protocol", []string{"FuzzSignalMessage", "FuzzPreKeyMessage", "FuzzDecrypt", "FuzzPublicKey", "FuzzKEMPublicKey", "FuzzStoredKeys", "FuzzRecord", "FuzzSafetyCode", "FuzzGroup"}},
	{"signal/internal/spqr", "the post-quantum ratchet's messages", []string{"FuzzReceive"}},
}

var (
	fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	seedCall = regexp.MustCompile(`\bf\.Add\(`)
)

// TestWhatReadsStrangersIsFuzzed: each of these packages has its fuzz targets,
// with seeds; and a fuzz target that exists stands in the table.
func TestWhatReadsStrangersIsFuzzed(t *testing.T) {
	for _, p := range list(t) {
		have, seeds := []string{}, 0
		tests, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range tests {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range fuzzFunc.FindAllStringSubmatch(string(b), -1) {
				have = append(have, m[1])
			}
			seeds += len(seedCall.FindAll(b, -1))
		}
		var want []string
		for _, r := range readers {
			if r.pkg == p.path() {
				want = r.fuzzed
			}
		}
		slices.Sort(have)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(have, want) {
			t.Errorf("%s has the fuzz targets [%s], and the table names [%s]", p.path(), strings.Join(have, " "), strings.Join(want, " "))
		}
		if seeds == 0 && len(have) > 0 {
			t.Errorf("%s: %d fuzz targets and %d seeds", p.path(), len(have), seeds)
		}
	}
	for _, r := range readers {
		if _, err := os.Stat(filepath.Join("..", r.pkg)); err != nil || r.reads == "" {
			t.Errorf("the table names %s: %v", r.pkg, err)
		}
	}
}
