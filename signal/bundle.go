package signal

// Bundle is what a server hands out for one device so that another may begin a
// session with it. Nothing in it is believed before its signatures verify.
type Bundle struct {
	RegistrationID uint32
	DeviceID       uint32 // must be the device of the address it is used for
	Identity       PublicKey
	SignedPreKey   SignedPreKeyPublic
	KyberPreKey    KyberPreKeyPublic
	PreKey         *PreKeyPublic // nil when the server has run out of them
}

// verify checks the signatures, each over the encoded key with its type byte.
//
// spec: pqxdh 3.3
func (b Bundle) verify() error {
	if b.Identity.IsZero() || b.SignedPreKey.Key.IsZero() || b.KyberPreKey.Key.IsZero() {
		return ErrInvalidKey
	}
	if b.PreKey != nil && b.PreKey.Key.IsZero() {
		return ErrInvalidKey
	}
	if !b.Identity.Verify(b.SignedPreKey.Key.Bytes(), b.SignedPreKey.Signature) {
		return ErrInvalidSignature
	}
	if !b.Identity.Verify(b.KyberPreKey.Key.Bytes(), b.KyberPreKey.Signature) {
		return ErrInvalidSignature
	}
	return nil
}
