package portal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

func (p *portal) papers(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.papersPage(w, r, o, http.StatusOK, kit.NewForm(nil))
}

func (p *portal) papersPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	d, row, err := p.draft(r, o)
	if err != nil {
		return err
	}
	return p.show(w, r, o, status, "papers.html", kit.Page{Title: "New request: papers", Here: "/new", Form: f, Data: struct {
		Steps  kit.Steps
		At     string
		Row    law.Row
		Papers []casefile.Paper
		Upload []kit.Field
		Names  map[string]string
	}{wizard(2), "/drafts/" + string(d.ID), row, d.Demand.Papers, uploadFields(f, demand.Papers(p.c.Law, row)), demand.PaperNames(p.c.Law, row)}})
}

func uploadFields(f *kit.Form, what []kit.Option) []kit.Field {
	return []kit.Field{f.Select("what", "What it is", "", what).Require(),
		f.File("file", "PDF files", "Up to "+strconv.Itoa(casefile.MaxPaper>>20)+" MiB each and "+strconv.Itoa(casefile.MaxPapers)+" papers in all; at most four of the largest at once.", "application/pdf").Several().Require()}
}

func (p *portal) paperSent(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	id := casefile.DraftID(r.PathValue("id"))
	n, f, err := receive(w, r, func(ctx context.Context, name, what string, b io.Reader) error {
		_, err := p.c.Intake.AddPaper(ctx, o.Actor(), id, name, what, b)
		return err
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.papersPage(w, r, o, http.StatusBadRequest, f)
	}
	return p.kit.Done(w, r, "/drafts/"+string(id)+"/papers", kit.Good, kit.Plural(n, "paper is", "papers are")+" with your draft.")
}

func (p *portal) paperDropped(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	id := casefile.DraftID(r.PathValue("id"))
	if err := p.c.Intake.RemovePaper(r.Context(), o.Actor(), id, casefile.PaperID(r.PathValue("paper"))); err != nil {
		return err
	}
	return p.kit.Done(w, r, "/drafts/"+string(id)+"/papers", kit.Good, "The paper is removed.")
}

// receive takes the files of an upload one after the other, straight into the
// store: no paper rests in a temporary folder. A file that is refused is named
// on the form; those before it stay.
func receive(w http.ResponseWriter, r *http.Request, add func(ctx context.Context, name, what string, b io.Reader) error) (int, *kit.Form, error) {
	f := kit.NewForm(nil)
	parts, err := r.MultipartReader()
	if err != nil {
		return 0, nil, fault.Wrap(fault.Invalid, "receive papers", err, "the form could not be read; reload the page and try again")
	}
	n := 0
	for f.OK() {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return n, nil, broken(err)
		}
		took, err := receivePart(r.Context(), f, part, add)
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

func receivePart(ctx context.Context, f *kit.Form, part *multipart.Part, add func(ctx context.Context, name, what string, b io.Reader) error) (int, error) {
	defer part.Close()
	if part.FormName() == "what" {
		b, err := io.ReadAll(io.LimitReader(part, 200))
		f.Values.Set("what", string(b))
		return 0, err
	}
	var head [1]byte
	got, err := io.ReadFull(part, head[:])
	switch {
	case part.FormName() != "file" || part.FileName() == "" && got == 0:
		return 0, nil
	case errors.Is(err, io.EOF):
		f.Bad("file", "“"+demand.Short(part.FileName())+"” is empty.")
		return 0, nil
	case err != nil:
		return 0, broken(err)
	}
	b := &cut{Reader: io.MultiReader(bytes.NewReader(head[:]), part)}
	err = add(ctx, part.FileName(), f.Get("what"), b)
	switch {
	case err == nil:
		return 1, nil
	case b.err != nil: // the upload broke off, whatever the store made of it
		return 0, broken(b.err)
	case personal(err):
		f.Bad("file", "“"+demand.Short(part.FileName())+"”: "+fault.Say(err))
		return 0, nil
	}
	return 0, err
}

// cut remembers how the reading of an upload failed.
type cut struct {
	io.Reader
	err error
}

func (c *cut) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// broken says why an upload could not be read to its end.
func broken(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.Wrap(fault.TooLarge, "receive papers", err, "more than %s was sent at once; send the papers one after the other", kit.Bytes(big.Limit))
	}
	return fault.Wrap(fault.Invalid, "receive papers", err, "the upload broke off before its end, and the file was not kept; send it again")
}
