package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
	"letterlock/internal/clock"
	"letterlock/ledger"
)

// safe is an operator's place for backups.
type safe struct {
	*house
	identity, recipient string
}

func newSafe(h *house) *safe {
	h.Helper()
	s := &safe{house: h, identity: filepath.Join(h.w.Dir, "backup.key")}
	out, err := story.Run(h.Context(), "", story.Program(h.w.Bin, "verify"), "keygen", "--out", s.identity)
	h.ok(err)
	s.recipient = regexp.MustCompile(`age1[0-9a-z]+`).FindString(out)
	return s
}

func (s *safe) path(name string) string { return filepath.Join(s.w.Dir, name) }

// letterlock runs the operator's program on the house's configuration.
func (s *safe) letterlock(args ...string) error {
	_, err := story.Run(s.Context(), "", story.Program(s.w.Bin, "letterlock"), append(args, "--config", s.path("letterlock.toml"), "--data", s.path("data"), "--demo")...)
	return err
}

func (s *safe) backup(name string) {
	s.Helper()
	s.ok(s.letterlock("backup", "--to", s.path(name), "--recipient", s.recipient))
}

func (s *safe) restore(name string, more ...string) error {
	return s.letterlock(append([]string{"restore", "--from", s.path(name), "--identity", s.identity}, more...)...)
}

// away moves a part of the data folder away and returns where it went.
func (s *safe) away(part, name string) string {
	s.Helper()
	s.ok(os.Rename(s.path(part), s.path(name)))
	return s.path(name)
}

// refuses wants a command to end with a sentence, and to leave no half behind.
func (s *safe) refuses(err error, want string, gone ...string) {
	s.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		s.Errorf("it does not refuse with %q: %v", want, err)
	}
	for _, g := range gone {
		if _, err := os.Stat(s.path(g)); err == nil {
			s.Errorf("the refusal left %s behind", g)
		}
	}
}

// TestABackupComesBack: everything but mailboxes, and nothing that was used.
func TestABackupComesBack(t *testing.T) {
	s := newSafe(home(t, 0))
	const unread = "It waits in the mailbox."
	used, _ := s.file(secret)
	s.ok(s.w.Review(s.analyst, used))
	s.sign()
	s.collect(used)
	s.ok(s.ana.Send(s.Context(), s.ben, unread))
	open, _ := s.file(secret)
	s.ok(s.w.Review(s.analyst, open))
	_, err := s.w.Sign(s.holders[0])
	s.ok(err)

	s.backup("running.age") // while the service runs and a grant is open
	_, err = s.w.Sign(s.holders[1])
	s.ok(err)
	s.collect(open) // after the backup the grant is used
	later, _ := s.file(secret)
	s.ok(s.w.Review(s.analyst, later))
	_, err = s.w.Sign(s.holders[0])
	s.ok(err)
	s.ok(os.WriteFile(s.path("seen"), s.checkpoint("carrier"), 0o600))
	time.Sleep(3 * time.Second) // the desk co-signs what the carrier's ledger is now
	s.ok(s.w.Stop())
	s.checked()
	s.backup("stopped.age")
	s.refuses(s.restore("stopped.age"), "refusing to restore over")
	old := s.away("data", "data.old")

	s.ok(s.restore("stopped.age"))
	s.sameRows(old)
	s.sameFiles(old)
	s.checked()
	start(s.T, s.w)
	s.servesOn(used, open, later, unread)
	s.ok(s.w.Stop())
	s.checked()
	newest := s.away("data", "data.new")

	s.refuses(s.restore("running.age", "--held", s.path("seen")), "Restore a newer backup", "data/carrier", "data/desk")
	s.olderHalf(newest)
	s.olderHouse(open)
}

// checkpoint is what the public center shows of a half's ledger.
func (h *house) checkpoint(half string) []byte {
	h.Helper()
	p, err := story.NewVisitor("anyone").Browser.Get(h.w.Site("") + "/ledger/" + half + "/checkpoint")
	h.ok(err)
	if p.Status != 200 {
		h.Fatalf("no checkpoint: %d %s", p.Status, p.Body)
	}
	return p.Body
}

