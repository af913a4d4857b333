package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/client/internal/content"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/wire"
)

func bytesOf(n int) []byte { b := make([]byte, n); rand.Read(b); return b }

func (p *person) attach(to *person, body []byte, name, caption string) client.Entry {
	p.t.Helper()
	e, err := p.SendFile(bg, to.phone, client.Attachment{Body: bytes.NewReader(body), Name: name, Words: client.Words{Text: caption}})
	p.must(err)
	return e
}

// gotFile is the only file that a person got.
func (p *person) gotFile() client.Entry {
	p.t.Helper()
	all := slices.DeleteFunc(p.journal(client.Incoming), func(e client.Entry) bool { return e.File == nil })
	if len(all) != 1 {
		p.t.Fatalf("%s has %d files", p.phone, len(all))
	}
	return all[0]
}

func (p *person) read(seq uint64) []byte {
	p.t.Helper()
	r, err := p.OpenFile(bg, seq)
	p.must(err)
	b, err := io.ReadAll(r)
	p.must(err)
	return b
}

func (p *person) state(seq uint64) client.FileState {
	p.t.Helper()
	e, _, err := p.Entry(bg, seq)
	p.must(err)
	return e.File.State
}

func TestAFileArrivesWholeAndIsForgottenByTheCarrier(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	for _, n := range []int{0, 1, 70_000, 9 << 20} {
		body, name := bytesOf(n), fmt.Sprintf("report %d.dat", n)
		sent := a.attach(b, body, name, "as we said")
		settle(a, b)
		if got := a.state(sent.Seq); got != client.Here {
			t.Fatalf("the sender's is %s", got)
		}
		e := b.gotFile()
		if e.Text != "as we said" || e.File.Name != name || e.File.Size != int64(n) || e.File.State != client.There {
			t.Fatalf("%+v", e.File)
		}
		if blobs, waits := w.carrier.Freight.Blobs(); blobs != 1 || waits != 1 {
			t.Fatalf("%d blobs wait for %d devices", blobs, waits)
		}
		if found := w.carrier.Freight.Bytes(); n > 1000 && bytes.Contains(found, body[100:200]) || bytes.Contains(found, []byte(name)) {
			t.Fatal("the carrier has it in the clear")
		}
		var steps []int64
		b.must(b.Fetch(limit(t), e.Seq, func(done, total int64) {
			if total != wire.MediaSize(int64(n)) {
				t.Errorf("of %d", total)
			}
			steps = append(steps, done)
		}))
		if !slices.IsSorted(steps) || steps[len(steps)-1] != wire.MediaSize(int64(n)) {
			t.Errorf("progress %v", steps)
		}
		if !bytes.Equal(b.read(e.Seq), body) || !bytes.Equal(a.read(sent.Seq), body) {
			t.Fatal("other bytes")
		}
		if blobs, _ := w.carrier.Freight.Blobs(); blobs != 0 {
			t.Fatal("the carrier keeps what all have")
		}
		a.whole()
		b.must(b.Remove(bg, e))
		b.drain()
		if n := b.files.Len(); n != 0 {
			t.Errorf("%d files are left on the device", n)
		}
	}
}

func TestAFileForAGroupIsFetchedByEach(t *testing.T) {
	w, g, a, b, c, _ := choir(t)
	body := bytesOf(100_000)
	_, err := a.SendFileGroup(bg, g, client.Attachment{Body: bytes.NewReader(body), Name: "plan.pdf"})
	a.must(err)
	settle(a, b, c)
	for i, p := range []*person{b, c} {
		e := p.gotFile()
		if e.Group != g {
			t.Fatal("not in the group")
		}
		for range 2 { // asked for twice, it counts once
			p.must(p.Fetch(limit(t), e.Seq, nil))
		}
		if !bytes.Equal(p.read(e.Seq), body) {
			t.Fatal("other bytes")
		}
		if blobs, _ := w.carrier.Freight.Blobs(); blobs != 1-i {
			t.Fatalf("after %d of two, %d blobs", i+1, blobs)
		}
	}
}

