package client_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"testing"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// face is a photo with a place in it that nobody meant to show.
func face(t testing.TB, shade byte) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 900, 700))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return slices.Concat(b.Bytes()[:2], []byte("\xff\xe1\x00\x14Exif\x00\x00SECRETPLACE."), b.Bytes()[2:])
}

// portrait is somebody's photo as p has it: its shade, or -1.
func (p *person) portrait(of *person) int {
	p.t.Helper()
	b, err := p.Portrait(bg, accountOf(of))
	p.must(err)
	if b == nil {
		return -1
	}
	if bytes.Contains(b, []byte("SECRET")) {
		p.t.Fatal("the photo says where it was taken")
	}
	m, err := jpeg.Decode(bytes.NewReader(b))
	p.must(err)
	if m.Bounds().Dx() > 480 {
		p.t.Fatalf("the photo has %v", m.Bounds())
	}
	return int(m.(*image.YCbCr).Y[0])
}

func (p *person) show(n client.CardChange) { p.t.Helper(); p.must(p.ChangeCard(bg, n)) }

func (p *person) shownBy(of *person) (name, about string) {
	p.t.Helper()
	k, _, err := p.ShownBy(bg, accountOf(of))
	p.must(err)
	return k.Name, k.About
}

func at(s string) *string { return &s }

func TestAPhotoIsShownSealedChangedAndGone(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	a.show(client.CardChange{Photo: bytes.NewReader(face(t, 40))})
	settle(a, b)
	if got := b.portrait(a); got < 38 || got > 42 {
		t.Fatalf("Bob sees shade %d", got)
	}
	if p, err := w.record(a); err != nil || p.Name != "" || p.About != "" {
		t.Fatalf("the carrier has %+v, %v", p, err)
	}
	if n := w.blobs(); n != 0 {
		t.Fatalf("%d sealed photos are still at the carrier, though Bob has it", n)
	}
	before := len(w.carrier.Taken())
	a.send(b, "nothing new about me")
	settle(a, b)
	a.show(client.CardChange{About: at("at sea")})
	settle(a, b)
	if _, about := b.shownBy(a); about != "at sea" || b.portrait(a) < 0 {
		t.Fatalf("after another line: %q, photo %d", about, b.portrait(a))
	}
	if n := len(w.carrier.Taken()) - before; n > 6 {
		t.Errorf("%d envelopes for a text and a line", n)
	}
	a.show(client.CardChange{Photo: bytes.NewReader(face(t, 200))})
	settle(a, b)
	if got := b.portrait(a); got < 198 {
		t.Fatalf("after a new photo Bob sees shade %d", got)
	}
	a.show(client.CardChange{NoPhoto: true})
	settle(a, b)
	if b.portrait(a) != -1 || a.portrait(a) != -1 {
		t.Fatal("a removed photo is still shown")
	}
	if a.files.Len() != 0 || b.files.Len() != 0 || w.blobs() != 0 {
		t.Errorf("it lies somewhere still: %d, %d, %d", a.files.Len(), b.files.Len(), w.blobs())
	}
}

func TestEachPartIsShownToWhomThePersonChose(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	c := w.person(carol)
	a.send(c, "hello")
	settle(a, c)
	c.send(a, "hello")
	settle(a, c)
	a.show(client.CardChange{Name: at("Alice"), About: at("at sea"), Photo: bytes.NewReader(face(t, 40)),
		NameTo: client.ToWritten, AboutTo: client.ToNobody, PhotoTo: client.ToChosen, Chosen: &[]string{bob}})
	settle(a, b, c)
	for who, want := range map[*person]int{b: 40, c: -1} {
		if got := who.portrait(a); got != want {
			t.Errorf("%s sees the photo as %d, want %d", who.phone, got, want)
		}
		if name, about := who.shownBy(a); name != "Alice" || about != "" {
			t.Errorf("%s is shown %q, %q", who.phone, name, about)
		}
	}
	if p, err := w.record(a); err != nil || p.Name != "" || p.About != "" {
		t.Fatalf("what not everyone may see is with the carrier: %+v, %v", p, err)
	}
	a.show(client.CardChange{Chosen: &[]string{carol}})
	settle(a, b, c)
	if b.portrait(a) != -1 || c.portrait(a) != 40 {
		t.Errorf("chosen anew: Bob sees %d, Carol %d", b.portrait(a), c.portrait(a))
	}
	a.show(client.CardChange{NameTo: client.ToEveryone})
	if p, err := w.record(a); err != nil || p.Name != "Alice" || p.About != "" {
		t.Errorf("what everyone may see: %+v, %v", p, err)
	}
	p, err := b.ProfileOf(bg, accountOf(a))
	b.must(err)
	if p.Name != "Alice" {
		t.Errorf("Bob reads %+v", p)
	}
}

