package spqr

import (
	"crypto/hmac"
	"io"
)

// step names where one side of the exchange stands.
//
// spec: mlkembraid 2
// spec: deployed 5.7
type step byte

// The key side makes a key pair and sends it; the ciphertext side answers. The
// sides change with every epoch.
const (
	keysUnsampled step = iota
	keysSampled
	headerSent
	ct1Received
	ekSentCt1Received

	noHeaderReceived
	headerReceived
	ct1Sampled
	ekReceivedCt1Sampled
	ct1Acknowledged
	ct2Sampled
)

// Chunks of each object, codes included.
const (
	headerChunks = (headerSize + 32) / chunkSize
	vectorChunks = vectorSize / chunkSize
	ct1Chunks    = ct1Size / chunkSize
	ct2Chunks    = (ct2Size + 32) / chunkSize
)

// braid is one side of the exchange that gives the two a fresh secret in every
// epoch, a few bytes with each message.
type braid struct {
	epoch uint64
	at    step
	auth  authenticator
	next  uint16 // index of the next chunk to send

	seed   []byte        // key side: of the key pair
	made   encapsulation // ciphertext side
	object []byte        // what is being sent in chunks now
	first  gathered      // header, or ct1
	second gathered      // vector, or ct2
	ct1    []byte        // key side: once complete
}

// output is a secret that an epoch has yielded.
type output struct {
	epoch  uint64
	secret []byte
}

func newBraid(set []byte, initiator bool) braid {
	b := braid{epoch: 1, at: noHeaderReceived, auth: authenticate(set)}
	if initiator {
		b.at = keysUnsampled
	}
	return b
}

// send is what the next message carries.
func (b *braid) send(random io.Reader) (m message, out *output, err error) {
	m.epoch = b.epoch
	switch b.at {
	case keysUnsampled:
		if err := b.sample(random); err != nil {
			return m, nil, err
		}
		m.kind = carriesHeader
	case keysSampled:
		m.kind = carriesHeader
	case headerSent:
		m.kind = carriesVector
	case ct1Received:
		m.kind = carriesVectorAck
	case ekSentCt1Received:
		m.kind = carriesAck
	case headerReceived:
		if out, err = b.encapsulate(random); err != nil {
			return m, nil, err
		}
		m.kind = carriesCt1
	case ct1Sampled, ekReceivedCt1Sampled:
		m.kind = carriesCt1
	case ct2Sampled:
		m.kind = carriesCt2
	}
	if m.kind.hasChunk() {
		m.chunk = chunkOf(b.object, b.next)
		b.next++ // wraps, as deployed
	}
	return m, out, nil
}

// show begins to send another object.
func (b *braid) show(object []byte) { b.object, b.next = object, 0 }

func (b *braid) sample(random io.Reader) error {
	b.seed = make([]byte, seedSize)
	if _, err := io.ReadFull(random, b.seed); err != nil {
		return err
	}
	_, header, _, err := keyOf(b.seed)
	if err != nil {
		return err
	}
	b.at = keysSampled
	b.show(append(header, b.auth.header(b.epoch, header)...))
	return nil
}

func (b *braid) encapsulate(random io.Reader) (*output, error) {
	header := b.first.object(headerChunks)[:headerSize]
	made, shared, err := encapsulate(random, header)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	secret := epochSecret(shared, b.epoch)
	b.auth.update(b.epoch, secret)
	b.made, b.first, b.at = made, nil, ct1Sampled
	b.show(made.ct1)
	return &output{b.epoch, secret}, nil
}

// receive takes in what a message carries. One of an epoch that is over carries
// nothing any more; one of the next shows that the other side is done.
func (b *braid) receive(m message) (*output, error) {
	switch {
	case m.epoch < b.epoch:
		return nil, nil
	case m.epoch == b.epoch+1 && b.at == ct2Sampled:
		*b = braid{epoch: m.epoch, at: keysUnsampled, auth: b.auth}
		return nil, nil
	case m.epoch > b.epoch:
		return nil, errRefused
	case b.at < noHeaderReceived:
		return b.receiveCiphertext(m)
	}
	return nil, b.receiveKey(m)
}