// The network is lost again and again, on either side of the carrier's
// acting, and the program is started anew: each piece goes once.
func TestUploadGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	n := 0
	w.carrier.Freight.OnPut = func(wire.MediaID, int64) (cut, mute bool) {
		n++
		return n%3 == 1, n%3 == 2
	}
	body := bytesOf(30 << 20)
	sent := a.attach(b, body, "film.mp4", "")
	ctx, cancel := context.WithTimeout(bg, 0)
	cancel()
	a.Run(ctx, client.Run{}) // killed before it began
	a.start()
	settle(a, b)
	a.whole()
	pieces := int((wire.MediaSize(int64(len(body))) + wire.MediaPiece - 1) / wire.MediaPiece)
	if puts := w.carrier.Freight.Puts(); puts > 2*pieces {
		t.Errorf("%d pieces were sent of %d", puts, pieces)
	}
	e := b.gotFile()
	b.must(b.Fetch(limit(t), e.Seq, nil))
	if !bytes.Equal(b.read(e.Seq), body) || !bytes.Equal(a.read(sent.Seq), body) {
		t.Fatal("other bytes")
	}
}

func TestDownloadGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	body := bytesOf(20 << 20)
	a.attach(b, body, "film.mp4", "")
	settle(a, b)
	e := b.gotFile()
	var froms []int64
	taken := int64(0)
	w.carrier.Freight.OnGet = func(_ wire.MediaID, blob []byte, from int64) (int64, io.Reader) {
		froms = append(froms, from)
		upto := min(from+3<<20, int64(len(blob)))
		taken += upto - from
		return int64(len(blob)), bytes.NewReader(blob[from:upto]) // then the line breaks
	}
	b.must(b.Fetch(limit(t), e.Seq, nil))
	if !bytes.Equal(b.read(e.Seq), body) {
		t.Fatal("other bytes")
	}
	if len(froms) < 6 || taken != wire.MediaSize(int64(len(body))) {
		t.Errorf("%d answers, %d bytes: something was fetched twice", len(froms), taken)
	}
	// Nothing comes any more: it is said, and what came is kept.
	e2 := a.attach(b, body, "again.mp4", "")
	settle(a, b)
	w.carrier.Freight.OnGet = func(_ wire.MediaID, blob []byte, from int64) (int64, io.Reader) {
		return int64(len(blob)), bytes.NewReader(blob[from:max(from, 5<<20)])
	}
	all := b.journal(client.Incoming)
	last := all[len(all)-1]
	if err := b.Fetch(limit(t), last.Seq, nil); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Say(err), "goes on from there") {
		t.Fatal(err)
	}
	b.start()
	froms = nil
	w.carrier.Freight.OnGet = func(_ wire.MediaID, blob []byte, from int64) (int64, io.Reader) {
		froms = append(froms, from)
		return int64(len(blob)), bytes.NewReader(blob[from:])
	}
	b.must(b.Fetch(limit(t), last.Seq, nil))
	if len(froms) != 1 || froms[0] != 5<<20 || !bytes.Equal(b.read(last.Seq), a.read(e2.Seq)) {
		t.Errorf("went on from %v", froms)
	}
}

