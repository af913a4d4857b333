package door_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
)

// house is a door that answers every call with something of its argument, and
// with a fault of each kind on request.
type house struct{}

var at = time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)

func (house) fail(n int64) error {
	if n < 0 {
		return nil
	}
	return fault.Wrap(fault.Kind(n), "secret operation", errors.New("secret cause"), "sentence %d", n)
}
func (h house) hash(x d.Hash) error { return h.fail(int64(x[0]) - 1) }

func (h house) Resolve(_ context.Context, q door.Lookup) (door.Resolution, error) {
	var n int64 = -1
	fmt.Sscanf(q.Case, "fail %d", &n)
	return door.Resolution{Exists: q.Identifier == "+15550100123", Account: d.Account{7}}, h.fail(n)
}
func (h house) Propose(_ context.Context, g []byte) (door.Proposal, error) {
	return door.Proposal{Hash: d.GrantHash(g), Signed: []string{"A"}, URL: "u", Expires: 5}, nil
}
func (h house) Proposal(_ context.Context, x d.Hash) (door.Proposal, error) {
	return door.Proposal{Hash: x, Signed: []string{"A", "B"}}, h.hash(x)
}
func (h house) Withdraw(_ context.Context, x d.Hash) error { return h.hash(x) }
func (h house) Redeem(_ context.Context, x d.Hash) (door.Release, error) {
	if err := h.hash(x); err != nil {
		return door.Release{}, err
	}
	return door.Release{Grant: d.SignedGrant{Grant: []byte{1}, Signatures: []d.Signature{{KeyID: []byte{2}, AuthenticatorData: []byte{3}, ClientData: []byte{4}, Signature: []byte{5}}}},
		Keys: []door.ReleaseKey{{Holder: "A", ID: []byte{2}, Public: []byte{6}, RPID: "r", Origin: "o"}}, Records: []d.Record{{Account: d.Account{7}, Field: "name", Value: "Ada"}}, At: at, Entry: []byte{8}}, nil
}
func (h house) Preserve(_ context.Context, k door.Keep) (door.Kept, error) {
	return door.Kept{At: at, Until: at.Add(time.Duration(k.Half[0]) * time.Hour)}, h.hash(k.Grant)
}

func (h house) OpenSnapshot(ctx context.Context, k door.Keep) (door.Release, error) {
	r, err := h.Redeem(ctx, k.Grant)
	if err == nil {
		r.Records[0].AsOf = fmt.Sprint(k.Half[0])
	}
	return r, err
}

func (h house) Tell(_ context.Context, x door.Telling) (door.Told, error) {
	return door.Told{Notice: [16]byte{1}, At: at, Queued: 2 + len(x.Receipt), Mailed: true}, h.hash(x.Grant)
}
func (h house) Proof(_ context.Context, e []byte) ([]byte, error) {
	return append([]byte{9}, e...), nil
}
func (h house) Objections(_ context.Context, after int64) ([]door.Objection, error) {
	return []door.Objection{{Number: after + 1, Case: "c", Text: "no", At: at}}, nil
}
func (h house) Law(_ context.Context, rows []d.Hash) ([]door.LawState, error) {
	var out []door.LawState
	for _, x := range rows {
		out = append(out, door.LawState{Has: x[0] == 1, Unlocks: x[1] == 1})
	}
	return out, nil
}
func (h house) Seen(_ context.Context, o string) (int64, error)    { return int64(len(o)), nil }
func (h house) Cosign(_ context.Context, r []byte) ([]byte, error) { return r, nil }
func (h house) Witness(_ context.Context, n int64) ([]byte, error) {
	return []byte(fmt.Sprint(n)), nil
}
func (h house) Cosigned(_ context.Context, l []byte) error { return h.fail(int64(len(l)) - 1) }

// onSocket serves the house on a Unix socket and dials it.
func onSocket(t *testing.T) *door.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	ln, err := door.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	i, err := os.Stat(path)
	if err != nil || i.Mode().Perm() != 0o600 {
		t.Fatalf("the socket is %v (%v)", i.Mode(), err)
	}
	serve(t, ln)
	c, err := door.Dial("unix:"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, ln net.Listener) {
	t.Helper()
	srv := door.NewServer(house{})
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
}

type outcome struct {
	Value any
	Kind  fault.Kind
	Say   string
}

func out[T any](v T, err error) outcome {
	if err != nil {
		return outcome{nil, fault.KindOf(err), fault.Say(err)}
	}
	return outcome{Value: v}
}

