package api

import (
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/disclosable"
	"letterlock/law"
	"letterlock/web/words"
)

// What travels. A field without omitempty or omitzero is always there.

type target struct {
	Kind       string    `json:"kind" enum:"phone,account,username,email,ip,name,picture,group,area,cell" doc:"What kind of identifier it is. Only phone and account lead to an account here."`
	Identifier string    `json:"identifier" doc:"A telephone number with its country code (+12025550142), an account id, or what the paper gives."`
	At         time.Time `json:"at,omitzero" doc:"For an IP address: the exact moment."`
}

type offence struct {
	Text            string `json:"text,omitempty" doc:"The offence as the paper names it."`
	MaxPenaltyYears int    `json:"max_penalty_years,omitempty" doc:"Highest penalty in whole years."`
	Listed          string `json:"listed,omitempty" doc:"Which entry of the list of the process's law it is, by the id that GET /processes gives, or other: none of them."`
}

type secrecy struct {
	Asked   string   `json:"asked" enum:"no,order,letter" doc:"Whether the person is not to be told, and by what."`
	Until   string   `json:"until,omitempty" format:"date" doc:"The day on which the secrecy ends."`
	Basis   string   `json:"basis,omitempty" doc:"Provision for the secrecy."`
	Grounds []string `json:"grounds,omitempty" doc:"Grounds that the order states, such as 2705(b)(3)."`
}

// ask is a demand as a system states it.
type ask struct {
	Process       string            `json:"process" doc:"Kind of paper: an id of GET /processes."`
	Reference     string            `json:"reference,omitempty" doc:"Your own reference; it stands on everything we send."`
	CaseRef       string            `json:"case_ref,omitempty" doc:"Case, docket or warrant number, as on the paper."`
	IssuingBody   string            `json:"issuing_body,omitempty" doc:"Issuing court or authority; your agency's name if left out."`
	IssuerRole    string            `json:"issuer_role,omitempty" doc:"Office of who signed, such as judge or prosecutor."`
	Court         string            `json:"court,omitempty" doc:"Court or district."`
	Validator     string            `json:"validator,omitempty" doc:"Who validated the order."`
	ValidatorRole string            `json:"validator_role,omitempty" doc:"Their office."`
	LegalBasis    string            `json:"legal_basis,omitempty" doc:"Legal provision cited."`
	Addressee     string            `json:"addressee,omitempty" doc:"The company that the paper names."`
	Signed        bool              `json:"signed,omitempty" doc:"The paper is signed by who issued it."`
	Language      string            `json:"language,omitempty" doc:"Language of the paper (BCP 47)."`
	Translation   bool              `json:"translation,omitempty" doc:"A translation is with the papers."`
	Issued        string            `json:"issued,omitempty" format:"date" doc:"Date of issue."`
	Return        string            `json:"return,omitempty" format:"date" doc:"Day by which the paper asks for an answer."`
	ExecuteBy     string            `json:"execute_by,omitempty" format:"date" doc:"Last day on which it may be executed."`
	From          string            `json:"from,omitempty" format:"date" doc:"First day of the period."`
	Until         string            `json:"until,omitempty" format:"date" doc:"Last day of the period."`
	KeepUntil     string            `json:"keep_until,omitempty" format:"date" doc:"Preservation: until when."`
	Preserved     string            `json:"preserved,omitempty" doc:"Number of the case in which records were preserved before: the one that a preservation renews, or whose snapshot an order reaches."`
	Targets       []target          `json:"targets,omitempty" doc:"The accounts, at most 10,000."`
	Wanted        []string          `json:"wanted,omitempty" doc:"What is asked for: ids of GET /items."`
	Particulars   map[string]string `json:"particulars,omitempty" doc:"What else the process must show, by the ids of its row; \"yes\" for a check."`
	Offence       offence           `json:"offence,omitzero"`
	Secrecy       secrecy           `json:"secrecy,omitzero"`
	Emergency     emergency         `json:"emergency,omitzero" doc:"Emergencies only: the fields of the form. The officer attests them in the portal."`
	Text          string            `json:"text,omitempty" doc:"What the paper asks for, in its own words."`
	Phone         string            `json:"phone,omitempty" doc:"Telephone for this request; the officer's if left out."`
}

