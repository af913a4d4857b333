package papers

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// Upload is a file that nobody should send, and words of the sentence with
// which it is refused.
type Upload struct {
	Name string
	File []byte
	Says string
}

// Archive is a ZIP archive with files of these names.
func Archive(names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, err := z.Create(n)
		sure(err)
		_, err = w.Write([]byte("x"))
		sure(err)
	}
	sure(z.Close())
	return b.Bytes()
}

// Encrypted is an honest paper, locked.
func Encrypted(user string) []byte {
	api.DisableConfigDir()
	var b bytes.Buffer
	sure(api.Encrypt(bytes.NewReader(Order(1).Bytes()), &b, model.NewAESConfiguration(user, "owner", 256)))
	return b.Bytes()
}

// sure: what is made here is the same each time, so that only a mistake in it
// comes here.
func sure(err error) {
	if err != nil {
		panic(err)
	}
}

func withPicture(m Made, w, h int) []byte {
	m, n := m.Plus(Stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray", w, h), []byte{0}))
	return m.With(4, fmt.Sprintf("/XObjectX %d 0 R", n)).Bytes()
}

// Hostile are files of every kind that is refused at a look: other types,
// several types at once, scripts, files inside, locked and damaged ones, and
// what is more than size bytes or pages.
func Hostile(size, pages int) []Upload {
	good := Order(1)
	zipped := Archive("../../etc/cron.d/x", `..\..\boot.ini`, "/etc/passwd")
	deep := strings.Repeat("<< /A ", 105) + "<< /S /JavaScript /JS (1) >>" + strings.Repeat(" >>", 105)
	embedded, n := good.Plus(Stream("/Type /EmbeddedFile", []byte("MZ")))
	return []Upload{
		{"nothing", nil, "not a PDF"},
		{"a ZIP with slips", zipped, "a ZIP archive or an office document and not a PDF"},
		{"a JPEG", []byte("\xff\xd8\xff\xe0 JFIF"), "a JPEG picture and not a PDF"},
		{"a PNG", []byte("\x89PNG\r\n\x1a\n"), "a PNG picture"},
		{"a TIFF", []byte("II*\x00"), "a TIFF picture"},
		{"an old office document", []byte("\xd0\xcf\x11\xe0\xa1\xb1"), "an office document"},
		{"a program", []byte("MZ\x90"), "a program"},
		{"a web page", []byte("<html><script>"), "a web page"},
		{"a script before the PDF", append([]byte("#!/bin/sh\n"), good.Bytes()...), "a script"},
		{"only a header", []byte("%PDF-1.7\n"), "cut off"},
		{"half a file", good.Bytes()[:200], "cut off"},
		{"damaged", []byte("%PDF-1.7\nnothing\n%%EOF\n"), "damaged"},
		{"a PDF and a ZIP", append(good.Bytes(), zipped...), "a PDF and a ZIP archive at once"},
		{"a ZIP inside a comment", bytes.Replace(good.Bytes(), []byte("%%EOF"), append(append([]byte("%"), zipped...), "\n%%EOF"...), 1), "a PDF and a ZIP archive at once"},
		{"a PDF and a web page", bytes.Replace(good.Bytes(), []byte("%\xe2"), []byte("%<HTML><script>alert(1)</script>\n%\xe2"), 1), "a PDF and a web page at once"},
		{"a PDF and a RAR", bytes.Replace(good.Bytes(), []byte("%\xe2"), []byte("%Rar!\x1a\x07\x00\n%\xe2"), 1), "a RAR archive at once"},
		{"a program behind the end", append(good.Bytes(), "MZ\x90\x00"...), "behind the end"},
		{"encrypted", Encrypted("secret"), "encrypted or locked"},
		{"encrypted without a word", Encrypted(""), "encrypted or locked"},
		{"JavaScript on opening", good.With(1, "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>").Bytes(), "carries scripts"},
		{"JavaScript, escaped", good.With(1, "/OpenAction << /S /J#61vaScript /J#53 (app.alert(1)) >>").Bytes(), "carries scripts"},
		{"JavaScript by name", good.With(1, "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (1) >>] >> >>").Bytes(), "carries scripts"},
		{"a program to launch", good.With(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (cmd.exe) >> >>]").Bytes(), "carries scripts"},
		{"another file to open", good.With(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F (//host/x.pdf) /D [0 /Fit] >> >>]").Bytes(), "carries scripts"},
		{"a form that is sent", good.With(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /SubmitForm /F (http://x.example) >> >>]").Bytes(), "carries scripts"},
		{"a web page on opening", good.With(1, "/OpenAction << /S /URI /URI (http://x.example) >>").Bytes(), "OpenAction"},
		{"an act on opening a page", good.With(4, "/AA << /O << /S /URI /URI (http://x.example) >> >>").Bytes(), "(AA)"},
		{"a file inside", embedded.With(1, fmt.Sprintf("/Names << /EmbeddedFiles << /Names [(x) << /Type /Filespec /F (x.exe) /EF << /F %d 0 R >> >>] >> >>", n)).Bytes(), "carries scripts"},
		{"a file inside, unnamed", embedded.Bytes(), "carries scripts"},
		{"a file as a note", good.With(4, "/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /Type /Filespec /F (x) >> >>]").Bytes(), "carries scripts"},
		{"a form of the XFA kind", good.With(1, "/AcroForm << /Fields [] /XFA (x) >>").Bytes(), "carries scripts"},
		{"a page of a kilometre", bytes.Replace(good.Bytes(), []byte("612 792"), []byte("9e9 792"), 1), ""},
		{"a page of a hundred meter", good.With(4, "/CropBox [0 0 283465 792]").Bytes(), "m long"},
		{"a page with a huge unit", good.With(4, "/UserUnit 75000").Bytes(), "m long"},
		{"a huge picture", withPicture(good, 100_000, 100_000), "million points"},
		{"a script in what is dropped", good.With(4, "/PieceInfo "+deep).Bytes(), "carries scripts"},
		{"more pages than a paper", Order(pages + 1).Bytes(), "1001 pages"},
		{"no page", Order(0).Bytes(), "damaged"},
		{"too many bytes", append(good.Bytes(), make([]byte, size)...), "25 MiB"},
	}
}

// Bombs are files that unpack without end, for a look with its limits around.
func Bombs() []Upload {
	page := Order(1)
	page.Objects[4] = Stream("/Filter /FlateDecode", Bomb(600<<20))
	return []Upload{{"a page that unpacks without end", page.Bytes(), "within the limits"}}
}
