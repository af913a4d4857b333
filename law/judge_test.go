package law_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/law"
)

// byProcess is what a demand without a fault raises because of its process.
var byProcess = map[law.ProcessID][]law.FindingID{
	"us.eo12333":             {"SYS.NO_OBLIGATION"},
	"us.allwrits":            {"SYS.WEAKEN"},
	"any.weaken":             {"SYS.WEAKEN"},
	"any.gag_weaken":         {"GAG.NO_END", "GAG.WEAKEN"},
	"any.mlat":               {"FORM.WRONG_JURISDICTION"},
	"any.informal":           {"FORM.NO_LEGAL_BASIS"},
	"us.order.pentrap.emerg": {"RIGHTS.NO_INDEPENDENT_AUTH"},
	"us.fisa.702":            nil,
	"au.tola.tar":            {"SYS.NO_OBLIGATION"},
	"au.tola.tan":            {"SYS.WEAKEN"},
	"au.tola.tcn":            {"SYS.WEAKEN"},
	"fr.csi.871_1":           {"SYS.WEAKEN"},
	"gb.ipa.tcn":             {"SYS.WEAKEN"},
	"gb.ipa.drn":             {"SYS.WEAKEN"},
	"gb.ipa.nsn":             {"SYS.WEAKEN"},
	"gb.ipa.258a":            {"SYS.WEAKEN"},
	"in.it.69":               {"SYS.WEAKEN"},
	"in.it.4_2":              {"SYS.WEAKEN"},
	"de.stpo.100a":           {"RIGHTS.THRESHOLD"}, // put to a person: the catalogue in force was not read
	"de.stpo.100g":           {"RIGHTS.THRESHOLD"},
}

func TestADemandWithoutFaultRaisesOnlyWhatItsProcessDoes(t *testing.T) {
	for _, row := range law.Default().Rows() {
		got := ids(law.Judge(nil, clean(t, row.ID)))
		if !slices.Equal(got, byProcess[row.ID]) {
			t.Errorf("%s: raises %v, want %v", row.ID, got, byProcess[row.ID])
		}
	}
}

// A fixture breaks one thing in a demand that is otherwise right.
type fixture struct {
	process law.ProcessID
	breaks  func(*law.Demand)
}

var subpoena = law.ProcessID("us.subpoena.gj")

