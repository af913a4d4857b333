package casefile_test

import (
	"bytes"
	"slices"
	"testing"

	"letterlock/desk/casefile"
)

func opened(t *testing.T, e casefile.Event, shown ...string) (casefile.Opening, [32]byte) {
	t.Helper()
	b, err := e.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	mark, err := casefile.Mark(b)
	if err != nil {
		t.Fatal(err)
	}
	o, err := casefile.OpenEvent(b, func(p string) bool { return slices.Contains(shown, p) })
	if err != nil {
		t.Fatal(err)
	}
	return o, mark
}

// TestAnOpeningProvesWhatItShowsAndHidesTheRest: the same hash, whatever is
// shown; nothing hidden stands in it; and no part can be changed, moved, added
// or left out.
func TestAnOpeningProvesWhatItShowsAndHidesTheRest(t *testing.T) {
	e := filed()
	e.Salt = [16]byte{7, 7, 7}
	for _, shown := range [][]string{nil, {"kind", "at", "by.Kind"}, {"demand.process", "seq"}, {"demand.targets", "by.Name", "demand.officer_name"}} {
		o, mark := opened(t, e, shown...)
		if got, err := o.Mark(); err != nil || got != mark || len(o.Shown) != len(shown) {
			t.Errorf("showing %v: mark %x, want %x, %d shown, %v", shown, got, mark, len(o.Shown), err)
		}
		b, err := casefile.Encode(o)
		if err != nil {
			t.Fatal(err)
		}
		if hidden := !slices.Contains(shown, "demand.targets"); hidden == bytes.Contains(b, []byte("+12025550142")) || bytes.Contains(b, e.Salt[:]) {
			t.Errorf("showing %v: an opening of %d bytes shows what it should hide, or hides what it should show", shown, len(b))
		}
	}
	forged := map[string]func(*casefile.Opening){
		"a value changed":            func(o *casefile.Opening) { o.Shown[0].Value, _ = casefile.Encode("released") },
		"a part renamed":             func(o *casefile.Opening) { o.Shown[0].Part = "why" },
		"a part shown twice":         func(o *casefile.Opening) { o.Shown = append(o.Shown, o.Shown[0]) },
		"a part left out":            func(o *casefile.Opening) { o.Shown = o.Shown[1:] },
		"a hash left out":            func(o *casefile.Opening) { o.Hidden = o.Hidden[1:] },
		"a hash changed":             func(o *casefile.Opening) { o.Hidden[0] = bytes.Repeat([]byte{1}, 32) },
		"a hash cut in two":          func(o *casefile.Opening) { o.Hidden = append(o.Hidden[1:], o.Hidden[0][:16], o.Hidden[0][16:]) },
		"another salt":               func(o *casefile.Opening) { o.Shown[0].Salt = bytes.Repeat([]byte{1}, 32) },
		"a part moved into its salt": func(o *casefile.Opening) { s := &o.Shown[0]; s.Salt, s.Part = append(s.Salt, s.Part[0]), s.Part[1:] },
	}
	for what, forge := range forged {
		o, mark := opened(t, e, "kind", "seq")
		forge(&o)
		if got, err := o.Mark(); err == nil && got == mark {
			t.Errorf("%s: still the mark of the event", what)
		}
	}
}

// TestTheSameWordsHideDifferently: whoever guesses a number cannot see whether
// they are right, and two events about one person do not look alike.
func TestTheSameWordsHideDifferently(t *testing.T) {
	a, b := filed(), filed()
	a.Salt, b.Salt = [16]byte{1}, [16]byte{2}
	x, _ := opened(t, a)
	y, _ := opened(t, b)
	for _, h := range x.Hidden {
		if slices.ContainsFunc(y.Hidden, func(o []byte) bool { return bytes.Equal(o, h) }) {
			t.Fatal("a part of two events hides as the same hash")
		}
	}
}