// Tables that come back otherwise than they were, and why.
var notAsTheyWere = []string{
	"mailbox_rows", "codes", "lookups", "release_links", "resolve_budget", "links", "sessions", // no backup holds them
	"grants",  // those open are withdrawn
	"prekeys", // one-time keys may have been used since
}

// sameRows compares every table of the three databases with what it was.
func (s *safe) sameRows(old string) {
	s.Helper()
	tables := 0
	for _, file := range []string{"carrier/carrier.db", "desk/desk.db", "desk/sealed.db"} {
		was, is := s.dump(filepath.Join(old, file)), s.dump(filepath.Join(s.path("data"), file))
		for name := range was {
			tables++
			switch same := slices.Equal(was[name], is[name]); {
			case name == "mailbox_rows" && len(is[name]) > 0:
				s.Errorf("%d mailbox rows came back", len(is[name]))
			case !same && !slices.Contains(notAsTheyWere, name):
				s.Errorf("%s: table %s has %d rows and had %d, or others", file, name, len(is[name]), len(was[name]))
			}
		}
		if len(was) != len(is) {
			s.Errorf("%s has %d tables and had %d", file, len(is), len(was))
		}
	}
	if tables < 25 {
		s.Errorf("only %d tables were compared", tables)
	}
	was := s.dump(filepath.Join(old, "carrier/carrier.db"))
	for _, name := range []string{"accounts", "devices", "mailbox_rows", "grants", "used_grants", "release_keys"} {
		if len(was[name]) == 0 {
			s.Errorf("there was nothing in %s to bring back", name)
		}
	}
}

