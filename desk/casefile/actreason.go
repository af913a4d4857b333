package casefile

import (
	"strings"

	"letterlock/internal/fault"
)

// ActReasons is the one table of the acts that belong to no case: for each kind
// why a person owes no reason of their own for it, or nothing: then they do. A
// kind that is not here is not recorded, and so not done.
//
// Two sorts owe none. What a machine or the clock does has the rule that fired
// for its reason. And what a person does with their own way in, their own key
// or their own language decides about nobody: no case, agency, right or rule
// stands otherwise afterwards, and whoever lets them in says why. The answers
// to “why” would be one sentence for ever, and a field that takes one sentence
// for ever teaches people not to mean it.
var ActReasons = map[string]string{
	// Who is in the team, and what they may.
	"member.invited": "", "member.left": "", "cleared.on": "", "cleared.off": "", "member.trained": "", "member.conflict": "",
	"member.first":   "a machine: the desk's first start brings it about",
	"member.drilled": "a machine: the outcome of an exercise, which nobody chooses",
	"member.keyed":   "their own passkey; whoever invited them said why",

	// Agencies, their officers and their systems.
	"agency.added": "", "agency.edited": "", "agency.checked": "", "agency.closed": "", "agency.reopened": "",
	"officer.confirmed.first": "", "officer.confirmed": "", "officer.lost": "", "officer.disabled": "", "officer.role": "",
	"officer.invited":   "they ask to be let in themselves; the two people who let them in say why",
	"officer.keyed":     "their own passkey",
	"officer.unkeyed":   "their own passkey",
	"officer.recipient": "their own key, to which answers are sealed",
	"officer.language":  "their own language",
	"system.added":      "", "system.rotated": "", "system.key.revoked": "", "system.ended": "",
	"cut": "", "cut.restore.first": "", "cut.restored": "",

	// What an auditor is shown.
	"openings.given": "", "openings.handed": "the openings were given for a reason of their own",

	// What the desk goes by.
	"rule.proposed": "", "rule.changed": "", "rule.refused": "", "exercise.begun": "",
	"law.approved": "", "list.approved": "", "clock.confirmed": "",
	"law.file":         "a machine: the operator's file changed, and who approved it stands in it",
	"paper.malware":    "a machine: what the scanner found is the reason",
	"second.committed": "a machine: the lot of the day, which nobody chooses",
}

// actReasoned refuses an act of a person that says no reason and owes one, and
// an act that the table does not know.
func actReasoned(kind string, by Actor, why string) error {
	none, known := ActReasons[kind]
	switch {
	case !known:
		return conflict("the act %q has no place in the table of reasons", kind)
	case none != "" || by.Kind != ByMember && by.Kind != ByOfficer:
		return nil
	case strings.TrimSpace(why) == "":
		return fault.New(fault.Invalid, "give reason", "say why: it stands in the record with your name")
	case len(why) > MaxReason:
		return fault.New(fault.Invalid, "give reason", "the reason may be %d bytes long", MaxReason)
	}
	return nil
}
