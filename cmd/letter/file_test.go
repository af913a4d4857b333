package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// made is a file of a length in a person's hands; its bytes are random.
func made(t testing.TB, name string, n int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.CopyN(f, rand.NewChaCha8([32]byte{byte(n)}), n); err != nil {
		t.Fatal(err)
	}
	return path
}

func sum(t *testing.T, path string) (s [32]byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil))
}

// waitsFor is how many devices the carrier waits for, over all files.
func (h *house) waitsFor() (blobs, waits int) {
	h.t.Helper()
	err := h.db.SQL.QueryRow(`SELECT (SELECT COUNT(*) FROM media), (SELECT COUNT(*) FROM media_waits)`).Scan(&blobs, &waits)
	if err != nil {
		h.t.Fatal(err)
	}
	return blobs, waits
}

func TestAFileFromHandToHand(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	path := made(t, "Bericht über alles.pdf", 5<<20)
	r := h.letter("alice", "", "send", "--to", bob, "--file", path, "as", "*promised*")
	if r.code != 0 || !strings.Contains(r.err, "Sending Bericht über alles.pdf: 100 %") || r.out != "Sent.\n" {
		t.Fatalf("%+v", r)
	}
	contains(t, h.ok("alice", "history", "--with", bob), "[file Bericht über alles.pdf, 5.0 MiB] as *promised*")
	contains(t, h.ok("bob", "receive"), "[file Bericht über alles.pdf, 5.0 MiB; 'letter save 1' fetches it] as *promised*")
	dir := t.TempDir()
	r = h.letter("bob", "", "save", "1", "--to", dir)
	saved := filepath.Join(dir, "Bericht über alles.pdf")
	if r.code != 0 || !strings.Contains(r.out, "Saved as "+saved) || !strings.Contains(r.err, "Fetching Bericht über alles.pdf: 100 %") {
		t.Fatalf("%+v", r)
	}
	if sum(t, saved) != sum(t, path) {
		t.Fatal("another file")
	}
	if blobs, waits := h.waitsFor(); blobs+waits != 0 {
		t.Errorf("the carrier keeps %d files and waits for %d", blobs, waits)
	}
	h.ok("bob", "save", "1", "--to", dir) // from this computer, and nothing is overwritten
	if sum(t, filepath.Join(dir, "Bericht über alles (2).pdf")) != sum(t, path) {
		t.Error("the second copy is another")
	}
	contains(t, h.ok("bob", "history", "--with", alice), "5.0 MiB; here]")
	contains(t, h.ok("bob", "search", "bericht"), "Bericht")
	var rec record
	if err := json.Unmarshal([]byte(h.ok("bob", "history", "--with", alice, "--json")), &rec); err != nil || rec.File == nil || rec.File.State != "here" || rec.File.Size != 5<<20 {
		t.Errorf("%+v, %v", rec.File, err)
	}
	h.ok("bob", "history", "--with", alice, "--clear", "--yes")
	if left, err := os.ReadDir(filepath.Join(h.folder("bob"), "files")); !os.IsNotExist(err) {
		t.Errorf("%v are left, %v", left, err)
	}
	h.refused(exitFailed, "is no file, or not here", "bob", "save", "1")
	h.refused(exitUsage, "", "alice", "send", "--to", bob, "--file", "/nowhere/x")
	h.refused(exitFailed, "a message has 1 to", "alice", "send", "--to", bob)
}

