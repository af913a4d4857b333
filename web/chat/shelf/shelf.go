// Package shelf is the folder of the browser client, as a server hands it out
// and as anybody checks it: files, each with its hash on one list. It knows no
// message and no page, and no operator's program holds the folder itself.
package shelf

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
)

// List is the name of the list, in the form that sha256sum checks; Recorded the
// kind of the record in the carrier's ledger whose body is the list, and Proof
// the name under which the ledger's proof of that record is handed out.
const (
	List     = "SHA256SUMS"
	Proof    = "SHA256SUMS.proof"
	Recorded = "chat.served"
)

//go:embed policy.txt
var policy string

// policyFile is the policy with which a folder was built.
const policyFile = "policy.txt"

// servable accepts our policy, and ours with one server of map pictures.
func servable(p string) bool {
	if p == policy {
		return true
	}
	const images = "img-src 'self'"
	at := strings.Index(policy, images) + len(images)
	origin, ok := strings.CutSuffix(p, policy[at:])
	origin, ok2 := strings.CutPrefix(origin, policy[:at]+" ")
	u, err := url.Parse(origin)
	return ok && ok2 && err == nil && origin == u.Scheme+"://"+u.Host && (u.Scheme == "https" || u.Hostname() == "127.0.0.1") && !strings.ContainsAny(origin, " ;,*'\"")
}

// Policy is the content security policy of every file.
func Policy() string { return policy }

// Sums are the names of files with their hashes.
type Sums map[string][sha256.Size]byte

// maxList bounds a list that comes from elsewhere.
const maxList = 64 << 10

// ReadSums reads a list.
func ReadSums(b []byte) (Sums, error) {
	if len(b) > maxList {
		return nil, bad("it is too long")
	}
	out := Sums{}
	for line := range strings.Lines(string(b)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		raw, err := hex.DecodeString(sum)
		if !ok || err != nil || len(raw) != sha256.Size || !plain(name) {
			return nil, bad("it has a line that is none of a list")
		}
		if _, twice := out[name]; twice {
			return nil, bad("it names a file twice")
		}
		out[name] = [sha256.Size]byte(raw)
	}
	if len(out) == 0 {
		return nil, bad("it is empty")
	}
	return out, nil
}

func bad(why string) error {
	return fault.New(fault.Invalid, "read list of files", "%s is no list of the browser client's files: %s", List, why)
}

// plain accepts names of files that lie in the folder itself.
func plain(name string) bool {
	return name != "" && name != List && name != Proof && len(name) < 100 && !strings.HasPrefix(name, ".") && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

// Bytes is the list as it is written, by name.
func (s Sums) Bytes() []byte {
	var b bytes.Buffer
	for _, name := range s.Names() {
		sum := s[name]
		b.WriteString(hex.EncodeToString(sum[:]) + "  " + name + "\n")
	}
	return b.Bytes()
}

// Names are the files' names, in order.
func (s Sums) Names() []string {
	var out []string
	for n := range s {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Hash names the whole list: one number that people can compare.
func (s Sums) Hash() [sha256.Size]byte { return sha256.Sum256(s.Bytes()) }

// Shelf hands the folder's files out, from memory.
type Shelf struct {
	Sums   Sums
	Proof  func() ([]byte, error) // that the list is in the ledger; nil: it is in none
	files  map[string]file
	policy string
	secure bool
}

type file struct{ plain, brotli []byte }

// Open reads a folder and refuses one whose files are not those of its list.
func Open(dir string, secure bool) (*Shelf, error) {
	b, err := os.ReadFile(filepath.Join(dir, List))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "open browser client", err, "chat: %s has no %s: build the folder with 'make chat'", dir, List)
	}
	sums, err := ReadSums(b)
	if err != nil {
		return nil, err
	}
	s := &Shelf{Sums: sums, files: map[string]file{List: {plain: b}}, policy: policy, secure: secure}
	for name, want := range sums {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || sha256.Sum256(raw) != want {
			return nil, fault.Wrap(fault.Conflict, "open browser client", err, "chat: %s in %s is missing, or is not the file that its list names: build the folder anew", name, dir)
		}
		f := file{plain: raw}
		if small, err := os.ReadFile(filepath.Join(dir, name+".br")); err == nil {
			f.brotli = small
		}
		s.files[name] = f
	}
	if f, ok := s.files[policyFile]; ok {
		if !servable(string(f.plain)) {
			return nil, fault.New(fault.Conflict, "open browser client", "chat: %s in %s allows more than pictures of a map from one server: build the folder with 'make chat'", policyFile, dir)
		}
		s.policy = string(f.plain)
	}
	return s, nil
}

// ServeHTTP hands out what is on the list, and the list.
func (s *Shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.headers(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "These are files: they are read.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	f, ok := s.files[name]
	if name == Proof && s.Proof != nil {
		b, err := s.Proof()
		f, ok = file{plain: b}, err == nil
	}
	if !ok {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind(name))
	h.Set("Vary", "Accept-Encoding")
	sum := sha256.Sum256(f.plain)
	body, tag := f.plain, hex.EncodeToString(sum[:16])
	if f.brotli != nil && accepts(r.Header.Get("Accept-Encoding"), "br") {
		h.Set("Content-Encoding", "br")
		body, tag = f.brotli, tag+"-br"
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func accepts(header, encoding string) bool {
	for e := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(e), ";")
		if strings.TrimSpace(name) == encoding && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

func (s *Shelf) headers(h http.Header) {
	h.Set("Content-Security-Policy", s.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), clipboard-read=()")
	h.Set("Cache-Control", "no-cache")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// kind is the type of a file by its name, the same on every machine.
func kind(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	case "":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