// dump is every row of a SQLite database, by table.
func (s *safe) dump(file string) map[string][]string {
	s.Helper()
	db := open(s.T, "sqlite", "file:"+file)
	defer db.Close()
	out := map[string][]string{}
	for _, name := range column(s.T, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`) {
		out[name] = rowsOf(s.T, db, name)
	}
	return out
}

func column(t testing.TB, db *sql.DB, q string, args ...any) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), q, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var v string
		must(t, rows.Scan(&v))
		out = append(out, v)
	}
	must(t, rows.Err())
	return out
}

func rowsOf(t testing.TB, db *sql.DB, table string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT * FROM "+table)
	must(t, err)
	defer rows.Close()
	cols, err := rows.Columns()
	must(t, err)
	for rows.Next() {
		vals, at := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			at[i] = &vals[i]
		}
		must(t, rows.Scan(at...))
		out = append(out, fmt.Sprintf("%v", vals))
	}
	must(t, rows.Err())
	sort.Strings(out)
	return out
}

// sameFiles compares keys and blobs, byte by byte.
func (s *safe) sameFiles(old string) {
	s.Helper()
	files := 0
	for _, folder := range []string{"carrier/keys", "desk/keys", "desk/blobs"} {
		err := filepath.WalkDir(filepath.Join(old, folder), func(p string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			files++
			rel, _ := filepath.Rel(old, p)
			was, err := os.ReadFile(p)
			s.ok(err)
			is, err := os.ReadFile(filepath.Join(s.path("data"), rel))
			if err != nil || !bytes.Equal(was, is) {
				s.Errorf("%s did not come back: %v", rel, err)
			}
			return nil
		})
		s.ok(err)
	}
	if files < 8 {
		s.Errorf("only %d files were compared", files)
	}
}

// servesOn: the restored house does all it did, except what a restore ends.
func (s *safe) servesOn(used, open, later, unread string) {
	s.Helper()
	if got, err := s.ben.Receive(s.Context(), 500*time.Millisecond); err != nil || len(got) > 0 {
		s.Errorf("a mailbox came back: %v %v", got, err)
	}
	const again = "Did you get my message?"
	s.ok(s.ana.Send(s.Context(), s.ben, again))
	s.ok(s.ben.Expect(s.Context(), again, 5*time.Second))
	for _, v := range []*story.Visitor{s.lead, s.analyst, s.counsel} {
		s.ok(s.w.SignIn(v)) // sessions are not in a backup, passkeys are
	}
	s.ok(s.w.SignInOfficer(s.Context(), s.officer))
	for _, n := range []string{used, open} {
		s.ok(os.RemoveAll(s.path(n)))
		s.says("the package of "+n, s.collect(n).text("records.csv"), "Ana Ruiz")
	}
	s.ok(s.w.Until(s.analyst, later, "withdrawn at the carrier", 10*time.Second))
	s.noGrantOf(later)
	s.ok(s.w.Act(s.analyst, later, "Propose the grants", nil))
	s.sign()
	s.says("the package signed anew", s.collect(later).text("records.csv"), "Ana Ruiz")
}

// noGrantOf wants no grant of a case to wait for this holder.
func (h *house) noGrantOf(number string) {
	h.Helper()
	read, err := h.w.Sign(h.holders[1])
	if err != nil && !strings.Contains(err.Error(), "nothing waits") {
		h.Fatal(err)
	}
	if strings.Contains(strings.Join(read, ""), number) {
		h.Errorf("a grant of %s waits for a signature", number)
	}
}

// olderHalf: one half from an older backup beside the other as it is now is
// refused by restore and, if somebody puts it there, by serve.
func (s *safe) olderHalf(newest string) {
	s.Helper()
	s.ok(os.RemoveAll(s.path("data")))
	s.ok(os.CopyFS(s.path("data/desk"), os.DirFS(filepath.Join(newest, "desk"))))
	s.refuses(s.restore("running.age", "--role", "carrier"), "Restore a newer backup", "data/carrier")
	if _, err := os.Stat(s.path("data/desk/desk.db")); err != nil {
		s.Errorf("the refusal took the other half: %v", err)
	}
	aside := s.away("data", "data.aside")
	s.ok(s.restore("running.age", "--role", "carrier"))
	s.ok(os.Rename(filepath.Join(aside, "desk"), s.path("data/desk")))
	if err := s.w.Start(); err == nil {
		s.Error("serve runs with halves of different age")
		s.ok(s.w.Stop())
	}
	log, err := os.ReadFile(s.path("server.log"))
	s.ok(err)
	s.says("the log", tail(log, 400), "refusing to go on: this ledger ends at", "Restore a newer backup")
	s.ok(os.RemoveAll(s.path("data")))
}

// olderHouse: with nobody there who remembers, an older backup is taken; what
// was open then and used since stays dead all the same.
func (s *safe) olderHouse(open string) {
	s.Helper()
	s.ok(s.restore("running.age"))
	s.checked()
	before := s.kinds()["release.done"]
	start(s.T, s.w)
	s.ok(s.w.SignIn(s.analyst))
	s.ok(s.w.Until(s.analyst, open, "withdrawn at the carrier", 10*time.Second))
	s.noGrantOf(open)
	s.ok(s.w.Stop())
	s.checked()
	if n := s.kinds()["release.done"]; n != before || n != 1 {
		s.Errorf("%d releases, and %d when the backup was made", n, before)
	}
}

// kinds counts the entries of the carrier's ledger; the server is stopped.
func (h *house) kinds() map[string]int {
	h.Helper()
	return kindsOf(entriesOf(h.T, filepath.Join(h.w.Dir, "data", "carrier", "ledger")))
}

// entriesOf are the entries of a ledger that nobody has open.
func entriesOf(t testing.TB, dir string) (out []ledger.Opened) {
	t.Helper()
	l, err := ledger.Open(dir, ledger.Options{Clock: clock.System})
	must(t, err)
	defer l.Close()
	for o, err := range l.Openings(1, 0) {
		must(t, err)
		out = append(out, o)
	}
	return out
}

func kindsOf(all []ledger.Opened) map[string]int {
	out := map[string]int{}
	for _, o := range all {
		out[o.Entry.Kind]++
	}
	return out
}
