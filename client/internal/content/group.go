package content

// What devices say to each other about a group, each in the group's header. What
// they are worth is for client/internal/group to judge.

// Keys are what a member needs to read the sender's messages to the group from
// now on.
type Keys struct {
	_            struct{} `cbor:",toarray"`
	Distribution []byte
}

// Change is one signed change of the group.
type Change struct {
	_         struct{} `cbor:",toarray"`
	Change    []byte
	Signature []byte
	Device    []byte // certificate of the linked device that signed; empty: the primary did
}

// Welcome is the group as it is, for a new member or one who fell behind, with
// the change that led to it.
type Welcome struct {
	_         struct{} `cbor:",toarray"`
	State     []byte
	Change    []byte
	Signature []byte
	Device    []byte // as in Change
	Phone     string // under which the sender says to be known
}

// Removed tells somebody that they are no longer in the group. They do not get
// the change, which leads to what they may no longer know.
type Removed struct {
	_ struct{} `cbor:",toarray"`
}

// Knock asks an admin to be let in, with the secret of the group's link.
type Knock struct {
	_      struct{} `cbor:",toarray"`
	Secret []byte
	Phone  string
}

// Behind asks for the group as it is; Seq is the last change that the sender
// has.
type Behind struct {
	_   struct{} `cbor:",toarray"`
	Seq uint64
}

func (*Keys) kind() Type    { return TypeKeys }
func (*Change) kind() Type  { return TypeChange }
func (*Welcome) kind() Type { return TypeWelcome }
func (*Removed) kind() Type { return TypeRemoved }
func (*Knock) kind() Type   { return TypeKnock }
func (*Behind) kind() Type  { return TypeBehind }

func (k *Keys) check() error {
	if len(k.Distribution) == 0 || len(k.Distribution) > 200 {
		return bad("keys of a wrong length")
	}
	return nil
}

func (c *Change) check() error {
	if len(c.Change) == 0 || len(c.Change) > MaxText || len(c.Signature) != 64 || len(c.Device) > 200 {
		return bad("a change of a wrong length")
	}
	return nil
}

func (w *Welcome) check() error {
	if len(w.State) == 0 || len(w.State)+len(w.Change) > MaxGroup {
		return bad("a group of a wrong length")
	}
	if !phone(w.Phone) {
		return bad("not a phone number")
	}
	return (&Change{Change: w.Change, Signature: w.Signature, Device: w.Device}).check()
}

func (*Removed) check() error { return nil }

func (k *Knock) check() error {
	if len(k.Secret) != 16 || !phone(k.Phone) {
		return bad("a secret of a wrong length, or no phone number")
	}
	return nil
}

func (*Behind) check() error { return nil }

// MaxGroup bounds a Welcome: the largest group and the largest change.
const MaxGroup = 80 << 10
