package wire_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"letterlock/wire"
)

// A blob's length is one of few, is never much longer than the file, and says
// which padded length it was made of.
func TestALengthSaysOneOfFewThings(t *testing.T) {
	seen := map[int64]bool{}
	for range 20_000 {
		n := rand.Int64N(wire.MaxFile + 1)
		blob := wire.MediaSize(n)
		seen[blob] = true
		file, ok := wire.MediaPadded(blob)
		if !ok || file < n || wire.MediaSize(file) != blob {
			t.Fatalf("%d: blob %d, file %d, %v", n, blob, file, ok)
		}
		if n > wire.MediaLeast && float64(blob) > 1.13*float64(n) {
			t.Fatalf("%d becomes %d", n, blob)
		}
		if _, ok := wire.MediaPadded(blob + 1); ok {
			t.Fatalf("%d is taken for a blob", blob+1)
		}
	}
	if len(seen) > 600 {
		t.Errorf("%d lengths: they tell too much", len(seen))
	}
	for _, n := range []int64{0, 1, wire.MediaLeast} {
		if wire.MediaSize(n) != wire.MediaSize(wire.MediaLeast) {
			t.Errorf("a file of %d bytes can be told from others", n)
		}
	}
	for _, n := range []int64{-1, 0, 1, 16, wire.MaxMedia + 1, 1 << 62} {
		if _, ok := wire.MediaPadded(n); ok {
			t.Errorf("%d is taken for a blob", n)
		}
	}
}

func TestATokenOfAFileDoesNotPrint(t *testing.T) {
	token := wire.MediaToken{1, 2, 3}
	for _, s := range []string{fmt.Sprint(token), fmt.Sprintf("%x %v %+v %#v %d", token, token, token, token, token)} {
		if strings.Contains(s, "010203") || strings.Contains(s, "1 2 3") || strings.Contains(s, "1, 2, 3") {
			t.Error(s)
		}
	}
	back, err := wire.ParseMediaToken(token.Header())
	if err != nil || back != token {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "Media ", "Bearer " + token.Header()[6:], token.Header() + "A", strings.Replace(token.Header(), "A", "=", 1)} {
		if _, err := wire.ParseMediaToken(bad); err == nil {
			t.Errorf("%q is read as a token", bad)
		}
	}
	id := wire.NewMediaID()
	if got, err := wire.ParseMediaID(id.String()); err != nil || got != id {
		t.Fatal(got, err)
	}
	for _, bad := range []string{"", "../../etc/passwd", strings.ToUpper(id.String()) + "A", id.String()[:30]} {
		if _, err := wire.ParseMediaID(bad); err == nil {
			t.Errorf("%q is read as the number of a file", bad)
		}
	}
}

func TestTheTotalOfAPart(t *testing.T) {
	for header, want := range map[string]int64{"bytes 7-9/10": 10, "bytes 7-9/*": 0, "bytes 8-9/10": 0, "bytes 70-99/100": 0, "": 0, "7-9/10": 0} {
		if got := wire.MediaTotal(header, 7); got != want {
			t.Errorf("%q: %d, not %d", header, got, want)
		}
	}
}