// What the carrier may do to a blob is noticed, said, and not kept.
func TestAHostileCarrierOfFiles(t *testing.T) {
	const sealed = wire.MediaChunk + wire.MediaTag
	for name, spoil := range map[string]func([]byte) []byte{
		"one bit":              func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"the last byte":        func(b []byte) []byte { b[len(b)-1] ^= 0x80; return b },
		"two chunks exchanged": func(b []byte) []byte { return slices.Concat(b[sealed:2*sealed], b[:sealed], b[2*sealed:]) },
		"a chunk twice":        func(b []byte) []byte { return slices.Concat(b[:sealed], b[:sealed], b[2*sealed:]) },
		"other bytes":          func(b []byte) []byte { return bytesOf(len(b)) },
		"zeros":                func(b []byte) []byte { return make([]byte, len(b)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, b := w.person(alice), w.person(bob)
			a.attach(b, bytesOf(300_000), "x", "")
			settle(a, b)
			w.carrier.Freight.OnGet = func(_ wire.MediaID, blob []byte, from int64) (int64, io.Reader) {
				return int64(len(blob)), bytes.NewReader(spoil(bytes.Clone(blob))[from:])
			}
			b.refusesFile("not what was sent", client.Broken)
		})
	}
	for name, get := range map[string]func([]byte, int64) (int64, io.Reader){
		"a truncated blob": func(b []byte, from int64) (int64, io.Reader) { return 200_000, bytes.NewReader(b[from:200_000]) },
		"a longer one":     func(b []byte, from int64) (int64, io.Reader) { return 1 << 40, endless{} },
		"no length":        func(b []byte, from int64) (int64, io.Reader) { return 0, endless{} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, b := w.person(alice), w.person(bob)
			a.attach(b, bytesOf(300_000), "x", "")
			settle(a, b)
			w.carrier.Freight.OnGet = func(_ wire.MediaID, blob []byte, from int64) (int64, io.Reader) { return get(blob, from) }
			b.refusesFile("of another length than it is", client.Broken)
		})
	}
	t.Run("more than it says", func(t *testing.T) { // what is too much is not taken
		w := newWorld(t)
		a, b := w.person(alice), w.person(bob)
		a.attach(b, bytesOf(300_000), "x", "")
		settle(a, b)
		w.carrier.Freight.OnGet = func(_ wire.MediaID, blob []byte, from int64) (int64, io.Reader) {
			return int64(len(blob)), io.MultiReader(bytes.NewReader(blob[from:]), endless{})
		}
		b.must(b.Fetch(limit(t), b.gotFile().Seq, nil))
	})
	t.Run("no blob", func(t *testing.T) {
		w := newWorld(t)
		a, b := w.person(alice), w.person(bob)
		sent := a.attach(b, bytesOf(300_000), "x", "")
		settle(a, b)
		_, err := a.Unsend(bg, sent.Seq)
		a.must(err)
		a.must(a.Run(limit(t), client.Run{Until: func(client.Progress) bool { n, _ := w.carrier.Freight.Blobs(); return n == 0 }}))
		b.refusesFile("not at the server any more", client.Lost)
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// refusesFile fetches and expects a refusal that is kept, and nothing else.
func (p *person) refusesFile(says string, want client.FileState) {
	p.t.Helper()
	e := p.gotFile()
	for range 2 {
		if err := p.Fetch(limit(p.t), e.Seq, nil); err == nil || !strings.Contains(fault.Say(err), says) && !strings.Contains(fault.Say(err), "not what was sent") {
			p.t.Fatal(err)
		}
	}
	if got := p.state(e.Seq); got != want {
		p.t.Errorf("it is %s", got)
	}
	if _, err := p.OpenFile(bg, e.Seq); !fault.Is(err, fault.Conflict) {
		p.t.Errorf("it opens: %v", err)
	}
	if n := p.files.Len(); n != 0 {
		p.t.Errorf("%d files are kept", n)
	}
}

// A contact with a program of their own sends what ours does not.
func TestAHostileSenderOfFiles(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "hello")
	settle(a, b)
	blob := wire.NewMediaID()
	secret := client.Secret{1, 2, 3}
	f := content.File{Kind: content.Photo, Name: "x.jpg", Size: 1000, Blob: blob, Secret: secret, Digest: [32]byte{1},
		Caption: content.Text{Phone: alice}}
	w.carrier.Freight.Place(blob, client.FileReader(secret), bytesOf(int(wire.MediaSize(1000))))
	for name, c := range map[string]struct {
		change func(*content.File)
		says   string
	}{
		"a GiB that is a KiB":         {func(f *content.File) { f.Size = 1 << 30 }, "of another length"},
		"another digest":              {func(f *content.File) {}, "not what was sent"},
		"a key that opens nothing":    {func(f *content.File) { f.Digest = w.carrier.Freight.Digest(blob) }, "does not open with the key"},
		"a kind of tomorrow":          {func(f *content.File) { f.Kind = 77 }, "not what was sent"},
		"a bomb for a small picture":  {func(f *content.File) { f.Thumb = bomb(t) }, "not what was sent"},
		"a small picture that is not": {func(f *content.File) { f.Thumb = []byte("<svg onload=...>") }, "not what was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			f := f
			c.change(&f)
			a.must(a.Say(bg, accountOf(b), &f, a.clock.Now().UnixMilli()))
			settle(a, b)
			e := b.gotFile()
			if e.File.Thumb != nil || e.File.Kind > client.Voice {
				t.Errorf("%+v", e.File)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := b.Fetch(limit(t), e.Seq, nil)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(fault.Say(err), c.says) {
				t.Error(err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
				t.Errorf("it took %d MiB", n>>20)
			}
			if b.files.Len() != 0 {
				t.Error("it is kept")
			}
			b.must(b.Remove(bg, e))
		})
	}
	for name, bad := range map[string]func(*content.File){
		"3 GiB":                func(f *content.File) { f.Size = 3 << 30 },
		"a path":               func(f *content.File) { f.Name = "../../.profile" },
		"a path of Windows":    func(f *content.File) { f.Name = `C:\boot.ini` },
		"a name without end":   func(f *content.File) { f.Name = strings.Repeat("x", 300) },
		"a wave out of bounds": func(f *content.File) { f.Wave = []byte{99} },
		"no key":               func(f *content.File) { f.Secret = [32]byte{} },
	} {
		f := f
		bad(&f)
		if _, err := content.Encode(content.New(content.ID{1}, 1, &f)); !errors.Is(err, content.ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func bomb(t *testing.T) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b.Bytes(), []byte{0xff, 0xc0})
	copy(b.Bytes()[i+5:], []byte{0xff, 0xff, 0xff, 0xff})
	return b.Bytes()
}

func TestAPhotoLeavesWithoutWhatIsBesideIt(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewRGBA(image.Rect(0, 0, 800, 400)), nil); err != nil {
		t.Fatal(err)
	}
	secret := []byte("\xff\xe1\x00\x20Exif\x00\x00GPS 52.1N 5.2E, SECRET..")
	photo := slices.Concat(plain.Bytes()[:2], secret, plain.Bytes()[2:])
	for _, keep := range []bool{false, true} {
		_, err := a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader(photo), Name: "beach.jpg", Metadata: keep})
		a.must(err)
		settle(a, b)
		e := b.gotFile()
		if e.File.Kind != client.Photo || e.File.Width != 800 || e.File.Height != 400 || e.File.Type != "image/jpeg" {
			t.Errorf("%+v", e.File)
		}
		small, err := jpeg.Decode(bytes.NewReader(e.File.Thumb))
		if err != nil || small.Bounds().Dx() != 256 {
			t.Fatal(err)
		}
		b.must(b.Fetch(limit(t), e.Seq, nil))
		if got := b.read(e.Seq); bytes.Contains(got, []byte("SECRET")) != keep {
			t.Errorf("metadata kept: %v, asked for: %v", !keep, keep)
		}
		if w, h, err := b.Picture(bg, e.Seq); w != 800 || h != 400 || err != nil {
			t.Error(w, h, err)
		}
		b.must(b.Remove(bg, e))
	}
	broken := photo[:len(photo)/2]
	if _, err := a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader(broken), Name: "b.jpg"}); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), "damaged") {
		t.Error(err)
	}
}

