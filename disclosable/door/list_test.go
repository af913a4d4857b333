package door_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
)

func (h house) ResolveAll(_ context.Context, q door.Lookups) ([]door.Resolution, error) {
	var out []door.Resolution
	for _, id := range q.Identifiers {
		out = append(out, door.Resolution{Exists: id == "+1", Account: d.Account{byte(len(id))}})
	}
	return out, nil
}
func (h house) Draw(_ context.Context, q door.Draw) (door.Drawn, error) {
	if err := h.hash(q.Grant); err != nil {
		return door.Drawn{}, err
	}
	x := door.Drawn{Seq: q.Seq, At: at, Entry: []byte{1}, Signatures: []d.Signature{{KeyID: []byte{2}, AuthenticatorData: []byte{3}, ClientData: []byte{4}, Signature: []byte{5}}},
		Keys: []door.ReleaseKey{{Holder: "A", ID: []byte{3}, Public: []byte{4}, Counsel: true}}}
	for _, p := range q.Places {
		x.Given = append(x.Given, door.Given{Place: p, Outcome: door.OutcomeGiven, Records: []d.Record{{Account: d.Account{byte(p)}, Field: "name", Value: "x"}}})
	}
	return x, nil
}
func (h house) TellSome(_ context.Context, q door.Places) (door.ToldSome, error) {
	return door.ToldSome{At: at, Told: []door.ToldOne{{Place: q.Places[0], Outcome: door.OutcomeGone, Notice: [16]byte{1}, Queued: 2}}}, h.hash(q.Grant)
}

// lists calls every method of the door for lists.
func lists(x door.Door) map[string]outcome {
	ctx := context.Background()
	all := map[string]outcome{
		"resolve all": out(x.ResolveAll(ctx, door.Lookups{Case: "c", Process: "p", Identifiers: []string{"+1", "+22"}})),
		"draw":        out(x.Draw(ctx, door.Draw{Seq: 3, Half: [32]byte{7}, Places: []int{0, 5, 9999}})),
		"tell some":   out(x.TellSome(ctx, door.Places{Places: []int{4}})),
	}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		all["refused draw "+k.String()] = out(x.Draw(ctx, door.Draw{Grant: d.Hash{byte(k) + 1}, Places: []int{1}}))
	}
	return all
}

func TestListsAreTheSameThroughASocket(t *testing.T) {
	direct, through := lists(house{}), lists(onSocket(t))
	for name, want := range direct {
		if got := through[name]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v through the socket, %+v directly", name, got, want)
		}
	}
}

// TestOnlyAProposalMayBeLarge: the room for a grant of 10,000 accounts is there
// for that one call.
func TestOnlyAProposalMayBeLarge(t *testing.T) {
	x := onSocket(t)
	if _, err := x.Propose(t.Context(), make([]byte, d.MaxGrant)); err != nil {
		t.Errorf("the largest grant: %v", err)
	}
	if _, err := x.Propose(t.Context(), make([]byte, d.MaxGrant+100)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("more: %v", err)
	}
	if _, err := x.Resolve(t.Context(), door.Lookup{Identifier: strings.Repeat("1", 300<<10)}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("another call: %v", err)
	}
}