type correction struct {
	Why    string `json:"why" doc:"What you corrected, and why."`
	Demand ask    `json:"demand"`
}

type reason struct {
	Why string `json:"why" doc:"The reason, such as: the person was found."`
}

type reply struct {
	Text string `json:"text" doc:"The answer."`
}

type draftMade struct {
	Draft string `json:"draft" doc:"Id of the draft."`
}

type requestMade struct {
	Request string `json:"request" doc:"Number of the request, such as LL-2026-000017."`
}

type paper struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	What  string    `json:"what" doc:"Which particular it shows; empty if none."`
	Size  int64     `json:"size"`
	Sum   string    `json:"sha256"`
	Added time.Time `json:"added"`
}

type draft struct {
	ID      string    `json:"id"`
	Changed time.Time `json:"changed"`
	Demand  ask       `json:"demand"`
	Papers  []paper   `json:"papers"`
	Portal  string    `json:"portal" doc:"Address where the officer opens it."`
}

type drafts struct {
	Drafts []draft `json:"drafts"`
}

type finding struct {
	ID       string   `json:"id"`
	Level    string   `json:"level" enum:"block,warn,info"`
	Title    string   `json:"title"`
	Sentence string   `json:"sentence"`
	Action   string   `json:"action" doc:"What the team does unless a person decides otherwise."`
	Decided  bool     `json:"decided" doc:"False: a person looks at it first."`
	Missing  []string `json:"missing" doc:"Ids of the particulars that are missing."`
	Note     string   `json:"note"`
}

type reached struct {
	Item    string `json:"item"`
	Title   string `json:"title"`
	Exists  bool   `json:"exists" doc:"Such data exists here at all."`
	Reached bool   `json:"reached" doc:"The process gets it."`
	Limit   string `json:"limit,omitempty" doc:"If only a part of it."`
}

type twin struct {
	Request string `json:"request"`
	How     string `json:"how" enum:"demand,file,message"`
}

type preview struct {
	Findings []finding `json:"findings"`
	Blocks   bool      `json:"blocks" doc:"Something stands in the way; it may be sent all the same."`
	Due      time.Time `json:"due,omitzero"`
	Reaches  []reached `json:"reaches"`
	Twins    []twin    `json:"duplicates" doc:"Earlier requests that this one repeats, as far as the officer may open them."`
}

type summary struct {
	Request   string    `json:"request"`
	Phase     string    `json:"phase" enum:"waiting,review,asked,decided,signing,notice,packing,answered,closed,withdrawn"`
	InWords   string    `json:"phase_in_words"`
	Process   string    `json:"process"`
	Reference string    `json:"reference"`
	Filed     time.Time `json:"filed"`
	Due       time.Time `json:"due,omitzero"`
}

type requests struct {
	Requests []summary `json:"requests"`
}

type question struct {
	ID       string    `json:"id"`
	Text     string    `json:"text"`
	Asked    time.Time `json:"asked"`
	Open     bool      `json:"open"`
	Answer   string    `json:"answer,omitempty"`
	Answered time.Time `json:"answered,omitzero"`
}

type decision struct {
	Item    string `json:"item"`
	Title   string `json:"title"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
}

type download struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Sent int64     `json:"sent" doc:"Bytes handed over, each counted once."`
	Done time.Time `json:"done,omitzero" doc:"When the last missing byte was handed over; absent: it broke off."`
}

type pack struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Size      int64      `json:"size"`
	Sum       string     `json:"sha256"`
	SealedTo  string     `json:"sealed_to" doc:"The officer's age key, or passphrase."`
	Made      time.Time  `json:"made"`
	Expires   time.Time  `json:"expires"`
	There     bool       `json:"there" doc:"It can be downloaded now."`
	Downloads []download `json:"downloads"`
}

type packages struct {
	Packages []pack `json:"packages"`
}

type event struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`
	Why  string    `json:"why,omitempty"`
}

