// Package filmtest makes films and pictures of items that say more than is seen:
// every needle in them begins with SEC.
package filmtest

import (
	"encoding/binary"
	"slices"
)

// Be is a number of 32 bits.
func Be(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// Box is a box of parts.
func Box(kind string, parts ...any) []byte {
	var in []byte
	for _, p := range parts {
		switch p := p.(type) {
		case []byte:
			in = append(in, p...)
		case string:
			in = append(in, p...)
		case int:
			in = append(in, Be(p)...)
		}
	}
	return slices.Concat(Be(len(in)+8), []byte(kind), in)
}

// wideBox is one with a length of 64 bits.
func wideBox(kind string, in []byte) []byte {
	return slices.Concat(Be(1), []byte(kind), binary.BigEndian.AppendUint64(nil, uint64(len(in)+16)), in)
}

// What the film is made of.
const (
	Frames = "the picture itself, frame by frame"
	Tones  = "what is heard"
	Points = "GPS SECRET 38.7N 9.1W"
)

func track(handler string, entry []byte, at, length int, more ...any) []byte {
	stbl := Box("stbl", Box("stsd", 0, 1, entry), Box("stts", 0, 1, 1, 100), Box("stsc", 0, 1, 1, 1, 1), Box("stsz", 0, length, 1), Box("stco", 0, 1, at))
	mdia := Box("mdia", Box("mdhd", 0, "SECRSECR", 1000, 1000, 0), Box("hdlr", 0, "mhlr", handler, "appl", 0, 0, "SECRET Camera Handler\x00"),
		Box("minf", Box("nmhd", 0), Box("dinf", Box("dref", 0, 1, Box("url ", 1))), stbl))
	return Box("trak", append([]any{Box("tkhd", 0, "SECRSECR", 1, 0, 1000), Box("udta", "SECRET"), mdia}, more...)...)
}

// Taken is a film as a telephone takes it: the head stands behind the frames.
func Taken() (whole []byte, mdatAt int) {
	ftyp := Box("ftyp", "qt  ", 0, "qt  ")
	mdat := wideBox("mdat", []byte(Frames+Tones+Points))
	at := len(ftyp) + 16
	vide := Box("avc1", make([]byte, 16), make([]byte, 26), "\x0cSECRET coder\x00                   ", make([]byte, 4), Box("avcC", "kept"))
	moov := Box("moov", Box("mvhd", 0, "SECRSECR", 1000, 1000),
		track("vide", vide, at, len(Frames)), track("soun", Box("mp4a", make([]byte, 28)), at+len(Frames), len(Tones)),
		track("meta", Box("mebx", "SECRET"), at+len(Frames)+len(Tones), len(Points), Box("tref", "SECRET")),
		Box("udta", Box("\xa9xyz", "SECRET+38.7-009.1/"), Box("meta", 0, "SECRET")), Box("meta", Box("hdlr", 0, 0, "mdta", "SECRET")), Box("free", "SECRET left over"))
	return slices.Concat(ftyp, mdat, moov, Box("uuid", "SECRET XMP"), Box("sefd", "SECRET trailer"), []byte("SEC")), at
}

func infe(id int, kind, name string) []byte {
	return Box("infe", "\x02\x00\x00\x00", []byte{0, byte(id), 0, 0}, kind, name+"\x00")
}

// Still is a HEIC picture with Exif, XMP in idat, and a description.
func Still(exifKind string) []byte {
	build := func(at int) []byte {
		extent := func(id, how, from, n int) []byte {
			return slices.Concat([]byte{0, byte(id), 0, byte(how), 0, 0, 0, 1}, Be(from), Be(n))
		}
		iloc := Box("iloc", "\x01\x00\x00\x00", []byte{0x44, 0x00, 0, 3}, extent(1, 0, at, len(Frames)), extent(2, 0, at+len(Frames), len(Points)), extent(3, 1, 0, 10))
		meta := Box("meta", 0, Box("hdlr", 0, 0, "pict", 0, 0, 0, "SECRET\x00"), Box("pitm", 0, "\x00\x01"),
			Box("iinf", 0, "\x00\x03", infe(1, "hvc1", ""), infe(2, exifKind, ""), infe(3, "mime", "")),
			Box("iprp", Box("ipco", Box("ispe", 0, 10, 10), Box("udes", "SECRET"), Box("irot", "\x01"))), Box("idat", "SECRET XMP"), iloc, Box("uuid", "SECRET"))
		return slices.Concat(Box("ftyp", "heic", 0), meta, Be(8+len(Frames)+len(Points)), []byte("mdat"))
	}
	return slices.Concat(build(len(build(0))), []byte(Frames+Points))
}
