package interop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"letterlock/internal/testkit"
	"letterlock/signal"
)

// peerDir is where the official library is installed.
const peerDir = "peer"

// process is the Node process; its people are told apart by a number.
type process struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
	who int
}

// library is one version of the official library.
type library struct {
	name     string // of its folder
	optional bool   // its first messages come without a key of SPQR
	once     sync.Once
	process  *process
	cmd      *exec.Cmd
	stdin    io.Closer
	missing  string
}

// libraries are the newest, which demands SPQR, and the newest that still talks
// to a peer without. using is the one whose turn it is.
var (
	libraries = []*library{{name: "lsc-0.90", optional: true}, {name: "lsc-0.103"}}
	using     = libraries[0]
)

// eachLibrary runs a test with each of them, one after the other.
func eachLibrary(t *testing.T, f func(t *testing.T)) {
	for _, l := range libraries {
		using = l
		t.Run(l.name, f)
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, l := range libraries {
		if l.cmd == nil {
			continue
		}
		l.stdin.Close()
		if err := l.cmd.Wait(); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, "the peer ended badly:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// official returns the peer process, or ends the test: it skips by name where
// the official library is not installed, and fails there with CI=true.
func official(t testing.TB) *process {
	t.Helper()
	l := using
	l.once.Do(l.start)
	if l.missing == "" {
		return l.process
	}
	testkit.Missing(t, "interoperation with @signalapp/libsignal-client: %s (cd signal/interop/peer && npm ci --ignore-scripts)", l.missing)
	return nil
}

func (l *library) start() {
	program, err := exec.LookPath("node")
	if err != nil {
		l.missing = "node is not installed"
		return
	}
	if _, err := os.Stat(filepath.Join(peerDir, "node_modules", l.name, "package.json")); err != nil {
		l.missing = "the package is not installed"
		return
	}
	cmd := exec.Command(program, "peer.mjs", l.name)
	cmd.Dir, cmd.Stderr = peerDir, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		l.missing = err.Error()
		return
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		l.missing = err.Error()
		return
	}
	if err := cmd.Start(); err != nil {
		l.missing = err.Error()
		return
	}
	l.cmd, l.stdin = cmd, stdin
	l.process = &process{in: stdin, out: bufio.NewReaderSize(stdout, 1<<20)}
}

// errPeer is an error that the official library reported.
var errPeer = errors.New("the official library refused")

type values map[string]any

// call sends one request and reads its answer.
func (p *process) call(op string, args values, answer any) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	request := values{"op": op}
	for k, v := range args {
		request[k] = v
	}
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing to the peer: %w", err)
	}
	line, err = p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the peer is gone: %w", err)
	}
	var failure struct{ Error, Code string }
	if err := json.Unmarshal(line, &failure); err != nil {
		return err
	}
	if failure.Error != "" {
		return fmt.Errorf("%w: %s: %s", errPeer, failure.Code, failure.Error)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(line, answer)
}

// them is a person on the official library.
type them struct {
	*process
	who      int
	address  signal.Address
	identity signal.PublicKey
}

func newThem(t testing.TB, address signal.Address) *them {
	t.Helper()
	p := official(t)
	p.mu.Lock()
	p.who++
	who := p.who
	p.mu.Unlock()
	var made struct{ Identity []byte }
	must(t, p.call("person", values{"who": who, "name": address.Name, "device": address.Device, "registration": 2000}, &made))
	key, err := signal.ParsePublicKey(made.Identity)
	must(t, err)
	return &them{process: p, who: who, address: address, identity: key}
}

// bundleJSON is a bundle as the peer reads and writes it.
type bundleJSON struct {
	Registration    uint32 `json:"registration"`
	Device          uint32 `json:"device"`
	Identity        []byte `json:"identity"`
	SignedID        uint32 `json:"signedID"`
	SignedKey       []byte `json:"signedKey"`
	SignedSignature []byte `json:"signedSignature"`
	KyberID         uint32 `json:"kyberID"`
	KyberKey        []byte `json:"kyberKey"`
	KyberSignature  []byte `json:"kyberSignature"`
	PreKeyID        uint32 `json:"preKeyID,omitempty"`
	PreKey          []byte `json:"preKey,omitempty"`
}

func (h *them) bundle(t testing.TB, oneTime bool) signal.Bundle {
	t.Helper()
	var j bundleJSON
	must(t, h.call("bundle", values{"who": h.who, "oneTime": oneTime}, &j))
	b, err := j.parse()
	must(t, err)
	return b
}

func (j bundleJSON) parse() (signal.Bundle, error) {
	b := signal.Bundle{RegistrationID: j.Registration, DeviceID: j.Device}
	var err error
	if b.Identity, err = signal.ParsePublicKey(j.Identity); err != nil {
		return b, err
	}
	b.SignedPreKey.ID, b.SignedPreKey.Signature = j.SignedID, j.SignedSignature
	if b.SignedPreKey.Key, err = signal.ParsePublicKey(j.SignedKey); err != nil {
		return b, err
	}
	b.KyberPreKey.ID, b.KyberPreKey.Signature = j.KyberID, j.KyberSignature
	if b.KyberPreKey.Key, err = signal.ParseKEMPublicKey(j.KyberKey); err != nil {
		return b, err
	}
	if j.PreKey != nil {
		key, err := signal.ParsePublicKey(j.PreKey)
		if err != nil {
			return b, err
		}
		b.PreKey = &signal.PreKeyPublic{ID: j.PreKeyID, Key: key}
	}
	return b, nil
}

func asJSON(b signal.Bundle) bundleJSON {
	j := bundleJSON{
		Registration: b.RegistrationID, Device: b.DeviceID, Identity: b.Identity.Bytes(),
		SignedID: b.SignedPreKey.ID, SignedKey: b.SignedPreKey.Key.Bytes(), SignedSignature: b.SignedPreKey.Signature,
		KyberID: b.KyberPreKey.ID, KyberKey: b.KyberPreKey.Key.Bytes(), KyberSignature: b.KyberPreKey.Signature,
	}
	if b.PreKey != nil {
		j.PreKeyID, j.PreKey = b.PreKey.ID, b.PreKey.Key.Bytes()
	}
	return j
}

func (h *them) to(peer signal.Address, more values) values {
	args := values{"who": h.who, "peer": peer.Name, "peerDevice": peer.Device}
	for k, v := range more {
		args[k] = v
	}
	return args
}

func (h *them) begin(peer signal.Address, j bundleJSON) error {
	return h.call("process", h.to(peer, values{"bundle": j}), nil)
}

func (h *them) Encrypt(_ context.Context, peer signal.Address, text []byte) (signal.Message, error) {
	var m struct {
		Type signal.MessageType
		Body []byte
	}
	if err := h.call("encrypt", h.to(peer, values{"text": text}), &m); err != nil {
		return signal.Message{}, err
	}
	return signal.Message{Type: m.Type, Body: m.Body}, nil
}

func (h *them) Decrypt(_ context.Context, peer signal.Address, m signal.Message) ([]byte, error) {
	var d struct{ Text []byte }
	if err := h.call("decrypt", h.to(peer, values{"type": m.Type, "body": m.Body}), &d); err != nil {
		return nil, err
	}
	return d.Text, nil
}

// refused tells whether the official library refused, for a reason that names
// one of words.
func refused(err error, words ...string) bool {
	if !errors.Is(err, errPeer) {
		return false
	}
	for _, w := range words {
		if strings.Contains(strings.ToLower(err.Error()), w) {
			return true
		}
	}
	return len(words) == 0
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