// everything calls every method of a door, and every kind of refusal.
func everything(x door.Door) map[string]outcome {
	ctx := context.Background()
	all := map[string]outcome{
		"resolve hit":  out(x.Resolve(ctx, door.Lookup{Case: "c", Process: "p", Identifier: "+15550100123", Sealed: true})),
		"resolve miss": out(x.Resolve(ctx, door.Lookup{Case: "c", Process: "p", Identifier: "+1"})),
		"propose":      out(x.Propose(ctx, []byte("grant"))),
		"proposal":     out(x.Proposal(ctx, d.Hash{})),
		"withdraw":     out(0, x.Withdraw(ctx, d.Hash{})),
		"redeem":       out(x.Redeem(ctx, d.Hash{})),
		"tell":         out(x.Tell(ctx, door.Telling{Receipt: []byte("filed")})),
		"preserve":     out(x.Preserve(ctx, door.Keep{Half: [32]byte{3}})),
		"snapshot":     out(x.OpenSnapshot(ctx, door.Keep{Half: [32]byte{4}})),
		"proof":        out(x.Proof(ctx, []byte("entry"))),
		"objections":   out(x.Objections(ctx, 3)),
		"trace":        out(x.Trace(ctx, d.Hash{})),
		"collect":      out(x.Collect(ctx, door.Collect{After: 7})),
		"stop trace":   out(x.StopTrace(ctx, door.StopTrace{Reason: "enough"})),
		"law":          out(x.Law(ctx, []d.Hash{{1, 1}, {1}, {}})),
		"seen":         out(x.Seen(ctx, "origin")),
		"cosign":       out(x.Cosign(ctx, []byte("request"))),
		"witness":      out(x.Witness(ctx, 4)),
		"cosigned":     out(0, x.Cosigned(ctx, nil)),
	}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		h := d.Hash{byte(k) + 1}
		all["refused resolve "+k.String()] = out(x.Resolve(ctx, door.Lookup{Case: fmt.Sprintf("fail %d", k)}))
		all["refused redeem "+k.String()] = out(x.Redeem(ctx, h))
		all["refused trace "+k.String()] = out(x.Trace(ctx, h))
		all["refused collect "+k.String()] = out(x.Collect(ctx, door.Collect{Grant: h}))
		all["refused tell "+k.String()] = out(x.Tell(ctx, door.Telling{Grant: h}))
		all["refused withdraw "+k.String()] = out(0, x.Withdraw(ctx, h))
		all["refused cosigned "+k.String()] = out(0, x.Cosigned(ctx, make([]byte, k+1)))
	}
	return all
}

func TestTheDoorIsTheSameThroughASocket(t *testing.T) {
	direct, through := everything(house{}), everything(onSocket(t))
	for name, want := range direct {
		if got := through[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v through the socket, %+v directly", name, got, want)
		}
	}
}

func TestNoCausePassesTheDoor(t *testing.T) {
	_, err := onSocket(t).Redeem(context.Background(), d.Hash{byte(fault.Invalid) + 1})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Fatalf("%v", err)
	}
}

func TestTheDoorStaysShutForOthers(t *testing.T) {
	srv := httptest.NewServer(door.Handler(house{}))
	defer srv.Close()
	for _, req := range []struct{ method, path, kind, body string }{
		{"POST", "/door/v1/redeem", "application/cbor", "\x58\x20" + strings.Repeat("\x00", 32)},
		{"GET", "/door/v1/redeem", "", ""},
		{"POST", "/", "application/cbor", ""},
	} {
		r, _ := http.NewRequest(req.method, srv.URL+req.path, strings.NewReader(req.body))
		r.Header.Set("Content-Type", req.kind)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s over plain TCP: %d", req.method, req.path, res.StatusCode)
		}
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ln, err := door.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, ln)
	cl := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	for name, c := range map[string]struct {
		method, name, kind string
		body               []byte
		status             int
	}{
		"too large":      {"POST", "propose", "application/cbor", make([]byte, 2<<20), 413},
		"truncated":      {"POST", "redeem", "application/cbor", []byte{0x58, 0x20, 1}, 400},
		"trailing bytes": {"POST", "objections", "application/cbor", []byte{1, 1}, 400},
		"wrong type":     {"POST", "objections", "application/cbor", []byte{0x61, 'x'}, 400},
		"unknown key":    {"POST", "resolve", "application/cbor", []byte{0xa1, 0x61, 'x', 1}, 400},
		"short hash":     {"POST", "redeem", "application/cbor", []byte{0x42, 1, 2}, 400},
		"another codec":  {"POST", "resolve", "application/json", []byte("{}"), 400},
		"get":            {"GET", "redeem", "application/cbor", nil, 405},
		"unknown method": {"POST", "records", "application/cbor", nil, 404},
	} {
		r, _ := http.NewRequest(c.method, "http://door/door/v1/"+c.name, bytes.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		res, err := cl.Do(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
}

func TestACarrierThatIsAwayIsUnavailable(t *testing.T) {
	c, err := door.Dial("unix:"+filepath.Join(t.TempDir(), "nobody"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Redeem(context.Background(), d.Hash{}); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("%v", err)
	}
	for _, address := range []string{"http://carrier", "https://carrier", "carrier:1", ""} {
		if _, err := door.Dial(address, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q dialled: %v", address, err)
		}
	}
}

func TestOneDoorAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ln, err := door.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, ln)
	if _, err := door.Listen(path); err == nil {
		t.Fatal("a second door opened over a living one")
	}
	ln.Close()
	again, err := door.Listen(path)
	if err != nil {
		t.Fatalf("a dead socket stays in the way: %v", err)
	}
	again.Close()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := door.Listen(file); err == nil {
		t.Fatal("a file was replaced")
	}
}

// authority signs certificates for one test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "door"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	a := authority{cert, key, t.TempDir()}
	write(t, filepath.Join(a.dir, "ca"), "CERTIFICATE", der)
	return a
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a authority) mutual(t *testing.T, name string, trust authority) *tls.Config {
	t.Helper()
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := x509.MarshalPKCS8PrivateKey(key)
	write(t, filepath.Join(a.dir, name), "CERTIFICATE", der)
	write(t, filepath.Join(a.dir, name+".key"), "PRIVATE KEY", raw)
	c, err := door.MutualTLS(filepath.Join(a.dir, name), filepath.Join(a.dir, name+".key"), filepath.Join(trust.dir, "ca"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMutualTLS(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, tls.NewListener(ln, a.mutual(t, "carrier", a)))
	for name, c := range map[string]struct {
		config *tls.Config
		ok     bool
	}{"the desk": {a.mutual(t, "desk", a), true}, "a stranger": {stranger.mutual(t, "desk", a), false}, "a carrier of another authority": {a.mutual(t, "desk2", stranger), false}} {
		x, err := door.Dial("https://"+ln.Addr().String(), c.config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.Proposal(context.Background(), d.Hash{})
		if (err == nil) != c.ok || (err != nil && !fault.Is(err, fault.Unavailable)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
