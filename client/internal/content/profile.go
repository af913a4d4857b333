package content

// Profile is what the sender shows the recipient of themselves. Keep says that
// the photo is the one that the recipient has; otherwise it is Photo, or none.
type Profile struct {
	_     struct{} `cbor:",toarray"`
	Name  string
	About string
	Keep  bool
	Photo *Portrait
}

// Portrait is a sealed photo, a JPEG, and where it waits.
type Portrait struct {
	_      struct{} `cbor:",toarray"`
	Size   uint64
	Blob   [16]byte
	Secret [32]byte
	Digest [32]byte
}

// Limits of a Profile, in bytes.
const (
	MaxProfileName  = 80
	MaxProfileAbout = 280
	MaxPortrait     = 96 << 10
)

func (*Profile) kind() Type { return TypeProfile }

func (p *Profile) check() error {
	if !label(p.Name, MaxProfileName) || !label(p.About, MaxProfileAbout) {
		return bad("a name or a line about somebody is too long or no text")
	}
	if p.Photo == nil {
		return nil
	}
	f := p.Photo
	if p.Keep || f.Size == 0 || f.Size > MaxPortrait || f.Blob == [16]byte{} || f.Secret == [32]byte{} || f.Digest == [32]byte{} {
		return bad("a photo without a number, key or digest, or too long")
	}
	return nil
}
