package law_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"letterlock/law"
)

// files are the embedded files, to be changed by a test.
func files(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(law.Embedded(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(law.Embedded(), name)
		out[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const pentrap, epoc = "processes/us.order.pentrap.toml", "processes/eu.epoc.sub.toml"

// A mistake in a file must stop the program, by name, and nothing be read.
var mistakes = []struct{ name, file, old, new, says string }{
	{"unknown key", pentrap, `stance =`, "colour = \"red\"\nstance =", "colour"},
	{"unknown key in a clock", pentrap, "[[clock]]", "[[clock]]\nspeed = 2", "speed"},
	{"unknown table", pentrap, "[notice]", "[weather]\nrain = true\n[notice]", "weather"},
	{"a key in capitals", pentrap, `name = `, `Name = `, "lower case"},
	{"a key twice", pentrap, `stance =`, "name = \"again\"\nstance =", "name"},
	{"not TOML", pentrap, `name = `, `name `, pentrap},
	{"a file with another row", pentrap, `id = "us.order.pentrap"`, `id = "us.order.other"`, "us.order.other"},
	{"no citation", pentrap, `citations = [`, "citations = []\nbasis = [", "basis"},
	{"unknown stance", pentrap, `"provision_single_target"`, `"comply"`, "stance"},
	{"content is reached", pentrap, `class = "DRAS"`, `class = "CONTENT"`, "CONTENT"},
	{"traffic is reached", pentrap, `class = "DRAS"`, `class = "TRAFFIC"`, "TRAFFIC"},
	{"unknown class", pentrap, `class = "DRAS"`, `class = "DRAZ"`, "DRAZ"},
	{"unknown extent", pentrap, `extent = "full"`, `extent = "some"`, "extent"},
	{"part without a limit", pentrap, `extent = "full"`, `extent = "part"`, "limit"},
	{"limit on the whole", pentrap, `extent = "full"`, "extent = \"full\"\nlimit = \"x\"", "limit"},
	{"a class twice", pentrap, "[[issuer]]\nrole = \"court\"", "[[reach]]\nclass = \"DRAS\"\nextent = \"full\"\n[[issuer]]\nrole = \"court\"", "twice"},
	{"a tap that does not stop", pentrap, `auto_stop = true`, ``, "auto_stop"},
	{"a tap that is not prospective", pentrap, `prospective = true`, ``, "prospective"},
	{"a tap without a duration", pentrap, `kind = "duration"`, `kind = "government"`, "duration"},
	{"unknown unit", pentrap, `unit = "days"`, `unit = "moons"`, "count and unit"},
	{"count of zero", pentrap, `count = 60`, `count = 0`, "count and unit"},
	{"negative count", pentrap, `count = 60`, `count = -60`, "count and unit"},
	{"count beyond reason", pentrap, `count = 60`, `count = 99999999`, "count and unit"},
	{"a limit without a citation", pentrap, `citation = "18 USC 3123(c)(1)"`, ``, "citation"},
	{"unknown zone", pentrap, `zone = "America/New_York"`, `zone = "America/Nowhere"`, "zone"},
	{"the machine's own zone", pentrap, `zone = "America/New_York"`, `zone = "Local"`, "zone"},
	{"unknown calendar", pentrap, `"us.federal"`, `"us.lunar"`, "calendar"},
	{"no certainty", pentrap, "certainty = \"S\"\nnote", "certainty = \"\"\nnote", "certainty"},
	{"read, but never checked", pentrap, "checked_on = \"2026-09-30\"\n", "", "checked"},
	{"not read, but checked", pentrap, "certainty = \"S\"\nnote", "certainty = \"K\"\nnote", "checked"},
	{"no such day", pentrap, `"2026-09-30"`, `"2026-09-31"`, "date"},
	{"ends before it begins", epoc, `valid_from = "2026-08-18"`, "valid_from = \"2026-08-18\"\nvalid_to = \"2026-08-17\"", "valid_to"},
	{"unknown particular", pentrap, `"certification",`, `"certificashun",`, "certificashun"},
	{"a particular twice", pentrap, `"certification",`, `"certification", "certification",`, "twice"},
	{"unknown role", pentrap, `role = "court"`, `role = "king"`, "king"},
	{"validation afterwards by nobody", pentrap, `role = "court"`, "role = \"court\"\nex_post_hours = 48", "validated_by"},
	{"silence without law", pentrap, `provider = "must_not"`, `provider = "may"`, "withheld"},
	{"told although forbidden", pentrap, `timing = "withheld"`, `timing = "after"`, "withheld"},
	{"silence without review", pentrap, "review_days = 180\n", "", "review_days"},
	{"silence that nothing ends", pentrap, `lift = "court_order"`, `lift = "none"`, "lift"},
	{"unknown lift", pentrap, `lift = "court_order"`, `lift = "tired"`, "lift"},
	{"unknown duty", pentrap, `provider = "must_not"`, `provider = "might"`, "provider"},
	{"unknown timing", pentrap, `timing = "withheld"`, `timing = "soon"`, "timing"},
	{"notice before without days", "processes/us.order.2703d.toml", "lead_days = 7\n", "", "lead_days"},
	{"unknown clock", pentrap, `kind = "renewal"`, `kind = "egg"`, "egg"},
	{"a clock twice", pentrap, `kind = "renewal"`, `kind = "duration"`, "twice"},
	{"unknown situation", pentrap, `when = "ordinary"`, `when = "sometimes"`, "sometimes"},
	{"unknown start", pentrap, `from = "start"`, `from = "whenever"`, "whenever"},
	{"a number and a day on the paper", pentrap, `on_face = true`, "on_face = true\ncount = 1", "on_face"},
	{"at once and on the paper", pentrap, `on_face = true`, "on_face = true\nat_once = true", "exclude"},
	{"unknown pause", epoc, `"clarification", "objection"`, `"lunch"`, "lunch"},
	{"unknown publication", pentrap, `kind = "exact"`, `kind = "roughly"`, "publication"},
	{"finding without a sentence", "findings.toml", `sentence = "The paper has no date`, `sentence = "" # `, "FORM.NO_DATE"},
	{"finding twice", "findings.toml", `id = "FORM.NO_DATE"`, `id = "FORM.UNSIGNED"`, "twice"},
	{"finding decided by a coin", "findings.toml", `detect = "auto"`, `detect = "coin"`, "coin"},
	{"particular with an unknown finding", "particulars.toml", `"FORM.UNSIGNED"`, `"FORM.UNSINGED"`, "UNSINGED"},
	{"phrase for an unknown finding", "phrases.toml", `"SYS.KEYS"`, `"SYS.LOCKS"`, "SYS.LOCKS"},
	{"phrase that begins with anything", "phrases.toml", `"master key"`, `"* key"`, "phrase"},
	{"a number left out", "settings.toml", "stale_days = 30", "", "above zero"},
}

func TestAMistakeInTheFilesIsNamedAndNothingIsRead(t *testing.T) {
	if _, err := law.ReadTable(files(t)); err != nil {
		t.Fatalf("the files as they are: %v", err)
	}
	for _, m := range mistakes {
		fsys := files(t)
		text := string(fsys[m.file].Data)
		if !strings.Contains(text, m.old) {
			t.Errorf("%s: %q does not stand in %s", m.name, m.old, m.file)
			continue
		}
		fsys[m.file].Data = []byte(strings.Replace(text, m.old, m.new, 1))
		tab, err := law.ReadTable(fsys)
		if err == nil || tab != nil {
			t.Errorf("%s: read", m.name)
			continue
		}
		if !strings.Contains(err.Error(), m.says) {
			t.Errorf("%s: the error does not say %q: %v", m.name, m.says, err)
		}
	}
}

func TestTwoRowsOfOneProcessMayFollowEachOtherAndNotOverlap(t *testing.T) {
	fsys := files(t)
	old := string(fsys[epoc].Data)
	later := strings.Replace(old, `valid_from = "2026-08-18"`, `valid_from = "2027-01-01"`, 1)
	fsys["processes/eu.epoc.sub@2027-01-01.toml"] = &fstest.MapFile{Data: []byte(later)}
	if _, err := law.ReadTable(fsys); err == nil || !strings.Contains(err.Error(), "at once") {
		t.Fatalf("two rows in force at once: %v", err)
	}
	fsys[epoc].Data = []byte(strings.Replace(old, `valid_from = "2026-08-18"`, "valid_from = \"2026-08-18\"\nvalid_to = \"2026-12-31\"", 1))
	tab, err := law.ReadTable(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]law.Date{"2026-12-31": "2026-08-18", "2027-01-01": "2027-01-01"} {
		if r, ok := tab.Row("eu.epoc.sub", law.Date(day).Time()); !ok || r.ValidFrom != want {
			t.Errorf("on %s the row of %q is taken, want %s", day, r.ValidFrom, want)
		}
	}
}
