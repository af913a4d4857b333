package content

// Status is a text that the people to whom it is sealed see for a day.
type Status struct {
	_     struct{} `cbor:",toarray"`
	Text  string
	Style []Span
}

// StatusTime is for how long a Status is shown, in milliseconds.
const StatusTime = 24 * 3600 * 1000

// MaxStatus is the longest text of one, in bytes.
const MaxStatus = 1000

func (*Status) kind() Type { return TypeStatus }

func (s *Status) check() error {
	if len(s.Text) > MaxStatus {
		return bad("a status has at most %d bytes", MaxStatus)
	}
	return words(s.Text, s.Style)
}
