// Package pushservice is a push service (RFC 8030) for tests: it refuses what a
// real one would refuse, opens what it takes with its subscribers' keys, and
// misbehaves on command. It shares no code with the sender that it tests.
package pushservice

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/internal/clock"
)

// Service is a push service on this machine.
type Service struct {
	*httptest.Server
	t     testing.TB
	clock clock.Clock
	mu    sync.Mutex
	at    map[string]*Subscriber
}

// Subscriber is a browser that wants to be woken.
type Subscriber struct {
	Endpoint string
	Key      []byte // public
	Auth     []byte
	s        *Service
	private  *ecdh.PrivateKey
	sender   []byte // whose pushes alone it takes
	got      []Push
	asked    int
	answers  []Answer
}

// Push is one that was taken, and opened.
type Push struct {
	Header http.Header
	Length int    // of its body
	Text   []byte // without delimiter and padding
	Claims map[string]any
}

// Answer is what the next push is answered with.
type Answer struct {
	Status int
	Header map[string]string
}

// New starts a service; with TLS as a real one, or without for a program that
// knows no certificates of tests.
func New(t testing.TB, c clock.Clock, tls bool) *Service {
	t.Helper()
	s := &Service{t: t, clock: c, at: map[string]*Subscriber{}}
	if s.Server = httptest.NewUnstartedServer(s); tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// Subscribe makes a subscriber for a sender's key, as PushManager.subscribe does.
func (s *Service) Subscribe(sender []byte) *Subscriber {
	s.t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	name, auth := make([]byte, 24), make([]byte, 16)
	rand.Read(name)
	rand.Read(auth)
	path := "/push/" + base64.RawURLEncoding.EncodeToString(name)
	x := &Subscriber{Endpoint: s.URL + path, Key: k.PublicKey().Bytes(), Auth: auth, s: s, private: k, sender: sender}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[path] = x
	return x
}

// Got is what came.
func (x *Subscriber) Got() []Push {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	return append([]Push{}, x.got...)
}

// Asked is how many came, whatever they were answered.
func (x *Subscriber) Asked() int { x.s.mu.Lock(); defer x.s.mu.Unlock(); return x.asked }

// Next are the answers to the pushes that come next.
func (x *Subscriber) Next(all ...Answer) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.answers = append(x.answers, all...)
}

// ServeHTTP takes a push.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.at[r.URL.Path]
	if x == nil {
		http.Error(w, "no such subscription", http.StatusNotFound)
		return
	}
	p, status, err := s.take(x, r)
	if err != nil {
		s.t.Errorf("a push is refused with %d: %v", status, err)
		http.Error(w, err.Error(), status)
		return
	}
	if x.asked++; len(x.answers) > 0 {
		a := x.answers[0]
		x.answers = x.answers[1:]
		for k, v := range a.Header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(a.Status)
		return
	}
	x.got = append(x.got, p)
	w.Header().Set("Location", s.URL+"/message/1")
	w.WriteHeader(http.StatusCreated)
}

// take looks at a push as RFC 8030, 8188, 8291 and 8292 ask.
func (s *Service) take(x *Subscriber, r *http.Request) (p Push, status int, err error) {
	if r.Method != http.MethodPost {
		return p, http.StatusMethodNotAllowed, errors.New("not a POST")
	}
	if n, err := strconv.Atoi(r.Header.Get("TTL")); err != nil || n < 0 {
		return p, http.StatusBadRequest, errors.New("no TTL")
	}
	if u := r.Header.Get("Urgency"); u != "" && !strings.Contains(" very-low low normal high ", " "+u+" ") {
		return p, http.StatusBadRequest, fmt.Errorf("urgency %q", u)
	}
	if topic := r.Header.Get("Topic"); len(topic) > 32 {
		return p, http.StatusBadRequest, fmt.Errorf("topic %q", topic)
	}
	if r.Header.Get("Content-Encoding") != "aes128gcm" {
		return p, http.StatusUnsupportedMediaType, errors.New("not aes128gcm")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4097))
	if err != nil || len(body) > 4096 {
		return p, http.StatusRequestEntityTooLarge, fmt.Errorf("%d bytes, %v", len(body), err)
	}
	p = Push{Header: r.Header.Clone(), Length: len(body)}
	if p.Claims, err = s.vapid(r.Header.Get("Authorization"), x.sender); err != nil {
		return p, http.StatusForbidden, err
	}
	p.Text, err = x.open(body)
	return p, http.StatusBadRequest, err
}

// vapid checks who sends (RFC 8292).
func (s *Service) vapid(auth string, sender []byte) (claims map[string]any, err error) {
	rest, ok := strings.CutPrefix(auth, "vapid ")
	fields := map[string]string{}
	for f := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(f), "=")
		fields[k] = v
	}
	key, e := base64.RawURLEncoding.DecodeString(fields["k"])
	parts := strings.Split(fields["t"], ".")
	if !ok || e != nil || len(parts) != 3 || !bytes.Equal(key, sender) {
		return nil, errors.New("no token of the sender that was subscribed to")
	}
	var raw [3][]byte
	for i := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(parts[i]); err != nil {
			return nil, err
		}
	}
	var head struct{ Typ, Alg string }
	if err := json.Unmarshal(raw[0], &head); err != nil || head.Typ != "JWT" || head.Alg != "ES256" {
		return nil, fmt.Errorf("head %s", raw[0])
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key)
	if err != nil || len(raw[2]) != 64 {
		return nil, fmt.Errorf("key or signature: %v", err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
		return nil, errors.New("the signature is wrong")
	}
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		return nil, err
	}
	end, _ := claims["exp"].(float64)
	left := time.Unix(int64(end), 0).Sub(s.clock.Now())
	sub, _ := claims["sub"].(string)
	if claims["aud"] != s.URL || left <= 0 || left > 24*time.Hour || sub == "" {
		return nil, fmt.Errorf("claims %v", claims)
	}
	return claims, nil
}

// open is RFC 8188 with the keys of RFC 8291, the receiving side.
func (x *Subscriber) open(b []byte) ([]byte, error) {
	if len(b) < 86+17 || b[20] != 65 || binary.BigEndian.Uint32(b[16:]) < 18 {
		return nil, errors.New("a header of another form")
	}
	salt, their, sealed := b[:16], b[21:86], b[86:]
	if int(binary.BigEndian.Uint32(b[16:])) < len(sealed) {
		return nil, errors.New("more than one record")
	}
	k, err := ecdh.P256().NewPublicKey(their)
	if err != nil {
		return nil, err
	}
	secret, err := x.private.ECDH(k)
	if err != nil {
		return nil, err
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		out, e := hkdf.Key(sha256.New, secret, salt, info, n)
		err = errors.Join(err, e)
		return out
	}
	ikm := derive(secret, x.Auth, "WebPush: info\x00"+string(x.Key)+string(their), 32)
	key, nonce := derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16), derive(ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, e := aes.NewCipher(key)
	if err = errors.Join(err, e); err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, errors.New("it does not open with the subscriber's key")
	}
	text := bytes.TrimRight(plain, "\x00")
	if len(text) == 0 || text[len(text)-1] != 2 {
		return nil, errors.New("no delimiter of a last record")
	}
	return text[:len(text)-1], nil
}
