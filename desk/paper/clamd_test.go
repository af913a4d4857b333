package paper_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk/paper"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/papers"
)

// eicar is the text that every malware scanner finds, and that does nothing.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// clamd speaks the daemon's side of INSTREAM: it finds the test text, or says
// what it was told to say.
func clamd(t *testing.T, network, at, says string) *paper.Clamd {
	t.Helper()
	l, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				got, ok := instream(c)
				switch {
				case !ok:
					io.WriteString(c, "UNKNOWN COMMAND\x00")
				case says != "":
					io.WriteString(c, says)
				case bytes.Contains(got, []byte(eicar)):
					io.WriteString(c, "stream: Eicar-Test-Signature FOUND\x00")
				default:
					io.WriteString(c, "stream: OK\x00")
				}
			}()
		}
	}()
	s, err := paper.ParseClamd(network + ":" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.Wait = 5 * time.Second
	return s
}

func instream(c io.Reader) ([]byte, bool) {
	head := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(c, head); err != nil || string(head) != "zINSTREAM\x00" {
		return nil, false
	}
	var all []byte
	for {
		var n [4]byte
		if _, err := io.ReadFull(c, n[:]); err != nil {
			return nil, false
		}
		size := binary.BigEndian.Uint32(n[:])
		if size == 0 {
			return all, true
		}
		part := make([]byte, size)
		if _, err := io.ReadFull(c, part); err != nil {
			return nil, false
		}
		all = append(all, part...)
	}
}

func bad() []byte {
	return append(append(make([]byte, 200_000), eicar...), make([]byte, 1000)...) // across the chunks
}

func TestTheScannerFindsAndClears(t *testing.T) {
	for network, at := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "clamd.sock")} {
		s := clamd(t, network, at, "")
		if found, err := s.Scan(t.Context(), bad()); err != nil || found != "Eicar-Test-Signature" {
			t.Errorf("%s: %q %v", network, found, err)
		}
		for _, b := range [][]byte{nil, papers.Order(1).Bytes(), make([]byte, 25<<20)} {
			if found, err := s.Scan(t.Context(), b); err != nil || found != "" {
				t.Errorf("%s: %d bytes: %q %v", network, len(b), found, err)
			}
		}
	}
}

func TestAScannerThatDoesNotAnswerIsNoClearance(t *testing.T) {
	dir := t.TempDir()
	quiet, err := net.Listen("unix", filepath.Join(dir, "quiet"))
	if err != nil {
		t.Fatal(err)
	}
	defer quiet.Close()
	scanners := map[string]*paper.Clamd{"not there": {Network: "unix", Address: filepath.Join(dir, "none")}, "no port": {Network: "tcp", Address: "127.0.0.1:1"},
		"silent": {Network: "unix", Address: quiet.Addr().String(), Wait: 200 * time.Millisecond}}
	for _, says := range []string{"INSTREAM size limit exceeded. ERROR\x00", "stream: OK", "stream: OKAY\x00", "OK\x00", "stream: FOUND\x00", "stream:  FOUND\x00", "x: OK\x00", "\x00", strings.Repeat("stream: OK ", 1000)} {
		scanners[says] = clamd(t, "tcp", "127.0.0.1:0", says)
	}
	for name, s := range scanners {
		found, err := s.Scan(t.Context(), []byte("paper"))
		if !fault.Is(err, fault.Unavailable) || found != "" || !strings.Contains(fault.Say(err), "cannot be checked for malware now") {
			t.Errorf("%.40q: %q %v", name, found, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := clamd(t, "tcp", "127.0.0.1:0", "").Scan(ctx, nil); err == nil {
		t.Error("cleared for somebody who went away")
	}
}

func TestTheScannersSetting(t *testing.T) {
	for _, s := range []string{"", "unix:", "tcp:", "tcp:host", "udp:127.0.0.1:1", "/run/clamd.sock", "http://x"} {
		if _, err := paper.ParseClamd(s); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "unix:PATH") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// TestTheRealScanner asks Debian's own daemon, with one signature written here.
func TestTheRealScanner(t *testing.T) {
	program := testkit.Program(t, "clamd", "/usr/sbin/clamd")
	dir := t.TempDir()
	socket := filepath.Join(dir, "clamd.sock")
	put := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	put("db/own.ndb", "Letterlock.Test:0:*:"+hex.EncodeToString([]byte(eicar))+"\n")
	conf := put("clamd.conf", "Foreground yes\nLocalSocket "+socket+"\nDatabaseDirectory "+filepath.Join(dir, "db")+"\nLogFile "+filepath.Join(dir, "log")+"\n")
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "-c", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); cmd.Wait() })
	s := &paper.Clamd{Network: "unix", Address: socket}
	for end := time.Now().Add(30 * time.Second); ; {
		_, err := s.Scan(t.Context(), nil)
		if err == nil {
			break
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("clamd does not answer: %v\n%s", err, log)
		}
		<-time.After(50 * time.Millisecond)
	}
	if found, err := s.Scan(t.Context(), bad()); err != nil || !strings.HasPrefix(found, "Letterlock.Test") {
		t.Errorf("the test text: %q %v", found, err)
	}
	if found, err := s.Scan(t.Context(), papers.Order(3).Bytes()); err != nil || found != "" {
		t.Errorf("an honest paper: %q %v", found, err)
	}
}
