package content

// Status is a text, a photo or film, or both, that the people to whom it is
// sealed see for a day.
type Status struct {
	_     struct{} `cbor:",toarray"`
	Text  string
	Style []Span
	File  *File // its caption is empty: Text is
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
	if s.File == nil {
		return words(s.Text, s.Style)
	}
	if err := s.File.check(); err != nil {
		return err
	}
	switch {
	case s.File.Kind != Photo && s.File.Kind != Video, s.File.Caption.Text != "", s.File.Caption.Reply != nil, s.File.Caption.Timer != 0:
		return bad("a status shows a photo or a film, and its text is its own")
	case s.Text == "" && s.Style == nil:
		return nil
	}
	return words(s.Text, s.Style)
}
