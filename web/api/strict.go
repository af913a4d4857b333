package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"crypto/sha256"

	"letterlock/desk/intake"
	"letterlock/internal/fault"
)

// maxDepth bounds how deep a body may nest; ours need four.
const maxDepth = 16

var errMedia = fault.New(fault.Invalid, "read body", "the body of this call is sent with another Content-Type; the document says which")

// readBody takes a JSON body as it comes; what it says is read by the operation.
func (c *call) readBody() error {
	if t, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return errMedia
	}
	b, err := io.ReadAll(c.r.Body)
	if err != nil {
		return tooBig(err)
	}
	c.body = b
	return nil
}

// into reads the body into v: known fields only, each once, nothing after them.
func (c *call) into(v any) error { return strict(c.body, v) }

func strict(b []byte, v any) error {
	if err := once(b); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return inWords(err)
	}
	return nil
}

// once walks a body and refuses bad UTF-8, a name given twice, too deep a
// nest, and anything after the end.
func once(b []byte) error {
	if !utf8.Valid(b) {
		return wrong{{"", "the body is not UTF-8"}}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := walk(d, "", 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return wrong{{"", "something follows after the end of the body"}}
	}
	return nil
}

func walk(d *json.Decoder, at string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return wrong{{at, "this is not JSON, or it breaks off"}}
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == maxDepth {
		return wrong{{at, "this nests too deep"}}
	}
	seen := map[string]bool{}
	for n := 0; d.More(); n++ {
		here := fmt.Sprintf("%s/%d", at, n)
		if open == '{' {
			k, err := d.Token()
			if err != nil {
				return wrong{{at, "this is not JSON, or it breaks off"}}
			}
			name, _ := k.(string)
			here = at + "/" + escape(name)
			if seen[name] {
				return wrong{{here, "this name is given twice"}}
			}
			seen[name] = true
		}
		if err := walk(d, here, depth+1); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return wrong{{at, "this is not JSON, or it breaks off"}}
	}
	return nil
}

func escape(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(cut(s)) }

var unknownField = regexp.MustCompile(`unknown field "(.*)"`)

func inWords(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		at := ""
		if kind.Field != "" {
			at = "/" + strings.ReplaceAll(kind.Field, ".", "/")
		}
		return wrong{{at, "a " + kind.Value + " cannot stand here"}}
	}
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		return wrong{{"/" + escape(m[1]), "there is no field of this name here"}}
	}
	return wrong{{"", "the body cannot be read as the document describes it"}}
}

// onceKey is a key as a structured field string or a bare word.
// As RFC 8941 writes strings, and the IETF draft on Idempotency-Key.
var onceKey = regexp.MustCompile(`^(?:"([\x21\x23-\x5b\x5d-\x7e]{8,128})"|([\x21\x23-\x5b\x5d-\x7e]{8,128}))$`)

// repeatable is what makes a call the same call.
func (c *call) repeatable() (intake.Once, error) {
	all := c.r.Header.Values("Idempotency-Key")
	if len(all) != 1 {
		return intake.Once{}, fault.New(fault.Invalid, "repeat call", "send the header Idempotency-Key with 8 to 128 characters of your own, new for each new call and the same when you repeat one")
	}
	m := onceKey.FindStringSubmatch(strings.TrimSpace(all[0]))
	if m == nil {
		return intake.Once{}, fault.New(fault.Invalid, "repeat call", "an Idempotency-Key has 8 to 128 visible characters, such as a UUID")
	}
	what := append([]byte(c.r.Method+" "+c.r.URL.Path+"\x00"), c.body...)
	return intake.Once{System: c.system.ID, Key: m[1] + m[2], Body: what}, nil
}

// digest is what a file must have, if the caller said so.
// As RFC 9530 writes it.
func digest(header string) ([]byte, error) {
	if header == "" {
		return nil, nil
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(header), "sha-256=:")
	text, end := strings.CutSuffix(text, ":")
	b, err := base64.StdEncoding.DecodeString(text)
	if !ok || !end || err != nil || len(b) != sha256.Size {
		return nil, fault.New(fault.Invalid, "read digest", "Content-Digest is written as sha-256=:…: with the hash in base64")
	}
	return b, nil
}

// proven ends in an error instead of an end if the bytes are not those that
// were meant, so that nothing of them is kept.
type proven struct {
	r    io.Reader
	want []byte
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
	err error
}

func (p *proven) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.sum.Write(b[:n])
	switch {
	case errors.Is(err, io.EOF) && p.want != nil && !bytes.Equal(p.sum.Sum(nil), p.want):
		p.err = fault.New(fault.Invalid, "read paper", "what arrived has another hash than Content-Digest says; it was not kept, send it again")
		return n, p.err
	case err != nil && !errors.Is(err, io.EOF):
		p.err = tooBig(err)
		return n, p.err
	}
	return n, err
}
