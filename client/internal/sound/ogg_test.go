package sound_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"letterlock/client/internal/sound"
)

func page(granule uint64, body string) []byte {
	h := binary.LittleEndian.AppendUint64([]byte("OggS\x00\x00"), granule)
	return slices.Concat(h, make([]byte, 12), []byte{1, byte(len(body))}, []byte(body))
}

func opusRecording() []byte {
	head := "OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
	return slices.Concat(page(0, head), page(0, "OpusTags"), page(48000, "sound"), page(48000*3+312, "sound"))
}

func TestOpusSaysHowLongItLasts(t *testing.T) {
	if n, err := sound.Opus(bytes.NewReader(opusRecording())); n != 3000 || err != nil {
		t.Fatal(n, err)
	}
	for name, b := range map[string][]byte{"nothing": nil, "cut off": opusRecording()[:70], "Vorbis": page(0, "\x01vorbis............."), "text": []byte("a text of more than twenty-seven bytes")} {
		if n, err := sound.Opus(bytes.NewReader(b)); err == nil {
			t.Errorf("%s lasts %d", name, n)
		}
	}
}

func FuzzOpus(f *testing.F) {
	f.Add(opusRecording())
	f.Fuzz(func(t *testing.T, b []byte) { sound.Opus(bytes.NewReader(b)) })
}
