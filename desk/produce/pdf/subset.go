package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// sfnt is the tables of a TrueType font that a PDF needs.
// spec: ISO/IEC 14496-22 5
type sfnt struct {
	tables   map[string][]byte
	loca     []uint32
	metrics  int // full entries in hmtx
	unitsPer int
}

// tablesOf reads the directory of a font with TrueType outlines.
func tablesOf(data []byte) (*sfnt, error) {
	f := &sfnt{tables: map[string][]byte{}}
	if len(data) < 12 {
		return nil, errors.New("it is too short")
	}
	for i := range int(binary.BigEndian.Uint16(data[4:])) {
		e := 12 + 16*i
		if e+16 > len(data) {
			return nil, errors.New("its directory is cut off")
		}
		at, n := int(binary.BigEndian.Uint32(data[e+8:])), int(binary.BigEndian.Uint32(data[e+12:]))
		if at > len(data) || n > len(data)-at {
			return nil, errors.New("a table lies outside the file")
		}
		f.tables[string(data[e:e+4])] = data[at : at+n]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 0} {
		if t, ok := f.tables[name]; !ok || len(t) < least {
			return nil, fmt.Errorf("it has no table %q: only TrueType outlines can be embedded", name)
		}
	}
	return f, f.index()
}

// index reads where each glyph lies.
func (f *sfnt) index() error {
	head, loca := f.tables["head"], f.tables["loca"]
	f.unitsPer = int(binary.BigEndian.Uint16(head[18:]))
	f.metrics = int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	glyphs := int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
	wide := binary.BigEndian.Uint16(head[50:]) != 0
	for i := range glyphs + 1 {
		switch {
		case wide && len(loca) >= 4*i+4:
			f.loca = append(f.loca, binary.BigEndian.Uint32(loca[4*i:]))
		case !wide && len(loca) >= 2*i+2:
			f.loca = append(f.loca, 2*uint32(binary.BigEndian.Uint16(loca[2*i:])))
		default:
			return errors.New("its glyph index is cut off")
		}
		if int(f.loca[i]) > len(f.tables["glyf"]) || i > 0 && f.loca[i] < f.loca[i-1] {
			return errors.New("its glyph index is broken")
		}
	}
	if f.unitsPer == 0 || f.metrics == 0 || len(f.tables["hmtx"]) < 4*f.metrics {
		return errors.New("its metrics are broken")
	}
	return nil
}

// nothing is a glyph that no font has: empty and without width. It carries
// text where one shape stands for several letters.
const nothing = 0xFFFF

func (f *sfnt) glyph(g int) []byte {
	if g+1 >= len(f.loca) {
		return nil
	}
	return f.tables["glyf"][f.loca[g]:f.loca[g+1]]
}

// metric is a glyph's entry in hmtx: advance and left side bearing.
func (f *sfnt) metric(g int) [4]byte {
	hmtx := f.tables["hmtx"]
	if g == nothing {
		return [4]byte{}
	}
	if g < f.metrics {
		return [4]byte(hmtx[4*g:])
	}
	out := [4]byte(hmtx[4*(f.metrics-1):])
	if at := 4*f.metrics + 2*(g-f.metrics); at+2 <= len(hmtx) {
		copy(out[2:], hmtx[at:at+2])
	}
	return out
}

// width is a glyph's advance in thousandths of the font's size.
func (f *sfnt) width(g int) int {
	m := f.metric(g)
	return (int(binary.BigEndian.Uint16(m[:]))*1000 + f.unitsPer/2) / f.unitsPer
}

// Flags of a part of a composite glyph.
const (
	wordArguments = 1 << 0
	hasScale      = 1 << 3
	moreParts     = 1 << 5
	hasTwoScales  = 1 << 6
	hasMatrix     = 1 << 7
)

// parts calls visit with the offset of each part's glyph number in a composite
// glyph.
func parts(glyph []byte, visit func(at int)) {
	if len(glyph) < 10 || int16(binary.BigEndian.Uint16(glyph)) >= 0 {
		return
	}
	for at := 10; at+4 <= len(glyph); {
		flags := binary.BigEndian.Uint16(glyph[at:])
		visit(at + 2)
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&hasTwoScales != 0:
			at += 4
		case flags&hasMatrix != 0:
			at += 8
		}
		if flags&moreParts == 0 {
			return
		}
	}
}

// subset writes a font that holds the given glyphs, numbered in the order of
// the list; the parts of composites are added after them.
func (f *sfnt) subset(glyphs []int) []byte {
	glyphs = append([]int(nil), glyphs...)
	number := map[int]int{}
	for i, g := range glyphs {
		if _, known := number[g]; !known {
			number[g] = i
		}
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(glyphs); i++ {
		g := append([]byte(nil), f.glyph(glyphs[i])...)
		parts(g, func(at int) {
			part := int(binary.BigEndian.Uint16(g[at:]))
			if _, known := number[part]; !known {
				number[part] = len(glyphs)
				glyphs = append(glyphs, part)
			}
			binary.BigEndian.PutUint16(g[at:], uint16(number[part]))
		})
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, g...)
		glyf = append(glyf, make([]byte, -len(g)&3)...)
		m := f.metric(glyphs[i])
		hmtx = append(hmtx, m[:]...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	return f.assemble(len(glyphs), glyf, loca, hmtx)
}

func (f *sfnt) assemble(n int, glyf, loca, hmtx []byte) []byte {
	head, hhea, maxp := clone(f.tables["head"]), clone(f.tables["hhea"]), clone(f.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0) // sum of the whole, set below
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(n))
	binary.BigEndian.PutUint16(maxp[4:], uint16(n))
	tables := []struct {
		name string
		data []byte
	}{{"cvt ", f.tables["cvt "]}, {"fpgm", f.tables["fpgm"]}, {"glyf", glyf}, {"head", head}, {"hhea", hhea},
		{"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}, {"prep", f.tables["prep"]}}
	count := len(tables)
	out := []byte{0, 1, 0, 0, 0, byte(count), 0, 128, 0, 3, 0, byte(16*count - 128)}
	at := len(out) + 16*count
	for _, t := range tables {
		out = append(out, t.name...)
		out = binary.BigEndian.AppendUint32(out, checksum(t.data))
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	adjust := 0
	for _, t := range tables {
		if t.name == "head" {
			adjust = len(out) + 8
		}
		out = append(out, t.data...)
		out = append(out, make([]byte, -len(t.data)&3)...)
	}
	binary.BigEndian.PutUint32(out[adjust:], 0xB1B0AFBA-checksum(out))
	return out
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

// checksum is a table's, its end filled up with zeros.
func checksum(b []byte) uint32 {
	var sum uint32
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}
