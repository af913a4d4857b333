package desk_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
)

func (w *world) list(id string) law.RightsList {
	w.Helper()
	all, err := w.desk.RightsLists(w.ctx)
	w.ok(err)
	i := slices.IndexFunc(all, func(l law.RightsList) bool { return l.ID == id })
	if i < 0 {
		w.Fatalf("no list %q", id)
	}
	return all[i]
}

// seditious is an order whose words meet the list of offences of expression.
func (w *world) seditious() casefile.Demand {
	d := w.order()
	d.Text = "The subject is charged with sedition."
	return d
}

// TestAListThatCounselApprovedWaitsForCounsel: before, what it finds informs;
// from the approval on it stops the case until counsel has answered. The act is
// in the ledger, and who approved stands beside the list.
func TestAListThatCounselApprovedWaitsForCounsel(t *testing.T) {
	w := newWorld(t)
	stops := func() bool {
		c := w.load(w.file(w.seditious()))
		i := slices.IndexFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == "RIGHTS.FREE_EXPRESSION" })
		if i < 0 {
			t.Fatal("the list finds nothing")
		}
		if c.Findings[i].Informs == c.Head().Counsel {
			t.Errorf("informs %v, waits for counsel %v", c.Findings[i].Informs, c.Head().Counsel)
		}
		return !c.Findings[i].Informs
	}
	if stops() || len(w.list("expression").Approved()) != 0 {
		t.Fatal("a list that nobody approved does more than inform")
	}
	hash := w.list("expression").Hash()
	w.refused(w.desk.ApproveList(w.ctx, w.analyst.ID, "expression", hash, "read against the official text"), fault.Forbidden, "an analyst approving")
	w.refused(w.desk.ApproveList(w.ctx, w.lead.ID, "expression", hash, "read against the official text"), fault.Forbidden, "a lead approving")
	w.refused(w.desk.ApproveList(w.ctx, w.counsel.ID, "expression", law.RowHash{1}, "read against the official text"), fault.Conflict, "another text")
	w.refused(w.desk.ApproveList(w.ctx, w.counsel.ID, "persecution", w.list("persecution").Hash(), "read against the official text"), fault.Forbidden, "an uncertain list")
	w.ledger.broken = true
	if w.desk.ApproveList(w.ctx, w.counsel.ID, "expression", hash, "read against the official text") == nil {
		t.Fatal("approved without a record")
	}
	w.ledger.broken = false
	if stops() {
		t.Fatal("what was refused or not recorded took effect")
	}
	w.ok(w.desk.ApproveList(w.ctx, w.counsel.ID, "expression", hash, "read against the official text"))
	w.ok(w.desk.ApproveList(w.ctx, w.counsel.ID, "expression", hash, "read against the official text")) // once is enough
	if got := w.list("expression").Approved(); len(got) != 1 || !strings.HasPrefix(got[0].By, w.counsel.Name) {
		t.Errorf("approved by %+v", got)
	}
	if !slices.ContainsFunc(w.ledger.told, func(r ledger.Record) bool { return r.Kind == "list.approved" }) {
		t.Error("the ledger knows nothing of it")
	}
	if !stops() {
		t.Error("an approved list still only informs")
	}
}

// TestAnApprovalOfAListLapsesWithItsWords: the operator's file replaces the list,
// and counsel's approval of the former words holds no more.
func TestAnApprovalOfAListLapsesWithItsWords(t *testing.T) {
	w := newWorld(t)
	l := w.list("expression")
	w.ok(w.desk.ApproveList(w.ctx, w.counsel.ID, l.ID, l.Hash(), "read against the official text"))
	l.Words = append(slices.Clone(l.Words), "pamphlet")
	w.law(&law.Overrides{ApprovedBy: "M. Adler", ApprovedOn: "2026-11-20", Lists: []law.RightsList{l}})
	if got := w.list("expression"); len(got.Approved()) != 0 || got.Origin().ApprovedBy != "M. Adler" {
		t.Errorf("the changed list: approved %+v, origin %+v", got.Approved(), got.Origin())
	}
}

// law gives the desk another law file, as a restart would.
func (w *world) law(o *law.Overrides) {
	w.Helper()
	table, err := law.Default().With(o)
	w.ok(err)
	w.desk.Law = table
}

// TestALawFileIsTakenOverByAnAct: each file that is other than the last is an act
// in the ledger with its hash, who approved it by its own words, and what it
// changed; its going is one too; nothing is done before it is recorded.
func TestALawFileIsTakenOverByAnAct(t *testing.T) {
	w := newWorld(t)
	w.tick()
	acts := func() (n int) {
		for _, r := range w.ledger.told {
			if r.Kind == "law.file" {
				n++
			}
		}
		return n
	}
	if all, err := w.desk.LawFiles(w.ctx); err != nil || len(all) != 0 || acts() != 0 {
		t.Fatalf("without a file: %v %v", all, err)
	}
	row, _ := law.Default().Row("us.order.2703d", w.clock.Now())
	row.Note = "Read with the clerk."
	first := &law.Overrides{ApprovedBy: "M. Adler", ApprovedOn: "2026-11-20", Rows: []law.Row{row}}
	w.law(first)
	w.ledger.broken = true
	if err := w.desk.Tick(w.ctx); err == nil || !strings.Contains(err.Error(), "law file") {
		t.Errorf("it went on without a record: %v", err)
	}
	w.ledger.broken = false
	w.tick()
	w.tick() // the same file is taken over once
	row.Note = "Read again."
	w.law(&law.Overrides{ApprovedBy: "N. Other", ApprovedOn: "2026-11-21", Rows: []law.Row{row}, Channels: []law.MLATChannel{{Country: "MX", Authority: "Office", Source: "counsel", Certainty: law.Known}}})
	w.tick()
	w.desk.Law = law.Default()
	w.tick()
	all, err := w.desk.LawFiles(w.ctx)
	w.ok(err)
	if len(all) != 3 || acts() != 3 || !all[0].Gone() {
		t.Fatalf("%d editions, %d acts", len(all), acts())
	}
	for i, want := range [][]string{{"channel of MX: gone", "row us.order.2703d: gone"}, {"channel of MX: new", "row us.order.2703d: reads otherwise"}, {"row us.order.2703d: new"}} {
		if !slices.Equal(all[i].Changed, want) {
			t.Errorf("edition %d changed %q, want %q", i, all[i].Changed, want)
		}
	}
	if all[2].ApprovedBy != "M. Adler" || all[1].ApprovedBy != "N. Other" || all[1].Since.IsZero() {
		t.Errorf("whose they were: %+v", all)
	}
}
