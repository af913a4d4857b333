package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"letterlock/client"
	"letterlock/e2e/story"
	"letterlock/web/chat/vault"
	"letterlock/wire"
)

// records is a disk in memory, to be carried into a browser.
type records struct {
	meta []byte
	all  map[[16]byte][]byte
}

func (d *records) Meta(context.Context) ([]byte, error) { return d.meta, nil }
func (d *records) Replace(ctx context.Context, m []byte, r [][]byte) error {
	d.meta, d.all = m, map[[16]byte][]byte{}
	return d.Commit(ctx, r, nil)
}
func (d *records) Load(context.Context) (out [][]byte, err error) {
	for _, r := range d.all {
		out = append(out, r)
	}
	return out, nil
}
func (d *records) Commit(_ context.Context, put [][]byte, remove [][16]byte) error {
	for _, r := range put {
		d.all[[16]byte(r)] = r
	}
	for _, id := range remove {
		delete(d.all, id)
	}
	return nil
}
func (d *records) Drop(context.Context) error { d.meta, d.all = nil, nil; return nil }

// longTalk writes a conversation of so many messages into a store.
func longTalk(t testing.TB, s client.KeyStore, with client.Person, n int) {
	t.Helper()
	type known struct {
		Phone   string `cbor:"phone"`
		Checked bool   `cbor:"checked"`
		Asked   int64  `cbor:"asked"`
	}
	save := func(tx client.Tx, b client.Bucket, key []byte, v any) {
		raw, err := wire.Marshal(v)
		must(t, err)
		must(t, tx.Put(b, key, raw))
	}
	begin := time.Now().Add(-time.Duration(n) * time.Minute).UnixMilli()
	must(t, s.Update(t.Context(), func(tx client.Tx) error {
		save(tx, client.BucketKnown, with.Account[:], known{with.Phone, true, time.Now().Unix()})
		for i := range uint64(n) {
			e := client.Entry{Seq: i + 1, Kind: client.Incoming, Peer: with.Account, At: begin + int64(i)*60_000, Sent: begin + int64(i)*60_000, Text: fmt.Sprintf("message %d%s", i+1, strings.Repeat(" and some words", int(i%9)))}
			binary.BigEndian.PutUint64(e.ID[:], i+1)
			if i%3 == 0 {
				e.Kind, e.State = client.Outgoing, client.Sent
			}
			key := binary.BigEndian.AppendUint64(nil, e.Seq)
			save(tx, client.BucketJournal, key, e)
			must(t, tx.Put(client.BucketTalk, append(with.Account[:len(with.Account):len(with.Account)], key...), nil))
		}
		return tx.Put(client.BucketCounter, []byte("journal"), binary.BigEndian.AppendUint64(nil, uint64(n)))
	}))
}

// carry puts a store into a browser.
func (b *tab) carry(d *records) {
	b.Helper()
	eval[any](b, `new Promise((good, bad) => { const r = indexedDB.open("letterlock", 1);
		r.onupgradeneeded = () => { r.result.createObjectStore("meta"); r.result.createObjectStore("record"); };
		r.onsuccess = () => { window.db = r.result; good(0); }; r.onerror = () => bad(r.error); })`)
	var list []string
	put := func(store, key string) {
		raw, err := json.Marshal(list)
		must(b.TB, err)
		eval[any](b, `new Promise((good, bad) => { const tx = db.transaction(["meta", "record"], "readwrite"), un = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
			for (const s of `+string(raw)+`) { const v = un(s); tx.objectStore("`+store+`").put(v, `+key+`); }
			tx.oncomplete = () => good(0); tx.onabort = () => bad(tx.error); })`)
		list = nil
	}
	list = []string{base64.StdEncoding.EncodeToString(d.meta)}
	put("meta", `"meta"`)
	for _, r := range d.all {
		if list = append(list, base64.StdEncoding.EncodeToString(r)); len(list) == 4000 {
			put("record", "v.slice(0, 16)")
		}
	}
	put("record", "v.slice(0, 16)")
	eval[any](b, "db.close(), 0")
}

// unlocked is a browser with a conversation of so many messages, and how long
// it took from the passphrase to the newest (ms).
func unlocked(t testing.TB, w *story.World, messages int) (*tab, float64) {
	t.Helper()
	me := newWitness(t, w, phone(0), newSecrets())
	me.offline()
	disk := &records{}
	into, err := vault.Create(t.Context(), disk, passphrase, vault.Usual)
	must(t, err)
	must(t, into.Update(t.Context(), func(tx client.Tx) error {
		return me.store.View(t.Context(), func(from client.Tx) error {
			for _, bucket := range []client.Bucket{client.BucketSelf, client.BucketCounter, client.BucketPreKey} {
				all, err := from.List(bucket, client.Range{})
				must(t, err)
				for _, p := range all {
					must(t, tx.Put(bucket, p.Key, p.Value))
				}
			}
			return nil
		})
	}))
	longTalk(t, into, client.Person{Account: wire.AccountID{1, 2, 3}, Phone: phone(9)}, messages)

	b := browse(t, w, w.Person("Ana", phone(0)))
	b.says("Passphrase")
	b.file("about.html")
	b.carry(disk)
	b.open()
	b.fill("Passphrase", passphrase)
	eval[any](b, strings.ReplaceAll(`window.began = performance.now(), new MutationObserver((_, o) => { if (document.querySelector(".chats .last")?.innerText.includes("message ${last}")) { window.first = performance.now() - began; o.disconnect(); } }).observe(document.body, { childList: true, subtree: true }), 0`, "${last}", fmt.Sprint(messages)))
	b.press("Unlock")
	b.until("window.first")
	return b, eval[float64](b, "window.first")
}

