package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// What is sent has one length and says nothing: zeros, as one record of
// aes128gcm (RFC 8188, RFC 8291). It is there because some browsers show a
// message of their own for a push without a body.
const (
	saltSize   = 16
	recordSize = 4096
	nothing    = 96 // bytes of padding behind the delimiter
	lastRecord = 2
)

// seal makes the body for a subscription.
func seal(s Subscription) ([]byte, error) {
	their, err := ecdh.P256().NewPublicKey(s.Key)
	if err != nil {
		return nil, err
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	record := make([]byte, 1+nothing)
	record[0] = lastRecord // no text stands before it, and zeros behind it
	return sealWith(own, their, s.Auth, salt, record)
}

// sealWith is RFC 8291, section 3.4.
func sealWith(own *ecdh.PrivateKey, their *ecdh.PublicKey, auth, salt, record []byte) ([]byte, error) {
	secret, err := own.ECDH(their)
	if err != nil {
		return nil, err
	}
	public := own.PublicKey().Bytes()
	ikm, err := hkdf.Key(sha256.New, secret, auth, "WebPush: info\x00"+string(their.Bytes())+string(public), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	body := binary.BigEndian.AppendUint32(append([]byte{}, salt...), recordSize)
	body = append(append(body, byte(len(public))), public...)
	return aead.Seal(body, nonce, record, nil), nil
}

// tokenLife is how long a push service may believe a token: at most a day (RFC
// 8292, section 2).
const tokenLife = 12 * time.Hour

// token says to a push service who sends: the operator, signed (RFC 8292).
func (p *Pusher) token(to *url.URL) (string, error) {
	claims, err := json.Marshal(map[string]any{"aud": to.Scheme + "://" + to.Host, "exp": p.Clock.Now().Add(tokenLife).Unix(), "sub": p.Contact})
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding.EncodeToString
	said := b64([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64(claims)
	sum := sha256.Sum256([]byte(said))
	r, s, err := ecdsa.Sign(rand.Reader, p.Key, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign for the push service: %w", err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return fmt.Sprintf("vapid t=%s.%s, k=%s", said, b64(sig), b64(p.public)), nil
}
