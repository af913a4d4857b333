package desk

import (
	"letterlock/desk/casefile"
	"letterlock/desk/produce"
	"letterlock/internal/lang"
)

// keptIn is what a case has preserved, as its letter says it.
func keptIn(c casefile.Case) (out []produce.Kept) {
	for _, k := range c.Kept {
		out = append(out, produce.Kept{Asked: c.Demand.Targets[k.Target].Identifier, Fields: k.Fields, At: k.At, Until: k.Until, Renews: string(k.Renews)})
	}
	return out
}

func snapshotNote(s casefile.Source) lang.Text {
	if s.Today {
		return lang.Say("From the snapshot of %s, preserved in case %s: the records are as of then. Records without that time are of the day of release.", s.At, string(s.Case))
	}
	return lang.Say("From the snapshot of %s, preserved in case %s: the records are as of then.", s.At, string(s.Case))
}
