//go:build !js

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"letterlock/internal/testkit"
)

// offlinePage builds the program for the browser and makes the page.
func (w *world) offlinePage() string {
	t := w.t
	wasm := w.path("verify.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s", "-o", wasm, "./cmd/verify")
	cmd.Dir, cmd.Env = repository, append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build for the browser: %v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	must(t, err)
	out := w.path("verify.html")
	code, said := w.verify("page", "--out", out, "--wasm", wasm, "--exec", filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/wasm_exec.js"))
	if code != 0 {
		t.Fatal(said)
	}
	info, err := os.Stat(out)
	must(t, err)
	t.Log(said)
	// The page is mailed and kept on a stick: it must not grow unseen.
	if info.Size() > 4<<20 {
		t.Errorf("the page weighs %d bytes", info.Size())
	}
	return out
}

func browser(t *testing.T) context.Context {
	path := testkit.Chromium(t)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(stopTab)
	ctx, stopTime := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stopTime)
	return ctx
}

func TestThePageChecksOffline(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "builds for the browser")
	}
	ctx := browser(t)
	w := newWorld(t)
	page := w.offlinePage()
	check := func(pkg, identity, trust string) string {
		t.Helper()
		must(t, chromedp.Do(ctx, chromedp.Navigate("file://"+page), chromedp.WaitEnabled("#check"),
			chromedp.SetUploadFiles("#package", []string{pkg}), chromedp.SetUploadFiles("#identity", []string{identity}),
			chromedp.SetUploadFiles("#trust", []string{trust}), chromedp.Click("#check"), chromedp.WaitVisible("#verdict")))
		text, err := chromedp.Run(ctx, chromedp.Text("#result"))
		must(t, err)
		return text
	}
	text := check(w.sealed, w.identity, w.trust)
	for _, want := range []string{"Everything that was checked holds.", "HOLDS", "Ines Duarte, Tomasz Wolski", "Save letter.pdf", "Save records.csv",
		"Ravi Menon, a custodian of records at Demo, signed the certificate", "What this does not show", "Save certificate.pdf"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	must(t, err)
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, "verify-page.png"), shot, 0o644))
	}
	b, err := os.ReadFile(w.sealed)
	must(t, err)
	b[len(b)/2] ^= 1
	must(t, os.WriteFile(w.path("bad.age"), b, 0o600))
	text = check(w.path("bad.age"), w.identity, w.trust)
	if !strings.Contains(text, "Do not rely on this") || strings.Contains(text, "Save letter.pdf") {
		t.Errorf("a damaged package:\n%s", text)
	}
	other := newWorld(t)
	if text = check(w.sealed, other.identity, w.trust); !strings.Contains(text, "does not open this package") {
		t.Errorf("another key:\n%s", text)
	}
	audit := keep(t)
	file := audit.openings()
	if text = check(file, w.identity, audit.keyFile); !strings.Contains(text, "All 3 rows of 1 cases that were given are here") || !strings.Contains(text, "Save rows.jsonl") {
		t.Errorf("openings for an auditor:\n%s", text)
	}
	if text = check(audit.bent(file), w.identity, audit.keyFile); !strings.Contains(text, "Do not rely on this") || strings.Contains(text, "Save rows") {
		t.Errorf("changed openings:\n%s", text)
	}
	// The page's own policy keeps it from talking to anyone.
	blocked, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new Promise((tell) => {
		document.addEventListener("securitypolicyviolation", (e) => tell(e.effectiveDirective));
		fetch("https://example.org/").then(() => tell("sent"), () => setTimeout(tell, 3000, "no policy"));
	})`, chromedp.EvalAwaitPromise))
	must(t, err)
	if blocked != "connect-src" {
		t.Errorf("what stopped the page from sending: %s", blocked)
	}
}
