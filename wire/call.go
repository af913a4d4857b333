package wire

// The HTTP calls: POST with a CBOR body, answered by a CBOR body, or by a
// Problem with a status of 400 and above. All but PathInfo, PathCode,
// PathRegister and some of device.go carry "Authorization: Bearer " and the text of a Credential.
const (
	PathInfo     = "/v1/info"     // GET Info
	PathCode     = "/v1/code"     // CodeRequest -> Nothing
	PathRegister = "/v1/register" // Register -> Registered
	PathSocket   = "/v1/socket"   // GET, WebSocket, frames
	PathKeys     = "/v1/keys"     // KeyUpload -> KeyCount
	PathBundle   = "/v1/bundle"   // BundleRequest -> Bundles
	PathLookup   = "/v1/lookup"   // Lookup -> Found
	PathProfile  = "/v1/profile"  // ProfileUpdate -> Nothing
	PathPerson   = "/v1/person"   // PersonRequest -> Person
	PathBlock    = "/v1/block"    // Block -> Nothing
	PathExport   = "/v1/export"   // Nothing -> Export
	PathReach    = "/v1/reach"    // Nothing -> Reach
	PathTurn     = "/v1/turn"     // Turn -> Turned
	PathObject   = "/v1/object"   // Objection -> Nothing
	PathDelete   = "/v1/delete"   // Delete -> Nothing
)

// ContentType of calls and answers.
const ContentType = "application/cbor"

// Nothing is the empty body.
type Nothing struct{}

// Problem is the body of every refusal.
type Problem struct {
	Kind       string `cbor:"kind"` // fault.Kind's name
	Say        string `cbor:"say"`  // for people: what is wrong and what to do next
	RetryAfter int64  `cbor:"retry_after,omitempty"`

	// Say for whoever says it in another language (fault.Form); both may be missing.
	Form   string   `cbor:"form,omitempty"`
	Filled []string `cbor:"filled,omitempty"`
}

// Info is what a client learns before it registers.
type Info struct {
	Name      string `cbor:"name"`                // the operator's name
	Version   int    `cbor:"version"`             // of frames
	NoticeKey []byte `cbor:"notice_key"`          // Ed25519: signs service notices; pinned at registration
	Time      int64  `cbor:"time"`                // Unix milliseconds
	AbuseKey  []byte `cbor:"abuse_key,omitempty"` // X25519: reports of abuse are sealed to it; absent: none are taken
	PushKey   []byte `cbor:"push_key,omitempty"`  // P-256: browsers subscribe to be woken with it (RFC 8292); absent: nobody is woken
}

// CodeRequest asks for a code by text message.
type CodeRequest struct {
	Phone string `cbor:"phone"` // E.164
}

// Register makes an account and its first device. A number that already has an
// account starts clean: the former one is closed.
type Register struct {
	Phone          string    `cbor:"phone"`
	Code           string    `cbor:"code"`
	PIN            string    `cbor:"pin,omitempty"` // of the number's former account, if that is locked
	Name           string    `cbor:"name,omitempty"`
	DeviceType     string    `cbor:"device_type"` // "terminal", "browser"
	RegistrationID uint32    `cbor:"registration_id"`
	IdentityKey    []byte    `cbor:"identity_key"` // 33 bytes
	MailboxKey     []byte    `cbor:"mailbox_key"`  // X25519, 32 bytes: rows are sealed to it
	Keys           KeyUpload `cbor:"keys"`
}

// Registered is the answer: keep the token, the server keeps only its hash.
type Registered struct {
	Account AccountID `cbor:"account"`
	Device  DeviceID  `cbor:"device"`
	Token   []byte    `cbor:"token"` // 32 bytes
}

// PreKey is a public pre-key; Signature is empty for one-time curve keys.
type PreKey struct {
	ID        uint32 `cbor:"id"`
	Key       []byte `cbor:"key"`
	Signature []byte `cbor:"sig,omitempty"`
}

// KeyUpload brings pre-keys. Absent parts stay as they are on the server.
type KeyUpload struct {
	Signed       *PreKey  `cbor:"signed,omitempty"`
	LastResort   *PreKey  `cbor:"last_resort,omitempty"` // Kyber, may serve more than once
	OneTime      []PreKey `cbor:"one_time,omitempty"`
	KyberOneTime []PreKey `cbor:"kyber_one_time,omitempty"`
}

