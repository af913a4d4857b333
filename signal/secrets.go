package signal

// Secrets lists every secret value of a stored session record: root and chain
// keys, ratchet private keys, the seeds of skipped messages, the keys of the
// post-quantum ratchet. It is for forensic tests, which
// look for these bytes where they must never be: in a server's memory and on
// its disks.
func Secrets(stored []byte) ([][]byte, error) {
	r, err := parseRecord(stored)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, b := range append([][]byte{r.current}, r.archived...) {
		if b == nil {
			continue
		}
		s, err := parseState(b)
		if err != nil {
			return nil, err
		}
		out = append(out, s.secrets()...)
	}
	return out, nil
}

func (s *state) secrets() [][]byte {
	out := [][]byte{s.root[:], s.ratchet.private.Serialize()}
	out = append(out, s.sending.secrets()...)
	for _, r := range s.receiving {
		out = append(out, r.chain.secrets()...)
		for _, k := range r.skipped {
			out = append(out, seedSecrets(k.seed)...)
		}
	}
	return append(out, s.spqr.Secrets()...)
}

func (c chain) secrets() [][]byte {
	key := c.key
	return append([][]byte{key[:]}, seedSecrets(c.step())...)
}

func seedSecrets(seed [32]byte) [][]byte {
	k := newMessageKeys(seed, nil)
	return [][]byte{seed[:], k.cipher(), k.mac()}
}
