// Package s3 starts a real S3 server for tests: versitygw over a folder of the
// test. It knows no blob; it is in no program.
package s3

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"letterlock/internal/testkit"
)

// program is where .ci/setup puts the server. Its version is part of the name.
const program = "letterlock/versitygw-v1.8.0"

// Server is a running server with one empty bucket.
type Server struct {
	Address string // as the setting `media` has it
	Dir     string // what the server writes
	t       testing.TB
	args    []string
	proc    *exec.Cmd
}

const key, secret, bucket = "testkey", "testsecret+/=%", "letters"

// Start starts a server, or says that it is missing.
func Start(t testing.TB) *Server {
	t.Helper()
	cache, err := os.UserCacheDir()
	path := filepath.Join(cache, program)
	if _, found := os.Stat(path); err != nil || found != nil {
		testkit.Missing(t, "the S3 server %s is not installed (.ci/setup installs it)", filepath.Base(program))
	}
	dir := t.TempDir()
	for _, d := range []string{"data/" + bucket, "meta"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	host := fmt.Sprintf("127.0.0.1:%d", port)
	s := &Server{t: t, Dir: dir, Address: fmt.Sprintf("s3://%s:testsecret%%2B%%2F=%%25@%s/%s/files?region=us-east-1&tls=no", key, host, bucket),
		args: []string{path, "--port", host, "--access", key, "--secret", secret, "--quiet", "posix", "--sidecar", filepath.Join(dir, "meta"), filepath.Join(dir, "data")}}
	t.Cleanup(s.Stop)
	s.Go()
	return s
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Go starts the server again after Stop.
func (s *Server) Go() {
	s.t.Helper()
	s.proc = exec.Command(s.args[0], s.args[1:]...)
	s.proc.Stdout, s.proc.Stderr = io.Discard, io.Discard
	if err := s.proc.Start(); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get("http://" + s.args[2] + "/")
		if err == nil {
			resp.Body.Close()
			return
		}
	}
	s.t.Fatal("the S3 server did not start")
}

// Stop ends the server. What it has stays.
func (s *Server) Stop() {
	if s.proc != nil {
		s.proc.Process.Kill()
		s.proc.Wait()
		s.proc = nil
	}
}
