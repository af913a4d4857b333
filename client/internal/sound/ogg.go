package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// A recording in Opus says how long it lasts; how loud it is takes a decoder,
// and there is none in Go that reads all of Opus. Its recorder has the samples
// and gives the waveform.

var errOgg = errors.New("no Ogg with Opus in it")

// Opus reads an Ogg file to its end: how long it lasts, in milliseconds
// (RFC 7845).
func Opus(from io.Reader) (millis uint32, err error) {
	r := bufio.NewReaderSize(from, 64<<10)
	skip, last := int64(-1), int64(0)
	for {
		var h [27]byte
		if _, err := io.ReadFull(r, h[:]); err == io.EOF && skip >= 0 {
			break
		} else if err != nil || string(h[:4]) != "OggS" {
			return 0, errOgg
		}
		body, err := pageOf(r, h[26])
		if err != nil {
			return 0, err
		}
		if skip < 0 {
			if len(body) < 19 || string(body[:8]) != "OpusHead" {
				return 0, errOgg
			}
			skip = int64(binary.LittleEndian.Uint16(body[10:]))
		}
		if at := int64(binary.LittleEndian.Uint64(h[6:])); at > last {
			last = at
		}
	}
	const perMilli = 48
	return uint32(min(max(last-skip, 0)/perMilli, 1<<31)), nil
}

// pageOf reads the parts of a page, at most 255 of at most 255 bytes.
func pageOf(r io.Reader, parts byte) ([]byte, error) {
	sizes, n := make([]byte, parts), 0
	if _, err := io.ReadFull(r, sizes); err != nil {
		return nil, errOgg
	}
	for _, s := range sizes {
		n += int(s)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, errOgg
	}
	return body, nil
}