// fixtures: one for every finding that the machine decides.
var fixtures = map[law.FindingID]fixture{
	"FORM.UNSIGNED":             {subpoena, func(d *law.Demand) { d.Signed = false }},
	"FORM.NO_DATE":              {subpoena, func(d *law.Demand) { d.Dates.Issued = time.Time{} }},
	"FORM.DATE_FUTURE":          {subpoena, func(d *law.Demand) { d.Dates.Issued = on(10, 9) }},
	"FORM.EXPIRED":              {"us.warrant.search", func(d *law.Demand) { d.Dates.ExecuteBy = on(10, 4) }},
	"FORM.STALE":                {subpoena, func(d *law.Demand) { d.Dates.Issued, d.Dates.End = on(9, 1), on(8, 20) }},
	"FORM.ISSUER_MISSING":       {subpoena, func(d *law.Demand) { d.Issuer.Body = " " }},
	"FORM.ISSUER_NOT_COMPETENT": {"eu.epoc.traffic", func(d *law.Demand) { d.Issuer.Role = law.RoleProsecutor }},
	"FORM.NO_LEGAL_BASIS":       {subpoena, func(d *law.Demand) { d.LegalBasis = "" }},
	"FORM.NO_CASE_REF":          {subpoena, func(d *law.Demand) { d.CaseRef = "" }},
	"FORM.WRONG_ENTITY":         {subpoena, func(d *law.Demand) { d.Addressee = "Another Messenger LLC" }},
	"FORM.WRONG_JURISDICTION":   {subpoena, func(d *law.Demand) { d.Jurisdiction = "BR" }},
	"FORM.LANGUAGE":             {subpoena, func(d *law.Demand) { d.Language = "fi" }},
	"FORM.CERT_MISSING":         {"us.order.pentrap", func(d *law.Demand) { d.Particulars = without(d.Particulars, "certification") }},
	"FORM.VALIDATION_MISSING":   {"eu.epoc.sub", func(d *law.Demand) { d.Issuer.Role = law.RoleOtherAuthority }},
	"FORM.RETURN_PAST":          {subpoena, func(d *law.Demand) { d.Dates.Return = on(10, 4) }},
	"FORM.DUPLICATE":            {subpoena, func(d *law.Demand) { d.Seen.SameDemand = true }},
	"FORM.CONTACT_MISSING":      {subpoena, func(d *law.Demand) { d.Contact.Phone = "" }},
	"FORM.CHANNEL":              {subpoena, func(d *law.Demand) { d.Channel = law.ChannelSocial }},
	"TGT.NONE":                  {subpoena, func(d *law.Demand) { d.Targets = nil }},
	"TGT.NAME_ONLY":             {subpoena, func(d *law.Demand) { d.Targets = []law.Target{{Kind: law.TargetName}} }},
	"TGT.FORMAT":                {subpoena, func(d *law.Demand) { d.Targets[0].WellFormed = false }},
	"TGT.NOT_FOUND":             {subpoena, func(d *law.Demand) { d.Targets[0].Found = law.No }},
	"TGT.TOO_MANY":              {subpoena, func(d *law.Demand) { d.Targets = phones(26) }},
	"TGT.RECYCLED": {subpoena, func(d *law.Demand) {
		d.Targets[0].Found, d.Targets[0].ServiceStart = law.Yes, on(9, 20)
	}},
	"SCOPE.NO_RANGE":                    {"us.order.2703d", func(d *law.Demand) { d.Dates.Start, d.Dates.End = time.Time{}, time.Time{} }},
	"SCOPE.RANGE_WIDE":                  {subpoena, func(d *law.Demand) { d.Dates.Start = d.Dates.End.AddDate(-2, 0, 0) }},
	"SCOPE.CATEGORY_UNREACHABLE":        {subpoena, func(d *law.Demand) { d.Classes = []law.Class{law.BSI, law.AccW} }},
	"SCOPE.CONTENT_NONE":                {"us.warrant.search", func(d *law.Demand) { d.Classes = append(d.Classes, law.Content) }},
	"SCOPE.LOGS_NONE":                   {"us.order.2703d", func(d *law.Demand) { d.Classes = append(d.Classes, law.Traffic) }},
	"SCOPE.PROSPECTIVE_WITHOUT_PENTRAP": {"us.order.2703d", func(d *law.Demand) { d.Dates.End = on(12, 1) }},
	"SCOPE.DURATION_EXCEEDED":           {"us.order.pentrap", func(d *law.Demand) { d.Dates.End = d.Dates.Start.AddDate(0, 0, 61) }},
	"SCOPE.MULTI_TARGET_TAP":            {"us.order.pentrap", func(d *law.Demand) { d.Targets = phones(2) }},
	"EMG.UNVERIFIED":                    {law.Emergency, func(d *law.Demand) { d.Sender.CallBack = law.CallBackNotDone }},
	"EMG.NO_ATTESTATION":                {law.Emergency, func(d *law.Demand) { d.Emergency.Attested = false }},
	"EMG.FOLLOWUP_OVERDUE":              {law.Emergency, func(d *law.Demand) { d.Emergency.DisclosedAt = received.Add(-49 * time.Hour) }},
	"RIGHTS.THRESHOLD":                  {"eu.epoc.traffic", func(d *law.Demand) { d.Offence.MaxPenaltyYears = 2 }},
	"RIGHTS.NO_INDEPENDENT_AUTH":        {"us.order.pentrap.emerg", func(*law.Demand) {}},
	"GAG.NO_END":                        {subpoena, func(d *law.Demand) { d.Gag = order(time.Time{}) }},
	"GAG.TOO_LONG":                      {subpoena, func(d *law.Demand) { d.Gag = order(on(10, 1).AddDate(1, 1, 0)) }},
	"GAG.NOT_AN_ORDER":                  {subpoena, func(d *law.Demand) { d.Gag = law.GagAsk{Asked: true} }},
	"GAG.EXPIRED":                       {subpoena, func(d *law.Demand) { d.Gag = order(on(10, 3)) }},
	"GAG.NSL_REVIEW_DUE":                {law.NSL, func(d *law.Demand) { d.Gag.ReciprocalNotice = time.Time{} }},
	"SYS.NO_OBLIGATION":                 {law.EO12333, func(*law.Demand) {}},
	"SND.DOMAIN":                        {subpoena, func(d *law.Demand) { d.Sender.DomainVerified = law.No }},
	"SND.NEW_ACCOUNT":                   {subpoena, func(d *law.Demand) { d.Sender.Since = received.Add(-48 * time.Hour) }},
	"SND.ANOMALY": {subpoena, func(d *law.Demand) {
		d.Sender.Signals = []law.Signal{{Rule: "odd-hours", Finding: "SND.ANOMALY", Note: "sent at 03:00"}}
	}},
	"SND.VELOCITY":  {subpoena, func(d *law.Demand) { d.Sender.RequestsToday = 21 }},
	"SND.CALLBACK":  {law.Emergency, func(d *law.Demand) { d.Sender.CallBack = law.CallBackDenied }},
	"SND.MAIL_AUTH": {subpoena, func(d *law.Demand) { d.Sender.LookAlike = true }},
	"SND.SIGNATURE": {subpoena, func(d *law.Demand) {
		d.Attachments = []law.Attachment{{Name: "order.pdf", Uploaded: true, Signature: law.SignatureInvalid}}
	}},
	"SND.COMPROMISED": {subpoena, func(d *law.Demand) { d.Sender.Compromised = true }},
	"SND.SUPERVISOR":  {law.Emergency, func(d *law.Demand) { d.Sender.Supervisor = law.NotKnown }},
}

