package disclosable

// deskColumns are the columns of the desk's databases: one for ordinary cases,
// one of the same form for sealed ones.
var deskColumns = []Technical{
	{Desk, "cases", []string{"number", "version", "lane", "phase", "due", "filed", "is_open", "agency", "officer", "assigned", "counsel", "same_as", "process", "country", "ended"},
		"the queue: what waits, for whom, until when", "that a case exists, from which agency, and how far it is", caseTerm},
	{Desk, "words", []string{"code", "word"}, "the words that the queue is filtered by (lanes, phases, processes, countries, random ids of agencies, officers and members), each with a number", "nothing that cases, agencies, officers and members do not say", "for good"},
	{Desk, "exercises", []string{"number", "filed", "head", "events"}, "exercises, in the queue and over", "which cases were exercises, and how the team did; nothing of any person or agency, for all in them is invented", "for good, with the members' training"},
	{Desk, "leaving", []string{"sum"}, "hashes of files of cases whose persons' data have left, until they are removed", "for moments, that a paper of this hash was filed", "the file is removed"},
	{Desk, "figures", []string{"measure", "period", "key", "process", "country", "n"}, "sums for the lead's page, by month and year", "how many requests came from where, how they ended, how long it took, and how much each member has; of no case", "for good"},
	{Desk, "free_numbers", []string{"number"}, "numbers that exercises gave back", "that there was an exercise", "until the next case takes the number"},
	{Desk, "case_keys", []string{"key", "number"}, "what a case is searched by: its number, the agency's reference and the docket, letters and digits only", "the same as the queue's row says", caseTerm},
	{Desk, "cases", []string{"head"}, "the same as the queue shows it", "the agency's name and reference, the member assigned", caseTerm},
	{Desk, "case_events", []string{"number", "seq", "body"}, "the history of a case", "the whole case: identifiers asked about, what was decided, by whom and why; never a record that was released", caseTerm},
	{Desk, "case_papers", []string{"number", "paper", "sum"}, "which papers belong to a case", "that a paper of this hash was filed", caseTerm},
	{Desk, "case_targets", []string{"number", "target"}, "hashes of the identifiers asked about, so that the same account asked for by two agencies is found", "nothing that the case's history does not say: who knows a number finds the cases about it", caseTerm},
	{Desk, "cuts", []string{"cut", "at", "body", "what", "worked"}, "uses of the compromise switch: who was cut, by whom and why", "that a domain, agency or officer was held to be compromised, and since when", "the operator's term"},
	{Desk, "duties", []string{"number", "kind", "key", "due", "done", "note"}, "what the clock must do", "what will happen in a case, and when", caseTerm},
	{Desk, "stash", []string{"number", "key", "body"}, "what a grant unlocked, between release and packing; a package's passphrase until it is shown once; the key of a trace until its last part is packed; the desk's half of the key of a snapshot that the carrier keeps",
		"the released facts, for minutes; a passphrase nobody has fetched yet; with the carrier's disk, what a running trace has recorded and nobody has packed, or what is in a snapshot", "packed, shown, or the package is destroyed; the snapshot ends"},
	{Desk, "marks", []string{"name", "body"}, "how far objections were read, counsel's approvals of law rows, who confirmed the clock", "the names of those who approved", "never"},
	{Desk, "drafts", []string{"draft", "owner", "touched", "body"}, "requests not filed yet", "what an officer is about to ask", "filed, dropped, or 30 days untouched"},
	{Desk, "draft_papers", []string{"draft", "sum"}, "which papers a draft holds", "that a paper of this hash was uploaded", "filed, dropped, or 30 days untouched"},
	{Desk, "agencies", []string{"agency", "name", "body"}, "the directory of authorities and its history", "which authorities may ask, who of the team vouched for them and who changed what", "the operator's term"},
	{Desk, "officers", []string{"officer", "mailbox", "name", "body"}, "enrolled officers, their official mailbox, telephone, public keys and who confirmed them; 12 bits of a salted hash of each network they signed in from", "who asks for an authority; of a network nothing that one in 4,096 does not share", "the operator's term after they leave"},
	{Desk, "members", []string{"member", "name", "body"}, "the response team: roles, training, declared conflicts, public keys", "who decides", "the operator's term after they leave"},
	{Desk, "passkeys", []string{"id", "kind", "holder"}, "whose passkey an id is", "nothing more than officers and members do", "the key is removed"},
	{Desk, "links", []string{"hash", "kind", "subject", "expires"}, "SHA-256 of one-time links that were sent and not used", "who was invited", "used, or a day"},
	{Desk, "sessions", []string{"site", "token", "who", "begun", "seen"}, "SHA-256 of the tokens of those signed in, when they came and were last seen", "which officers and members are signed in now", "signed out, or hours"},
	{Desk, "systems", []string{"system", "name", "body"}, "agencies' systems that file by the API: SHA-256 of their keys, the officer who answers for them, the last day of use", "which authorities file by software", "the operator's term after they end"},
	{Desk, "system_keys", []string{"prefix", "system"}, "whose API key begins so", "nothing more than systems does", "the key is revoked or replaced"},
	{Desk, "once", []string{"call", "body", "draft", "at"}, "hashes of API calls and the random id of their draft, so that a call repeated is done once", "that a system called at that time", "a day"},
	{Desk, "filings", []string{"draft", "number", "at"}, "which draft became which case", "nothing more than cases does", "a day"},
	{Desk, "goose_db_version", []string{"id", "version_id", "is_applied", "tstamp"}, "number of the schema", "when the operator upgraded", "never"},
}

// caseTerm is when the data of persons leave a closed case. Its number, process,
// country, days, outcome and salted hashes stay (docs/operating.md).
const caseTerm = "keep_days after the case and all its duties ended, 1095 unless set; longer under a litigation hold"

func init() { technical = append(technical, deskColumns...) }
