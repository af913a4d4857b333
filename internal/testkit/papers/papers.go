// Package papers makes PDF files by hand for tests: honest ones, and those that
// nobody should send. It knows the file format and no rule of the house.
package papers

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// Made is a PDF made by hand: objects from 1, the first of them the catalogue.
type Made struct {
	Objects []string
	trailer string
}

// Order is a paper of so many pages with a line of text on each.
func Order(pages int) Made {
	lines := make([]string, pages)
	for i := range lines {
		lines[i] = fmt.Sprintf("Order, page %d", i+1)
	}
	return Saying(lines...)
}

// Saying is a paper with a page for each text.
func Saying(lines ...string) Made {
	var kids []string
	m := Made{Objects: []string{"", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}}
	for _, line := range lines {
		n := len(m.Objects) + 1
		text := fmt.Sprintf("BT /F1 24 Tf 72 700 Td (%s) Tj ET", strings.NewReplacer("(", `\(`, ")", `\)`, `\`, `\\`).Replace(line))
		m.Objects = append(m.Objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>", n+1),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
	}
	m.Objects[0] = "<< /Type /Catalog /Pages 2 0 R >>"
	m.Objects[1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(lines), strings.Join(kids, " "))
	return m
}

// With adds keys to an object, from 1.
func (m Made) With(object int, keys string) Made {
	m.Objects = append([]string(nil), m.Objects...)
	m.Objects[object-1] = strings.Replace(m.Objects[object-1], "<<", "<< "+keys, 1)
	return m
}

// Plus adds an object and returns its number.
func (m Made) Plus(object string) (Made, int) {
	m.Objects = append(append([]string(nil), m.Objects...), object)
	return m, len(m.Objects)
}

// Bytes are the file.
func (m Made) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(m.Objects))
	for i, o := range m.Objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	begin := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, x := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", x)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, m.trailer, begin)
	return b.Bytes()
}

// Update appends a revision that replaces or adds objects.
func Update(old []byte, objects map[int]string) []byte {
	b := bytes.NewBuffer(bytes.Clone(old))
	i := bytes.LastIndex(old, []byte("startxref\n"))
	var prev int
	fmt.Sscan(string(old[i+len("startxref\n"):]), &prev)
	at, most := map[int]int{}, 0
	for n, o := range objects {
		at[n], most = b.Len(), max(most, n)
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", n, o)
	}
	begin := b.Len()
	b.WriteString("xref\n")
	for n, x := range at {
		fmt.Fprintf(b, "%d 1\n%010d 00000 n \n", n, x)
	}
	fmt.Fprintf(b, "trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", max(most+1, 40), prev, begin)
	return b.Bytes()
}

// Bomb is a content stream that is small here and large when it is unpacked.
func Bomb(size int) []byte {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, 9)
	line := bytes.Repeat([]byte("q 1 0 0 1 0 0 cm "), 1<<12)
	for n := 0; n < size; n += len(line) {
		z.Write(line)
	}
	z.Close()
	return b.Bytes()
}

// Stream is a stream object.
func Stream(keys string, body []byte) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", keys, len(body), body)
}
