package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
	"letterlock/internal/testkit/s3"
)

// filed is a world that keeps people's files somewhere, and where that is.
type filed struct {
	*testing.T
	w        *story.World
	e        engine
	where    string
	ana, ben story.Person
}

// TestFilesInTheRealProgram: a file waits for somebody who is away, in a folder
// and in a bucket, through a power cut. While it waits and after it was fetched,
// the server's disk, log and memory hold neither what is in it, nor its name, nor
// its caption, and its rows name nobody.
func TestFilesInTheRealProgram(t *testing.T) {
	t.Run("folder", func(t *testing.T) {
		f := found(t, engine{name: "sqlite"}, "")
		f.where = filepath.Join(f.w.Dir, "data", "carrier", "files")
		f.story()
	})
	t.Run("bucket", func(t *testing.T) {
		s := s3.Start(t)
		f := found(t, engine{name: "sqlite"}, "media = \""+s.Address+"\"\n")
		f.where = s.Dir
		f.story()
	})
}

// found prepares a world with lines of its own in the configuration.
func found(t *testing.T, e engine, lines string) *filed {
	w := e.found(t)
	path := filepath.Join(w.Dir, "letterlock.toml")
	conf, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(conf, lines...), 0o600))
	start(t, w)
	f := &filed{T: t, w: w, e: e, ana: w.Person("Ana Marker-Lovelace", phone(0)), ben: w.Person("Ben Osei", phone(1))}
	must(t, f.ana.Register(t.Context()))
	must(t, f.ben.Register(t.Context()))
	return f
}

func (f *filed) letter(p story.Person, args ...string) string {
	f.Helper()
	out, err := story.Run(f.Context(), "", story.Program(f.w.Bin, "letter"), append([]string{"--dir", p.Dir}, args...)...)
	must(f.T, err)
	return out
}

func (f *filed) story() {
	const name, caption, words = "Geheimbericht-Lighthouse-7731.txt", "for your eyes at the lighthouse 9124", "the keeper of the lighthouse writes 5518; "
	body := bytes.Repeat([]byte(words), 9<<20/len(words))
	path := filepath.Join(f.TempDir(), name)
	must(f.T, os.WriteFile(path, body, 0o600))
	secret := newNeedles()
	secret.text("the file's name", name)
	secret.text("the caption", caption)
	secret.put("what is in the file", []byte(words))
	f.letter(f.ana, "send", "--to", f.ben.Phone, "--file", path, caption)
	f.w.Server.Kill()
	start(f.T, f.w)
	if n := len(f.blobs()); n != 3 {
		f.Fatalf("%d pieces wait, not 3", n)
	}
	f.clean("while it waits", secret)
	none(f.T, "the memory of the server", memory(f.T, f.w.Server.PID()).search(secret))
	f.rowsNameNobody()

	if got := f.letter(f.ben, "receive"); !strings.Contains(got, name) || !strings.Contains(got, caption) {
		f.Fatal(got)
	}
	dir := f.TempDir()
	f.letter(f.ben, "save", "1", "--to", dir)
	got, err := os.ReadFile(filepath.Join(dir, name))
	must(f.T, err)
	if sha256.Sum256(got) != sha256.Sum256(body) {
		f.Fatal("another file came")
	}
	if all := f.blobs(); len(all) != 0 {
		f.Errorf("left at the carrier: %v", all)
	}
	f.clean("when it was fetched", secret)
	none(f.T, "the memory of the server afterwards", memory(f.T, f.w.Server.PID()).search(secret))
	log, err := os.ReadFile(filepath.Join(f.w.Dir, "server.log"))
	must(f.T, err)
	if strings.Contains(string(log), f.ana.Phone) || strings.Contains(string(log), "/v1/media/blob/") {
		f.Errorf("the log names somebody or a file:\n%s", log)
	}

	// One that nobody fetches is gone after 30 days.
	f.letter(f.ana, "send", "--to", f.ben.Phone, "--file", path)
	must(f.T, f.w.Stop())
	must(f.T, f.w.Later(32*24*time.Hour))
	start(f.T, f.w)
	for deadline := time.Now().Add(20 * time.Second); len(f.blobs()) > 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if all := f.blobs(); len(all) != 0 {
		f.Errorf("left after 32 days: %v", all)
	}
	must(f.T, f.w.Stop())
}

// blobs are the pieces that lie in the folder or bucket.
func (f *filed) blobs() (all []string) {
	f.Helper()
	filepath.WalkDir(f.where, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Size() > 16<<10 {
			all = append(all, path)
		}
		return nil
	})
	return all
}

// clean searches everything that the server and the place of files wrote.
func (f *filed) clean(when string, secret *needles) {
	f.Helper()
	h := append(files(f.T, filepath.Join(f.w.Dir, "data"), f.where), files(f.T, filepath.Join(f.w.Dir, "server.log"))...)
	none(f.T, "the disk "+when, h.search(secret))
	some(f.T, "the name of an account", h.search(one("control", "Marker-Lovelace")))
}

// rowsNameNobody: neither the rows of files nor the pieces name an account, so
// that no pair of people follows from them.
func (f *filed) rowsNameNobody() {
	f.Helper()
	people := newNeedles()
	for _, p := range []story.Person{f.ana, f.ben} {
		me := readSelf(f.T, p.Dir)
		people.binary("an account", me.Account[:])
		people.text("an account", me.Account.String())
		people.text("a number", p.Phone)
	}
	none(f.T, "a piece of a file", files(f.T, f.where).search(people))
	db := f.e.database(f.T, filepath.Join(f.w.Dir, "data"), "carrier")
	defer db.Close()
	n := 0
	for _, q := range []string{"SELECT blob, owner, read_hash, expires_on FROM media", "SELECT blob, token, token, '' FROM media_waits"} {
		rows, err := db.Query(q)
		must(f.T, err)
		for rows.Next() {
			var a, b, c []byte
			var day string
			must(f.T, rows.Scan(&a, &b, &c, &day))
			n++
			none(f.T, "a row of a file", haystack{{q, bytes.Join([][]byte{a, b, c, []byte(day)}, nil)}}.search(people))
			if len(day) > len("2026-11-23") || len(hex.EncodeToString(a)) != 32 {
				f.Errorf("a row says more than a day and a number: %x %s", a, day)
			}
		}
		must(f.T, rows.Close())
	}
	if n != 2 {
		f.Errorf("%d rows were looked at, not 2", n)
	}
}