// Two GiB are the end, whoever reads how much. The store keeps nothing here.
func TestAFileWithoutEndIsRefused(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "it seals 2 GiB")
	}
	w := newWorld(t)
	a := w.person(alice)
	w.person(bob)
	c, err := client.New(client.Config{Store: a.store, Transport: w.carrier.Transport(), Clock: w.clock, Files: nowhere{a.files}, Freight: &w.carrier.Freight})
	a.must(err)
	if _, err := c.SendFile(bg, bob, client.Attachment{Body: endless{}, Name: "endless"}); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

type nowhere struct{ *keystoretest.MemoryFiles }

func (nowhere) Put(context.Context, wire.MediaID, []byte, int64) error { return nil }

func TestAVoiceMessageHasItsWave(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	_, err := a.SendFile(bg, bob, client.Attachment{Body: strings.NewReader("OggS..."), Name: "v.ogg", Voice: true, Length: 4200, Wave: []byte{0, 5, 31}})
	a.must(err)
	settle(a, b)
	if e := b.gotFile(); e.File.Kind != client.Voice || e.File.Length != 4200 || !slices.Equal(e.File.Wave, []byte{0, 5, 31}) || e.File.Type != "audio/ogg" {
		t.Fatalf("%+v", e.File)
	}
}

// Taking a file back, answering one, finding one, changing its caption.
func TestAFileIsAMessageLikeOthers(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	sent := a.attach(b, bytesOf(50_000), "Invoice Zürich.pdf", "the bill")
	settle(a, b)
	e := b.gotFile()
	for _, q := range []string{"zurich", "BILL", "invoice bill"} {
		if found, err := b.Search(bg, q, 9); err != nil || len(found) != 1 || found[0].Seq != e.Seq {
			t.Errorf("%q: %v, %v", q, found, err)
		}
	}
	_, err := a.Edit(bg, sent.Seq, client.Words{Text: "the bill, corrected"})
	a.must(err)
	_, err = b.React(bg, e.Seq, "👍")
	b.must(err)
	settle(a, b)
	if e = b.gotFile(); e.Text != "the bill, corrected" || e.File == nil {
		t.Fatalf("%+v", e)
	}
	b.must(b.Fetch(limit(t), e.Seq, nil))
	_, err = a.Unsend(bg, sent.Seq)
	a.must(err)
	settle(a, b)
	if e, _, _ = b.Entry(bg, e.Seq); !e.Deleted || e.File != nil || b.files.Len() != 0 || a.files.Len() != 0 {
		t.Fatalf("%+v, %d and %d files", e, b.files.Len(), a.files.Len())
	}
	// Taken back on its way: it never leaves.
	w.carrier.Freight.OnPut = func(wire.MediaID, int64) (bool, bool) { return true, false }
	sent = a.attach(b, bytesOf(50_000), "oops.pdf", "")
	limited, cancel := context.WithCancel(bg)
	n := 0
	a.must(a.Run(limited, client.Run{Until: func(client.Progress) bool { n++; return n > 3 }}))
	cancel()
	_, err = a.Unsend(bg, sent.Seq)
	a.must(err)
	settle(a, b)
	if got, _, _ := a.Entry(bg, sent.Seq); got.State != client.Failed {
		t.Errorf("%+v", got)
	}
	if blobs, _ := w.carrier.Freight.Blobs(); blobs != 0 || a.files.Len() != 0 {
		t.Errorf("%d blobs, %d files", blobs, a.files.Len())
	}
}

