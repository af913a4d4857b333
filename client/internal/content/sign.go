package content

// Signs: what is of use now or never. They go as hints, which nothing keeps.

// Typing says that the sender is writing, or has stopped.
type Typing struct {
	_       struct{} `cbor:",toarray"`
	Started bool
}

// Presence says that the sender is here, or leaves. Who is asked answers with
// their own, if they show it.
type Presence struct {
	_    struct{} `cbor:",toarray"`
	Here bool
	Ask  bool
}

func (*Typing) kind() Type   { return TypeTyping }
func (*Presence) kind() Type { return TypePresence }

func (*Typing) check() error { return nil }

func (p *Presence) check() error {
	if p.Ask && !p.Here {
		return bad("who leaves asks nothing")
	}
	return nil
}