type request struct {
	summary
	Demand     ask        `json:"demand"`
	Papers     []paper    `json:"papers"`
	Findings   []finding  `json:"findings"`
	Questions  []question `json:"questions"`
	Decisions  []decision `json:"decisions" doc:"Once the answer is final."`
	Packages   []pack     `json:"packages"`
	Notice     string     `json:"notice,omitempty" doc:"When and whether the person is told."`
	CanCorrect bool       `json:"can_correct"`
	Timeline   []event    `json:"timeline"`
	Portal     string     `json:"portal" doc:"Address where the officer opens it."`
}

type reach struct {
	Class  string `json:"class"`
	Name   string `json:"name"`
	Extent string `json:"extent" enum:"full,part,snapshot"`
	Limit  string `json:"limit,omitempty"`
}

type need struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Help  string `json:"help,omitempty"`
	Where string `json:"where" enum:"particulars,papers,field,team" doc:"Under particulars; as the what of a paper; in a field of the demand; or established by the team."`
}

type listed struct {
	ID              string `json:"id"`
	Text            string `json:"text"`
	Citation        string `json:"citation"`
	Provisions      string `json:"provisions,omitempty" doc:"Those that define the offence, as the list names them."`
	MaxPenaltyYears int    `json:"max_penalty_years,omitempty" doc:"The highest penalty that this entry asks for, at least."`
	Certainty       string `json:"certainty" doc:"S: read at the source; of K and U a person compares the paper with the law."`
}

type threshold struct {
	Text            string   `json:"text"`
	MaxPenaltyYears int      `json:"max_penalty_years,omitempty" doc:"A highest penalty of as many years suffices."`
	OnlyListed      bool     `json:"only_listed" doc:"No penalty suffices: the offence must be on the list."`
	Listed          []listed `json:"listed"`
}

type process struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Jurisdiction string    `json:"jurisdiction"`
	Place        string    `json:"place"`
	Citations    []string  `json:"citations"`
	Certainty    string    `json:"certainty" doc:"S: read at the source; K: established, text not re-read; U: uncertain, informs and never unlocks."`
	CheckedOn    string    `json:"checked_on,omitempty"`
	Reaches      []reach   `json:"reaches"`
	Needs        []need    `json:"needs"`
	Issuers      []string  `json:"issuers" doc:"Who may issue it."`
	MaxAccounts  int       `json:"max_accounts,omitempty"`
	Threshold    threshold `json:"threshold,omitzero" doc:"How grave the offence must be."`
	Notice       string    `json:"notice" doc:"Whether the person is told."`
}

type processes struct {
	Processes []process `json:"processes"`
}

type item struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Class   string `json:"class"`
	Meaning string `json:"meaning,omitempty"`
	Exists  bool   `json:"exists" doc:"False: it may be asked for, and the answer is a signed sheet that it does not exist."`
}

type items struct {
	Items []item `json:"items"`
}

// some is a list that is never null.
func some[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, x := range in {
		out = append(out, f(x))
	}
	return out
}

func paperOf(p casefile.Paper) paper {
	return paper{ID: string(p.ID), Name: p.Name, What: p.What, Size: p.Size, Sum: string(p.Sum), Added: p.At}
}

func findingOf(r law.FindingRow, decided bool, missing []law.Particular, note string) finding {
	return finding{ID: string(r.ID), Level: string(r.Level), Title: r.Title, Sentence: r.Sentence, Action: string(r.Action), Decided: decided,
		Missing: some(missing, func(p law.Particular) string { return string(p) }), Note: note}
}

func twinOf(t casefile.Twin) twin { return twin{string(t.Number), string(t.How)} }

func reachedOf(r intake.Reached) reached {
	return reached{string(r.Item), r.Item.Title(), r.Exists, r.Reached, r.Limit}
}

