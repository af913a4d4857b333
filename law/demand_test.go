package law_test

import (
	"testing"
	"time"

	"letterlock/law"
)

// received is a Monday.
var received = time.Date(2026, 10, 5, 15, 0, 0, 0, time.UTC)

func on(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

// issuerOf is who usually issues a process.
var issuerOf = map[law.ProcessID]law.Role{
	"us.subpoena.gj": law.RoleGrandJury, "us.subpoena.trial": law.RoleCourt, "us.subpoena.admin": law.RoleAgency,
	"us.subpoena.civil": law.RoleParty, "us.nsl": law.RoleFBIDesignee, "us.fisa.t1": law.RoleFISC, "us.fisa.t3": law.RoleFISC,
	"us.fisa.t4": law.RoleFISC, "us.fisa.t5": law.RoleFISC, "us.fisa.702": law.RoleAGandDNI, "us.eo12333": law.RoleIntelligence,
	"us.emergency": law.RolePolice, "us.preservation": law.RolePolice, "us.consent": law.RoleHolder,
	"us.order.pentrap.emerg": law.RoleProsecutor, "any.mlat": law.RoleForeign, "any.informal": law.RolePolice,
	"gb.cloud.intercept": law.RoleMinister, "gb.ipa.cd": law.RolePolice, "gb.ipa.tcn": law.RoleMinister, "gb.ipa.drn": law.RoleMinister,
	"gb.ipa.nsn": law.RoleMinister, "gb.ipa.258a": law.RoleMinister, "gb.ripa.s49": law.RolePolice, "de.stpo.100j": law.RoleProsecutor,
	"fr.cpp.60_1": law.RolePolice, "fr.cpp.60_1_2": law.RoleProsecutor, "fr.csi.871_1": law.RoleAgency, "in.bnss.94": law.RolePolice,
	"in.it.69": law.RoleAgency, "in.it.4_2": law.RoleMagistrate, "br.mci.cad": law.RolePolice, "br.mci.pres": law.RoleProsecutor,
	"au.tola.tar": law.RoleIntelligence, "au.tola.tan": law.RolePolice, "au.tola.tcn": law.RoleAttorneyGen, "au.tia.data": law.RolePolice,
	"eu.dsa10": law.RoleAgency, "eu.dsa9": law.RoleAgency,
}

// validatorOf is who has to approve what the usual issuer gives.
var validatorOf = map[law.ProcessID]law.Role{
	"gb.cloud.intercept": law.RoleJudge, "gb.ipa.tcn": law.RoleJudge, "gb.ipa.drn": law.RoleJudge, "gb.ipa.nsn": law.RoleJudge,
	"au.tola.tcn": law.RoleMinister,
}

// clean is a demand under the process that is right in every respect: what it
// still raises, it raises because of the process itself.
func clean(t *testing.T, id law.ProcessID) law.Demand {
	t.Helper()
	row, ok := law.Default().Row(id, received)
	if !ok {
		t.Fatalf("no row %s", id)
	}
	d := law.Demand{
		Now: received, Process: id, Jurisdiction: row.Jurisdiction,
		Issuer:  law.IssuedBy{Body: "Superior Court of Examplia", Role: law.RoleJudge, Court: "Superior Court of Examplia"},
		CaseRef: "26-CR-0117", Addressee: "Letterlock Inc.", Signed: true, Language: "en", Channel: law.ChannelPortal,
		Contact: law.Contact{Name: "R. Officer", Mailbox: "r.officer@police.example", Phone: "+1 202 555 0100"},
		Dates: law.Dates{Issued: on(10, 1), Received: received, Return: on(10, 30), ExecuteBy: on(10, 15),
			Start: on(8, 1), End: on(9, 1)},
		Targets:     []law.Target{{Kind: law.TargetPhone, WellFormed: true}},
		Particulars: row.Required,
		Offence:     law.Offence{Text: "fraud", MaxPenaltyYears: 5},
		Sender:      law.Sender{DomainVerified: law.Yes, CallBack: law.CallBackConfirmed, Supervisor: law.Yes, MailAuth: law.Yes},
		Emergency:   law.EmergencyAsk{Attested: true},
		House:       law.House{Entities: []string{"Letterlock, Inc."}, Languages: []string{"en", "es"}},
	}
	return fit(d, row)
}

func fit(d law.Demand, row law.Row) law.Demand {
	if role, ok := issuerOf[row.ID]; ok {
		d.Issuer.Role = role
	}
	d.Issuer.ValidatorRole = validatorOf[row.ID]
	switch row.Jurisdiction {
	case "EU":
		d.Jurisdiction = "DE"
	case "*":
		d.Jurisdiction = "US-CA"
	}
	if len(row.Basis) > 0 {
		d.LegalBasis = row.Basis[0]
	} else {
		d.LegalBasis = "the provision named on the paper"
	}
	if row.Prospective {
		d.Dates.Start, d.Dates.End = on(10, 6), on(10, 6).Add(24*time.Hour)
	}
	for _, r := range row.Reach {
		if r.Class == law.BSI || r.Class == law.DRAS || r.Class == law.NameLOS || r.Class == law.PreserveOnly {
			d.Classes = []law.Class{r.Class}
			break
		}
	}
	if row.Threshold.OnlyListed {
		d.Offence.Entry = row.Threshold.Listed[0].ID
	}
	if row.ID == law.NSL {
		d.Gag = law.GagAsk{Asked: true, Order: true, ReciprocalNotice: received.Add(-24 * time.Hour)}
	}
	if row.ID == "us.ndo" || row.ID == "de.stpo.95a" {
		d.Gag = order(on(12, 1))
	}
	return d
}

// order is a secrecy order in proper form.
func order(end time.Time) law.GagAsk {
	return law.GagAsk{Asked: true, Order: true, Start: on(10, 1), End: end, Grounds: []string{"2705(b)(2)"}}
}

func ids(all []law.Finding) []law.FindingID {
	var out []law.FindingID
	for _, f := range all {
		out = append(out, f.ID)
	}
	return out
}

func has(all []law.Finding, id law.FindingID) bool {
	for _, f := range all {
		if f.ID == id {
			return true
		}
	}
	return false
}
