package film

import (
	"encoding/binary"
	"slices"
)

// A HEIC or AVIF picture is a list of items; Exif and XMP are items beside it.

// pictured are the items that make a picture. A JPEG in it may have anything
// inside, and is not among them.
var pictured = []string{"hvc1", "hev1", "av01", "avc1", "grid", "iden", "iovl", "tmap"}

// meta is the head of a picture of items; in a film it is beside the film.
func (p *plan) meta(b box) error {
	if b.to-b.inside < 4 || b.to-b.inside > maxHead {
		return ErrForm
	}
	in := box{b.kind, b.at, b.inside + 4, b.to} // after version and flags
	hdlr, ok, err := p.find(in, "hdlr")
	if err != nil || !ok {
		p.drop(b) // QuickTime's form, without them
		return nil
	}
	head, err := p.bytes(hdlr)
	if err != nil || len(head) < 12 {
		return ErrForm
	}
	if string(head[8:12]) != "pict" {
		p.drop(b)
		return nil
	}
	p.items = true
	return p.pict(in)
}

func (p *plan) pict(b box) error {
	var beside []uint32
	var idat reach
	err := p.each(b.inside, b.to, func(in box) (err error) {
		switch in.kind {
		case "hdlr":
			return p.leaf(in)
		case "pitm", "iref", "grpl", "iloc":
		case "iprp":
			return p.properties(in)
		case "idat":
			idat = reach{in.inside, in.to}
			p.data = append(p.data, idat)
		case "iinf":
			beside, err = p.beside(in)
			return err
		default:
			p.drop(in)
		}
		return nil
	})
	if err != nil || len(beside) == 0 {
		return err
	}
	iloc, ok, err := p.find(b, "iloc")
	if err != nil || !ok {
		return ErrForm
	}
	t, err := p.bytes(iloc)
	if err != nil {
		return err
	}
	return p.locate(t, beside, idat)
}

// properties empties what somebody described.
func (p *plan) properties(iprp box) error {
	return p.each(iprp.inside, iprp.to, func(in box) error {
		if in.kind != "ipco" {
			return nil
		}
		return p.each(in.inside, in.to, func(prop box) error {
			switch prop.kind {
			case "udes", "uuid", "crtt", "mdft", "altt":
				p.drop(prop) // it keeps its number
			}
			return nil
		})
	})
}

// beside are the items that are not the picture. Their names are emptied.
func (p *plan) beside(iinf box) (out []uint32, err error) {
	in, err := p.bytes(iinf)
	if err != nil || len(in) < 6 {
		return nil, ErrForm
	}
	from := iinf.inside + 6
	if in[0] != 0 {
		from += 2
	}
	err = p.each(from, iinf.to, func(b box) error {
		e, err := p.bytes(b)
		if err != nil || b.kind != "infe" || len(e) < 12 || e[0] < 2 {
			return ErrForm
		}
		id, kind := uint32(binary.BigEndian.Uint16(e[4:])), e[8:12]
		if e[0] == 3 {
			if len(e) < 14 {
				return ErrForm
			}
			id, kind = binary.BigEndian.Uint32(e[4:]), e[10:14]
		}
		if !slices.Contains(pictured, string(kind)) {
			if string(kind) == "jpeg" {
				return ErrForm
			}
			out = append(out, id)
		}
		return nil
	})
	return out, err
}

// places reads numbers of a table.
type places struct {
	b   []byte
	bad bool
}

func (r *places) number(size int) (n uint64) {
	if len(r.b) < size || size > 8 {
		r.bad, r.b = true, nil
		return 0
	}
	for _, x := range r.b[:size] {
		n = n<<8 | uint64(x)
	}
	r.b = r.b[size:]
	return n
}

// locate finds where items lie.
func (p *plan) locate(iloc []byte, items []uint32, idat reach) error {
	r := &places{b: iloc}
	version := r.number(1)
	r.number(3)
	sizes := r.number(2)
	offset, length, base, index := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		index = 0
	}
	wide := 2
	if version == 2 {
		wide = 4
	}
	for n := r.number(wide); n > 0 && !r.bad; n-- {
		id, how := uint32(r.number(wide)), uint64(0)
		if version > 0 {
			how = r.number(2) & 15
		}
		elsewhere := r.number(2) != 0
		start := r.number(base)
		wanted := slices.Contains(items, id)
		if wanted && (how > 1 || elsewhere) {
			return ErrForm
		}
		if how == 1 {
			start += uint64(idat.from)
		}
		for extents := r.number(2); extents > 0 && !r.bad; extents-- {
			if p.runs++; p.runs > maxRuns {
				return ErrForm
			}
			r.number(index)
			from := start + r.number(offset)
			size := r.number(length)
			if !wanted {
				continue
			}
			if size == 0 || from > uint64(p.size) || size > uint64(p.size)-from {
				return ErrForm
			}
			p.wanted = append(p.wanted, reach{int64(from), int64(from + size)})
		}
	}
	if r.bad || version > 2 {
		return ErrForm
	}
	return nil
}