func packOf(now time.Time) func(casefile.Package) pack {
	return func(p casefile.Package) pack {
		return pack{string(p.ID), p.Name, p.Size, string(p.Sum), p.SealedTo, p.Made, p.Expires, p.There(now),
			some(p.Downloads, func(d casefile.Download) download { return download{d.By.Name, d.At, d.Sent(), d.Done} })}
	}
}

func headOf(h casefile.Head) summary {
	s := summary{string(h.Number), string(h.Phase), h.Phase.InWords(), string(h.Process), h.Reference, h.Filed, h.Due}
	if h.Phase.Over() {
		s.Due = time.Time{}
	}
	return s
}

func (a *api) draftOf(d casefile.Draft) draft {
	return draft{string(d.ID), d.Touched, askOf(d.Demand), some(d.Demand.Papers, paperOf), a.Origin + "/drafts/" + string(d.ID)}
}

func (a *api) requestOf(v intake.View) request {
	out := request{summary: summary{string(v.Number), string(v.Phase), v.Phase.InWords(), string(v.Demand.Process), v.Demand.Reference, v.Filed, v.Due},
		Demand: askOf(v.Demand), Papers: some(v.Demand.Papers, paperOf), Packages: some(v.Packages, packOf(a.Clock.Now())), CanCorrect: v.CanEdit,
		Findings: some(v.Findings, func(f casefile.FindingState) finding { return findingOf(f.Row(), f.Decided, f.Missing, f.Note) }),
		Questions: some(v.Questions, func(q casefile.Question) question {
			return question{string(q.ID), q.Text, q.At, q.Open(), q.Answer, q.Answered}
		}),
		Decisions: some(v.Decisions, func(d casefile.Decision) decision {
			return decision{string(d.Item), d.Item.Title(), string(d.Verdict), d.Reason}
		}),
		Timeline: some(v.Timeline, func(l casefile.Line) event { return event{l.At, l.Who, l.What, l.Why} }), Portal: a.Origin + "/requests/" + string(v.Number)}
	if v.Phase.Over() {
		out.Due = time.Time{}
	}
	if v.Notice != nil {
		out.Notice = "The person " + v.Notice.InWords() + "."
	}
	return out
}

func (a *api) processOf(r law.Row) process {
	return process{ID: string(r.ID), Name: r.Name, Jurisdiction: string(r.Jurisdiction), Place: a.Law.PlaceName(r.Jurisdiction), Certainty: string(r.Certainty), CheckedOn: string(r.CheckedOn),
		Citations: some(r.Citations, func(c law.Citation) string { return string(c) }),
		Reaches: some(r.Reach, func(x law.Reach) reach {
			return reach{string(x.Class), words.Class(x.Class), string(x.Extent), x.Limit}
		}),
		Needs:     some(a.Law.ParticularsOf(r), needOf),
		Issuers:   some(r.Issuers, func(i law.Issuer) string { return i.Text }),
		Threshold: thresholdOf(r.Threshold), MaxAccounts: r.MaxAccounts, Notice: r.NoticeRule.Text}
}

func thresholdOf(th law.Threshold) threshold {
	if th.Text == "" {
		return threshold{}
	}
	return threshold{th.Text, th.MaxPenaltyYears, th.OnlyListed, some(th.Listed, func(e law.ListedOffence) listed {
		return listed{e.ID, e.Text, string(e.Citation), e.Provisions, e.MaxPenaltyYears, string(e.Certainty)}
	})}
}

func needOf(p law.ParticularRow) need {
	n := need{string(p.ID), p.Label, p.Help, "particulars"}
	switch {
	case p.ByTeam:
		n.Where = "team"
	case p.Kind == law.FieldPaper:
		n.Where = "papers"
	case p.Derived || p.Kind == law.FieldTarget:
		n.Where = "field"
	}
	return n
}

func allItems() items {
	var out items
	for _, f := range disclosable.Fields() {
		out.Items = append(out.Items, item{string(f.ID), f.Title, string(f.Class), f.Meaning, true})
	}
	for _, c := range casefile.AskableClasses {
		out.Items = append(out.Items, item{ID: string(c), Title: casefile.Item(c).Title(), Class: string(c)})
	}
	return out
}
