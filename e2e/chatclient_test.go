package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
)

// chatWorld is a server that hands out the browser client; further lines of its
// configuration may follow.
func chatWorld(t testing.TB, lines ...string) *story.World {
	t.Helper()
	return chatWorldOf(t, chatDir(t), lines...)
}

// chatWorldOf is chatWorld with a folder of one's own.
func chatWorldOf(t testing.TB, dir string, lines ...string) *story.World {
	t.Helper()
	w, err := story.Found(t.Context(), t.TempDir(), binaries(t), "--chat", dir)
	must(t, err)
	conf, err := os.OpenFile(filepath.Join(w.Dir, "letterlock.toml"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = conf.WriteString(strings.Join(lines, ""))
	must(t, err)
	must(t, conf.Close())
	t.Cleanup(func() {
		if w.Server != nil {
			w.Server.Kill()
		}
	})
	start(t, w)
	return w
}

// TestTwoBrowsersAndATerminalTalk: a chat and a group of two browsers and a
// terminal, through a lost network, a reload and a lock; each message once.
func TestTwoBrowsersAndATerminalTalk(t *testing.T) {
	w := chatWorld(t)
	ana, ben, cem := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1))), w.Person("Cem", phone(2))
	ana.register()
	ben.register()
	must(t, cem.Register(t.Context()))

	ana.chat(ben.person.Phone)
	ana.write("hello from a browser")
	ben.into("Ana")
	ben.has("hello from a browser")
	ben.writes("hello *from* another", "hello from another")
	ana.has("hello from another")
	ana.write("and again")
	ben.has("and again")
	ana.until("document.querySelector('.own .mark.read')") // Ben, who has written to her, has it on the screen

	ana.chat(cem.Phone)
	ana.write("hello terminal")
	must(t, cem.Expect(t.Context(), "hello terminal", 20*time.Second))
	must(t, cem.Send(t.Context(), ana.person, "hello browser"))
	ana.has("hello browser")

	ana.press("New chat or group")
	ana.fill("Name of the group", "Three of us")
	ana.fill("Other phone numbers", ben.person.Phone+", "+cem.Phone)
	ana.press("Begin the group")
	ana.until("document.querySelector('.talk h2')?.innerText === 'Three of us'")
	ana.write("to both of you")
	ben.into("Three of us")
	ben.has("to both of you")
	must(t, cem.Expect(t.Context(), "to both of you", 30*time.Second))
	must(t, cem.SendGroup(t.Context(), "Three of us", "from the terminal"))
	ana.has("from the terminal")
	ben.has("from the terminal")

	// The network goes and comes back.
	ben.network(false)
	ben.says("No network")
	ben.write("written without a network")
	ana.write("meanwhile")
	ben.network(true)
	ben.online()
	ana.has("written without a network")
	ben.has("meanwhile")

	// A reload and a lock end the worker; a passphrase brings everything back.
	ana.open()
	ana.says("Unlock")
	ana.fill("Passphrase", "not the passphrase")
	ana.press("Unlock")
	ana.says("this is not the passphrase")
	ana.unlock()
	ana.into("Three of us")
	for _, text := range []string{"to both of you", "from the terminal", "written without a network", "meanwhile"} {
		ana.has(text)
	}
	ana.write("after the lock")
	ben.has("after the lock")
	must(t, cem.Expect(t.Context(), "after the lock", 30*time.Second))
	ben.press("Lock")
	ben.says("Unlock")

	ana.quit()
	ben.quit()
	for _, b := range []*tab{ana, ben} {
		nothingOpen(t, b.profile, "hello from a browser", "hello terminal", "to both of you", "Three of us", "after the lock", passphrase)
	}
}

// needles are what must not lie open in a browser's profile.
func nothingOpen(t *testing.T, profile string, needles ...string) {
	t.Helper()
	files := 0
	must(t, filepath.WalkDir(profile, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // what the browser removed meanwhile
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		files++
		for _, n := range needles {
			if strings.Contains(string(b), n) || strings.Contains(string(b), wideText(n)) {
				t.Errorf("%q lies open in %s", n, strings.TrimPrefix(path, profile))
			}
		}
		return nil
	}))
	if files < 20 {
		t.Errorf("only %d files: that is no browser's profile", files)
	}
}

func wideText(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteByte(0)
	}
	return b.String()
}
