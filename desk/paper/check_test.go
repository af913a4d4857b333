package paper_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/internal/fault"
)

func archive(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("x"))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encrypted(t testing.TB, user string) []byte {
	t.Helper()
	api.DisableConfigDir()
	conf := model.NewAESConfiguration(user, "owner", 256)
	var b bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(order(1).bytes()), &b, conf); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsNoPaperIsRefusedWithASentence(t *testing.T) {
	good := order(1)
	zipped := archive(t, "../../etc/cron.d/x", `..\..\boot.ini`, "/etc/passwd")
	deep := strings.Repeat("<< /A ", 105) + "<< /S /JavaScript /JS (1) >>" + strings.Repeat(" >>", 105)
	embedded, n := good.plus(stream("/Type /EmbeddedFile", []byte("MZ")))
	for name, x := range map[string]struct {
		b    []byte
		says string
	}{
		"nothing":                     {nil, "not a PDF"},
		"a ZIP with slips":            {zipped, "a ZIP archive or an office document and not a PDF"},
		"a JPEG":                      {[]byte("\xff\xd8\xff\xe0 JFIF"), "a JPEG picture and not a PDF"},
		"a PNG":                       {[]byte("\x89PNG\r\n\x1a\n"), "a PNG picture"},
		"a TIFF":                      {[]byte("II*\x00"), "a TIFF picture"},
		"an old office document":      {[]byte("\xd0\xcf\x11\xe0\xa1\xb1"), "an office document"},
		"a program":                   {[]byte("MZ\x90"), "a program"},
		"a web page":                  {[]byte("<html><script>"), "a web page"},
		"a script before the PDF":     {append([]byte("#!/bin/sh\n"), good.bytes()...), "a script"},
		"only a header":               {[]byte("%PDF-1.7\n"), "cut off"},
		"half a file":                 {good.bytes()[:200], "cut off"},
		"damaged":                     {[]byte("%PDF-1.7\nnothing\n%%EOF\n"), "damaged"},
		"a PDF and a ZIP":             {append(good.bytes(), zipped...), "a PDF and a ZIP archive at once"},
		"a ZIP inside a comment":      {bytes.Replace(good.bytes(), []byte("%%EOF"), append(append([]byte("%"), zipped...), "\n%%EOF"...), 1), "a PDF and a ZIP archive at once"},
		"a PDF and a web page":        {bytes.Replace(good.bytes(), []byte("%\xe2"), []byte("%<HTML><script>alert(1)</script>\n%\xe2"), 1), "a PDF and a web page at once"},
		"a PDF and a RAR":             {bytes.Replace(good.bytes(), []byte("%\xe2"), []byte("%Rar!\x1a\x07\x00\n%\xe2"), 1), "a RAR archive at once"},
		"a program behind the end":    {append(good.bytes(), "MZ\x90\x00"...), "behind the end"},
		"encrypted":                   {encrypted(t, "secret"), "encrypted or locked"},
		"encrypted without a word":    {encrypted(t, ""), "encrypted or locked"},
		"JavaScript on opening":       {good.with(1, "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>").bytes(), "carries scripts"},
		"JavaScript, escaped":         {good.with(1, "/OpenAction << /S /J#61vaScript /J#53 (app.alert(1)) >>").bytes(), "carries scripts"},
		"JavaScript by name":          {good.with(1, "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (1) >>] >> >>").bytes(), "carries scripts"},
		"a program to launch":         {good.with(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (cmd.exe) >> >>]").bytes(), "carries scripts"},
		"another file to open":        {good.with(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F (//host/x.pdf) /D [0 /Fit] >> >>]").bytes(), "carries scripts"},
		"a form that is sent":         {good.with(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /SubmitForm /F (http://x.example) >> >>]").bytes(), "carries scripts"},
		"a web page on opening":       {good.with(1, "/OpenAction << /S /URI /URI (http://x.example) >>").bytes(), "OpenAction"},
		"an act on opening a page":    {good.with(4, "/AA << /O << /S /URI /URI (http://x.example) >> >>").bytes(), "(AA)"},
		"a file inside":               {embedded.with(1, fmt.Sprintf("/Names << /EmbeddedFiles << /Names [(x) << /Type /Filespec /F (x.exe) /EF << /F %d 0 R >> >>] >> >>", n)).bytes(), "carries scripts"},
		"a file inside, unnamed":      {embedded.bytes(), "carries scripts"},
		"a file as a note":            {good.with(4, "/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /Type /Filespec /F (x) >> >>]").bytes(), "carries scripts"},
		"a form of the XFA kind":      {good.with(1, "/AcroForm << /Fields [] /XFA (x) >>").bytes(), "carries scripts"},
		"a page of a kilometre":       {bytes.Replace(good.bytes(), []byte("612 792"), []byte("9e9 792"), 1), ""},
		"a page of a hundred meter":   {good.with(4, "/CropBox [0 0 283465 792]").bytes(), "m long"},
		"a page with a huge unit":     {good.with(4, "/UserUnit 75000").bytes(), "m long"},
		"a huge picture":              {withPicture(good, 100_000, 100_000), "million points"},
		"a script in what is dropped": {good.with(4, "/PieceInfo "+deep).bytes(), "carries scripts"},
		"more pages than a paper":     {order(paper.MaxPages + 1).bytes(), "1001 pages"},
		"no page":                     {order(0).bytes(), "damaged"},
		"too many bytes":              {append(good.bytes(), make([]byte, casefile.MaxPaper)...), "at most 25 MiB"},
	} {
		_, err := paper.Check(x.b, nil, now)
		if k := fault.KindOf(err); err == nil || k != fault.Invalid && k != fault.TooLarge || !strings.Contains(fault.Say(err), x.says) {
			t.Errorf("%s: %v (%q), want a sentence with %q", name, err, fault.Say(err), x.says)
		}
	}
}

func withPicture(m made, w, h int) []byte {
	m, n := m.plus(stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray", w, h), []byte{0}))
	return m.with(4, fmt.Sprintf("/XObjectX %d 0 R", n)).bytes()
}

func TestAnHonestPaperIsTaken(t *testing.T) {
	good := order(1)
	for name, b := range map[string][]byte{
		"plain":                    good.bytes(),
		"line ends behind its end": append(good.bytes(), "\r\n\r\n"...),
		"a link to a web page":     good.with(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://court.example) >> >>]").bytes(),
		"opens at its first page":  good.with(1, "/OpenAction [4 0 R /Fit]").bytes(),
		"revised before it came":   update(good.bytes(), map[int]string{5: stream("", []byte("BT ET"))}),
		"a scan of 300 pages":      order(300).bytes(),
		"as many pages as may be":  order(paper.MaxPages).bytes(),
	} {
		got, err := paper.Check(b, nil, now)
		if err != nil || got.Pages < 1 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// FuzzCheck: whatever comes, the sender gets a sentence or the paper is taken.
func FuzzCheck(f *testing.F) {
	f.Add(order(1).bytes())
	f.Add(unsigned(1, detached))
	f.Add(archive(f, "../x"))
	f.Add(order(1).with(1, "/OpenAction << /S /JavaScript /JS (1) >>").bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := paper.Check(b, nil, now)
		if k := fault.KindOf(err); err != nil && k != fault.Invalid && k != fault.TooLarge {
			t.Errorf("no sentence: %v", err)
		}
		if err == nil && (got.Pages < 1 || got.Pages > paper.MaxPages) {
			t.Errorf("taken with %d pages", got.Pages)
		}
	})
}
