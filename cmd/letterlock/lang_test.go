package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/fault"
)

// TestLangCheckFindsNothingInWhatIsShipped and names what a folder lacks.
func TestLangCheckFindsNothingInWhatIsShipped(t *testing.T) {
	var out bytes.Buffer
	if err := (&langCheckCmd{}).Run(&out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "3 languages, nothing missing.") {
		t.Errorf("it says %q", out.String())
	}
	out.Reset()
	err := (&langCheckCmd{Dir: folderOf(t, `"Sign in" = "Se connecter"`)}).Run(&out)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(out.String(), `fr: missing: "Sign out"`) || strings.Contains(out.String(), `fr: missing: "Sign in"`) {
		t.Errorf("of a folder with one message it says %v\n%.400s", err, out.String())
	}
	if err := (&langCheckCmd{Dir: folderOf(t, `not a catalogue`)}).Run(&out); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken catalogue: %v", err)
	}
}

// TestLangKeysIsACatalogueToBeginFrom checks that what keys prints is taken as
// a language in which nothing is missing.
func TestLangKeysIsACatalogueToBeginFrom(t *testing.T) {
	var keys, out bytes.Buffer
	if err := (langKeysCmd{}).Run(&keys); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(keys.String(), `"Sign in" = "Sign in"`) {
		t.Error("the keys lack a message")
	}
	err := (&langCheckCmd{Dir: folderOf(t, keys.String())}).Run(&out)
	if err != nil || !strings.Contains(out.String(), "4 languages, nothing missing.") {
		t.Errorf("%v\n%.400s", err, out.String())
	}
}

// folderOf is a lang_dir with one French catalogue.
func folderOf(t *testing.T, messages string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"language.fr.toml": `name = "Français"
direction = "ltr"
months = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"]
day = "%[1]d %[2]s %[3]d"
`, "all.fr.toml": messages} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