func TestAPhotoOfATelephone(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 640, 480)), nil); err != nil {
		t.Fatal(err)
	}
	photo := append(append(bytes.Clone(b.Bytes()[:2]), "\xff\xe1\x00\x14Exif\x00\x00SECRETPLACE."...), b.Bytes()[2:]...)
	path := filepath.Join(t.TempDir(), "beach.jpg")
	if err := os.WriteFile(path, photo, 0o600); err != nil {
		t.Fatal(err)
	}
	h.ok("alice", "send", "--to", bob, "--file", path)
	h.ok("alice", "send", "--to", bob, "--file", path, "--keep-metadata")
	contains(t, h.ok("bob", "receive"), "[photo beach.jpg, ", ", 640 x 480; 'letter save 1'")
	dir := t.TempDir()
	for i, name := range []string{"beach.jpg", "beach (2).jpg"} {
		h.ok("bob", "save", []string{"1", "2"}[i], "--to", dir)
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || bytes.Contains(got, []byte("SECRETPLACE")) != (i == 1) {
			t.Errorf("%s: %v", name, err)
		}
	}
	paper := filepath.Join(t.TempDir(), "letter.pdf")
	if err := os.WriteFile(paper, []byte("%PDF-1.4 /Info << /Author (SECRETNAME) >>"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.refused(exitFailed, "can say who made it", "alice", "send", "--to", bob, "--file", paper)
	if r := h.letter("alice", "send\n", "send", "--to", bob, "--file", paper); r.code != 0 || !strings.Contains(r.out, "Type 'send' to send it as it is") {
		t.Errorf("%+v", r)
	}
	contains(t, h.ok("bob", "receive"), "letter.pdf")
	h.ok("alice", "unsend", "1")
	contains(t, h.ok("bob", "receive"), "Nothing new")
	contains(t, h.ok("bob", "history", "--with", alice), "(deleted)")
}

// lossy stands between people and the server, and cuts every line when so many
// bytes have passed.
type lossy struct {
	mu    sync.Mutex
	to    string
	conns map[net.Conn]bool
	left  int64 // bytes until the next cut; below 0: no cut
	cuts  int
	again int64 // how many bytes there are from cut to cut
}

func (h *house) lossy() *lossy {
	h.t.Helper()
	u, err := url.Parse(h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	p := &lossy{to: u.Host, conns: map[net.Conn]bool{}, left: -1}
	h.t.Cleanup(func() { l.Close(); p.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.join(c)
		}
	}()
	h.url = "http://" + l.Addr().String()
	return p
}

func (p *lossy) join(c net.Conn) {
	s, err := net.Dial("tcp", p.to)
	if err != nil {
		c.Close()
		return
	}
	p.mu.Lock()
	p.conns[c], p.conns[s] = true, true
	p.mu.Unlock()
	go p.pass(c, s)
	p.pass(s, c)
}

func (p *lossy) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		p.mu.Lock()
		over := p.left >= 0 && p.left < int64(n)
		if p.left >= 0 {
			p.left -= int64(n)
		}
		if over {
			p.left, p.cuts = p.again, p.cuts+1
		}
		p.mu.Unlock()
		if over {
			p.cut()
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

func (p *lossy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func (p *lossy) every(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.again, p.cuts = n, n, 0
}

// 200 MB go out and come in over a line that is lost again and again; the
// sender's program is killed in the middle and started anew.
func TestTwoHundredMegabytesOverALineThatIsLost(t *testing.T) {
	size := int64(200 << 20)
	if testing.Short() {
		size = 40 << 20
	}
	h := newHouse(t)
	line := h.lossy()
	h.join("alice", alice)
	h.join("bob", bob)
	path := made(t, "film.mp4", size)
	ctx, kill := context.WithTimeout(context.Background(), 2*time.Minute)
	defer kill()
	out, errs := &buffer{}, &buffer{}
	killed := make(chan error, 1)
	line.every(size / 4)
	go func() {
		killed <- run(ctx, []string{"--dir", h.folder("alice"), "send", "--to", bob, "--file", path, "the film"}, strings.NewReader(""), out, errs)
	}()
	for deadline := time.Now().Add(time.Minute); strings.Count(errs.String(), "%") < 2 && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
	kill()
	if err := <-killed; err == nil {
		t.Fatalf("killed, and sent: %s", out)
	}
	contains(t, h.ok("alice", "history", "--with", bob), "% sent] the film (not sent yet)")
	if err := os.Remove(path); err != nil { // the sealed copy is enough
		t.Fatal(err)
	}
	r := h.long("alice", "receive")
	if r.code != 0 || !strings.Contains(r.out, "Sent.") || strings.Contains(r.err, ": 0 %") {
		t.Fatalf("%+v", r)
	}
	if line.cuts == 0 {
		t.Fatal("the line was never lost")
	}
	line.every(-1)
	contains(t, h.ok("bob", "receive"), "film.mp4, ")
	line.every(size / 4)
	dir := t.TempDir()
	if r := h.long("bob", "save", "1", "--to", dir); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if line.cuts < 3 {
		t.Errorf("the line was lost %d times", line.cuts)
	}
	want := sha256.New()
	io.CopyN(want, rand.NewChaCha8([32]byte{byte(size)}), size)
	if sum(t, filepath.Join(dir, "film.mp4")) != [32]byte(want.Sum(nil)) {
		t.Fatal("another film")
	}
	if blobs, _ := h.waitsFor(); blobs != 0 {
		line.every(-1)
		h.ok("bob", "receive") // the word that it has come may have been lost with the line
		if blobs, _ := h.waitsFor(); blobs != 0 {
			t.Errorf("%d files are left at the carrier", blobs)
		}
	}
}

// long runs the program for as long as a large file takes.
func (h *house) long(who string, args ...string) result {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out, errs buffer
	err := run(ctx, append([]string{"--dir", h.folder(who)}, args...), strings.NewReader(""), &out, &errs)
	r := result{out.String(), errs.String(), code(err)}
	if err != nil {
		r.err += sentence(err)
	}
	return r
}

// The carrier of this test announces files and takes none: nothing is said to be
// sent, and no message goes out whose file is not there.
func TestAServerThatTakesNoPiece(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	r := w.letter("alice", "", "send", "--to", bob, "--wait", "3s", "--file", made(t, "x", 10))
	if r.code != exitLater || !strings.Contains(r.err, "kept") {
		t.Fatalf("%+v", r)
	}
	contains(t, w.ok("alice", "history", "--with", bob), "(not sent yet)")
}
