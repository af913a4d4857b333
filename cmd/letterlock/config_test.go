package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"letterlock/internal/fault"
)

func TestEverySettingIsDocumented(t *testing.T) {
	var b bytes.Buffer
	if err := DocumentConfig(&b); err != nil {
		t.Fatal(err)
	}
	ty := reflect.TypeFor[Config]()
	for i := range ty.NumField() {
		g := ty.Field(i).Tag
		if g.Get("toml") == "" || len(g.Get("help")) < 10 || g.Get("default") == "" {
			t.Errorf("%s lacks its name, help or default", ty.Field(i).Name)
		}
		if !strings.Contains(b.String(), g.Get("toml")) {
			t.Errorf("%s is not printed", g.Get("toml"))
		}
	}
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	p := filepath.Join(t.TempDir(), "c.toml")
	os.WriteFile(p, []byte("listen = \"127.0.0.1:1\"\nkeep_content = true\n"), 0o600)
	if _, err := LoadConfig(p); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "keep_content") {
		t.Fatalf("%v", err)
	}
}

func TestDangerousSettingsRefuseToRun(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"demo off loopback":     func(c *Config) { c.Demo, c.Listen, c.TLSCert, c.TLSKey = true, "0.0.0.0:443", "a", "b" },
		"clock without demo":    func(c *Config) { c.ClockFile = "x" },
		"codes in a folder":     func(c *Config) { c.Listen, c.TLSCert, c.TLSKey, c.Mail = "0.0.0.0:443", "a", "b", "smtp://m" },
		"mail in a folder":      func(c *Config) { c.Listen, c.TLSCert, c.TLSKey, c.SMS = "0.0.0.0:443", "a", "b", "webhook:https://m" },
		"no TLS":                func(c *Config) { c.Listen, c.SMS, c.Mail = "0.0.0.0:80", "webhook:https://m", "smtp://m" },
		"one database for both": func(c *Config) { c.Database, c.DeskDatabase = "postgres://x", "postgres://x" },
		"sealed with the desk":  func(c *Config) { c.DeskDatabase, c.SealedDatabase = "postgres://x", "postgres://x" },
		"sealed with accounts":  func(c *Config) { c.Database, c.SealedDatabase = "postgres://x", "postgres://x" },
		"no data":               func(c *Config) { c.Data = "" },
		"role":                  func(c *Config) { c.Role = "both" },
		"half a certificate":    func(c *Config) { c.TLSCert = "x" },
	} {
		c := DefaultConfig()
		c.Data = t.TempDir()
		if err := c.Finish(); err != nil {
			t.Fatalf("the defaults do not stand: %v", err)
		}
		c = DefaultConfig()
		c.Data = t.TempDir()
		change(&c)
		if err := c.Finish(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: runs (%v)", name, err)
		}
	}
}

func TestSitesHaveHostsOfTheirOwn(t *testing.T) {
	c := DefaultConfig()
	c.Data = t.TempDir()
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	hosts := map[string]bool{}
	for _, s := range []string{"", "portal", "desk", "release", "chat"} {
		hosts[c.SiteHost(s)] = true
	}
	if len(hosts) != 5 || strings.HasSuffix("desk.localhost", c.SiteHost("release")) {
		t.Fatal("a key of one site could serve another")
	}
	if got := c.Origin("release"); got != "http://release.localhost:8080" {
		t.Fatal(got)
	}
	c.TrustProxy, c.Public, c.Host = "127.0.0.1/32", "443", "example.org"
	if got := c.Origin(""); got != "https://example.org" {
		t.Fatal(got)
	}
}
