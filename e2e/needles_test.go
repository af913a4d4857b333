package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// needles finds many byte strings in one pass.
type needles struct {
	bits [1 << 16]uint64 // which hashes of first eight bytes there are
	by   map[uint64][]needle
}

type needle struct {
	what  string
	bytes []byte
}

// hit is a place where a needle was found.
type hit struct {
	what, where string
	at          int64
}

func newNeedles() *needles { return &needles{by: map[uint64][]needle{}} }

const needleHead = 8

func (n *needles) put(what string, b []byte) {
	if len(b) < needleHead {
		return // too short to mean anything
	}
	v := binary.LittleEndian.Uint64(b)
	n.by[v] = append(n.by[v], needle{what, b})
	h := needleHash(v)
	n.bits[h>>6] |= 1 << (h & 63)
}

func needleHash(v uint64) uint64 { return v * 0x9e3779b97f4a7c15 >> 42 }

// binary adds bytes, and how they would look in hexadecimal and base64.
func (n *needles) binary(what string, b []byte) {
	n.put(what+" (raw)", bytes.Clone(b))
	n.put(what+" (hex)", []byte(hex.EncodeToString(b)))
	n.put(what+" (HEX)", []byte(strings.ToUpper(hex.EncodeToString(b))))
	n.base64(what, b)
}

// base64 adds the three forms that bytes take inside a longer base64 text.
func (n *needles) base64(what string, b []byte) {
	for skip := range 3 {
		if len(b) < skip+9 {
			continue
		}
		whole := b[skip:]
		whole = whole[:len(whole)/3*3] // no padding, no bits of a neighbour
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			n.put(what+" (base64)", []byte(e.EncodeToString(whole)))
		}
	}
}

// text adds a text, and how it would look in other encodings.
func (n *needles) text(what, s string) {
	n.binary(what, []byte(s))
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	n.put(what+" (UTF-16)", wide)
}

func (n *needles) scan(where string, b []byte) (hits []hit) {
	for i := 0; i+needleHead <= len(b); i++ {
		v := binary.LittleEndian.Uint64(b[i:])
		h := needleHash(v)
		if n.bits[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for _, k := range n.by[v] {
			if bytes.HasPrefix(b[i:], k.bytes) {
				hits = append(hits, hit{what: k.what, where: where, at: int64(i)})
			}
		}
	}
	return hits
}

// haystack is named bytes: the files of a folder, or the memory of a process.
type haystack []part

type part struct {
	name string
	b    []byte
}

func (h haystack) size() (n int64) {
	for _, p := range h {
		n += int64(len(p.b))
	}
	return n
}

func (h haystack) search(n *needles) (hits []hit) {
	for _, p := range h {
		hits = append(hits, n.scan(p.name, p.b)...)
	}
	return hits
}

// only keeps parts whose name has one of the words.
func (h haystack) only(words ...string) (out haystack) {
	for _, p := range h {
		for _, w := range words {
			if strings.Contains(p.name, w) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

func (h haystack) without(words ...string) (out haystack) {
next:
	for _, p := range h {
		for _, w := range words {
			if strings.Contains(p.name, w) {
				continue next
			}
		}
		out = append(out, p)
	}
	return out
}

// files reads every file below folders. A file's own name is part of what it
// says.
func files(t testing.TB, folders ...string) (out haystack) {
	t.Helper()
	for _, dir := range folders {
		must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil && !os.IsNotExist(err) {
				return err
			}
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			b, err := os.ReadFile(path)
			if os.IsNotExist(err) { // a running engine removes files
				return nil
			}
			out = append(out, part{strings.TrimPrefix(path, filepath.Dir(dir)), append([]byte(path+"\n"), b...)})
			return err
		}))
	}
	return out
}

// none fails the test for each kind of hit, with the first places.
func none(t testing.TB, claim string, hits []hit) {
	t.Helper()
	seen := map[string]int{}
	for _, h := range hits {
		if seen[h.what]++; seen[h.what] <= 2 {
			t.Errorf("%s: found %s in %s at byte %d", claim, h.what, h.where, h.at)
		}
	}
	if len(hits) > 0 {
		t.Errorf("%s: %d hits of %d kinds", claim, len(hits), len(seen))
	}
}

// some fails the test if a control was not found: a search that cannot find
// what is there proves nothing.
func some(t testing.TB, control string, hits []hit) {
	t.Helper()
	if len(hits) == 0 {
		t.Errorf("the search is blind: it did not find %s", control)
	}
}