// receiveCiphertext is the key side's.
func (b *braid) receiveCiphertext(m message) (*output, error) {
	switch {
	case b.at == keysSampled && m.kind == carriesCt1:
		_, _, vector, err := keyOf(b.seed)
		if err != nil {
			return nil, err
		}
		b.at = headerSent
		b.show(vector)
		b.first.add(m.chunk, ct1Chunks)
	case b.at == headerSent && m.kind == carriesCt1:
		b.first.add(m.chunk, ct1Chunks)
		if b.ct1 = b.first.object(ct1Chunks); b.ct1 != nil {
			b.at, b.first = ct1Received, nil
		}
	case b.at == ct1Received && m.kind == carriesCt2:
		b.at, b.object = ekSentCt1Received, nil
		b.second.add(m.chunk, ct2Chunks)
	case b.at == ekSentCt1Received && m.kind == carriesCt2:
		b.second.add(m.chunk, ct2Chunks)
		if ct2 := b.second.object(ct2Chunks); ct2 != nil {
			return b.decapsulate(ct2[:ct2Size], ct2[ct2Size:])
		}
	}
	return nil, nil
}

func (b *braid) decapsulate(ct2, code []byte) (*output, error) {
	private, _, _, err := keyOf(b.seed)
	if err != nil {
		return nil, err
	}
	shared, err := private.Decapsulate(append(b.ct1[:ct1Size:ct1Size], ct2...))
	if err != nil {
		return nil, errRefused
	}
	defer clear(shared)
	secret := epochSecret(shared, b.epoch)
	b.auth.update(b.epoch, secret)
	if !hmac.Equal(code, b.auth.ciphertext(b.epoch, b.ct1, ct2)) {
		return nil, errRefused
	}
	out := &output{b.epoch, secret}
	clear(b.seed)
	*b = braid{epoch: b.epoch + 1, at: noHeaderReceived, auth: b.auth}
	return out, nil
}

// receiveKey is the ciphertext side's.
func (b *braid) receiveKey(m message) error {
	vector := m.kind == carriesVector || m.kind == carriesVectorAck
	switch {
	case b.at == noHeaderReceived && m.kind == carriesHeader:
		b.first.add(m.chunk, headerChunks)
		if o := b.first.object(headerChunks); o != nil {
			if !hmac.Equal(o[headerSize:], b.auth.header(b.epoch, o[:headerSize])) {
				return errRefused
			}
			b.at = headerReceived
		}
	case b.at == ct1Sampled && vector:
		return b.receiveVector(m, ct1Sampled, ekReceivedCt1Sampled, ct1Acknowledged)
	case b.at == ct1Acknowledged && vector:
		return b.receiveVector(m, ct1Acknowledged, ct2Sampled, ct1Acknowledged)
	case b.at == ekReceivedCt1Sampled && (m.kind == carriesVectorAck || m.kind == carriesAck):
		return b.complete()
	}
	return nil
}

// receiveVector goes to one of the steps given: if the vector is not complete,
// if it is, and if it is not but the first part of the ciphertext has arrived.
func (b *braid) receiveVector(m message, missing, whole, acknowledged step) error {
	b.second.add(m.chunk, vectorChunks)
	there := b.second.object(vectorChunks) != nil
	switch {
	case there && m.kind == carriesVectorAck:
		return b.complete()
	case there && whole == ct2Sampled:
		return b.complete()
	case there:
		b.at = whole
		return b.fits()
	case m.kind == carriesVectorAck:
		b.at, b.object = acknowledged, nil
	default:
		b.at = missing
	}
	return nil
}

// fits checks the vector as soon as it is there.
func (b *braid) fits() error {
	_, err := b.made.complete(b.second.object(vectorChunks))
	return err
}

// complete makes the second part of the ciphertext and forgets what made it.
func (b *braid) complete() error {
	ct2, err := b.made.complete(b.second.object(vectorChunks))
	if err != nil {
		return err
	}
	code := b.auth.ciphertext(b.epoch, b.made.ct1, ct2)
	b.made.wipe()
	b.made, b.second, b.at = encapsulation{}, nil, ct2Sampled
	b.show(append(ct2, code...))
	return nil
}

func (e encapsulation) wipe() {
	clear(e.m)
	clear(e.r)
}

func (b *braid) wipe() {
	clear(b.auth.root[:])
	clear(b.auth.mac[:])
	clear(b.seed)
	b.made.wipe()
}
