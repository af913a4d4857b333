package paper

import (
	"bytes"
	"encoding/binary"

	"letterlock/internal/fault"
)

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "inspect paper", format, args...)
}

// kinds are files that people upload instead of a PDF, by their first bytes.
var kinds = []struct{ begin, is string }{
	{"\x89PNG\r\n\x1a\n", "a PNG picture"}, {"\xff\xd8\xff", "a JPEG picture"}, {"II*\x00", "a TIFF picture"}, {"MM\x00*", "a TIFF picture"}, {"GIF8", "a GIF picture"},
	{"PK\x03\x04", "a ZIP archive or an office document"}, {"PK\x05\x06", "an empty ZIP archive"}, {"Rar!", "a RAR archive"}, {"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"},
	{"\x1f\x8b", "a compressed archive"}, {"\xd0\xcf\x11\xe0", "an office document of the old format"}, {"{\\rtf", "a rich text document"}, {"MZ", "a program"}, {"\x7fELF", "a program"},
	{"%!PS", "a PostScript file"}, {"<", "a web page or XML"}, {"#!", "a script"},
}

// kindOf refuses, by its content, what is no PDF from its first byte on. The
// name of a file says nothing.
func kindOf(b []byte) error {
	if bytes.HasPrefix(b, []byte("%PDF-")) {
		return nil
	}
	for _, k := range kinds {
		if bytes.HasPrefix(b, []byte(k.begin)) {
			return invalid("this file is %s and not a PDF, whatever its name says; scan or print the paper to PDF and upload that", k.is)
		}
	}
	return invalid("this file is not a PDF, whatever its name says; scan or print the paper to PDF and upload that")
}

// twoInOne refuses a file that is a PDF and something else at the same time:
// what one program shows, another would open.
func twoInOne(b []byte) error {
	also := func(what string) error {
		return invalid("this file is a PDF and %s at once; print the paper to a new PDF and upload that", what)
	}
	end := bytes.LastIndex(b, []byte("%%EOF"))
	if end < 0 {
		return invalid("the PDF is cut off: its end is missing; save or scan it again and upload the new file")
	}
	if rest := bytes.Trim(b[end+len("%%EOF"):], "\r\n\t \x00"); len(rest) > 0 {
		if bytes.Contains(rest, []byte("PK")) {
			return also("a ZIP archive")
		}
		return invalid("something stands behind the end of the PDF; print the paper to a new PDF and upload that")
	}
	if zipEnds(b) {
		return also("a ZIP archive")
	}
	for _, magic := range []struct{ is, what string }{{"Rar!\x1a\x07", "a RAR archive"}, {"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"}} {
		if bytes.Contains(b, []byte(magic.is)) {
			return also(magic.what)
		}
	}
	head := bytes.ToLower(b[:min(len(b), 4096)])
	for _, tag := range []string{"<html", "<script", "<!doctype", "<svg", "<?php", "<iframe", "<body"} {
		if bytes.Contains(head, []byte(tag)) {
			return also("a web page")
		}
	}
	for at, what := range map[int]string{257: "ustar", 32769: "CD001", 34817: "CD001"} {
		if len(b) > at+5 && string(b[at:at+5]) == what {
			return also("an archive")
		}
	}
	return nil
}

// zipEnds finds the record that ends a ZIP archive where a ZIP reader looks for
// it: so near the end that its comment reaches the end of the file.
func zipEnds(b []byte) bool {
	const record = 22
	from := max(0, len(b)-record-1<<16)
	for tail := b[from:]; ; {
		i := bytes.Index(tail, []byte("PK\x05\x06"))
		if i < 0 || len(tail)-i < record {
			return false
		}
		if comment := int(binary.LittleEndian.Uint16(tail[i+20:])); i+record+comment <= len(tail) {
			return true
		}
		tail = tail[i+4:]
	}
}
