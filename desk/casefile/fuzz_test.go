package casefile_test

import (
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// FuzzReadTargets: each identifier that is taken is in its one form, stands once
// and is plain text; each line that is not has a sentence.
func FuzzReadTargets(f *testing.F) {
	for _, s := range []string{"+1 202 555 0142\n+12025550142\n6ab3311b-fe7c-52d9-3098-e661558a14c2", "phone,name\n+12025550142,\"A, B\"\n", "name;msisdn\nx;+34600000001", "+59500000000000\n+5950000000000", "192.0.2.7 2026-11-23 03:15 UTC\n2001:db8::1",
		"\ufeffa@b.example\n@handle\n1202", "\"open\n+1\n", "=cmd|'/c calc'!A1\n+12025550142"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, bad, err := casefile.ReadTargets(text)
		if err == nil && len(got) > casefile.MaxTargets {
			t.Fatalf("%d identifiers", len(got))
		}
		seen := map[casefile.Target]bool{}
		for _, x := range got {
			again, err := x.Normal()
			if err != nil || again != x || seen[x] || !casefile.Plain(x.Identifier, casefile.MaxReference) {
				t.Fatalf("%+v: %+v %v, seen %v", x, again, err, seen[x])
			}
			seen[x] = true
			if x.Kind == law.TargetPhone && x.Identifier[0] != '+' {
				t.Fatalf("a number without its country: %+v", x)
			}
		}
		for _, b := range bad {
			if b.Line < 1 || fault.Say(b.Fault()) == "" || fault.KindOf(b.Fault()) != fault.Invalid {
				t.Fatalf("%+v", b)
			}
		}
	})
}

// FuzzParseNumber: a text that is a case's number is written as that number.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"LL-2026-000001", "ll-2026-1", " LL-2026-000001", "LL-2026-999999999999", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := casefile.ParseNumber(s)
		if err != nil {
			return
		}
		if again, err := casefile.ParseNumber(string(n)); err != nil || again != n || !casefile.Plain(string(n), 40) {
			t.Fatalf("%q is %q and that is %q: %v", s, n, again, err)
		}
	})
}
