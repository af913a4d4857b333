package content

// Spot is a point on the earth, in ten-millionths of a degree, and how sure it
// is, in metres; 0: nobody says.
type Spot struct {
	_         struct{} `cbor:",toarray"`
	Latitude  int32
	Longitude int32
	Within    uint32
}

// Place is where the sender says to be. Until is when they stop saying so by
// themselves (Unix ms); 0: it is one place, once.
type Place struct {
	_       struct{} `cbor:",toarray"`
	Spot    Spot
	Until   int64
	Caption Text // its Text may be empty
}

// Step is where the sender of a Place that goes on has come to, or its end.
type Step struct {
	_      struct{} `cbor:",toarray"`
	Target ID
	Spot   Spot
	End    bool
}

// MaxLive is for how long a Place goes on at most, in milliseconds.
const MaxLive = 8 * 3600 * 1000

func (*Place) kind() Type { return TypePlace }
func (*Step) kind() Type  { return TypeStep }

func (p Spot) check() error {
	const degree = 10_000_000
	if p.Latitude < -90*degree || p.Latitude > 90*degree || p.Longitude < -180*degree || p.Longitude > 180*degree {
		return bad("a place that is not on the earth")
	}
	return nil
}

func (p *Place) check() error {
	if p.Until < 0 {
		return bad("it ends before it began")
	}
	if err := p.Spot.check(); err != nil {
		return err
	}
	if p.Caption.Text == "" {
		c := p.Caption
		c.Text = "-"
		return c.check()
	}
	return p.Caption.check()
}

func (s *Step) check() error {
	if s.Target == (ID{}) {
		return bad("it names no message")
	}
	return s.Spot.check()
}