func without(list []law.Particular, p law.Particular) []law.Particular {
	return slices.DeleteFunc(slices.Clone(list), func(x law.Particular) bool { return x == p })
}

func phones(n int) []law.Target {
	return slices.Repeat([]law.Target{{Kind: law.TargetPhone, WellFormed: true}}, n)
}

// alwaysSo are the findings that a process raises by being what it is: they
// have no demand under the same process that is free of them.
var alwaysSo = []law.FindingID{"SYS.NO_OBLIGATION", "RIGHTS.NO_INDEPENDENT_AUTH"}

func TestEveryMachineFindingIsRaisedAloneAndNotWithoutCause(t *testing.T) {
	for _, f := range law.Default().Findings() {
		if f.Degree != law.Auto {
			continue
		}
		t.Run(string(f.ID), func(t *testing.T) {
			fx, ok := fixtures[f.ID]
			if !ok {
				t.Fatal("no fixture: a finding that the machine decides must be shown to be raised")
			}
			d := clean(t, fx.process)
			if has(law.Judge(nil, d), f.ID) && !slices.Contains(alwaysSo, f.ID) {
				t.Error("raised without cause")
			}
			fx.breaks(&d)
			got := law.Judge(nil, d)
			if want := []law.FindingID{f.ID}; !slices.Equal(ids(got), want) {
				t.Fatalf("raises %v, want %v", ids(got), want)
			}
			if !got[0].Decided || len(got[0].Where) == 0 {
				t.Errorf("decided = %v, where = %v: want decided, with a place", got[0].Decided, got[0].Where)
			}
		})
	}
	if d := clean(t, subpoena); has(law.Judge(nil, d), "RIGHTS.NO_INDEPENDENT_AUTH") || has(law.Judge(nil, d), "SYS.NO_OBLIGATION") {
		t.Error("a plain subpoena raises what only other processes do")
	}
}