// TestTenThousandMessagesScroll: a conversation of ten thousand messages opens
// at once, scrolls without empty screens or long pauses, keeps few rows in the
// page, goes to its first message by one key, and finds one by a search.
func TestTenThousandMessagesScroll(t *testing.T) {
	const messages = 10_000
	w := chatWorld(t)
	b, start := unlocked(t, w, messages)
	t.Logf("from the passphrase to the first message: %.0f ms", start)
	b.into(phone(9))
	b.until("document.querySelector('.scroller li.message') && document.querySelector('.scroller').scrollTop > 1000")
	b.until("[...document.querySelectorAll('.scroller .said')].some((e) => e.innerText === 'message 10000')")

	type tour struct {
		Longest, Late float64
		Rows, Empty   int
	}
	got := eval[tour](b, `new Promise((good) => {
		const box = document.querySelector(".scroller"), out = { Longest: 0, Late: 0, Rows: 0, Empty: 0 };
		let frames = 0, last = performance.now();
		const step = () => {
			const now = performance.now(), pause = now - last; last = now;
			if (frames > 2) { out.Longest = Math.max(out.Longest, pause); if (pause > 100) out.Late++; }
			out.Rows = Math.max(out.Rows, box.querySelectorAll("li").length);
			const r = box.getBoundingClientRect(), at = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
			if (!at?.closest("li") && at !== box.firstChild && !box.contains(at)) out.Empty++;
			box.scrollTop -= 400;
			if (++frames < 400) requestAnimationFrame(step); else good(out);
		};
		requestAnimationFrame(step);
	})`)
	t.Logf("400 steps of 400 pixels: longest pause %.0f ms, %.0f over 100 ms, at most %d rows", got.Longest, got.Late, got.Rows)
	if got.Rows > 120 {
		t.Errorf("%d rows are in the page at once", got.Rows)
	}
	if got.Empty > 0 {
		t.Errorf("%d screens were empty", got.Empty)
	}
	if got.Late > 200 { // a busy machine is slow, and no list is wrong for it; bench measures
		t.Errorf("%.0f of 400 steps took longer than 100 ms", got.Late)
	}
	eval[any](b, "document.querySelector('.scroller li[tabindex=\"0\"]').focus(), 0")
	b.key("Home", "")
	b.until("document.activeElement.innerText.includes('message 1\\n') && document.activeElement.getAttribute('aria-posinset') === '1'")
	b.key("End", "")
	b.until("document.activeElement.getAttribute('aria-posinset') === '10000'")
	b.fill("Search messages", "message 5432")
	b.until("document.querySelectorAll('.found .chat').length === 1")
	eval[any](b, "document.querySelector('.found .chat').click(), 0")
	b.until("[...document.querySelectorAll('.scroller li')].some((e) => e.innerText.includes('message 5432') && e.getBoundingClientRect().top > 0 && e.getBoundingClientRect().bottom < innerHeight)")
}

// file opens another file of the folder.
func (b *tab) file(name string) {
	b.Helper()
	must(b.TB, chromedp.Do(b.ctx, chromedp.Navigate(b.base+"/"+name)))
}

// BenchmarkBrowserClient measures the start of the browser client: from opening
// the page to the field for the passphrase, with nothing in the browser's
// caches, and from the passphrase to the newest of a thousand messages; and how
// large the core is, as it is and packed.
func BenchmarkBrowserClient(b *testing.B) {
	root, err := story.Root()
	must(b, err)
	dir := filepath.Join(b.TempDir(), "chat")
	if out, err := exec.Command("node", filepath.Join(root, "web/chat/face/build.mjs"), "--out", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.Setenv("LETTERLOCK_CHAT", dir)
	w := chatWorld(b)
	var page, first float64
	for b.Loop() {
		empty := browse(b, w, w.Person("Nobody", phone(8)))
		empty.says("Passphrase")
		page = eval[float64](empty, "performance.getEntriesByName('gate')[0].startTime")
		empty.quit()
		_, first = unlocked(b, w, 1000)
	}
	size := func(name string) float64 {
		i, err := os.Stat(filepath.Join(dir, name))
		must(b, err)
		return float64(i.Size()) / 1e6
	}
	b.ReportMetric(page, "page-ms")
	b.ReportMetric(first, "first-ms")
	b.ReportMetric(size("core.wasm"), "raw-MB")
	b.ReportMetric(size("core.wasm.br"), "packed-MB")
}
