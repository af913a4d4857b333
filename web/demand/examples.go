package demand

import "letterlock/web/kit"

// exampled shows with each field that is written, how it may look. The people,
// places and numbers are invented; each language has its own.
func exampled(all []Section) []Section {
	for i := range all {
		for _, fields := range [][]kit.Field{all[i].Fields, all[i].If, all[i].More} {
			for j, x := range fields {
				if x.Example == "" {
					fields[j].Example = example(x)
				}
			}
		}
	}
	return all
}

func example(x kit.Field) string {
	switch x.Kind {
	case "date":
		return "2026-11-20"
	case "datetime-local":
		return "2026-11-23 03:15"
	case "tel":
		return "+1 202 555 0142"
	case "text", "long", "number":
		return examples[x.Name]
	}
	return ""
}

var examples = map[string]string{
	"reference":     "SHERIFF 2026/17",
	"case_ref":      "26-MJ-0417",
	"issuing_body":  "Superior Court of Harbor County",
	"legal_basis":   "18 USC 2703(d)",
	"court":         "Superior Court of Harbor County",
	"validator":     "Hon. Ruth Alvarez",
	"offence":       "armed robbery",
	"offence_years": "5",
	"targets":       "+1 202 555 0142",
	"preserved":     "LL-2026-000017",
	"gag_basis":     "18 USC 2705(b)",
	"gag_grounds":   "The person would destroy evidence.",
	"text":          "All records that identify the holder of the number named in Attachment A.",

	"p_order_kind_interception_stored_or_data":         "telecommunications data",
	"p_authorisation_ref":                              "Authorisation 2026/0417",
	"p_assessors_report_on_request":                    "none was asked for",
	"p_declaration_of_issuing_state":                   "A prosecutor may issue it, and one did.",
	"p_exact_location_URL":                             "https://example.org/item/417",
	"p_territorial_scope":                              "the whole country",
	"p_criminal_provision":                             "Penal Code, article 250",
	"p_emergency_reason_if_any":                        "None: the case is no emergency.",
	"p_necessity_proportionality_summary":              "The number is the only trace of the caller; nothing less would identify them.",
	"p_prosecutor_authorisation_if_77_1_1":             "given by the prosecutor on 20 November 2026",
	"p_judge":                                          "Hon. Ruth Alvarez",
	"p_authorisation_ref_URN":                          "URN 2026-0417",
	"p_spoc_name":                                      "Sam Porter",
	"p_statutory_purpose":                              "preventing or detecting crime",
	"p_fir_number":                                     "FIR 417/2026",
	"p_rank":                                           "Inspector",
	"p_offence_min_5_years_for_listed_sexual_offences": "it is none of them",
	"p_scope":                 "all that is stored about my account",
	"p_certification_ref":     "Certification 2026-A",
	"p_FISC_judge":            "Hon. Ruth Alvarez",
	"p_facilities":            "the account of the number named in the order",
	"p_items":                 "the records that identify the holder of the account",
	"p_requesting_state":      "Canada",
	"p_oia_contact":           "Kim Lee, +1 202 555 0143",
	"p_linked_process":        "order 26-MJ-0417 of 20 November 2026",
	"p_official_rank":         "Dana Fox, deputy attorney general",
	"p_emergency_ground":      "Immediate danger of death: a hostage is threatened tonight.",
	"p_statutory_power_named": "21 USC 876",
	"p_purpose_within_power":  "To find who sold the seized tablets; the statute is about controlled substances.",
	"p_offence_or_gj_number":  "grand jury 26-03",

	"e_address":   "1 Court Street, Harbor",
	"e_agency":    "MD0012300",
	"e_rank":      "Detective",
	"e_badge":     "4711",
	"e_extension": "12",
	"supervisor":  "Dana Moss",
	"e_sup_rank":  "Lieutenant",
	"e_incident":  "26-00118",
	"e_nature":    "A girl of nine was taken from her school this afternoon.",
	"e_danger":    "The girl, from the man who took her.",
	"e_when":      "Tonight, before 22:00 UTC.",
	"e_why_now":   "He wrote to the mother that he will act tonight.",
	"e_slow":      "No judge can be reached before the morning.",
	"e_needed":    "The last IP address first.",
	"e_averts":    "It leads a patrol to the house in which he is.",
	"e_quiet_why": "He would flee if he were told.",
}
