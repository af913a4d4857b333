package kit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"letterlock/internal/fault"
	"letterlock/internal/lang"
)

// Upload takes the PDF files of a form one after the other, straight to where add
// puts them: nothing rests in a temporary folder. The form's file field is
// "file"; the field "what" comes before it and says what they are. A file that
// is refused is named on the form, and those before it stay. It returns how
// many were taken.
func Upload(w http.ResponseWriter, r *http.Request, add func(ctx context.Context, name, what string, b io.Reader) error) (int, *Form, error) {
	f := NewForm(nil).In(lang.From(r.Context()))
	parts, err := r.MultipartReader()
	if err != nil {
		return 0, nil, fault.Wrap(fault.Invalid, "receive files", err, "the form could not be read; reload the page and try again")
	}
	n := 0
	for f.OK() {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return n, nil, brokenOff(err)
		}
		took, err := uploadPart(r.Context(), f, part, add)
		if err != nil {
			return n, nil, err
		}
		n += took
	}
	io.Copy(io.Discard, r.Body) // so that the browser reads the answer; the body is bounded
	if n == 0 && f.OK() {
		f.Bad("file", "Choose a PDF file first.")
	}
	return n, f, nil
}

func uploadPart(ctx context.Context, f *Form, part *multipart.Part, add func(ctx context.Context, name, what string, b io.Reader) error) (int, error) {
	defer part.Close()
	if part.FormName() == "what" {
		b, err := io.ReadAll(io.LimitReader(part, 200))
		if err != nil {
			return 0, brokenOff(err)
		}
		f.Values.Set("what", string(b))
		return 0, nil
	}
	var head [1]byte
	got, err := io.ReadFull(part, head[:])
	switch {
	case part.FormName() != "file" || part.FileName() == "" && got == 0:
		return 0, nil
	case errors.Is(err, io.EOF):
		f.Bad("file", "“%s” is empty.", short(part.FileName()))
		return 0, nil
	case err != nil:
		return 0, brokenOff(err)
	}
	b := &cutReader{Reader: io.MultiReader(bytes.NewReader(head[:]), part)}
	err = add(ctx, part.FileName(), f.Get("what"), b)
	switch {
	case err == nil:
		return 1, nil
	case b.err != nil: // the upload broke off, whatever became of it
		return 0, brokenOff(b.err)
	case slices.Contains([]fault.Kind{fault.Invalid, fault.TooLarge, fault.Exhausted, fault.Conflict, fault.Unavailable}, fault.KindOf(err)):
		f.Bad("file", "“%s”: %s", short(part.FileName()), f.tongue.Say(err))
		return 0, nil
	}
	return 0, err
}

// short is a name, cut if long.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return s
}

// cutReader remembers how the reading of an upload failed.
type cutReader struct {
	io.Reader
	err error
}

func (c *cutReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// brokenOff says why an upload could not be read to its end.
func brokenOff(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.Wrap(fault.TooLarge, "receive files", err, "more than %s was sent at once; send the files one after the other", Bytes(big.Limit))
	}
	return fault.Wrap(fault.Invalid, "receive files", err, "the upload broke off before its end, and the file was not kept; send it again")
}
