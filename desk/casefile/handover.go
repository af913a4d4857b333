package casefile

import "strings"

// The events of colleagues.
const (
	KViewed     Kind = "colleague.viewed" // a colleague opened the case
	KHandedOver Kind = "handed.over"      // another officer of the agency has it now
)

// Keeper is the officer to whom a case was handed.
type Keeper struct {
	Officer OfficerID `cbor:"officer"`
	Name    string    `cbor:"name"`
	Mailbox string    `cbor:"mailbox"`
	Phone   string    `cbor:"phone,omitempty"`
}

func init() {
	folds[KViewed] = func(*Case, Event) error { return nil }
	folds[KHandedOver] = foldHandedOver
	forAgency[KViewed], forAgency[KHandedOver] = true, true
	saysOf[KViewed] = func(Case, Event) string { return "opened it as a colleague" }
	saysOf[KHandedOver] = func(_ Case, e Event) string { return "handed it to " + e.Keeper.Name }
}

// foldHandedOver makes another officer the one whom the case belongs to. What
// was signed and sealed before stays as it was.
func foldHandedOver(c *Case, e Event) error {
	switch {
	case e.Keeper == nil || e.Keeper.Officer == "" || strings.TrimSpace(e.Why) == "":
		return errParticulars
	case c.Demand.Officer == "":
		return conflict("no enrolled officer filed this: there is nobody to take it from")
	case c.Demand.Officer == e.Keeper.Officer:
		return conflict("it is theirs already")
	}
	c.Demand.Officer, c.Demand.OfficerName, c.Demand.Mailbox, c.Demand.Phone = e.Keeper.Officer, e.Keeper.Name, e.Keeper.Mailbox, e.Keeper.Phone
	return nil
}
