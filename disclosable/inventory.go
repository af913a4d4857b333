package disclosable

import "slices"

// Column is a column of the live schema.
type Column struct {
	Table, Name string
}

// Field is one fact about an account that exists and can be asked for.
type Field struct {
	ID        FieldID
	Title     string // as the officer, the person and the court read it
	Meaning   string // one sentence: what the value says and what it does not
	Form      string // how the value is written
	Class     Class
	Purpose   string // why the service keeps it
	Retention string
	Columns   []Column // where it lies
}

// fields is the closed, published list (duty M9). A column that is neither here
// nor in technical fails the build.
var fields = []Field{
	{"phone", "Phone number", "The number the account was registered with, confirmed by a code sent to it.", "E.164", BSI,
		"People find each other by it.", "until the account is deleted or the number is taken over", []Column{{"accounts", "phone"}}},
	{"name", "Name", "What the person typed as their name; not checked.", "text, at most 80 bytes", BSI,
		"Shown to people they write to.", "until changed or the account is deleted", []Column{{"accounts", "name"}}},
	{"service_start", "Service start date", "The day the account was registered.", "date, UTC", BSI,
		"Account records.", "until the account is deleted", []Column{{"accounts", "created_on"}}},
	{"last_seen", "Last seen date", "The last day a device of the account was connected. Not a time.", "date, UTC", BSI,
		"Finds accounts no longer in use.", "overwritten each day of use", []Column{{"accounts", "last_seen_on"}}},
	{"last_ip", "Last IP address", "The address of the latest connection, without its time; earlier ones are not kept.", "IPv4 or IPv6 address", BSI,
		"Defence against abuse.", "overwritten at each connection", []Column{{"accounts", "last_ip"}}},
	{"device_type", "Device type", "The kind of program the account's devices run.", "text", BSI,
		"Compatibility.", "until the device is removed", []Column{{"devices", "device_type"}}},
	{"email", "E-mail address", "Given by the person, optional; not checked.", "e-mail address or absent", BSI,
		"Service notices only.", "until removed or the account is deleted", []Column{{"accounts", "email"}}},
	{"devices", "Linked devices", "The numbers of the account's devices and the day each was added.", "device number, date UTC", ACNC,
		"Messages are sealed for each device.", "until the device is removed", []Column{{"devices", "device"}, {"devices", "added_on"}}},
	{"blocks", "Block list", "Accounts this person has blocked.", "account ids", ACNC,
		"Their envelopes are dropped.", "until unblocked or the account is deleted", []Column{{"blocks", "blocked"}}},
	{"push", "Push addresses", "Addresses at the push services of browser makers under which the account's browsers are woken, with the public key and the secret that a wake-up is sealed with. That one exists says that a browser was subscribed; when it was woken is not kept.", "device number, URL, key, secret", ACNC,
		"Wakes a browser that is away.", "until the person switches it off, the push service says that it is over, or the device is removed", []Column{{"push_subscriptions", "endpoint"}, {"push_subscriptions", "p256dh"}, {"push_subscriptions", "auth"}}},
	{"about", "About text", "What the person wrote about themselves.", "text, at most 280 bytes", ACW,
		"Shown to people they write to.", "until changed or the account is deleted", []Column{{"accounts", "about"}}},
}

// Fields is the inventory, in its published order.
func Fields() []Field { return slices.Clone(fields) }

// FieldByID finds a field.
func FieldByID(id FieldID) (Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

// Half says whose database a column lies in.
type Half string

// The halves.
const (
	Carrier Half = "carrier"
	Desk    Half = "desk"
)

// Technical is a stored column that is no fact to be asked for: what it is, why
// it is there, and what it would tell a seized disk.
type Technical struct {
	Half  Half
	Table string
	Names []string
	Why   string
	Tells string // what it tells whoever holds the disk
	Until string
}

// Declared reports whether a column of a half's live schema is in the
// inventory, as a field or as technical.
func Declared(h Half, table, column string) bool {
	if h == Carrier {
		for _, f := range fields {
			if slices.Contains(f.Columns, Column{table, column}) {
				return true
			}
		}
	}
	for _, t := range technical {
		if t.Half == h && t.Table == table && slices.Contains(t.Names, column) {
			return true
		}
	}
	return false
}

// Technicals is the rest of the published list.
func Technicals() []Technical { return slices.Clone(technical) }

// InventoryHash names this very inventory: it is in the answer to every demand
// for content, and on the public page.
func InventoryHash() Hash {
	b, err := Marshal(struct {
		Fields    []Field
		Technical []Technical
	}{fields, technical})
	if err != nil {
		panic(err) // plain strings always encode
	}
	return hashOf("letterlock inventory v1\x00", b)
}

// Absent is what people and agencies ask for that does not exist here, and why.
type Absent struct {
	What, Why string
}

// Absents is the published list of what is not held.
func Absents() []Absent {
	return []Absent{
		{"Content of messages", "Sealed on the sender's device, opened only on the recipient's; the operator's program does not contain the code that could open it."},
		{"Who wrote to whom, and when", "An envelope is forgotten once the device has it; no log of messages is kept."},
		{"Undelivered envelopes", "Content that is sealed twice; no key on the server opens one, and no function takes one out but delivery to the device."},
		{"Photos, videos, voice messages, documents", "Sealed on the sender's device under a key that is in the message only. What waits to be fetched has no sender, no recipient, no name and no type here, and is removed once it is fetched."},
		{"Connection or session history", "Only the last seen day and the last IP address are kept, each overwritten."},
		{"Location", "Never asked of a device."},
		{"Contact lists", "Not on the server."},
		{"Groups: who is in one, its name, who changed it", "Only the members' devices know. The server keeps the order of a group's changes as hashes, with no account."},
		{"Payment data", "There are no payments."},
		{"Passwords, PINs, private keys", "Private keys never leave a device; tokens and the PIN of a registration lock are kept as values from which they cannot be read."},
		{"Names of devices, and when each was last used", "A person's devices tell each other, sealed. The server has each device's number, its kind and the day it was added."},
	}
}
