package lang_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"letterlock/internal/fault"
	"letterlock/internal/lang"
)

func load(t *testing.T, files map[string]string) *lang.Book {
	t.Helper()
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	b, err := lang.Load(fs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// klingon is a language that nobody's code knows: a folder is all there is.
var klingon = map[string]string{
	"tlh/language.tlh.toml": `name = "tlhIngan Hol"
direction = "rtl"
months = ["1 jar", "2 jar", "3 jar", "4 jar", "5 jar", "6 jar", "7 jar", "8 jar", "9 jar", "10 jar", "11 jar", "12 jar"]
day = "%[3]d %[2]s %[1]d"`,
	"tlh/portal.tlh.toml": `"Sign in" = "yI'el"
"Request %s" = "QIn %s"
"%d papers are with your draft." = { other = "nav: %d" }
"give %s and %s" = "%[2]s %[1]s tInob"`,
}

func TestAFolderIsALanguage(t *testing.T) {
	b := load(t, klingon)
	l := b.Tongue("tlh")
	if l == nil || l.Name() != "tlhIngan Hol" || l.Dir() != "rtl" {
		t.Fatalf("the language of the folder is %v", l)
	}
	if got := l.T("Sign in"); !strings.Contains(got, "yI'el") {
		t.Errorf("Sign in is %q", got)
	}
	if got := l.N(3, "%d paper is with your draft.", "%d papers are with your draft."); !strings.Contains(got, "3") || !strings.Contains(got, "nav") {
		t.Errorf("a text that counts is %q", got)
	}
	if got := l.T("Sign out"); !strings.Contains(got, "Sign out") {
		t.Errorf("a missing message is %q, not English", got)
	}
	if got := l.Day(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); got != "2026 11 jar 23" {
		t.Errorf("a day is %q", got)
	}
	if got := l.Say(fault.New(fault.Invalid, "op", "give %s and %s", "A", "B")); strings.Index(got, "B") > strings.Index(got, "A") {
		t.Errorf("a fault is %q: the translation turns its arguments around", got)
	}
	if names := b.Tongues(); len(names) != 4 || names[0].Code() != "en" {
		t.Errorf("there are %d languages", len(names))
	}
}

func TestWhichLanguageAReaderGets(t *testing.T) {
	b := lang.Default()
	for accept, want := range map[string]string{"": "en", "es": "es", "es-MX,es;q=0.9,en;q=0.8": "es", "ar-EG": "ar", "de,fr;q=0.8": "en", "fr;q=0.9,ar;q=0.5": "ar", ";;;": "en", "en-GB,es;q=0.5": "en"} {
		if got := b.Match(accept).Code(); got != want {
			t.Errorf("%q is answered in %s, want %s", accept, got, want)
		}
	}
}

func TestArgumentsAndCitationsAreSetApartFromTheRight(t *testing.T) {
	b := load(t, map[string]string{"x.ar.toml": `"Under %s by 18 USC 2703(d)." = "بموجب %s وفق 18 USC 2703(d)."`})
	got := b.Tongue("ar").T("Under %s by 18 USC 2703(d).", "LL-1")
	if want := "بموجب \u2068LL-1\u2069 وفق \u206618 USC 2703(d)\u2069."; got != want {
		t.Errorf("got %+q\nwant %+q", got, want)
	}
	if got, want := lang.Default().Tongue("ar").T("%s (UTC)", "LL-1"), "\u2068LL-1\u2069 (\u2066UTC\u2069)"; got != want {
		t.Errorf("got %+q\nwant %+q", got, want)
	}
	if got := b.Tongue("es").T("Under %s", "LL-1"); got != "Under LL-1" {
		t.Errorf("Spanish has marks: %+q", got)
	}
}

func TestEnglishIsAsItIsWritten(t *testing.T) {
	for _, l := range []*lang.Tongue{nil, lang.Default().Tongue("en")} {
		at := time.Date(2026, 11, 3, 7, 5, 0, 0, time.FixedZone("", 3600))
		for got, want := range map[string]string{
			l.T("100 % of it"): "100 % of it", l.T("open¦state"): "open", l.T("Request %s", "x"): "Request x",
			l.N(1, "%d day", "%d days"): "1 day", l.N(2, "%d day", "%d days"): "2 days", l.Moment(at): "3 November 2026, 06:05 UTC", l.Day(at): "3 November 2026",
			l.Say(fault.New(fault.Withheld, "op", "it is there")): "not found", l.Say(fault.New(fault.Invalid, "op", "give 100 %%")): "give 100 %",
			l.Say(fault.New(fault.Internal, "op", "secret")): "internal error",
		} {
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

func TestPluralFormsAreThoseOfTheLanguage(t *testing.T) {
	for code, want := range map[string]string{"en": "one other", "es": "one other", "ar": "zero one two few many other"} {
		if got := strings.Join(lang.Default().Tongue(code).Forms(), " "); got != want {
			t.Errorf("%s needs %s, want %s", code, got, want)
		}
	}
}

func TestTheCheckNamesWhatIsWrong(t *testing.T) {
	b := load(t, map[string]string{
		"language.fr.toml": strings.Replace(strings.Replace(klingon["tlh/language.tlh.toml"], "rtl", "ltr", 1), "tlhIngan Hol", "Français", 1),
		"p.fr.toml": `"has %s" = "a %d"
"nothing" = " "
"old" = "vieux"
"%d things" = { one = "une chose", two = "deux" }
"turned %s %d" = "%[2]d %[1]s"`,
	})
	var got []string
	for _, x := range b.Check(map[string]bool{"has %s": false, "nothing": false, "%d things": true, "gone": false, "turned %s %d": false}) {
		if x.Language == "fr" {
			got = append(got, x.What+" "+x.Key+" "+x.Detail)
		}
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{"placeholders has %s", "empty nothing", "unused old", "missing gone", "the form other is missing", "no form two"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not named in\n%s", want, all)
		}
	}
	if strings.Contains(all, "turned") {
		t.Errorf("arguments in another order are called wrong:\n%s", all)
	}
}

func TestABrokenCatalogueIsRefusedWithItsName(t *testing.T) {
	for name, text := range map[string]string{"portal.toml": `"a" = "b"`, "portal.english.toml": `"a" = "b"`, "a.es.toml": `"a" = 1`, "b.es.toml": `"a" = {some = "x"}`, "c.es.toml": `not toml`, "p.sw.toml": `"a" = "b"`, "language.es.toml": `name = "x"`} {
		if _, err := lang.Load(fstest.MapFS{name: {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), name) && name != "p.sw.toml" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatIsQuotedBackKeepsItsMarks: a text that a sentence quotes is set apart
// in a language from the right, and its marks are never written out.
func TestWhatIsQuotedBackKeepsItsMarks(t *testing.T) {
	got := lang.Default().Tongue("ar").T("%q is not a phone number with its country code, such as +1 202 555 0142", "202 555")
	if !strings.Contains(got, "\"\u2068202 555\u2069\"") || strings.Contains(got, `\u`) {
		t.Errorf("%q", got)
	}
}

// TestATelephoneNumberKeepsItsPlusBefore it: in a sentence from the right, an
// example number and a day written in figures are set apart as Latin words are.
func TestATelephoneNumberKeepsItsPlusBeforeIt(t *testing.T) {
	l := lang.Default().Tongue("ar")
	for key, want := range map[string]string{
		"%q is not a phone number with its country code, such as +1 202 555 0142": "\u2066+1 202 555 0142\u2069",
		"Kim Lee, +1 202 555 0143": "\u2066+1 202 555 0143\u2069",
		"An identifier is not in a form we can look up. Please give telephone numbers with country code (+1 202 555 0123), and IP addresses with the exact time and time zone.": "\u2066+1 202 555 0123\u2069",
		"“%s” is not a day. Write it as year-month-day, such as 2026-11-23.":                                                                                                    "\u20662026-11-23\u2069.",
	} {
		if got := l.T(key); !strings.Contains(got, want) {
			t.Errorf("%q", got)
		}
	}
	if got := l.T("%d of %d", 3, 4); strings.Contains(got, "\u2066") {
		t.Errorf("a plain number is set apart: %q", got)
	}
}
