// Package inspect reads out of a Go program which packages were linked into
// it, and says whether one of them could read a message. It looks at the file
// alone; it runs nothing and must not trust what the file says about itself
// more than its code: the list comes from the table that the runtime itself
// needs to print a stack.
package inspect

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reader is code that can open a message, by the packages it lies in.
type reader struct{ path, why string }

// readers is what an operator's program must not contain. A path stands for
// itself and everything below it.
var readers = []reader{
	{"letterlock/client", "the client, which seals and opens messages"},
	{"letterlock/signal", "the Signal protocol"},
	{"letterlock/cmd/letter", "the terminal client"},
	{"letterlock/storage/clientdb", "the client's key store"},
	{"github.com/cloudflare/circl/kem/kyber", "the Kyber keys of the Signal protocol"},
	{"github.com/cloudflare/circl/pke/kyber", "the Kyber keys of the Signal protocol"},
	{"go.mau.fi/libsignal", "another Signal library"},
	{"go.mau.fi/whatsmeow", "another messenger's client"},
	{"github.com/RadicalApp/libsignal-protocol-go", "another Signal library"},
}

// Program is what a file turned out to be.
type Program struct {
	SHA256   string   `json:"sha256"`
	Size     int      `json:"size"`
	Main     string   `json:"main"` // import path of the main package
	Go       string   `json:"go"`
	Trimmed  bool     `json:"trimpath"`
	Revision string   `json:"revision,omitempty"`
	Modules  []string `json:"modules"`
	Packages []string `json:"packages"`
	Readers  []Found  `json:"readers"`
}

// Found is a package that can read, and why it counts as one.
type Found struct {
	Package string `json:"package"`
	Why     string `json:"why"`
}

// Own are the packages of Letterlock itself.
func (p *Program) Own() []string {
	var own []string
	for _, name := range p.Packages {
		if strings.HasPrefix(name, "letterlock/") {
			own = append(own, name)
		}
	}
	return own
}

// File looks into a program.
func File(data []byte) (*Program, error) {
	sum := sha256.Sum256(data)
	p := &Program{SHA256: hex.EncodeToString(sum[:]), Size: len(data), Modules: []string{}, Readers: []Found{}}
	if err := p.describe(data); err != nil {
		return p, err
	}
	packages := map[string]bool{}
	tables := 0
	for t := range tablesIn(data) {
		tables++
		t.packages(packages)
	}
	if tables == 0 || !packages["runtime"] || !packages["main"] {
		return p, errors.New("its table of functions cannot be found, so what is linked into it cannot be shown")
	}
	p.Packages = slices.Sorted(maps.Keys(packages))
	p.judge()
	return p, nil
}

// describe reads what the build noted about itself.
func (p *Program) describe(data []byte) error {
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return errors.New("it is not a program made by the Go compiler, or its build record was removed")
	}
	p.Main, p.Go = info.Path, info.GoVersion
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p.Modules = append(p.Modules, m.Path+" "+m.Version)
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "-trimpath":
			p.Trimmed = s.Value == "true"
		case "vcs.revision":
			p.Revision = s.Value
		}
	}
	return nil
}

func (p *Program) judge() {
	for _, name := range append([]string{p.Main}, p.Packages...) {
		for _, r := range readers {
			found := Found{name, r.why}
			if (name == r.path || strings.HasPrefix(name, r.path+"/")) && !slices.Contains(p.Readers, found) {
				p.Readers = append(p.Readers, found)
			}
		}
	}
}

// table is a function table ("pclntab") of a Go program: all names of
// functions, also of those that were inlined, and all source files.
type table struct{ names, files []byte }

// magics of the table's form since Go 1.18 and since Go 1.20; what lies before
// is older than this project.
var magics = []uint32{0xFFFFFFF0, 0xFFFFFFF1}

// tablesIn finds every function table in a file, whatever the file's format:
// also that of a program carried inside another.
func tablesIn(data []byte) func(yield func(table) bool) {
	return func(yield func(table) bool) {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, magic := range magics {
				var sign [6]byte // the magic number and two zero bytes
				order.PutUint32(sign[:], magic)
				for at := 0; ; at++ {
					next := bytes.Index(data[at:], sign[:])
					if next < 0 {
						break
					}
					at += next
					if t, ok := tableAt(data[at:], order); ok && !yield(t) {
						return
					}
				}
			}
		}
	}
}

// tableAt reads the head of a table. Its fields, each as wide as a pointer:
// functions, files, start of text, and the offsets of names, compilation
// units, files and two more, which grow.
func tableAt(b []byte, order binary.ByteOrder) (table, bool) {
	if len(b) < 8 {
		return table{}, false
	}
	quantum, width := b[6], int(b[7])
	if quantum != 1 && quantum != 2 && quantum != 4 || width != 4 && width != 8 || len(b) < 8+8*width {
		return table{}, false
	}
	word := func(i int) uint64 {
		if width == 4 {
			return uint64(order.Uint32(b[8+4*i:]))
		}
		return order.Uint64(b[8+8*i:])
	}
	names, units, files, counters, functions := word(3), word(4), word(5), word(6), word(7)
	if names < uint64(8+8*width) || names >= units || units > files || files >= counters || counters > functions || functions > uint64(len(b)) {
		return table{}, false
	}
	return table{names: b[names:units], files: b[files:counters]}, true
}

func (t table) packages(into map[string]bool) {
	for name := range bytes.SplitSeq(t.names, []byte{0}) {
		if p := packageOf(string(name)); p != "" {
			into[p] = true
		}
	}
	for name := range bytes.SplitSeq(t.files, []byte{0}) {
		if p := packageOfFile(string(name)); p != "" {
			into[p] = true
		}
	}
}

// packageOf is the package of a function: all before the first point that
// follows the last slash outside type arguments.
func packageOf(name string) string {
	name, _, _ = strings.Cut(name, "[")
	for _, prefix := range []string{"go:", "type:", "type..", "glob..", "_"} {
		if strings.HasPrefix(name, prefix) {
			return ""
		}
	}
	slash := strings.LastIndexByte(name, '/') + 1
	point := strings.IndexByte(name[slash:], '.')
	if point <= 0 {
		return ""
	}
	p := strings.NewReplacer("%2e", ".", "%25", "%").Replace(name[:slash+point])
	if strings.ContainsAny(p, " ()*{}:") {
		return ""
	}
	return p
}

// packageOfFile is the package of a source file in a trimmed build:
// "letterlock/signal/ratchet.go", "github.com/cloudflare/circl@v1.6.5/...".
func packageOfFile(name string) string {
	slash := strings.LastIndexByte(name, '/')
	if slash <= 0 || !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "/") {
		return ""
	}
	dir := name[:slash]
	if at := strings.IndexByte(dir, '@'); at >= 0 {
		_, rest, _ := strings.Cut(dir[at:], "/")
		dir = strings.TrimSuffix(dir[:at]+"/"+rest, "/")
	}
	return dir
}

// Summary says in a few words how much there is.
func (p *Program) Summary() string {
	return fmt.Sprintf("%d packages of %d modules and of the standard library", len(p.Packages), len(p.Modules)+1)
}
