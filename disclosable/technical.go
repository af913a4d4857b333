package disclosable

// technical lists, for both halves, every stored column that is no field of the
// inventory.
var technical = []Technical{
	{Carrier, "accounts", []string{"account"}, "random id of the account", "that an account exists", "the account is deleted"},
	{Carrier, "devices", []string{"account"}, "whose device it is", "that an account has devices", "the device is removed"},
	{Carrier, "devices", []string{"token"}, "SHA-256 of the device's random token, to authenticate it", "nothing: a token of 256 random bits cannot be guessed from it", "the device is removed"},
	{Carrier, "devices", []string{"registration_id"}, "public number that the device drew, part of its bundle", "nothing about the person; tells one installation from the next", "the device is removed"},
	{Carrier, "devices", []string{"identity_key"}, "public identity key, handed to whoever writes to the device", "nothing that the people it writes to do not know", "the device is removed"},
	{Carrier, "devices", []string{"mailbox_key"}, "public key that waiting envelopes are sealed to", "nothing; it opens no row", "the device is removed"},
	{Carrier, "devices", []string{"mailbox"}, "random number under which envelopes wait for the device", "which waiting rows are this device's, and so how many wait", "the device is removed"},
	{Carrier, "prekeys", []string{"account", "device", "kind", "id", "key", "sig"}, "public pre-keys, to start sessions with a device that is away", "how many one-time keys were not yet handed out", "the key is handed out or replaced, or the device is removed"},
	{Carrier, "blocks", []string{"account"}, "whose block list it is", "see the field Block list", "the entry is removed"},
	{Carrier, "codes", []string{"subject"}, "HMAC of the number that asked for a code, under a key outside the database", "without that key nothing; with it, whether a given number asked in the last hour", "an hour"},
	{Carrier, "codes", []string{"code", "tries", "expires"}, "HMAC of the code, tries left, end of its life", "when a code was asked for, to the second, until it is used or an hour has passed", "used, or an hour"},
	{Carrier, "codes", []string{"sent", "since"}, "codes sent in this hour, for the limit", "the same", "an hour"},
	{Carrier, "lookups", []string{"account", "day", "spent"}, "how many numbers the account looked up today, for the limit; not which", "that the account looked numbers up today, and how many", "the end of the day, UTC"},
	{Carrier, "mailbox_rows", []string{"mailbox", "ord"}, "random number of the mailbox and place in it; the places start again at 1 when it empties", "how many envelopes wait", "delivered, or 30 days"},
	{Carrier, "mailbox_rows", []string{"expires_on"}, "the day after which the row is dropped; empty for service notices", "the day on which an envelope came that still waits; that a service notice waits", "delivered, or 30 days"},
	{Carrier, "mailbox_rows", []string{"sealed"}, "the envelope with its sender, time and kind, sealed to the device's mailbox key", "its length; no key on the server opens it", "delivered, or 30 days"},
	{Carrier, "release_keys", []string{"key_id", "holder", "public", "counter", "demo", "synced", "added", "active", "retired"}, "public halves of the passkeys with which grants are signed, and whose they are", "who may sign releases; nothing about any account", "never: old signatures must stay verifiable"},
	{Carrier, "release_links", []string{"token", "holder", "expires", "first_start"}, "hash of a one-time link with which a key holder enrols", "who was invited", "used, replaced, or expired"},
	{Carrier, "grants", []string{"hash", "body", "proposed", "expires", "state", "ended_by", "reason", "ended"}, "grants that the desk proposed, with their fate: the proof of why a record left", "which accounts were asked about, by whom and under which law", "400 days after it expires; a grant to preserve leaves when its snapshot is taken"},
	{Carrier, "grant_marks", []string{"hash", "holder", "signed", "key_id", "auth", "client", "sig"}, "the signatures on a grant", "who signed it, and when", "with the grant"},
	{Carrier, "used_grants", []string{"hash", "used"}, "hashes of grants that were used, so that none works twice", "when a grant was used", "400 days"},
	{Carrier, "resolve_budget", []string{"day", "spent"}, "how many identifiers the desk looked up today, for the limit; not which", "how many look-ups the desk made today", "the end of the day, UTC"},
	{Carrier, "notices_sent", []string{"notice", "account", "case_ref", "told_before", "sealed", "sent"}, "which notice went to which account, for the person's objection", "that an account was told of a request", "400 days"},
	{Carrier, "objections", []string{"number", "notice", "case_ref", "words", "made"}, "what a person answered to a notice, for counsel", "that a person objected, and their words to counsel", "400 days"},
	{Carrier, "snapshots", []string{"id"}, "HMAC of the grant that a snapshot was taken under, under a key outside the database", "that one more snapshot is kept; not of whom, for whom or under what", "the end of its time"},
	{Carrier, "snapshots", []string{"sealed"}, "records as they were, with account, agency and the signed grant, padded and sealed under a key of its own; half of the key is with the desk, the other outside the database", "its length, in steps of 4096 bytes; nobody opens it with this disk alone", "the end of its time"},
	{Carrier, "snapshots", []string{"until", "renewed"}, "when it is destroyed, and how often it was renewed", "when a request to preserve came, to the second, and that it was renewed", "the end of its time"},
	{Carrier, "goose_db_version", []string{"id", "version_id", "is_applied", "tstamp"}, "number of the schema", "when the operator upgraded", "never"},
}