// Removed unfetched: the carrier waits for this device no longer.
func TestWhoDoesNotWantAFileIsNotWaitedFor(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.attach(b, bytesOf(9), "x", "")
	settle(a, b)
	b.must(b.Remove(bg, b.gotFile()))
	b.must(b.Run(limit(t), client.Run{Until: func(client.Progress) bool { n, _ := w.carrier.Freight.Blobs(); return n == 0 }}))
}

func TestSafeNames(t *testing.T) {
	for in, want := range map[string]string{"": "file", "..": "file", ".profile": "profile", "a\x1b[2Jb\u202egpj.exe": "a[2Jbgpj.exe", "CON.txt": "_CON.txt", "nul": "_nul",
		"what?.txt": "what_.txt", "Fotos 2026.jpg": "Fotos 2026.jpg", strings.Repeat("é", 200): strings.Repeat("é", 100)} {
		if got := (&client.File{Name: in}).SafeName(); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if s := fmt.Sprintf("%v %+v %x", client.Secret{1}, client.File{Secret: client.Secret{0xab}}, client.Secret{0xab}); strings.Contains(s, "ab") {
		t.Error(s)
	}
}

// This person's other devices have the file, too: what was sent from one, what
// came, and what a new one is told of.
func TestAFileOnEveryDevice(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	tablet := b.link("Tablet", client.HistoryAll)
	body := bytesOf(60_000)
	a.attach(b, body, "in.pdf", "")
	settle(a, b, tablet)
	if _, waits := w.carrier.Freight.Blobs(); waits != 2 {
		t.Fatalf("%d devices are waited for", waits)
	}
	for i, p := range []*person{b, tablet} {
		e := p.gotFile()
		p.must(p.Fetch(limit(t), e.Seq, nil))
		if !bytes.Equal(p.read(e.Seq), body) {
			t.Fatal("other bytes")
		}
		if blobs, _ := w.carrier.Freight.Blobs(); blobs != 1-i {
			t.Fatalf("after %d devices %d blobs", i+1, blobs)
		}
	}
	sent := tablet.attach(a, body, "out.pdf", "from the tablet")
	settle(tablet, b, a)
	own := b.find("from the tablet")
	if own.Kind != client.Outgoing || own.File == nil || own.File.Name != "out.pdf" {
		t.Fatalf("%+v", own)
	}
	b.must(b.Fetch(limit(t), own.Seq, nil))
	if !bytes.Equal(b.read(own.Seq), tablet.read(sent.Seq)) {
		t.Fatal("other bytes")
	}
	if blobs, waits := w.carrier.Freight.Blobs(); blobs != 1 || waits != 1 {
		t.Fatalf("%d blobs wait for %d devices", blobs, waits)
	}
}
