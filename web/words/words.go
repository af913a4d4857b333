// Package words is what the law table names briefly, as people read it on
// every site: a class, a place, a text of law, how far a process reaches. It
// knows the law and no case, so that the carrier's pages and the desk's say the
// same of the same row.
package words

import (
	"strings"

	"letterlock/law"
	"letterlock/web/kit"
)

// Class is a class of data. What is none reads as it is written.
func Class(c law.Class) string {
	switch c {
	case law.BSI:
		return "Basic subscriber information"
	case law.NameLOS:
		return "Name and length of service"
	case law.AccNC:
		return "Non-content account records"
	case law.AccW:
		return "Account information that takes a warrant"
	case law.DRAS:
		return "Signalling from the order on"
	case law.Traffic:
		return "Traffic records"
	case law.Content:
		return "Content"
	case law.PreserveOnly:
		return "Preservation"
	case law.Contacts:
		return "Data about contacts"
	case law.Gag:
		return "Secrecy"
	case law.None:
		return "No account data"
	}
	return string(c)
}

// Role is the office that signed a paper.
func Role(r law.Role) string {
	return map[law.Role]string{law.RoleJudge: "Judge", law.RoleCourt: "Court", law.RoleMagistrate: "Magistrate judge", law.RoleInvestigJudge: "Investigating judge",
		law.RoleFISC: "Foreign Intelligence Surveillance Court", law.RoleGrandJury: "Grand jury", law.RoleProsecutor: "Prosecutor", law.RolePolice: "Police or sheriff",
		law.RoleAgency: "Official of an agency", law.RoleFBIDesignee: "Director of the FBI or designee", law.RoleAttorneyGen: "Attorney general",
		law.RoleAGandDNI: "Attorney general and director of national intelligence", law.RoleMinister: "Minister or secretary of state", law.RoleIntelligence: "Intelligence agency", law.RoleParty: "Attorney of a party",
		law.RoleHolder: "Holder of the account", law.RoleForeign: "Authority of another country", law.RoleOtherAuthority: "Other competent authority"}[r]
}

// Lower is a text as it stands inside a sentence.
func Lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Citations are texts of law in one line.
func Citations(c []law.Citation) string {
	if len(c) == 0 {
		return "no text of law"
	}
	var s []string
	for _, x := range c {
		s = append(s, string(x))
	}
	return strings.Join(s, "; ")
}

// Place is where a process comes from.
func Place(j law.Jurisdiction) string {
	return law.Default().PlaceName(j)
}

// Certainty says how sure we are of a row, or of a clock of it.
func Certainty(c law.Certainty, on law.Date) kit.Badge {
	switch c {
	case law.Seen:
		return kit.Badge{Tone: kit.Good, Text: "text read " + string(on)}
	case law.Known:
		return kit.Badge{Tone: kit.Info, Text: "established, text not re-read"}
	}
	return kit.Badge{Tone: kit.Warn, Text: "uncertain: informs only"}
}

// Reach says whether a row reaches a class, for a cell of a table.
func Reach(row law.Row, c law.Class) any {
	got, ok := row.ReachOf(c)
	if !ok {
		return kit.Badge{Tone: kit.Plain, Text: "no"}
	}
	return Reached(row, got)
}

// Reached says how far a row reaches what it does reach.
func Reached(row law.Row, r law.Reach) any {
	switch {
	case r.Extent == law.Snapshot:
		return kit.Badge{Tone: kit.Info, Text: "preservation only"}
	case row.Certainty == law.Uncertain:
		return kit.Badge{Tone: kit.Warn, Text: "not until confirmed"}
	case r.Extent == law.Part:
		return kit.Group{kit.Badge{Tone: kit.Good, Text: "in part"}, r.Limit}
	}
	return kit.Badge{Tone: kit.Good, Text: "yes"}
}
