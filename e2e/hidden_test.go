package e2e_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// hidden is something of a day that is no text of a message, and that the
// server must not have: how it was written, or is encoded on a device.
type hidden struct {
	what string
	b    []byte
}

func (h hidden) into(n *needles) {
	if utf8.Valid(h.b) {
		n.text(h.what, string(h.b))
	} else {
		n.binary(h.what, h.b)
	}
}

func (d *day) hide(what string, b []byte) {
	if len(b) < needleHead {
		d.t.Fatalf("%s of %d bytes is too short to be searched for", what, len(b))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hidden = append(d.hidden, hidden{what, b})
}

// word makes a word that occurs nowhere else.
func (d *day) word(what string) string {
	var r [6]byte
	rand.Read(r[:])
	s := what[:1] + hex.EncodeToString(r[:])
	d.hide(what, []byte(s))
	return s
}

// digits makes so many digits that do not begin with zero.
func digits(n int) string {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n-1)), nil)
	i, _ := rand.Int(rand.Reader, new(big.Int).Mul(most, big.NewInt(9)))
	return i.Add(i, most).String()
}

// spot makes a place that is nowhere else, and hides it as it is written, as
// the devices encode it and as a program may hold it.
func (d *day) spot(what string) string {
	north, west := digits(6)+"7", digits(6)+"3" // ten-millionths of a degree, without a zero at the end
	lat, lon := "47."+north, "-9."+west
	d.hide(what+" (latitude)", []byte(lat))
	d.hide(what+" (longitude)", []byte(lon))
	var n, w int32
	fmt.Sscan("47"+north, &n)
	fmt.Sscan("-9"+west, &w)
	d.hide(what+" (CBOR)", binary.BigEndian.AppendUint32(append(binary.BigEndian.AppendUint32([]byte{0x1a}, uint32(n)), 0x3a), uint32(-1-w)))
	d.hide(what+" (memory)", binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(n)), uint32(w)))
	return lat + "," + lon
}

// photo makes a picture that is nowhere else.
func (d *day) photo() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	rand.Read(m.Pix)
	var b bytes.Buffer
	must(d.t, jpeg.Encode(&b, m, nil))
	return b.Bytes()
}

// hideInside hides a stretch of the middle of some bytes, which are long.
func (d *day) hideInside(what string, b []byte) {
	d.t.Helper()
	if len(b) < 600 {
		d.t.Fatalf("%s of %d bytes", what, len(b))
	}
	d.hide(what, bytes.Clone(b[len(b)/2:len(b)/2+48]))
}

// file writes a file as people have them.
func (d *day) file(name string, b []byte) string {
	path := filepath.Join(d.t.TempDir(), name)
	must(d.t, os.WriteFile(path, b, 0o600))
	return path
}

// seenByPeople is the control: each text and each hidden thing is on some
// person's device, where it belongs, in a form that is searched for; but for
// kinds that no device keeps in this form.
func (d *day) seenByPeople(but ...string) {
	d.t.Helper()
	h := files(d.t, filepath.Join(d.w.Dir, "people"))
next:
	for _, x := range d.everything() {
		for _, b := range but {
			if strings.Contains(x.what, b) {
				continue next
			}
		}
		n := newNeedles()
		n.put(x.what, x.b)
		some(d.t, x.what+" on the devices", h.search(n))
	}
}

// everything is each text of the day and each hidden thing.
func (d *day) everything() []hidden {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := append([]hidden(nil), d.hidden...)
	for _, s := range d.texts {
		out = append(out, hidden{"text: " + s, []byte(s)})
	}
	return out
}

// kinds counts everything by its kind.
func (d *day) kinds() map[string]int {
	out := map[string]int{}
	for _, x := range d.everything() {
		what, _, _ := strings.Cut(x.what, ": ")
		out[what]++
	}
	return out
}

// nowhere searches the server's disk and logs, and its memory if it runs, for
// all of it.
func (d *day) nowhere(when string, mems map[string]haystack) haystack {
	d.t.Helper()
	all, disk := d.plain(), d.disk()
	none(d.t, "the disk "+when, disk.search(all))
	some(d.t, "the name of an account", disk.search(one("control", "Marker-Lovelace")))
	some(d.t, "the log itself", disk.only("server.log").search(one("control", d.w.Server.Lines()[0])))
	for name, m := range mems {
		none(d.t, name+"'s memory "+when, m.search(all))
		some(d.t, "the house's name in "+name+"'s memory", m.search(one("control", "letterlock")))
	}
	d.t.Logf("%s: %d files of %d MiB and %d processes searched for %d things", when, len(disk), disk.size()>>20, len(mems), len(d.everything()))
	return disk
}

// shows wants texts in what a program printed.
func shows(t testing.TB, where, out string, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(out, s) {
			t.Fatalf("%s does not show %q:\n%s", where, s, out)
		}
	}
}