// spoken: words that make the machine propose, and words close to them that
// must not.
var spoken = map[law.FindingID]struct{ yes, no string }{
	"SCOPE.FROM_INCEPTION":   {"records from inception to the present", "records from the first day named below"},
	"SCOPE.START_LOGGING":    {"You shall begin retaining connection data.", "data that you retained"},
	"SCOPE.GROUP_DUMP":       {"a full member list of every chat", "the member named below"},
	"SCOPE.CHAINING":         {"the contacts of all his contacts", "the contact address of the officer"},
	"SCOPE.BULK":             {"records on all your users", "records on this user"},
	"SCOPE.TOWER_DUMP":       {"all accounts using the IP 192.0.2.1", "the account using the number above"},
	"TGT.THIRD_PARTY":        {"and all accounts in contact with the target", "the account named"},
	"RIGHTS.FREE_EXPRESSION": {"charged with lèse majeste... lese-majeste", "charged with theft"},
	"SYS.WEAKEN":             {"You shall disable end-to-end encryption for this user", "an end-to-end encrypted service"},
	"SYS.GHOST":              {"add a silent participant to the chat", "a participant in the robbery"},
	"SYS.KEYS":               {"produce the encryption keys", "the key witness"},
	"SYS.TRACE":              {"identify the first originator", "the originating agency"},
	"SYS.SCAN":               {"introduce client-side scanning", "a scanned copy of the order"},
	"SYS.UPDATE":             {"deliver a modified version of the app", "an updated version of the order"},
	"SYS.DIRECT_ACCESS":      {"grant direct access to your systems", "direct your answer to the court"},
	"SYS.RETAIN":             {"this retention notice obliges you", "the records as kept"},
	"SYS.DELAY_FIX":          {"you will refrain from patching the flaw", "answer without delay"},
	"SYS.LOCALISE":           {"data localization is required", "the location of the court"},
}

func TestWordsMakeTheMachineProposeNeverDecide(t *testing.T) {
	for id, words := range spoken {
		d := clean(t, subpoena)
		d.Text = words.no
		if got := law.Judge(nil, d); len(got) != 0 {
			t.Errorf("%s: %q raises %v", id, words.no, ids(got))
		}
		d.Text = words.yes
		got := law.Judge(nil, d)
		if len(got) != 1 || got[0].ID != id {
			t.Errorf("%s: %q raises %v", id, words.yes, ids(got))
			continue
		}
		if got[0].Decided || got[0].Note == "" || law.Blocks(got) {
			t.Errorf("%s: decided %v, note %q: the machine only proposes and says what it read", id, got[0].Decided, got[0].Note)
		}
	}
}

func TestASecrecyOrderIsMeasuredFromItsFirstDay(t *testing.T) {
	long := on(10, 1).AddDate(1, 0, 1)
	for name, c := range map[string]struct {
		start, issued time.Time
		want          bool
	}{
		"its own first day": {on(9, 1), on(10, 1), true}, "its own later first day": {on(10, 4), on(9, 15), false},
		"the day of issue": {time.Time{}, on(9, 15), true}, "the day of arrival": {time.Time{}, time.Time{}, false},
	} {
		d := clean(t, subpoena)
		d.Gag, d.Dates.Issued = order(long), c.issued
		d.Gag.Start = c.start
		if got := law.Judge(nil, d); has(got, "GAG.TOO_LONG") != c.want {
			t.Errorf("%s: %v, want too long = %v", name, ids(got), c.want)
		}
	}
}

func TestWhereTheLawItselfSilencesALetterIsNoFault(t *testing.T) {
	for _, id := range []law.ProcessID{"us.order.pentrap", "eu.epoc.sub"} {
		for _, g := range []law.GagAsk{{Asked: true}, {Asked: true, Order: true}} {
			d := clean(t, id)
			d.Gag = g
			if got := law.Judge(nil, d); len(got) != 0 {
				t.Errorf("%s, %+v: %v", id, g, ids(got))
			}
		}
	}
}

func TestADayLastsToItsEndAndAnHourDoesNot(t *testing.T) {
	d := clean(t, "us.warrant.search")
	d.Dates.ExecuteBy = on(10, 5) // received at three in the afternoon of that day
	if got := law.Judge(nil, d); len(got) != 0 {
		t.Errorf("on its last day: %v", ids(got))
	}
	d.Dates.ExecuteBy = received.Add(-time.Minute)
	if got := law.Judge(nil, d); !has(got, "FORM.EXPIRED") {
		t.Errorf("a minute after its last: %v", ids(got))
	}
}