// KeyCount is how many one-time pre-keys the server still has.
type KeyCount struct {
	OneTime      uint32 `cbor:"one_time"`
	KyberOneTime uint32 `cbor:"kyber_one_time"`
}

// BundleRequest asks for the pre-key bundles of all of an account's devices,
// or of one.
type BundleRequest struct {
	Account AccountID `cbor:"account"`
	Device  DeviceID  `cbor:"device,omitempty"`
}

// Bundle is what starts a session with one device.
type Bundle struct {
	Device         DeviceID `cbor:"device"`
	RegistrationID uint32   `cbor:"registration_id"`
	IdentityKey    []byte   `cbor:"identity_key"`
	Signed         PreKey   `cbor:"signed"`
	Kyber          PreKey   `cbor:"kyber"`
	OneTime        *PreKey  `cbor:"one_time,omitempty"`
}

// Bundles answers a BundleRequest.
type Bundles struct {
	Bundles []Bundle `cbor:"bundles"`
}

// Lookup asks whether a number has an account. A new account may learn 20
// numbers a day; past that every answer is the same refusal.
type Lookup struct {
	Phone string `cbor:"phone"`
}

// Found answers a Lookup; a number without an account is a "not found" Problem.
type Found struct {
	Account AccountID     `cbor:"account"`
	Devices []DeviceID    `cbor:"devices"`
	List    SignedDevices `cbor:"list"`
}

// ProfileUpdate changes what it names; a nil field stays.
type ProfileUpdate struct {
	Name  *string `cbor:"name,omitempty"`
	About *string `cbor:"about,omitempty"`
	Email *string `cbor:"email,omitempty"` // used for service notices only; "" removes it
}

// PersonRequest asks for somebody's profile.
type PersonRequest struct {
	Account AccountID `cbor:"account"`
}

// Person is the profile that others see.
type Person struct {
	Name    string        `cbor:"name"`
	About   string        `cbor:"about"`
	Devices []DeviceID    `cbor:"devices"`
	List    SignedDevices `cbor:"list"`
}

// Block adds to or takes from the caller's block list.
type Block struct {
	Account AccountID `cbor:"account"`
	Remove  bool      `cbor:"remove,omitempty"`
}

// Fact is one line of a person's own record: a field of the inventory and what
// it says today.
type Fact struct {
	Field string `cbor:"field" json:"field"`
	Title string `cbor:"title" json:"title"`
	Value string `cbor:"value" json:"value"`
	Class string `cbor:"class" json:"class"` // the class of legal process that reaches it
}

// Export is the person's own record, from the same extractor as a production.
type Export struct {
	Time  int64  `cbor:"time"`
	Facts []Fact `cbor:"facts"`
}

// Reach is what each kind of legal process would yield about the person today,
// by the rules and the extractor of a release.
type Reach struct {
	Time      int64       `cbor:"time" json:"time"`
	Processes []ReachedBy `cbor:"processes" json:"processes"`
}

// ReachedBy is one kind of legal process and what it would yield.
type ReachedBy struct {
	Process string `cbor:"process" json:"process"`
	Name    string `cbor:"name" json:"name"`
	Place   string `cbor:"place" json:"place"`
	Locked  string `cbor:"locked,omitempty" json:"locked,omitempty"` // why it unlocks nothing here now
	Facts   []Fact `cbor:"facts,omitempty" json:"facts,omitempty"`
}

// Objection is a person's answer to a service notice before disclosure.
type Objection struct {
	Notice [16]byte `cbor:"notice"`
	Text   string   `cbor:"text"`
}

// Turn asks that a change of a group be the next one. The server learns a
// place, which only members can compute, and hashes; nobody's name.
type Turn struct {
	Place [32]byte `cbor:"place"`
	Seq   uint64   `cbor:"seq"`   // of the change, from 1
	Prev  [32]byte `cbor:"prev"`  // hash of the change before; zero for the first
	Head  [32]byte `cbor:"head"`  // hash of the change
	Token [32]byte `cbor:"token"` // what the change before left to its members
	Next  [32]byte `cbor:"next"`  // SHA-256 of the token for the change after it
}

// Turned is the last change of the place: the caller's, if it won.
type Turned struct {
	Seq  uint64   `cbor:"seq"`
	Head [32]byte `cbor:"head"`
}

// Delete closes the account; Confirm must be the caller's own account id.
type Delete struct {
	Confirm AccountID `cbor:"confirm"`
}
