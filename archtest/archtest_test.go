// Package archtest states the shape of the house as a test: which room may
// import which, what a program may never reach, and that each package says
// what it is. It reads `go list`, for the native and for the js/wasm build.
package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "letterlock"

// room is a folder with a reason: what it may import of ours. Parts of a room
// meet in its root or in the shared part named by meets, never sideways.
type room struct {
	may   []string
	parts []string // the folders of the room; nil: it has none
	meets string   // the part that the others may import
	why   string
}

var rooms = map[string]room{
	"internal":     {parts: []string{"fault", "clock", "note", "passkey", "plot", "testkit", "lang"}, meets: "*", why: "internal has no domain words"},
	"wire":         {parts: []string{"hpke"}, meets: "*", why: "what travels knows no rule: the standard library and the codec only"},
	"signal":       {parts: []string{"interop", "internal", "signaltest"}, meets: "*", why: "the protocol is a public package: it imports nothing of ours"},
	"law":          {why: "the law is data that knows no case: it imports nothing of ours"},
	"client":       {may: []string{"signal", "wire", "internal"}, parts: []string{"internal", "keystoretest", "carriertest"}, meets: "*", why: "the client seals and opens; it knows the wire and the protocol only"},
	"disclosable":  {may: []string{"internal"}, parts: []string{"door"}, meets: "*", why: "both halves meet in it, so it may know neither"},
	"routing":      {may: []string{"internal"}, parts: []string{"inproc", "routingtest"}, meets: "*", why: "routing moves bytes and knows no message"},
	"ledger":       {may: []string{"internal"}, parts: []string{"proof", "witness"}, meets: "*", why: "the ledger records what it is given"},
	"messenger":    {may: []string{"wire", "law", "disclosable", "routing", "ledger", "internal"}, parts: []string{"abuse", "account", "prekey", "mailbox", "gateway", "holdings", "trace", "turn", "media", "push"}, meets: "account", why: "the carrier never knows the desk or the client"},
	"desk":         {may: []string{"law", "disclosable", "ledger", "transparency", "internal"}, parts: []string{"casefile", "room", "email", "agency", "staff", "intake", "retain", "review", "produce", "notice", "paper", "breach", "figures", "risk", "sealed", "emergency", "drill", "desktest"}, meets: "casefile", why: "the desk must not reach the messenger or the wire: the door is its only way"},
	"transparency": {may: []string{"ledger", "internal"}, parts: []string{"room"}, meets: "*", why: "what is published is counted from the ledger"},
	"web/kit":      {may: []string{"internal"}, why: "the shared look knows no domain"},
	"web/words":    {may: []string{"law", "web/kit", "internal"}, why: "what the law table names briefly, in the same words on every site"},
	"web/demand":   {may: []string{"desk", "law", "disclosable", "web/kit", "web/words", "internal"}, why: "one form of a request, for the portal and for a paper that the team enters"},
	"web/portal":   {may: []string{"desk", "law", "disclosable", "web/kit", "web/words", "web/demand", "internal"}, why: "the agency's pages know the desk"},
	"web/api":      {may: []string{"desk", "law", "disclosable", "web/kit", "web/words", "web/demand", "internal"}, why: "an agency's software sees what its officer sees"},
	"web/console":  {may: []string{"desk", "law", "disclosable", "web/kit", "web/words", "web/demand", "internal"}, why: "the team's pages know the desk"},
	"web/chat":     {may: []string{"client", "wire", "internal"}, parts: []string{"core", "vault", "shelf"}, meets: "*", why: "the browser client is a person's: it holds nothing of the operator's"},
	"web/release":  {may: []string{"disclosable", "law", "web/kit", "web/words", "internal"}, why: "second signatures are served by the carrier and must not know the desk"},
	"web/center":   {may: []string{"transparency", "disclosable", "law", "ledger", "web/kit", "web/words", "internal"}, why: "the public pages know what is public"},
	"storage": {may: []string{"wire", "client", "messenger", "desk", "disclosable", "law", "ledger", "routing", "internal"},
		parts: []string{"tx", "sqlite", "postgres", "messengerdb", "deskdb", "clientdb", "blob", "backup", "storagetest"}, meets: "*", why: "adapters import the domain, never the reverse"},
	"cmd":      {may: []string{"*"}, parts: []string{"letterlock", "letter", "verify", "demo"}, meets: "", why: "only cmd sees all"},
	"archtest": {why: "it only reads"},
	"e2e":      {may: []string{"*"}, parts: []string{"story"}, meets: "*", why: "stories use everything"},
	"bench":    {may: []string{"*"}, parts: []string{"run"}, meets: "*", why: "measurements use everything"},
}

