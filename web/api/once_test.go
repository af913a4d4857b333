package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/fault"
	"letterlock/web/api"
)

func parse(n string) (casefile.Number, error) { return casefile.ParseNumber(n) }

func (w *world) cases() int {
	w.Helper()
	return len(ok(w.desk.Intake.Cases(w.ctx, w.reyes.ID))(w))
}

func TestACallRepeatedIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	_, foreign := w.system(w.stone)
	by := caller{w, key}
	create := func(m map[string]any, k string) answer {
		return by.json("POST", api.Base+"/drafts", m, "Idempotency-Key", k)
	}
	first := create(order(), "key-number-1").is(201)
	if again := create(order(), "key-number-1").is(201); again.Body.String() != first.Body.String() || again.Header().Get("Location") != first.Header().Get("Location") {
		t.Fatal("the same call has another answer", again.Body)
	}
	create(with(order(), "reference", "another"), "key-number-1").is(422, "/api#other-call")
	create(order(), `"key-number-1"`).is(201, first.text("draft")) // as a structured field it is the same key
	by.json("POST", api.Base+"/drafts", order()).is(400, "Idempotency-Key")
	create(order(), "short").is(400)
	if theirs := (caller{w, foreign}).json("POST", api.Base+"/drafts", order(), "Idempotency-Key", "key-number-1").is(201); theirs.text("draft") == first.text("draft") {
		t.Fatal("two systems share a key's memory")
	}
	create(with(order(), "issued", "yesterday"), "key-number-2").is(400, "/issued")
	create(order(), "key-number-2").is(201) // what did nothing is forgotten: the mended body may follow
	id := by.draft("x", with(order(), "case_ref", "9"))
	send := func(k string) answer {
		return by.send("POST", api.Base+"/drafts/"+id+"/send", nil, "Idempotency-Key", k)
	}
	n := send("send-key-1").is(201).text("request")
	for _, k := range []string{"send-key-1", "send-key-2"} { // a draft is one case, whatever the key
		send(k).is(201, n)
	}
	by.send("POST", api.Base+"/drafts/"+first.text("draft")+"/send", nil, "Idempotency-Key", "send-key-1").is(422)
	if w.cases() != 1 {
		t.Fatal(w.cases(), "cases")
	}
	w.clock.Advance(25 * time.Hour)
	w.ok(w.desk.Intake.DropOld(w.ctx))
	create(with(order(), "reference", "another"), "key-number-1").is(201) // after a day the key is free again
	send("send-key-1").is(404)
}

// TestACrashBetweenFilingAndAnsweringLeavesOneCase: the process dies when the
// case is stored and before the answer is written; a new process is asked again.
func TestACrashBetweenFilingAndAnsweringLeavesOneCase(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	id := by.draft("a", order())
	w.store.after = func(c casefile.Change) error { return errors.New("killed") }
	by.send("POST", api.Base+"/drafts/"+id+"/send", nil, "Idempotency-Key", "crash-send").is(500)
	w.store.after = nil
	fresh := desk.Desk{Agencies: w.desk.Agencies, Intake: newIntake(w.desk.Intake)}
	w.h = w.serve(&fresh)
	n := by.send("POST", api.Base+"/drafts/"+id+"/send", nil, "Idempotency-Key", "crash-send").is(201).text("request")
	if w.cases() != 1 || n != "LL-2026-000001" {
		t.Fatal(w.cases(), n)
	}
}

func TestTwoOfTheSameCallAtOnce(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	id := by.draft("a", order())
	entered, leave := make(chan bool), make(chan bool)
	var one sync.Once
	w.store.after = func(casefile.Change) error {
		one.Do(func() { close(entered); <-leave })
		return nil
	}
	done := make(chan int)
	send := func() answer {
		return by.send("POST", api.Base+"/drafts/"+id+"/send", nil, "Idempotency-Key", "at-once-1")
	}
	go func() { done <- send().Code }()
	<-entered
	send().is(409, "worked on at this moment")
	close(leave)
	if code := <-done; code != 201 || w.cases() != 1 {
		t.Fatal(code, w.cases())
	}
	send().is(201)
}

func TestWhatIsRememberedOfACallIsHashes(t *testing.T) {
	w := newWorld(t)
	x, key := w.system(w.reyes)
	caller{w, key}.json("POST", api.Base+"/drafts", order(), "Idempotency-Key", "remember-me-please").is(201)
	got := ok(casefile.Encode(x))(t)
	if bytes.Contains(got, []byte(key[13:])) {
		t.Error("the key itself is kept")
	}
	db := ok(readAll(w.dir))(t)
	for _, s := range []string{"remember-me-please", key[13:], key} {
		if bytes.Contains(db, []byte(s)) {
			t.Errorf("%q lies in the data folder", s)
		}
	}
	if _, err := json.Marshal(casefile.NewSecret(key)); err == nil || fmt.Sprintf("%v %+v %#v %s", casefile.NewSecret(key), casefile.NewSecret(key), casefile.NewSecret(key), casefile.NewSecret(key)) != "secret secret secret secret" {
		t.Error("a key can be printed")
	}
	if fault.Say(errors.New(key)) != "internal error" {
		t.Error("an error says a key")
	}
}

// newIntake is intake as a new process has it: with the same files and nothing
// in memory.
func newIntake(s *intake.Service) *intake.Service {
	return &intake.Service{Files: s.Files, Directory: s.Directory, Team: s.Team, Inspector: s.Inspector, Law: s.Law, House: s.House, PerHour: s.PerHour}
}

// readAll is every byte under a folder.
func readAll(dir string) ([]byte, error) {
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	})
	return all, err
}
