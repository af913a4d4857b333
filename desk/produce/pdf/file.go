package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// file writes the objects of a PDF and remembers where they lie.
// spec: ISO 32000-1 7.5
type file struct {
	buf bytes.Buffer
	at  []int // offset of each object, from 1
}

func newFile() *file {
	f := &file{}
	f.buf.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	return f
}

// reserve gives an object's number before the object is written.
func (f *file) reserve() int {
	f.at = append(f.at, 0)
	return len(f.at)
}

func (f *file) put(id int, format string, args ...any) {
	f.at[id-1] = f.buf.Len()
	fmt.Fprintf(&f.buf, "%d 0 obj\n", id)
	fmt.Fprintf(&f.buf, format, args...)
	f.buf.WriteString("\nendobj\n")
}

func (f *file) add(format string, args ...any) int {
	id := f.reserve()
	f.put(id, format, args...)
	return id
}

// packers are used again: each takes most of a megabyte.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(io.Discard) }}

// stream writes compressed data with the given entries in its dictionary.
func (f *file) stream(entries string, data []byte) int {
	var packed bytes.Buffer
	z := packers.Get().(*zlib.Writer)
	z.Reset(&packed)
	z.Write(data)
	z.Close()
	packers.Put(z)
	return f.raw(entries+" /Filter /FlateDecode", packed.Bytes())
}

func (f *file) raw(entries string, data []byte) int {
	id := f.reserve()
	f.at[id-1] = f.buf.Len()
	fmt.Fprintf(&f.buf, "%d 0 obj\n<<%s /Length %d>>\nstream\n", id, entries, len(data))
	f.buf.Write(data)
	f.buf.WriteString("\nendstream\nendobj\n")
	return id
}

// writeTo ends the file: where the objects lie and where to begin.
func (f *file) writeTo(w io.Writer, root, info int) error {
	id := sha256.Sum256(f.buf.Bytes())
	start := f.buf.Len()
	fmt.Fprintf(&f.buf, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, at := range f.at {
		fmt.Fprintf(&f.buf, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&f.buf, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.at)+1, root, info, id[:16], id[:16], start)
	_, err := w.Write(f.buf.Bytes())
	return err
}

// text is a string for people, in UTF-16.
func text(s string) string { return "<FEFF" + hex16(s) + ">" }

func date(t time.Time) string { return "(D:" + t.UTC().Format("20060102150405") + "+00'00')" }

// metadata is the same facts for programs that read XMP.
func metadata(s Settings) string {
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	when := s.Created.UTC().Format(time.RFC3339)
	return `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + esc.Replace(s.Title) + `</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>` + esc.Replace(s.Author) + `</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>` + esc.Replace(s.Language) + `</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>` + when + `</xmp:CreateDate><xmp:ModifyDate>` + when + `</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}
