package bundle

import (
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/disclosable"
	"letterlock/ledger/proof"
)

// The files of a batch of a trace, and their format.
const (
	TraceCSV    = "trace.csv"
	TraceJSON   = "trace.json"
	TraceFormat = "letterlock trace 1"
)

// MaxTraced bounds the events of one batch, so that a reader holds it in memory.
const MaxTraced = 8000

// Trace is a batch of what a trace recorded: all numbers from First to Last.
type Trace struct {
	Format  string              `json:"format"`
	Package string              `json:"package"`
	Case    string              `json:"case"`
	Grant   disclosable.Hash    `json:"grant_sha256"`
	Account disclosable.Account `json:"account"`
	First   uint64              `json:"first"` // of the numbers; with Last before it the batch is empty
	Last    uint64              `json:"last"`
	Ended   string              `json:"ended,omitempty"` // when and why the trace ended: this is the last batch
	Events  []Traced            `json:"events"`
}

// Traced is one event as people and programs read it.
type Traced struct {
	Number       uint64              `json:"number"`
	At           time.Time           `json:"at"`
	Kind         string              `json:"kind"`
	Direction    string              `json:"direction"`
	Counterparty disclosable.Account `json:"counterparty"`
	OwnIP        string              `json:"own_ip"`
	Since        *time.Time          `json:"since,omitempty"` // of a gap
	Lost         uint64              `json:"lost,omitempty"`
	Why          string              `json:"why,omitempty"`
}

// tracedKind is the carrier's record of a trace that was started.
const tracedKind = "trace.started"

// started ties a ledger's record to the grant of a trace.
func (n *inside) started(e proof.Entry, ledger string) error {
	if !ofCarrier(ledger) {
		return fmt.Errorf("a trace is recorded by the carrier, and %s is not its ledger", ledger)
	}
	var r struct {
		Grant disclosable.Hash `cbor:"grant"`
	}
	if err := cbor.Unmarshal(e.Body, &r); err != nil {
		return fmt.Errorf("its record of the trace cannot be read")
	}
	if g, ok := n.traces[r.Grant]; !ok || n.proven[r.Grant] {
		return fmt.Errorf("it is about grant %s, which is not that of the trace of account %s", r.Grant, g.Account)
	}
	n.proven[r.Grant] = true
	return nil
}

// judgeTrace checks that a batch is what its grant allows, and whole.
func (n *inside) judgeTrace() {
	if len(n.traces) == 0 {
		if n.traced != nil {
			n.report.fails("trace", fmt.Sprintf("There is a %s, and no signed grant allows a trace.", TraceJSON))
		}
		return
	}
	var t Trace
	if err := strict(n.traced, &t); err != nil || t.Format != TraceFormat {
		n.report.fails("trace", fmt.Sprintf("%s cannot be read.", TraceJSON))
		return
	}
	g, ok := n.traces[t.Grant]
	m := n.report.Manifest
	if !ok || g.Account != t.Account || t.Package != m.Package || t.Case != m.Case {
		n.report.fails("trace", "The trace is of another grant, account or package.")
		return
	}
	if t.Last+1-t.First != uint64(len(t.Events)) {
		n.report.fails("trace", fmt.Sprintf("There should be the events %d to %d, and there are %d.", t.First, t.Last, len(t.Events)))
		return
	}
	for i, e := range t.Events {
		if e.Number != t.First+uint64(i) {
			n.report.fails("trace", fmt.Sprintf("The event %d is missing.", t.First+uint64(i)))
			return
		}
		if s := e.At.Unix(); e.Kind != string(disclosable.TracedGap) && (s < g.From-120 || s >= g.Until) {
			n.report.fails("trace", fmt.Sprintf("The event %d lies outside the time that was signed for.", e.Number))
			return
		}
	}
	n.report.holds("trace", fmt.Sprintf("The trace of account %s is whole from number %d to %d, and within the time that two people signed.", t.Account, t.First, t.Last))
}
