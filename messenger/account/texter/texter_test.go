package texter_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/messenger/account/texter"
)

func TestTheOutboxIsForThisMachineOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := texter.New("outbox:"+dir, false); err == nil || !strings.Contains(err.Error(), "refusing") {
		t.Fatalf("beyond loopback: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Fatal("the refused outbox made its folder")
	}
	o, err := texter.New("outbox:"+dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := o.Text(context.Background(), "+14155550123", "code: 123456"); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "14155550123-*.txt"))
	if len(files) != 2 {
		t.Fatalf("%v", files)
	}
	b, err := os.ReadFile(files[0])
	if err != nil || string(b) != "+14155550123\ncode: 123456\n" {
		t.Fatalf("%q, %v", b, err)
	}
	if fi, _ := os.Stat(files[0]); fi.Mode().Perm() != 0o600 {
		t.Fatal(fi.Mode())
	}
}

func TestTheWebhookPostsAndTellsNobodyItsURL(t *testing.T) {
	for _, bad := range []string{"webhook:", "webhook:http://sms.example.org/x", "webhook:ftp://127.0.0.1/", "pigeon:x", ""} {
		if _, err := texter.New(bad, true); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	var got map[string]string
	status := 204
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewDecoder(r.Body).Decode(&got)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer s.Close()
	h, err := texter.New("webhook:"+s.URL+"/?key=hook-secret", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Text(context.Background(), "+14155550123", "hi"); err != nil || got["to"] != "+14155550123" || got["text"] != "hi" {
		t.Fatal(got, err)
	}
	for _, status = range []int{302, 400, 500} {
		if err := h.Text(context.Background(), "+1", "hi"); err == nil || strings.Contains(err.Error(), "hook-secret") {
			t.Errorf("%d: %v", status, err)
		}
	}
	s.Close()
	if err := h.Text(context.Background(), "+1", "hi"); err == nil || strings.Contains(err.Error(), "hook-secret") || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("gateway away: %v", err)
	}
}
