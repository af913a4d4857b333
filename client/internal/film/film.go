// Package film finds what a film (MP4, QuickTime) or a HEIC picture says beside
// what is seen and heard: place, time, device, author, tracks of positions. It
// says which bytes to empty, in their place: nothing moves, so that every
// offset in the file stays true. It knows bytes and no file.
package film

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// ErrForm says that a file is damaged, or of a form in which it cannot be told
// what is beside the picture.
var ErrForm = errors.New("the film or picture is damaged or of a rare form")

// Patch says what to write in the place of some bytes; With nil: zeros.
type Patch struct {
	At, Length int64
	With       []byte
}

// Bounds of what is read into memory, and of how many parts a file has.
const (
	maxHead  = 64 << 20 // bytes of one moov, moof or meta
	maxBoxes = 1 << 20
	maxRuns  = 1 << 21 // samples of tracks that are emptied
)

// reach is a run of bytes.
type reach struct{ from, to int64 }

// plan gathers what is found.
type plan struct {
	r       io.ReaderAt
	size    int64
	patches []Patch
	data    []reach // where samples may lie
	boxes   int
	runs    int     // samples that are emptied
	wanted  []reach // samples and items to be emptied
	tracks  int     // that are kept
	dropped bool    // a track is emptied
	parts   bool    // the film is in fragments
	items   bool    // it is a picture of items
}

// Plan reads a film or HEIC picture and says what to empty.
func Plan(r io.ReaderAt, size int64) ([]Patch, error) {
	p := &plan{r: r, size: size}
	if err := p.top(); err != nil {
		return nil, err
	}
	if p.tracks == 0 && !p.items || p.parts && p.dropped {
		return nil, ErrForm
	}
	for _, w := range p.wanted {
		if !slices.ContainsFunc(p.data, func(d reach) bool { return w.from >= d.from && w.to <= d.to }) {
			return nil, ErrForm
		}
		p.empty(w.from, w.to)
	}
	slices.SortStableFunc(p.patches, func(a, b Patch) int { return int(min(max(a.At-b.At, -1), 1)) })
	return p.patches, nil
}