// Whoever is met later is shown the card as it is then; who is blocked is told
// nothing any more, not even that they see less.
func TestACardIsShownFromTheFirstMessageOn(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	a.show(client.CardChange{Name: at("Alice"), NameTo: client.ToWritten, Photo: bytes.NewReader(face(t, 40))})
	settle(a, b)
	c := w.person(carol)
	c.send(a, "do you know me?")
	settle(c, a)
	if name, _ := c.shownBy(a); name != "" || c.portrait(a) != -1 {
		t.Fatal("a stranger sees it")
	}
	a.send(c, "now I do")
	settle(a, c)
	if name, _ := c.shownBy(a); name != "Alice" || c.portrait(a) != 40 {
		t.Fatalf("after the first word Carol sees %q and photo %d", name, c.portrait(a))
	}
	a.must(a.Block(bg, carol, false))
	before := len(w.carrier.Taken())
	a.show(client.CardChange{NoPhoto: true})
	settle(a, b)
	for _, s := range w.carrier.Taken()[before:] {
		if s.To.Account == accountOf(c) {
			t.Fatal("who is blocked was told")
		}
	}
}

func TestAStrangersPhotoIsNotFetched(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.show(client.CardChange{Photo: bytes.NewReader(face(t, 40))})
	a.send(b, "look at me")
	settle(a, b)
	if w.blobs() != 1 || b.portrait(a) != -1 {
		t.Fatal("Bob's device fetched a stranger's photo by itself: that tells that it is on")
	}
	b.send(a, "who are you?")
	settle(a, b)
	if b.portrait(a) != 40 {
		t.Fatal("after Bob answered, the photo is not there")
	}
}

func TestEveryDeviceOfAPersonHasTheSameCards(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	b.show(client.CardChange{Photo: bytes.NewReader(face(t, 80))})
	a.show(client.CardChange{Photo: bytes.NewReader(face(t, 40))})
	settle(a, b)
	tablet := a.link("tablet", client.HistoryNone)
	settle(a, tablet, b)
	if tablet.portrait(a) != 40 || tablet.portrait(b) != 80 {
		t.Fatalf("the tablet has %d and %d", tablet.portrait(a), tablet.portrait(b))
	}
	w.clock.Advance(1e9)
	tablet.show(client.CardChange{Photo: bytes.NewReader(face(t, 120)), Name: at("Alice")})
	settle(tablet, a, b)
	if a.portrait(a) != 120 || b.portrait(a) != 120 {
		t.Fatalf("after a change on the tablet: %d and %d", a.portrait(a), b.portrait(a))
	}
}

func TestBadCardsAreRefused(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	long := string(make([]byte, wire.MaxName+1))
	for name, n := range map[string]client.CardChange{"no photo": {Photo: bytes.NewReader([]byte("a text"))}, "a photo for everyone": {PhotoTo: client.ToEveryone},
		"nobody that exists": {Chosen: &[]string{"+441632960009"}}, "an audience that does not exist": {NameTo: "friends"}, "a long name": {Name: &long}, "a bomb": {Photo: bytes.NewReader(bomb(t))}} {
		if err := a.ChangeCard(bg, n); fault.KindOf(err) == fault.Internal || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.must(b.Say(bg, accountOf(a), &client.ProfileBody{Name: "later"}, w.clock.Now().UnixMilli()+5))
	b.must(b.Say(bg, accountOf(a), &client.ProfileBody{Name: "earlier"}, w.clock.Now().UnixMilli()))
	blob := &client.PortraitBody{Size: 9, Blob: [16]byte{9}, Secret: [32]byte{9}, Digest: [32]byte{9}}
	settle(b, a)
	if name, _ := a.shownBy(b); name != "later" {
		t.Errorf("an older card came after: %q", name)
	}
	b.must(b.Say(bg, accountOf(a), &client.ProfileBody{Photo: blob}, w.clock.Now().UnixMilli()+9))
	settle(b, a)
	if a.portrait(b) != -1 {
		t.Error("a photo that does not exist is shown")
	}
}

func (w *world) blobs() int { n, _ := w.carrier.Freight.Blobs(); return n }

// record is what a stranger learns of somebody from the carrier.
func (w *world) record(of *person) (wire.Person, error) {
	p := &person{world: w, phone: dave, store: keystoretest.NewMemory()}
	p.start()
	p.must(p.RequestCode(bg, dave))
	_, err := p.Register(bg, client.Registration{Server: "test", Phone: dave, Code: carriertest.Code, DeviceType: "terminal"})
	p.must(err)
	return p.ProfileOf(bg, accountOf(of))
}