// never lists what a package must not reach, not even indirectly.
var never = []struct {
	from, to, why string
}{
	{"cmd/letterlock", "client", "the operator's program must not link the code that reads a message (duty B1)"},
	{"cmd/letterlock", "signal", "the operator's program must not link the code that reads a message (duty B1)"},
	{"cmd/letterlock", "internal/testkit", "a software authenticator in the operator's program would be a way around two people"},
	{"web/chat/shelf", "client", "the operator's program hands the browser client out as files and links nothing of it (duty B1)"},
	{"web/chat", "messenger", "a person's program holds nothing of the operator's"},
	{"cmd/verify", "client", "the court's verifier is no reader"},
	{"cmd/verify", "signal", "the court's verifier is no reader"},
	{"cmd/letter", "messenger", "a person's program holds nothing of the operator's"},
	{"cmd/letter", "desk", "a person's program holds nothing of the operator's"},
	{"desk", "messenger", "a captured desk must not find the messenger's code in its process"},
	{"desk", "wire", "a captured desk must not speak to devices"},
	{"client", "database/sql", "the client core runs in the browser too"},
	{"client", "net/http", "the client core runs in the browser too, where net/http weighs 3 MB"},
	{"signal", "net/http", "the protocol package talks to nobody"},
	{"signal", "database/sql", "the protocol package stores nothing itself"},
	{"law", "net/http", "the law is read, not fetched"},
}

type pkg struct {
	ImportPath, Name, Doc, Dir string
	Imports, Deps              []string
	EmbedFiles, GoFiles        []string
	TestGoFiles, XTestGoFiles  []string
	TestImports, XTestImports  []string
	Error                      *struct{ Err string }
	DepsErrors                 []*struct{ Err string }
	Incomplete                 bool
}

func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func list(t *testing.T, env ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json", "./...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath != module {
			all = append(all, p)
		}
	}
}

// roomOf is the room of a package path and the part within it.
func roomOf(p string) (name, part string, ok bool) {
	parts := strings.Split(p, "/")
	name = parts[0]
	if name == "web" && len(parts) > 1 {
		name, parts = "web/"+parts[1], parts[1:]
	}
	r, ok := rooms[name]
	if len(parts) > 1 {
		part = parts[1]
		ok = ok && slices.Contains(r.parts, part)
	}
	return name, part, ok
}

func TestEachFolderIsARoom(t *testing.T) {
	for _, p := range list(t) {
		if _, _, ok := roomOf(p.path()); !ok {
			t.Errorf("%s is no room of the house: think before adding one (docs/architecture.md), then name it here", p.path())
		}
	}
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for _, env := range [][]string{nil, {"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0"}} {
		for _, p := range list(t, env...) {
			from, part, ok := roomOf(p.path())
			if !ok {
				continue // said by TestEachFolderIsARoom
			}
			for _, i := range p.Imports {
				to, is := strings.CutPrefix(i, module+"/")
				if is && !allowed(from, part, to) {
					t.Errorf("%v: %s imports %s: %s", env, p.path(), to, rooms[from].why)
				}
			}
		}
	}
}

func allowed(from, part, to string) bool {
	toRoom, toPart, _ := roomOf(to)
	r := rooms[from]
	if toRoom == from {
		return part == "" || toPart == "" || toPart == part || r.meets == "*" || toPart == r.meets
	}
	return slices.Contains(r.may, toRoom) || slices.Contains(r.may, "*")
}

