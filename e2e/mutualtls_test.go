package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"letterlock/e2e/story"
)

// TestTheHalvesByMutualTLS runs the halves as on two machines: the desk reaches
// the carrier by TLS with certificates on both sides, and each co-signs the
// other's ledger.
func TestTheHalvesByMutualTLS(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	caKey, ca := certificate(t, dir, "ca", nil, nil)
	settings := map[string]string{}
	for _, half := range []string{"carrier", "desk"} {
		certificate(t, dir, half, caKey, ca)
		settings[half] = fmt.Sprintf("door = %q\ndoor_cert = %q\ndoor_key = %q\ndoor_ca = %q\n", "https://"+address,
			filepath.Join(dir, half+".pem"), filepath.Join(dir, half+".key"), filepath.Join(dir, "ca.pem"))
	}
	a, err := story.FoundApart(t.Context(), filepath.Join(dir, "world"), binaries(t), settings)
	if err != nil {
		t.Fatal(err)
	}
	cosigned := regexp.MustCompile(`([1-9]\d*) of them co-signed`)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Second) {
		both := 0
		for _, w := range []*story.World{a.World, a.Desk} {
			out, err := story.Run(t.Context(), "", story.Program(w.Bin, "letterlock"), "ledger", "check", "--data", filepath.Join(w.Dir, "data"))
			if err != nil {
				t.Fatal(err)
			}
			if cosigned.MatchString(out) {
				both++
			}
		}
		if both == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("only %d halves got a co-signature through the door", both)
		}
	}
	if err := a.StopBoth(); err != nil {
		t.Fatal(err)
	}
}

// certificate writes NAME.pem and NAME.key, signed by the authority or by itself.
func certificate(t *testing.T, dir, name string, caKey *ecdsa.PrivateKey, ca *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	signer, parent := caKey, ca
	if ca == nil {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = true, true, x509.KeyUsageCertSign, nil
		signer, parent = key, c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, got
}