func TestEveryPhraseIsHeard(t *testing.T) {
	for id, phrases := range law.Phrases(law.Default()) {
		for _, p := range phrases {
			d := clean(t, "us.warrant.search")
			d.Targets = nil
			for _, gap := range []string{"", " one", " one two three"} {
				d.Text = "Furthermore: " + strings.ReplaceAll(p, " *", gap) + "."
				if !has(law.Judge(nil, d), id) {
					t.Errorf("%s: %q is not heard", id, d.Text)
				}
			}
			if strings.Contains(p, "*") {
				d.Text = strings.ReplaceAll(p, "*", "one two three four")
				if f := found(law.Judge(nil, d), id); f != nil && f.Note == p {
					t.Errorf("%s: %q stands for more than three words", id, p)
				}
			}
		}
	}
}

func found(all []law.Finding, id law.FindingID) *law.Finding {
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

func TestAPersonAddsWhatOnlyAPersonCanFind(t *testing.T) {
	tab := law.Default()
	humans := 0
	for _, row := range tab.Findings() {
		if row.Degree != law.Human {
			continue
		}
		humans++
		f, ok := tab.ByPerson(row.ID, "read by me")
		if !ok || !f.Decided || f.Sentence == "" || f.Note != "read by me" {
			t.Errorf("%s: %+v", row.ID, f)
		}
	}
	if _, ok := tab.ByPerson("NO.SUCH", ""); ok || humans == 0 {
		t.Errorf("%d findings for persons; an unknown one is added: %v", humans, ok)
	}
}

func TestALongHostileTextIsReadInTime(t *testing.T) {
	d := clean(t, subpoena)
	d.Text = strings.Repeat("from all and any the ", 100_000)
	start := time.Now()
	law.Judge(nil, d)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("two megabytes took %v", took)
	}
}

func TestReverseDemandsAreThoseThatNameNoAccount(t *testing.T) {
	for id, text := range map[law.FindingID]string{
		"SCOPE.REVERSE_GEOFENCE": "all devices within 200 metres of the bank",
		"SCOPE.REVERSE_KEYWORD":  "all users who shared the video",
	} {
		d := clean(t, "us.warrant.search")
		d.Text = text
		if has(law.Judge(nil, d), id) {
			t.Errorf("%s: raised although an account is named", id)
		}
		d.Targets = nil
		if got := law.Judge(nil, d); !has(got, id) {
			t.Errorf("%s: not raised: %v", id, ids(got))
		}
	}
}

// proposedByFact: what the machine proposes from a fact other than words.
var proposedByFact = map[law.FindingID]fixture{
	"FORM.BASIS_MISMATCH":     {subpoena, func(d *law.Demand) { d.LegalBasis = "26 U.S.C. § 7602" }},
	"FORM.INCOMPLETE":         {subpoena, func(d *law.Demand) { d.Attachments = []law.Attachment{{Name: "Attachment A", Named: true}} }},
	"TGT.THIRD_PARTY":         {subpoena, func(d *law.Demand) { d.Classes = append(d.Classes, law.Contacts) }},
	"SCOPE.GROUP_DUMP":        {subpoena, func(d *law.Demand) { d.Targets = append(d.Targets, law.Target{Kind: law.TargetGroup}) }},
	"SCOPE.REVERSE_GEOFENCE":  {subpoena, func(d *law.Demand) { d.Targets = []law.Target{{Kind: law.TargetArea}} }},
	"SCOPE.TOWER_DUMP":        {subpoena, func(d *law.Demand) { d.Targets = []law.Target{{Kind: law.TargetCell}} }},
	"EMG.OVERSCOPE":           {law.Emergency, func(d *law.Demand) { d.Classes = append(d.Classes, law.AccNC) }},
	"RIGHTS.CONFLICT_OF_LAWS": {subpoena, func(d *law.Demand) { d.Conflict = law.Yes }},
	"GAG.NO_FINDINGS":         {subpoena, func(d *law.Demand) { d.Gag = order(on(12, 1)); d.Gag.Grounds = nil }},
	"SND.DOC_FORGED":          {subpoena, func(d *law.Demand) { d.Sender.AttachmentHashSeen = true }},
}

