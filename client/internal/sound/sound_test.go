package sound_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"letterlock/client/internal/sound"
)

// recording is a second of silence and a second of a tone.
func recording() []byte {
	var b bytes.Buffer
	const rate = 8000
	w := func(v ...any) {
		for _, x := range v {
			binary.Write(&b, binary.LittleEndian, x)
		}
	}
	w([]byte("RIFF"), uint32(0), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate*2), uint16(2), uint16(16))
	w([]byte("LIST"), uint32(3), []byte("abc\x00"), []byte("data"), uint32(rate*4))
	for i := range 2 * rate {
		v := 0.0
		if i >= rate {
			v = math.Sin(float64(i)) * 32000
		}
		w(int16(v))
	}
	return b.Bytes()
}

func TestAWaveformIsDrawn(t *testing.T) {
	bars, millis, err := sound.Wave(bytes.NewReader(recording()))
	if err != nil || millis != 2000 || len(bars) != sound.Bars {
		t.Fatal(len(bars), millis, err)
	}
	if bars[10] != 0 || bars[50] < 28 || bars[50] > sound.Top {
		t.Errorf("%v", bars)
	}
}

func FuzzWave(f *testing.F) {
	f.Add(recording())
	f.Add(recording()[:50])
	f.Fuzz(func(t *testing.T, b []byte) {
		bars, _, err := sound.Wave(bytes.NewReader(b))
		if err == nil && len(bars) != sound.Bars {
			t.Errorf("%d bars", len(bars))
		}
		for _, h := range bars {
			if h > sound.Top {
				t.Errorf("a bar of %d", h)
			}
		}
	})
}
