// Package sound draws the waveform of a recording, where the recording is plain
// samples (WAV). Other forms take a decoder; there the recorder, which has the
// samples, gives the waveform. It knows samples and no file.
package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// Bars of a waveform, and the highest.
const (
	Bars = 64
	Top  = 31
)

var errWAV = errors.New("no WAV of 16-bit samples")

// form is the part of a WAV header that matters.
type form struct {
	channels, rate, bytesPerSecond int64
	pcm                            bool
}

// Wave reads a WAV file to its end: loudness in bars, and how long it lasts in
// milliseconds.
func Wave(from io.Reader) (bars []byte, millis uint32, err error) {
	r := bufio.NewReaderSize(from, 64<<10)
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return nil, 0, errWAV
	}
	var f form
	for {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil, 0, errWAV
		}
		n := int64(binary.LittleEndian.Uint32(h[4:]))
		switch string(h[:4]) {
		case "fmt ":
			if f, err = formOf(r, n); err != nil {
				return nil, 0, err
			}
		case "data":
			if !f.pcm {
				return nil, 0, errWAV
			}
			return f.draw(io.LimitReader(r, n), n)
		default:
			if _, err := io.CopyN(io.Discard, r, n+n%2); err != nil {
				return nil, 0, errWAV
			}
		}
	}
}

func formOf(r io.Reader, n int64) (f form, err error) {
	if n < 16 || n > 1024 {
		return f, errWAV
	}
	b := make([]byte, n+n%2)
	if _, err := io.ReadFull(r, b); err != nil {
		return f, errWAV
	}
	f.channels, f.rate = int64(binary.LittleEndian.Uint16(b[2:])), int64(binary.LittleEndian.Uint32(b[4:]))
	f.bytesPerSecond = f.rate * f.channels * 2
	f.pcm = binary.LittleEndian.Uint16(b) == 1 && binary.LittleEndian.Uint16(b[14:]) == 16 && f.channels >= 1 && f.channels <= 8 && f.rate > 0 && f.rate <= 192_000
	return f, nil
}

// draw takes the loudest sample of each sixty-fourth.
func (f form) draw(r io.Reader, size int64) ([]byte, uint32, error) {
	samples := max(size/2, 1)
	peaks := make([]int64, Bars)
	buf, n, got := make([]byte, 32<<10), int64(0), 0
	var err error
	for err == nil {
		got, err = io.ReadFull(r, buf)
		for i := 0; i+1 < got; i, n = i+2, n+1 {
			v := int64(int16(binary.LittleEndian.Uint16(buf[i:])))
			at := min(n*Bars/samples, Bars-1)
			peaks[at] = max(peaks[at], v, -v)
		}
	}
	if n == 0 || err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, 0, errWAV
	}
	bars := make([]byte, Bars)
	for i, p := range peaks {
		bars[i] = byte(p * Top / 32768)
	}
	return bars, uint32(min(n*2*1000/f.bytesPerSecond, 1<<31)), nil
}
