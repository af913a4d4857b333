package law_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"letterlock/law"
)

// rowFile is an operator's file that restates one embedded row, after change.
func rowFile(t testing.TB, id string, change func(string) string) string {
	t.Helper()
	b, err := fs.ReadFile(law.Embedded(), "processes/"+id+".toml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("[[reach]]", "[[row.reach]]", "[[issuer]]", "[[row.issuer]]", "[[clock]]", "[[row.clock]]",
		"[notice]", "[row.notice]", "[publication]", "[row.publication]", "[threshold]", "[row.threshold]", "[[threshold.listed]]", "[[row.threshold.listed]]").Replace(string(b))
	if change != nil {
		changed := change(text)
		if changed == text {
			t.Fatalf("the change changes nothing in %s", id)
		}
		text = changed
	}
	return "approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\n[[row]]\n" + text
}

func swap(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

func load(t testing.TB, text string) *law.Overrides {
	t.Helper()
	o, err := law.LoadOverrides(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func with(t testing.TB, text string) *law.Table {
	t.Helper()
	tab, err := law.Default().With(load(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// Each change of one thing, and whether it makes the row wider.
var changes = []struct {
	name, row string
	change    func(string) string
	wider     bool
}{
	{"nothing", "us.order.2703d", nil, false},
	{"another note and source", "us.order.2703d", swap(`source = "`, `source = "read again; `), false},
	{"a class less", "us.order.2703d", swap("[[row.reach]]\nclass = \"ACC_NC\"\nextent = \"full\"\n", ""), false},
	{"only a part", "us.order.2703d", swap("class = \"ACC_NC\"\nextent = \"full\"", "class = \"ACC_NC\"\nextent = \"part\"\nlimit = \"devices\""), false},
	{"a class more", "us.order.2703d", swap("class = \"ACC_NC\"", "class = \"ACC_W\"\nextent = \"full\"\n[[row.reach]]\nclass = \"ACC_NC\""), true},
	{"the whole for a part", "us.emergency", swap("extent = \"part\"\nlimit = \"only what locates or identifies\"", "extent = \"full\""), true},
	{"another limit", "us.emergency", swap("only what locates or identifies", "whatever helps"), true},
	{"disclosure for a snapshot", "us.preservation", swap("class = \"BSI\"\nextent = \"snapshot\"", "class = \"BSI\"\nextent = \"full\""), true},
	{"an issuer less", "us.order.2703d", swap("[[row.issuer]]\nrole = \"magistrate\"\ntext = \"magistrate judge of such a court\"\n", ""), false},
	{"an issuer more", "us.order.2703d", swap("role = \"magistrate\"", "role = \"police\""), true},
	{"anybody", "us.order.2703d", swap("role = \"magistrate\"", "role = \"any\""), true},
	{"without validation", "eu.epoc.sub", swap("validated_by = [\"judge\", \"court\", \"investigating_judge\", \"prosecutor\"]\nex_post_hours = 48\n", ""), true},
	{"validation by one more", "eu.epoc.traffic", swap("validated_by = [", "validated_by = [\"prosecutor\", "), true},
	{"validation by fewer", "eu.epoc.traffic", swap("validated_by = [\"judge\", ", "validated_by = ["), false},
	{"validation later", "eu.epoc.sub", swap("ex_post_hours = 48", "ex_post_hours = 72"), true},
	{"one more particular", "us.order.2703d", swap("required = [", "required = [\"probable_cause\","), false},
	{"one particular less", "us.order.2703d", swap("  \"specific_and_articulable_facts_finding\",\n", ""), true},
	{"marked as read", "us.order.2703d", swap("certainty = \"K\"\nnote", "certainty = \"S\"\nchecked_on = \"2026-10-01\"\nnote"), true},
	{"marked uncertain", "us.order.2703d", swap("certainty = \"K\"\nnote", "certainty = \"U\"\nnote"), false},
	{"two accounts", "us.order.pentrap", swap("max_accounts = 1", "max_accounts = 2"), true},
	{"as many as one likes", "us.order.pentrap", swap("max_accounts = 1\n", ""), true},
	{"fewer accounts than policy", "us.order.2703d", swap("stance =", "max_accounts = 5\nstance ="), false},
	{"more accounts than policy", "us.order.2703d", swap("stance =", "max_accounts = 500\nstance ="), true},
	{"a preservation that waits", "us.preservation", swap("count = 90", "pauses = [\"clarification\"]\ncount = 90"), true},
	{"a silence that another ends", "us.order.pentrap", swap("lift = \"court_order\"", "lift = \"authority\""), true},
	{"a shorter tap", "us.order.pentrap", swap("count = 60", "count = 30"), false},
	{"a longer tap", "us.order.pentrap", swap("count = 60", "count = 61"), true},
	{"a tap in other units", "us.order.pentrap", swap("count = 60\nunit = \"days\"", "count = 2\nunit = \"months\""), true},
	{"a tap from another start", "us.order.pentrap", swap("from = \"start\"", "from = \"receipt\""), true},
	{"a second renewal", "us.preservation", swap("times = 1", "times = 2"), true},
	{"renewals without end", "us.preservation", swap("times = 1\n", ""), true},
	{"another zone for a tap", "us.order.pentrap", swap("America/New_York", "Pacific/Honolulu"), true},
	{"a lesser offence", "eu.epoc.traffic", swap("max_penalty_years = 3", "max_penalty_years = 1"), true},
	{"a graver offence", "eu.epoc.traffic", swap("max_penalty_years = 3", "max_penalty_years = 5"), false},
	{"it binds Denmark", "eu.epoc.sub", swap("except = [\"DK\"]", "except = []"), true},
	{"it binds one country less", "eu.epoc.sub", swap("except = [\"DK\"]", "except = [\"DK\", \"IE\"]"), false},
	{"it ends", "eu.epoc.sub", swap("\"2026-08-18\"", "\"2026-08-18\"\nvalid_to = \"2026-12-31\""), false},
	{"declined where it was reviewed", "us.order.2703d", swap("stance = \"review\"", "stance = \"reject\""), false},
	{"reviewed where it was declined", "us.eo12333", swap("stance = \"no_obligation_decline\"", "stance = \"review\""), true},
	{"declined where it was challenged", "us.allwrits", swap("must_challenge", "no_obligation_decline"), true},
	{"rejected where it was challenged", "au.tola.tan", swap("must_challenge_if_317ZG", "reject"), true},
	{"declined where it was tracked and challenged", "us.ndo", swap("track_and_challenge_if_indefinite", "voluntary_decline"), true},
	{"challenged on a condition", "us.allwrits", swap("must_challenge", "must_challenge_if_317ZG"), true},
	{"challenged in any case", "au.tola.tan", swap("must_challenge_if_317ZG", "must_challenge"), false},
	{"challenged where it was reviewed", "us.order.2703d", swap("stance = \"review\"", "stance = \"must_challenge\""), false},
	{"no basis", "us.allwrits", swap("basis = [\"1651\"]\n", ""), true},
	{"another basis", "us.allwrits", swap("[\"1651\"]", "[\"1651\", \"2703\"]"), true},
	{"a narrower basis", "us.allwrits", swap("[\"1651\"]", "[\"28 USC 1651(a)\"]"), false},
	{"told on the day", "us.order.2703d", swap("lead_days = 7", "lead_days = 1"), true},
	{"told earlier", "us.order.2703d", swap("lead_days = 7", "lead_days = 14"), false},
	{"told afterwards", "us.order.2703d", swap("timing = \"before\"", "timing = \"after\""), true},
	{"never told", "us.order.2703d", swap("provider = \"may\"\ntiming = \"before\"", "provider = \"must_not\"\ntiming = \"withheld\""), true},
	{"longer secrecy", "us.order.2703d", swap("gag_max_days = 365", "gag_max_days = 400"), true},
	{"secrecy without limit", "us.order.2703d", swap("gag_max_days = 365\n", ""), true},
	{"exact where it was banded", "us.nsl", swap("kind = \"banded\"", "kind = \"exact\""), true},
}

func TestAnOverrideThatWidensSaysSo(t *testing.T) {
	for _, c := range changes {
		r, ok := with(t, rowFile(t, c.row, c.change)).Row(law.ProcessID(c.row), received)
		if !ok {
			t.Errorf("%s: the row is gone", c.name)
			continue
		}
		o := r.Origin()
		if !o.Operator || o.ApprovedBy != "L. Lead" || o.ApprovedOn != "2026-10-01" {
			t.Errorf("%s: origin %+v", c.name, o)
		}
		if o.Widens() != c.wider {
			t.Errorf("%s: wider in %q, want wider = %v", c.name, o.Wider, c.wider)
		}
	}
}

func TestAWiderRowNeverUnlocksWhoeverApproves(t *testing.T) {
	for _, id := range []law.ProcessID{law.Emergency, "us.order.2703d"} { // of certainty S and K
		was, now := "only what locates or identifies", "whatever helps"
		if id != law.Emergency {
			was, now = `class = "ACC_NC"`, `class = "ACC_W"`
		}
		tab := with(t, rowFile(t, string(id), swap(was, now)))
		r, _ := tab.Row(id, received)
		if !r.Origin().Widens() {
			t.Fatalf("%s is not wider", id)
		}
		a := law.Approvals{Counsel: append(tab.Approve("A. Counsel", "2026-10-01", id), tab.Approve("L. Lead", "2026-10-01", id)...)}
		if got := r.Unlocks(a, received); got.OK || !strings.Contains(got.Why, "wider than the program's own") {
			t.Errorf("%s: %+v", id, got)
		}
	}
	tab := with(t, rowFile(t, "us.emergency", swap("only what locates or identifies", "whatever helps")))
	again, err := tab.With(load(t, rowFile(t, "us.emergency", swap("only what locates or identifies", "whatever helps"))))
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := again.Row(law.Emergency, received); !r.Origin().Widens() {
		t.Error("a wider row restated once more counts as the embedded one")
	}
	if r, _ := law.Default().Row(law.Emergency, received); r.Origin().Operator {
		t.Error("the embedded table changed")
	}
}

// A case that two people close together is not made one that a single person
// closes by rewriting its row.
func TestNoOverrideTakesTheChallengeAway(t *testing.T) {
	for _, stance := range []string{"no_obligation_decline", "reject", "review"} {
		tab := with(t, rowFile(t, "us.allwrits", swap("must_challenge", stance)))
		r, _ := tab.Row("us.allwrits", received)
		if !r.Origin().Widens() || !r.MustChallenge() {
			t.Errorf("%s: wider in %q, must be challenged: %v", stance, r.Origin().Wider, r.MustChallenge())
		}
		a := law.Approvals{Counsel: append(tab.Approve("A. Counsel", "2026-10-01", r.ID), tab.Approve("L. Lead", "2026-10-01", r.ID)...)}
		if r.Unlocks(a, received).OK {
			t.Errorf("%s: it unlocks", stance)
		}
	}
	if r, _ := with(t, rowFile(t, "us.order.2703d", swap("lead_days = 7", "lead_days = 14"))).Row("us.order.2703d", received); r.MustChallenge() {
		t.Error("a row that was never challenged must be")
	}
}

func TestARowOfTheOperatorsOwnCountsAsWiderIfItGivesAnything(t *testing.T) {
	added := rowFile(t, "us.order.2703d", swap(`id = "us.order.2703d"`, `id = "xx.order"`))
	if r, _ := with(t, added).Row("xx.order", received); !r.Origin().Widens() {
		t.Error("a new process that reaches records is not wider")
	}
	refusing := rowFile(t, "us.allwrits", swap(`id = "us.allwrits"`, `id = "xx.refused"`))
	if r, _ := with(t, refusing).Row("xx.refused", received); r.Origin().Widens() {
		t.Errorf("a new process that gives nothing is wider: %q", r.Origin().Wider)
	}
}

func TestARowCannotBeWidenedByCuttingItsDays(t *testing.T) {
	first := rowFile(t, "us.order.2703d", swap("certainty = \"K\"\nnote", "certainty = \"K\"\nvalid_to = \"2026-09-30\"\nnote"))
	second := rowFile(t, "us.order.2703d", func(s string) string {
		s = strings.Replace(s, "certainty = \"K\"\nnote", "certainty = \"K\"\nvalid_from = \"2026-10-01\"\nnote", 1)
		return strings.Replace(s, `class = "ACC_NC"`, `class = "ACC_W"`, 1)
	})
	text := first + second[strings.Index(second, "[[row]]"):]
	r, _ := with(t, text).Row("us.order.2703d", received)
	if !r.Reaches(law.AccW) || !r.Origin().Widens() {
		t.Errorf("reaches account information: %v, wider: %q", r.Reaches(law.AccW), r.Origin().Wider)
	}
}

func TestCounselsApprovalInTheOperatorsFile(t *testing.T) {
	row, _ := law.Default().Row("us.order.2703d", received)
	head := "approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\n"
	o := load(t, head+"[[approval]]\nrow = \"us.order.2703d\"\nhash = \""+row.Hash().String()+"\"\nby = \"A. Counsel\"\non = \"2026-10-01\"\n")
	if !row.Unlocks(law.Approvals{Counsel: o.Approvals}, received).OK {
		t.Error("counsel's approval does not unlock")
	}
}

var broken = map[string]string{
	"no approver":          "approved_on = \"2026-10-01\"\n",
	"no day":               "approved_by = \"L. Lead\"\n",
	"no such day":          "approved_by = \"L. Lead\"\napproved_on = \"yesterday\"\n",
	"unknown key":          "approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\nforce = true\n",
	"a row without all":    "approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\n[[row]]\nid = \"xx.y\"\n",
	"approval without all": "approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\n[[approval]]\nrow = \"us.nsl\"\n",
	"a short hash":         "approved_by = \"L. Lead\"\napproved_on = \"2026-10-01\"\n[[approval]]\nrow = \"us.nsl\"\nhash = \"00\"\nby = \"A\"\non = \"2026-10-01\"\n",
	"not TOML":             "approved_by L. Lead",
	"too large":            "# " + strings.Repeat("x", 2<<20),
}

func TestABrokenOperatorFileIsRefusedWhole(t *testing.T) {
	broken["content"] = rowFile(t, "us.warrant.search", swap(`class = "ACC_W"`, `class = "CONTENT"`))
	broken["an embedded origin"] = rowFile(t, "us.nsl", func(s string) string { return s + "\n[row.origin]\noperator = false\n" })
	for name, text := range broken {
		if o, err := law.LoadOverrides(strings.NewReader(text)); err == nil || o != nil {
			t.Errorf("%s: read", name)
		}
	}
	for name, text := range map[string]string{
		"a second row beside the embedded one": rowFile(t, "us.nsl", swap("checked_on", "valid_from = \"2026-01-01\"\nchecked_on")),
		"a law that begins earlier":            rowFile(t, "eu.epoc.sub", swap("\"2026-08-18\"", "\"2026-01-01\"")),
	} {
		if _, err := law.Default().With(load(t, text)); err == nil {
			t.Errorf("%s: two rows of one process in force at once", name)
		}
	}
}

func TestTheExampleOfTheReadmeIsRead(t *testing.T) {
	b, err := os.ReadFile("../docs/law/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```toml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("the readme has no example")
	}
	o := load(t, example)
	tab, err := law.Default().With(o)
	if err != nil || len(o.Rows) != 1 {
		t.Fatalf("%d rows: %v", len(o.Rows), err)
	}
	if r, ok := tab.Row(o.Rows[0].ID, received); !ok || !r.Origin().Widens() {
		t.Error("the added row is not in the table, or not marked as wider")
	}
}

// FuzzLoadOverrides: whatever a file says, either nothing is returned, or rows
// that keep the promises of the table: no content, and wider means marked.
func FuzzLoadOverrides(f *testing.F) {
	for _, c := range changes {
		f.Add(rowFile(f, c.row, c.change))
	}
	for _, text := range broken {
		if len(text) < 4096 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := law.LoadOverrides(strings.NewReader(text))
		if err != nil {
			if o != nil {
				t.Fatal("an error, and overrides")
			}
			return
		}
		tab, err := law.Default().With(o)
		if err != nil {
			return
		}
		for _, r := range tab.Rows() {
			if r.Reaches(law.Content) || r.Reaches(law.Traffic) {
				t.Fatalf("%s reaches what does not exist", r.ID)
			}
			base, ok := law.Default().Row(r.ID, received)
			for _, c := range []law.Class{law.BSI, law.AccNC, law.AccW, law.DRAS} {
				if r.Reaches(c) && (!ok || !base.Reaches(c)) && r.InForce(received) && !r.Origin().Widens() {
					t.Fatalf("%s reaches %s and does not say that it is wider", r.ID, c)
				}
			}
		}
		law.Judge(tab, clean(t, subpoena))
	})
}
