// Package email reads an e-mail file as it lies on a disk: who it says it is
// from, its text, its files, and what can be proven of its sender. Everything
// in it was written by a stranger. It knows no case and no directory, and must
// not render anything or ask anybody but the name service it is given.
package email

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the charsets that mail is written in
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Limits of one e-mail.
const (
	MaxFile  = 60 << 20 // two of the largest papers, as mail encodes them
	maxParts = 64
	maxDepth = 8
	maxFiles = casefile.MaxPapers
	maxShort = 300
)

// File is what came attached.
type File struct {
	Name string
	Body []byte
	Big  bool // over the limit of a paper: Body is not all of it
}

// Message is an e-mail, read.
type Message struct {
	casefile.Email
	Files []File

	header mail.Header
	domain string // of From
}

func bad(format string, args ...any) error {
	return fault.New(fault.Invalid, "read e-mail", format, args...)
}

// Read reads an e-mail file. What it cannot read it refuses with a sentence.
func Read(raw []byte) (m Message, err error) {
	defer func() {
		if p := recover(); p != nil { // a library met something it did not expect
			m, err = Message{}, bad("this e-mail is damaged in a way that stops its reading; print it to PDF and enter it as a paper")
		}
	}()
	if len(raw) > MaxFile {
		return m, fault.New(fault.TooLarge, "read e-mail", "an e-mail file is at most %d MiB; save its attachments and enter them as papers", MaxFile>>20)
	}
	e, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: 256 << 10})
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return m, bad("this is not an e-mail file; save the message as .eml, with its headers, and choose that file")
	}
	m.header = mail.Header{Header: e.Header}
	if err := m.heads(); err != nil {
		return m, err
	}
	r := &parts{m: &m}
	if err := r.read(e, 0, err); err != nil {
		return m, err
	}
	m.Text = r.body()
	return m, nil
}

// heads reads the lines that people see, and refuses a From that could be read
// in two ways: the one that is shown must be the one that is proven.
func (m *Message) heads() error {
	h := m.header
	if n := h.FieldsByKey("From").Len(); n != 1 {
		return bad("this file has %d From lines, and an e-mail has one: whose it is cannot be said; if it is a request, print it to PDF and enter it as a paper", n)
	}
	from, err := h.AddressList("From")
	if err != nil || len(from) != 1 {
		return bad("its From line names no single sender: whose it is cannot be said; if it is a request, print it to PDF and enter it as a paper")
	}
	m.From, m.FromName = clean(strings.ToLower(from[0].Address), maxShort), clean(from[0].Name, maxShort)
	at := strings.LastIndexByte(m.From, '@')
	if m.domain = strings.TrimSuffix(m.From[at+1:], "."); at < 1 || !strings.Contains(m.domain, ".") {
		return bad("its From address %q has no domain; if it is a request, print it to PDF and enter it as a paper", cut(m.From))
	}
	if to, err := h.AddressList("To"); err == nil {
		var all []string
		for _, a := range to[:min(len(to), 5)] {
			all = append(all, a.Address)
		}
		m.To = clean(strings.Join(all, ", "), maxShort)
	}
	subject, _ := h.Subject()
	m.Subject = clean(subject, maxShort)
	if id, err := h.MessageID(); err == nil {
		m.MessageID = clean(id, maxShort)
	}
	if t, err := h.Date(); err == nil && t.Year() > 1990 && t.Year() < 2200 {
		m.Date = t.UTC().Truncate(time.Second)
	}
	return nil
}

// Domain is the domain of From.
func (m Message) Domain() string { return m.domain }

func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// clean is a text of one line that shows all it holds.
func clean(s string, max int) string {
	return strings.Join(strings.Fields(visible(s, max)), " ")
}

// visible drops what cannot be seen, and turns of direction, which could show
// a text as another.
func visible(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), ""))
	if len(s) > max {
		s = strings.ToValidUTF8(s[:max], "")
	}
	return s
}

// parts walks the parts of a message.
type parts struct {
	m          *Message
	count      int
	plain, web string
}

func (p *parts) read(e *message.Entity, depth int, flawed error) error {
	if p.count++; p.count > maxParts || depth > maxDepth {
		return bad("this e-mail has more parts within parts than an honest one needs; print it to PDF and enter it as a paper")
	}
	kind, _, _ := e.Header.ContentType()
	if r := e.MultipartReader(); r != nil {
		return p.inside(r, depth)
	}
	disposition, _, _ := e.Header.ContentDisposition()
	name, _ := (&mail.AttachmentHeader{Header: e.Header}).Filename()
	if flawed != nil {
		p.m.Notes = append(p.m.Notes, "One part is written in a way that is not known here, and is shown as far as it can be read.")
	}
	text := strings.HasPrefix(kind, "text/") && !strings.EqualFold(disposition, "attachment") && name == ""
	limit := int64(casefile.MaxPaper)
	if text {
		limit = 4 * casefile.MaxText
	}
	b, err := io.ReadAll(io.LimitReader(e.Body, limit+1))
	if err != nil {
		p.m.Notes = append(p.m.Notes, fmt.Sprintf("The part %q breaks off before its end.", cut(clean(name, maxShort))))
	}
	switch {
	case text && kind == "text/html":
		if p.web == "" {
			p.web = string(b)
		}
	case text:
		if p.plain == "" {
			p.plain = string(b)
		}
	default:
		return p.file(clean(name, maxShort), kind, b)
	}
	return nil
}

func (p *parts) inside(r message.MultipartReader, depth int) error {
	for {
		e, err := r.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err):
			p.m.Notes = append(p.m.Notes, "The file breaks off before its end; what came before that is here.")
			return nil
		}
		if err := p.read(e, depth+1, err); err != nil {
			return err
		}
	}
}

func (p *parts) file(name, kind string, b []byte) error {
	if name == "" {
		name = "attachment " + fmt.Sprint(len(p.m.Files)+1)
	}
	if strings.HasPrefix(kind, "message/") {
		name += " (an e-mail within the e-mail)"
	}
	if len(p.m.Files) == maxFiles {
		return bad("this e-mail carries more than %d files; save them and enter those that matter as papers", maxFiles)
	}
	p.m.Files = append(p.m.Files, File{Name: name, Body: b, Big: len(b) > casefile.MaxPaper})
	return nil
}

// body is the text as plain text. HTML is never shown as such: only its words.
func (p *parts) body() string {
	text := p.plain
	switch {
	case text == "" && p.web != "":
		text = words(p.web)
		p.m.Notes = append(p.m.Notes, "The e-mail is written as a web page; these are its words without its look.")
	case p.web != "":
		p.m.Notes = append(p.m.Notes, "The e-mail has a version as a web page too. It is not shown; the file is kept.")
	}
	if len(text) > casefile.MaxText {
		p.m.Notes = append(p.m.Notes, "The text is longer than what is shown; the file is kept.")
	}
	return strings.TrimSpace(visible(text, casefile.MaxText))
}

// words are what a web page says.
func words(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if hidden == 0 {
				out.Write(z.Text())
			}
		case html.StartTagToken:
			switch n, _ := z.TagName(); string(n) {
			case "script", "style", "title":
				hidden++
			case "p", "br", "div", "tr", "li":
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			if n, _ := z.TagName(); (string(n) == "script" || string(n) == "style" || string(n) == "title") && hidden > 0 {
				hidden--
			}
		case html.SelfClosingTagToken:
			out.WriteByte('\n')
		}
	}
}
