package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"letterlock/e2e/story"
	"letterlock/internal/testkit"
)

// TestTheStoryPlaysToItsEnd runs the demo as `go run ./cmd/demo -once` does,
// from building the programs to the last check.
func TestTheStoryPlaysToItsEnd(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "it builds and plays everything; e2e plays the same story")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-once", "-dir", dir}, strings.NewReader(""), &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	step := regexp.MustCompile(`^ ?(\d+)  \S.*  \(\d+\.\d s\)$`)
	for i, l := range lines {
		if m := step.FindStringSubmatch(l); m == nil || m[1] != strconv.Itoa(i+1) {
			t.Errorf("line %d is no step: %q", i+1, l)
		}
	}
	if len(lines) != 23 {
		t.Errorf("%d steps, not 23:\n%s", len(lines), &out)
	}
	for _, want := range []string{"court order", "signs its exact text, without seeing a record", "verifies it offline: every check holds", "two people confirm the clock", "Ana is told", "Everything holds.", "contains no reader"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no step says %q:\n%s", want, &out)
		}
	}
	for _, left := range []string{"data/carrier/carrier.db", "data/desk/desk.db", "opener/verify.html", "server.log", "people/ana"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(left))); err != nil {
			t.Errorf("not left behind: %v", err)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "LL-*", "records.csv")); len(found) != 1 {
		t.Errorf("the opened package is not left behind: %v", found)
	}
	again := run(t.Context(), []string{"-once", "-dir", dir}, strings.NewReader(""), &out)
	if again == nil || !strings.Contains(again.Error(), "not empty") {
		t.Errorf("a second story in the same folder: %v", again)
	}
}

// TestWhoeverIsInvitedCanComeIn follows the links that are printed when the
// story is over, months later by the house's clock: a visitor becomes an
// analyst, and a key holder whose key counts once two others have signed.
func TestWhoeverIsInvitedCanComeIn(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "it builds and plays everything")
	}
	var out bytes.Buffer
	p := &play{out: &out, dir: t.TempDir()}
	defer func() {
		if p.world != nil && p.world.Server != nil {
			p.world.Stop()
		}
	}()
	if err := p.story(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	analyst, holder, err := p.invite()
	if err != nil {
		t.Fatal(err)
	}
	you, colleague := story.NewVisitor("You, the visitor"), story.NewVisitor("You")
	p.world.Links.Holders[you.Name], p.world.Links.Holders[colleague.Name] = holder, analyst
	if err := p.world.EnrolHolder(you); err != nil {
		t.Fatalf("as a key holder: %v", err)
	}
	if err := p.world.EnrolHolder(colleague); err != nil { // any link is followed alike
		t.Fatalf("as an analyst: %v", err)
	}
	for _, typed := range []string{"i", "m", "day", "what"} {
		p.typed(typed)
	}
	said := out.String()
	for _, want := range []string{"Ines Okafor read 1 ", "Miriam Adler read 1 ", "a day has passed", "type i, m or day"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing says %q:\n%s", want, said)
		}
	}
	if _, err := p.world.Sign(you); err == nil || !strings.Contains(err.Error(), "nothing waits") {
		t.Errorf("the visitor's key does not count after a day: %v", err)
	}
	if err := p.world.SignIn(colleague); err != nil {
		t.Fatal(err)
	}
	if err := p.world.AddAgency(colleague, "Port Police", "US", "police.port.example", "+1 202 555 0111", "county web site"); err != nil {
		t.Errorf("the analyst can do nothing: %v", err)
	}
}

func TestAFolderWithAnythingInItIsRefused(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"-once", "-dir", dir}, strings.NewReader(""), &out)
	if err == nil || !strings.Contains(err.Error(), "refusing to play in "+dir) {
		t.Errorf("%v\n%s", err, &out)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || out.Len() > 0 {
		t.Errorf("something was done all the same: %v %v %s", left, err, &out)
	}
}

func TestAnUnknownFlagIsRefused(t *testing.T) {
	if err := run(t.Context(), []string{"-twice"}, strings.NewReader(""), &bytes.Buffer{}); err == nil {
		t.Error("taken")
	}
}
