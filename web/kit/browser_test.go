package kit_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/internal/testkit"
	"letterlock/web/kit"
)

// TestGalleryInARealBrowser writes screenshots of every component, light and
// dark, wide and narrow, to the folder SCREENSHOTS names (a temporary one
// without it), so that a person can look at them.
func TestGalleryInARealBrowser(t *testing.T) {
	chromium := testkit.Chromium(t)
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	k, _ := site(t, nil)
	f := kit.NewForm(map[string][]string{"ref": {"SHERIFF 2026/17"}})
	f.Bad("mail", "Give your official e-mail address, such as name@agency.example")
	srv := httptest.NewServer(show(t, k, f))
	defer srv.Close()
	for name, args := range map[string][]string{
		"kit-light": {"--window-size=1200,3400"}, "kit-dark": {"--window-size=1200,3400", "--blink-settings=preferredColorScheme=0"},
		"kit-narrow": {"--window-size=500,4000"}, "kit-rtl": {"--window-size=1200,3400"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		png := filepath.Join(dir, name+".png")
		address := srv.URL
		if name == "kit-rtl" {
			address += "/?lang=ar"
		}
		cmd := exec.CommandContext(ctx, chromium, append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--user-data-dir=" + t.TempDir(), "--screenshot=" + png}, append(args, address)...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		if i, err := os.Stat(png); err != nil || i.Size() < 20000 {
			t.Errorf("%s: no picture (%v)", name, err)
		}
		for l := range strings.Lines(string(out)) { // a window that has the focus already is none of the page's doing
			if strings.Contains(l, "CONSOLE") && !strings.Contains(l, "Autofocus processing was blocked") {
				t.Errorf("%s: the browser complains: %s", name, l)
			}
		}
	}
}
