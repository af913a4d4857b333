package room

import (
	"strings"
	"testing"
)

// What somebody typed loses everything that is a person's, however it is
// written; what is no person's stays.
func TestTypedTextLosesPersons(t *testing.T) {
	p := persons{"+12025550142", "Olivia Reyes", "HC-26-118", "6ab3311b-fe7c-52d9-3098-e661558a14c2", "LL-2026-000017"}
	for in, want := range map[string]string{
		"US District Court, D. Md.":                        "US District Court, D. Md.",
		"18 USC 2703(d)":                                   "18 USC 2703(d)",
		"Reg. (EU) 2023/1543, art. 5":                      "Reg. (EU) 2023/1543, art. 5",
		"for olivia reyes, Sgt. REYES":                     "for [left out], Sgt. [left out]",
		"the Reyesville court":                             "the Reyesville court",
		"HC-26-118 / hc-26-118":                            "[left out] / [left out]",
		"call +1 (202) 555-0142 now":                       "call [left out] now",
		"O l i v i a Reyes":                                "[left out]",
		"H.C.26.118":                                       "[left out]",
		"a@b.example and 6AB3311BFE7C52D93098E661558A14C2": "[left out] and [left out]",
		"any other number 0049 30 1234567":                 "any other number [left out]",
		"two\nlines\tin one":                               "two lines in one",
	} {
		if got := p.without(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzTypedTextLosesPersons(f *testing.F) {
	p := persons{"+12025550142", "Olivia Reyes", "HC-26-118", "Reyes (Harbor)", "a.b+c@d.example"}
	for _, s := range []string{"Olivia  Reyes", "+1 202 555 0142", "x Reyes y Reyes z", "ｏlivia reyes", "HC–26–118", strings.Repeat("Olivia Reyes", 3)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := p.without(s)
		if found := p.found(out); found != "" || strings.ContainsAny(out, "\n\r") {
			t.Fatalf("%q became %q, which holds %q", s, out, found)
		}
	})
}

// A short reference that stands in a text only by chance, out of a word's end
// and a number's beginning, withholds nothing; written in any way, it does.
func TestAShortReferenceIsFoundAsAWordOfItsOwn(t *testing.T) {
	p := persons{"Y-202", "1:27-12"}
	for text, found := range map[string]bool{
		"told on 14 February 2028 (UTC)":   false,
		"from 2028-01-27 12:00 UTC":        false,
		"under Y-202":                      true,
		"under y 202, as asked":            true,
		"y202":                             true,
		"Accounts: 1; on 27 December 2027": false,
		"No1:27-12":                        true,
		"in 1 27/12.":                      true,
		"in 91:27-12":                      false,
	} {
		if got := p.found(text); (got != "") != found {
			t.Errorf("%q: found %q", text, got)
		}
	}
	if got := (persons{"+12025550142"}).found("call0012025550142x"); got == "" {
		t.Error("a long number hides in another")
	}
}