func TestFactsThatAPersonMustWeighAreProposed(t *testing.T) {
	for id, fx := range proposedByFact {
		d := clean(t, fx.process)
		fx.breaks(&d)
		got := law.Judge(nil, d)
		if len(got) != 1 || got[0].ID != id || got[0].Decided {
			t.Errorf("%s: raises %v", id, ids(got))
		}
	}
}

func TestEveryFindingThatTheMachineMayRaiseHasAFixture(t *testing.T) {
	for _, f := range law.Default().Findings() {
		_, auto := fixtures[f.ID]
		_, fact := proposedByFact[f.ID]
		_, word := spoken[f.ID]
		reverse := strings.HasPrefix(string(f.ID), "SCOPE.REVERSE_")
		if f.Degree != law.Human && !auto && !fact && !word && !reverse {
			t.Errorf("%s (%s) is raised by no test", f.ID, f.Degree)
		}
	}
}

func TestASecrecyOrderAboutWeakeningIsItselfProposedForChallenge(t *testing.T) {
	d := clean(t, subpoena)
	d.Text, d.Gag = "install a backdoor", order(on(12, 1))
	if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"GAG.WEAKEN", "SYS.WEAKEN"}) {
		t.Errorf("raises %v", got)
	}
}

func TestJudgingIsDeterministicAndChangesNothing(t *testing.T) {
	d := clean(t, law.Emergency)
	d.Text = strings.Repeat("any and all records, backdoor, all your users, sedition, ", 40)
	d.Signed, d.Targets, d.Contact, d.CaseRef = false, nil, law.Contact{}, ""
	d.Classes = []law.Class{law.Content, law.Traffic, law.AccW, law.DRAS, law.Contacts}
	before := d
	want := law.Judge(nil, d)
	for range 50 {
		if got := law.Judge(nil, d); !reflect.DeepEqual(got, want) {
			t.Fatal("two readings of one demand differ")
		}
	}
	if !reflect.DeepEqual(before, d) {
		t.Error("judging changed the demand")
	}
	order := map[law.FindingID]int{}
	for i, f := range law.Default().Findings() {
		order[f.ID] = i
	}
	if !slices.IsSortedFunc(want, func(a, b law.Finding) int { return order[a.ID] - order[b.ID] }) {
		t.Error("findings are not in the order of the table")
	}
}

func TestTheSenderNeverSeesWhatOnlyTheTeamMay(t *testing.T) {
	d := clean(t, subpoena)
	d.Sender.Signals, d.Sender.Compromised, d.Sender.RequestsToday = []law.Signal{{Rule: "new-passkey", Finding: "SND.ANOMALY", Note: "new device"}}, true, 100
	d.Sender.LookAlike, d.Sender.AttachmentHashSeen, d.Targets[0].Found = true, true, law.No
	d.Signed = false
	got := ids(law.ForSender(law.Judge(nil, d)))
	if !slices.Equal(got, []law.FindingID{"FORM.UNSIGNED"}) {
		t.Errorf("the sender sees %v", got)
	}
}

func TestAnEmptyDemandIsJudgedWithoutFail(t *testing.T) {
	if got := law.Judge(nil, law.Demand{}); len(got) == 0 {
		t.Error("an empty demand raises nothing")
	}
}

func FuzzJudgeText(f *testing.F) {
	for _, w := range spoken {
		f.Add(w.yes, w.no)
	}
	f.Fuzz(func(t *testing.T, text, basis string) {
		d := clean(t, subpoena)
		d.Text, d.LegalBasis = text, basis
		for _, x := range law.Judge(nil, d) {
			if x.Decided && x.ID != "FORM.NO_LEGAL_BASIS" {
				t.Errorf("words alone decided %s", x.ID)
			}
		}
	})
}