func TestWhatNoProgramMayReach(t *testing.T) {
	for _, env := range [][]string{nil, {"GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0"}} {
		for _, p := range list(t, env...) {
			for _, n := range never {
				if !within(p.path(), n.from) || exempt(p) {
					continue
				}
				for _, d := range p.Deps {
					if within(strings.TrimPrefix(d, module+"/"), n.to) {
						t.Errorf("%v: %s reaches %s: %s", env, p.path(), d, n.why)
					}
				}
			}
		}
	}
}

// exempt: packages that exist for tests only and are linked into no program.
func exempt(p pkg) bool {
	return strings.HasSuffix(p.path(), "test") || strings.Contains(p.path(), "/interop")
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

func TestNoOperatorProgramEmbedsClientCode(t *testing.T) {
	all := list(t)
	deps := map[string]bool{}
	for _, p := range all {
		if p.path() == "cmd/letterlock" {
			deps[p.ImportPath] = true
			for _, d := range p.Deps {
				deps[d] = true
			}
		}
	}
	if len(deps) == 0 {
		t.Fatal("cmd/letterlock is gone: this test checks nothing")
	}
	for _, p := range all {
		if !deps[p.ImportPath] {
			continue
		}
		for _, f := range p.EmbedFiles {
			if e := path.Ext(f); e == ".wasm" || e == ".zip" || e == ".gz" || e == ".br" || e == ".so" {
				t.Errorf("%s embeds %s: an operator's program embeds no program (duty B1)", p.path(), f)
			}
		}
	}
}

func TestTheClientCoreBuildsForTheBrowser(t *testing.T) {
	cmd := exec.Command("go", "build", "./signal/...", "./client/...", "./wire/...", "./disclosable", "./ledger/...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("GOOS=js GOARCH=wasm: %v\n%s", err, out)
	}
}

func TestEachPackageSaysWhatItIs(t *testing.T) {
	for _, p := range list(t) {
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command " + path.Base(p.ImportPath) + " "
		}
		if len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: its comment must begin %q: what it is, what it knows and must not know", p.path(), want)
		}
	}
}

func TestEachDependencySaysWhy(t *testing.T) {
	why, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-test", "-f", `{{join .Imports "\n"}}`, "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	used := strings.Fields(string(out))
	mods := exec.Command("go", "list", "-m", "-f", `{{.Path}} {{.Version}}`, "all")
	mods.Dir = ".."
	if out, err = mods.Output(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		m, version, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || m == module || !slices.ContainsFunc(used, func(p string) bool { return within(p, m) && moduleOf(p, string(out)) == m }) {
			continue
		}
		if !strings.Contains(string(why), "| "+m+" | "+version+" |") {
			t.Errorf("%s %s is imported and docs/dependencies.md does not say why", m, version)
		}
	}
}

// moduleOf is the longest module path that a package lies in.
func moduleOf(p, all string) string {
	best := ""
	for line := range strings.Lines(all) {
		if m, _, _ := strings.Cut(strings.TrimSpace(line), " "); within(p, m) && len(m) > len(best) {
			best = m
		}
	}
	return best
}

// TestEachProtocolCitationIsListed: a comment "// spec: X" begins with a clause
// that docs/protocol/clauses.md lists. law/citation_test.go does the same for
// citations of law.
func TestEachProtocolCitationIsListed(t *testing.T) {
	known, err := os.ReadFile("../docs/protocol/clauses.md")
	if err != nil {
		t.Fatal(err)
	}
	var clauses []string
	for _, m := range regexp.MustCompile("(?m)^- `([^`]+)`").FindAllStringSubmatch(string(known), -1) {
		clauses = append(clauses, m[1])
	}
	citation, found := regexp.MustCompile(`(?m)^\s*// spec: (.+)$`), 0
	for _, p := range list(t) {
		for _, f := range p.GoFiles {
			src, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range citation.FindAllStringSubmatch(string(src), -1) {
				found++
				if !slices.ContainsFunc(clauses, func(c string) bool {
					return m[1] == c || strings.HasPrefix(m[1], c+".") || strings.HasPrefix(m[1], c+",") || strings.HasPrefix(m[1], c+" ")
				}) {
					t.Errorf("%s/%s cites %q, which docs/protocol/clauses.md does not list", p.path(), f, m[1])
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d citations found: is the form still the same?", found)
	}
}
