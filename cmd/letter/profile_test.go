package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// A profile through the real carrier.
func TestAProfileThroughTheRealCarrier(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.ok("alice", "send", "--to", bob, "hello")
	h.ok("bob", "send", "--to", alice, "hello")
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 600, 600))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "me.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(t, h.ok("alice", "profile", "--name", "Alice", "--name-for", "written", "--about", "at sea", "--about-for", "nobody", "--photo", path),
		"name:  Alice  (seen by people to whom you wrote)", "about: at sea  (seen by nobody)", "photo: yes")
	h.ok("bob", "receive")
	contains(t, h.ok("bob", "profile", "--of", alice), "name:  Alice\n", "about: \n", "photo: yes")
	saved := filepath.Join(t.TempDir(), "alice.jpg")
	contains(t, h.ok("bob", "profile", "--of", alice, "--save-photo", saved), "Saved as "+saved)
	if got, err := os.ReadFile(saved); err != nil || len(got) == 0 {
		t.Fatal(err)
	}
	lacks(t, h.ok("alice", "export"), "Alice", "at sea")
	var p profileJSON
	if err := json.Unmarshal([]byte(h.ok("bob", "profile", "--of", alice, "--json")), &p); err != nil || p.Name != "Alice" || len(p.Photo) == 0 || p.NameFor != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	contains(t, h.ok("alice", "status", "post", "--to", bob, "--file", path, "look"), "Shown to 1 until")
	h.ok("bob", "receive")
	contains(t, h.ok("bob", "status"), "status of", "[photo me.png", "look")
	contains(t, h.ok("alice", "profile", "--no-photo"), "photo: none")
	h.ok("bob", "receive")
	contains(t, h.ok("bob", "profile", "--of", alice), "photo: none")
	h.refused(exitFailed, "no photo to save", "bob", "profile", "--of", alice, "--save-photo", saved)
	h.refused(exitFailed, "no photo that can be shown", "alice", "profile", "--photo", os.Args[0])
}
