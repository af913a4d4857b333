package film

import (
	"encoding/binary"
	"slices"
)

// moov is the head of a film. One that is packed is not looked through.
func (p *plan) moov(b box) error {
	if b.to-b.inside > maxHead {
		return ErrForm
	}
	has := false
	err := p.each(b.inside, b.to, func(in box) error {
		has = has || in.kind == "mvhd"
		return nil
	})
	if err != nil || !has {
		return ErrForm
	}
	return p.inside(b)
}

// seen are the kinds of tracks that are seen and heard. Positions, texts, marks
// of time and the like are not what a person means to send with a film.
var seen = []string{"vide", "soun", "auxv"}

// trak keeps a track or empties it, its samples among it.
func (p *plan) trak(b box) error {
	kind, err := p.handler(b)
	if err != nil {
		return err
	}
	if slices.Contains(seen, kind) {
		p.tracks++
		return p.inside(b)
	}
	p.dropped = true
	if err := p.samples(b); err != nil {
		return err
	}
	p.drop(b)
	return nil
}

// find is the box at a path within another.
func (p *plan) find(b box, path ...string) (found box, ok bool, err error) {
	for _, kind := range path {
		ok = false
		err := p.each(b.inside, b.to, func(in box) error {
			if in.kind == kind && !ok {
				found, ok = in, true
			}
			return nil
		})
		if err != nil || !ok {
			return found, false, err
		}
		b = found
	}
	return found, ok, nil
}

func (p *plan) handler(trak box) (string, error) {
	b, ok, err := p.find(trak, "mdia", "hdlr")
	if err != nil || !ok {
		return "", ErrForm
	}
	in, err := p.bytes(b)
	if err != nil || len(in) < 12 {
		return "", ErrForm
	}
	return string(in[8:12]), nil
}

// table reads a box of a track's tables, after its version and flags.
func (p *plan) table(stbl box, kind string) ([]byte, error) {
	b, ok, err := p.find(stbl, kind)
	if err != nil || !ok {
		return nil, err
	}
	in, err := p.bytes(b)
	if err != nil || len(in) < 8 {
		return nil, ErrForm
	}
	return in[4:], nil
}

// samples finds where a track's samples lie.
func (p *plan) samples(trak box) error {
	stbl, ok, err := p.find(trak, "mdia", "minf", "stbl")
	if err != nil || !ok {
		return ErrForm
	}
	chunks, err := p.chunks(stbl)
	if err != nil {
		return err
	}
	lengths, err := p.lengths(stbl)
	if err != nil {
		return err
	}
	each, err := p.table(stbl, "stsc")
	if err != nil || each == nil {
		return ErrForm
	}
	n := 0
	for i, at := range chunks {
		from := at
		for range perChunk(each, uint32(i+1)) {
			if n >= len(lengths) {
				break
			}
			at += lengths[n]
			n++
		}
		if at > from {
			p.wanted = append(p.wanted, reach{from, at})
		}
	}
	if n != len(lengths) {
		return ErrForm
	}
	return nil
}

// chunks are where a track's chunks begin.
func (p *plan) chunks(stbl box) (out []int64, err error) {
	width := 4
	t, err := p.table(stbl, "stco")
	if err == nil && t == nil {
		width = 8
		t, err = p.table(stbl, "co64")
	}
	if err != nil || t == nil {
		return nil, ErrForm
	}
	n, t := binary.BigEndian.Uint32(t), t[4:]
	if uint64(n)*uint64(width) > uint64(len(t)) || n > maxRuns {
		return nil, ErrForm
	}
	for i := range int(n) {
		at := uint64(binary.BigEndian.Uint32(t[i*width:]))
		if width == 8 {
			at = binary.BigEndian.Uint64(t[i*8:])
		}
		if at > uint64(p.size) {
			return nil, ErrForm
		}
		out = append(out, int64(at))
	}
	return out, nil
}

// lengths are those of a track's samples.
func (p *plan) lengths(stbl box) (out []int64, err error) {
	t, err := p.table(stbl, "stsz")
	if err != nil || len(t) < 8 { // stz2, with sizes of 4 bits, is as good as unused
		return nil, ErrForm
	}
	same, n, t := binary.BigEndian.Uint32(t), binary.BigEndian.Uint32(t[4:]), t[8:]
	if p.runs += int(n); p.runs > maxRuns || same == 0 && uint64(n)*4 > uint64(len(t)) {
		return nil, ErrForm
	}
	for i := range int(n) {
		l := same
		if same == 0 {
			l = binary.BigEndian.Uint32(t[i*4:])
		}
		out = append(out, int64(l))
	}
	return out, nil
}

// perChunk is how many samples a chunk has, from a table of runs.
func perChunk(stsc []byte, chunk uint32) (samples uint32) {
	n, t := binary.BigEndian.Uint32(stsc), stsc[4:]
	lo, hi := 0, min(int(n), len(t)/12)
	for lo < hi { // the last run that begins at the chunk or before
		if mid := (lo + hi) / 2; binary.BigEndian.Uint32(t[mid*12:]) <= chunk {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0
	}
	return min(binary.BigEndian.Uint32(t[(lo-1)*12+4:]), maxRuns)
}