// Copy copies a file, patched. Where patches overlap, the later one of the list
// counts last.
func Copy(w io.Writer, r io.ReaderAt, size int64, patches []Patch) error {
	buf, first := make([]byte, 256<<10), 0
	for at := int64(0); at < size; {
		n := min(int64(len(buf)), size-at)
		if _, err := io.ReadFull(io.NewSectionReader(r, at, n), buf[:n]); err != nil {
			return err
		}
		for first < len(patches) && over(patches[:first+1], at) {
			first++
		}
		for _, p := range patches[first:] {
			if p.At >= at+n {
				break
			}
			p.on(buf[:n], at)
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// over reports whether the last of patches ends before a byte.
func over(patches []Patch, at int64) bool {
	p := patches[len(patches)-1]
	return p.At+p.Length <= at
}

// on patches what of p lies in b, which stands at a byte of the file.
func (p Patch) on(b []byte, at int64) {
	from, to := max(p.At, at), min(p.At+p.Length, at+int64(len(b)))
	if from >= to {
		return
	}
	if part := b[from-at : to-at]; p.With == nil {
		clear(part)
	} else {
		copy(part, p.With[from-p.At:])
	}
}

func (p *plan) empty(from, to int64) {
	if from < to {
		p.patches = append(p.patches, Patch{At: from, Length: to - from})
	}
}

// box is one box: its bytes in the file, and where its inside begins.
type box struct {
	kind           string
	at, inside, to int64
}

// drop makes a box one that readers pass over, and empties it.
func (p *plan) drop(b box) {
	p.patches = append(p.patches, Patch{At: b.at + 4, Length: 4, With: []byte("free")})
	p.empty(b.inside, b.to)
}

// boxAt reads the head of the box at a byte, within an end.
func (p *plan) boxAt(at, end int64) (b box, err error) {
	var h [16]byte
	if p.boxes++; p.boxes > maxBoxes || end-at < 8 {
		return b, ErrForm
	}
	if _, err := p.r.ReadAt(h[:min(16, end-at)], at); err != nil && err != io.EOF {
		return b, err
	}
	b = box{string(h[4:8]), at, at + 8, at + int64(binary.BigEndian.Uint32(h[:]))}
	switch b.to - at {
	case 0:
		b.to = end
	case 1:
		n := binary.BigEndian.Uint64(h[8:])
		if n > uint64(p.size) {
			return b, ErrForm
		}
		b.inside, b.to = at+16, at+int64(n)
	}
	if b.to < b.inside || b.to > end {
		return b, ErrForm
	}
	return b, nil
}

// each goes through the boxes between two bytes.
func (p *plan) each(from, end int64, f func(box) error) error {
	for from < end {
		if end-from < 8 { // QuickTime ends some lists with a zero
			p.empty(from, end)
			return nil
		}
		b, err := p.boxAt(from, end)
		if err != nil {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
		from = b.to
	}
	return nil
}

// bytes reads the inside of a box.
func (p *plan) bytes(b box) ([]byte, error) {
	n := b.to - b.inside
	if n > maxHead {
		return nil, ErrForm
	}
	out := make([]byte, n)
	_, err := io.ReadFull(io.NewSectionReader(p.r, b.inside, n), out)
	return out, err
}

func (p *plan) top() error {
	return p.each(0, p.size, func(b box) error {
		switch b.kind {
		case "ftyp", "styp", "sidx", "ssix", "mfra", "pdin":
			return nil
		case "mdat":
			p.data = append(p.data, reach{b.inside, b.to})
			return nil
		case "free", "skip", "wide":
			p.empty(b.inside, b.to)
			return nil
		case "moov":
			return p.moov(b)
		case "moof":
			p.parts = true
			return p.inside(b)
		case "meta":
			return p.meta(b)
		}
		p.drop(b)
		return nil
	})
}

// within are the boxes that make a film, by what they lie in. What is not among
// them is emptied: a list of what is bad would be out of date.
var within = map[string][]string{
	"moov": {"mvhd", "trak", "mvex", "iods"},
	"trak": {"tkhd", "edts", "mdia", "tapt"},
	"edts": {"elst"},
	"tapt": {"clef", "prof", "enof"},
	"mdia": {"mdhd", "hdlr", "minf", "elng"},
	"minf": {"vmhd", "smhd", "nmhd", "gmhd", "hdlr", "dinf", "stbl"},
	"dinf": {"dref"},
	"stbl": {"stsd", "stts", "ctts", "stsc", "stsz", "stz2", "stco", "co64", "stss", "stsh", "sdtp", "stps", "cslg", "sgpd", "sbgp", "subs", "saiz", "saio", "padb"},
	"mvex": {"mehd", "trex", "leva"},
	"moof": {"mfhd", "traf"},
	"traf": {"tfhd", "tfdt", "trun", "sbgp", "sgpd", "subs", "saiz", "saio", "senc"},
}

// inside goes through what a box holds, and the boxes in it.
func (p *plan) inside(b box) error {
	keep := within[b.kind]
	return p.each(b.inside, b.to, func(in box) error {
		switch {
		case in.kind == "free" || in.kind == "skip" || in.kind == "wide":
			p.empty(in.inside, in.to)
		case !slices.Contains(keep, in.kind):
			p.drop(in)
		case in.kind == "trak":
			return p.trak(in)
		case within[in.kind] != nil:
			return p.inside(in)
		default:
			return p.leaf(in)
		}
		return nil
	})
}

// leaf empties what single fields say: times, names of programs, paths.
func (p *plan) leaf(b box) error {
	switch b.kind {
	case "mvhd", "tkhd", "mdhd":
		return p.times(b)
	case "hdlr":
		p.empty(min(b.inside+12, b.to), b.to) // who made the program, and its name
	case "dref":
		return p.each(b.inside+8, b.to, func(in box) error {
			flags, err := p.bytes(in)
			if err != nil || len(flags) < 4 || flags[3]&1 == 0 {
				return errors.Join(err, ErrForm) // the film lies elsewhere
			}
			p.empty(in.inside+4, in.to)
			return nil
		})
	case "stsd":
		return p.looks(b)
	}
	return nil
}

// times empties when a thing was made and changed.
func (p *plan) times(b box) error {
	var version [1]byte
	if _, err := p.r.ReadAt(version[:], b.inside); err != nil {
		return ErrForm
	}
	n := int64(8)
	if version[0] == 1 {
		n = 16
	}
	if b.to-b.inside < 4+n {
		return ErrForm
	}
	p.empty(b.inside+4, b.inside+4+n)
	return nil
}

// looks empties who made a picture's coder, and its name.
func (p *plan) looks(b box) error {
	if b.to-b.inside < 8 {
		return ErrForm
	}
	return p.each(b.inside+8, b.to, func(in box) error {
		switch in.kind {
		case "avc1", "avc3", "hvc1", "hev1", "av01", "vp08", "vp09", "mp4v", "jpeg", "mjpa", "apch", "apcn", "apcs", "apco", "ap4h", "dvh1", "dvhe", "s263", "encv":
			if in.to-in.inside < 78 {
				return ErrForm
			}
			p.empty(in.inside+12, in.inside+16)
			p.empty(in.inside+42, in.inside+74)
		}
		return nil
	})
}
