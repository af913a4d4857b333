package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// AddPaper puts a PDF with a draft. What says which particular it is, such as
// "order"; it may be empty.
func (s *Service) AddPaper(ctx context.Context, by casefile.Actor, id casefile.DraftID, name, what string, r io.Reader) (casefile.Paper, error) {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return casefile.Paper{}, err
	}
	if len(d.Demand.Papers) >= casefile.MaxPapers {
		return casefile.Paper{}, fault.New(fault.Exhausted, "add paper", "a request carries at most %d papers", casefile.MaxPapers)
	}
	p, err := s.take(ctx, shelf, name, what, r)
	if err != nil {
		return casefile.Paper{}, err
	}
	if slices.ContainsFunc(d.Demand.Papers, func(o casefile.Paper) bool { return o.Sum == p.Sum }) {
		return casefile.Paper{}, fault.New(fault.Conflict, "add paper", "this very file is with the request already")
	}
	d.Demand.Papers, d.Touched = append(slices.Clone(d.Demand.Papers), p), s.Files.Clock.Now()
	return p, shelf.Store.SaveDraft(ctx, d)
}

// RemovePaper takes a paper off a draft.
func (s *Service) RemovePaper(ctx context.Context, by casefile.Actor, id casefile.DraftID, paper casefile.PaperID) error {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Demand.Papers, func(p casefile.Paper) bool { return p.ID == paper })
	if i < 0 {
		return fault.New(fault.NotFound, "remove paper", "there is no such paper")
	}
	gone := d.Demand.Papers[i]
	d.Demand.Papers = slices.Delete(slices.Clone(d.Demand.Papers), i, i+1)
	if err := shelf.Store.SaveDraft(ctx, d); err != nil {
		return err
	}
	return dropBlobs(ctx, shelf, []casefile.Paper{gone})
}

// AddCasePaper adds a paper to a filed case: a renewal of the secrecy, the
// legal process that an emergency promised, a better copy. It is unread, and
// so holds the case's notice until somebody of the team has read it.
func (s *Service) AddCasePaper(ctx context.Context, by casefile.Actor, n casefile.Number, name, what string, r io.Reader) (casefile.Paper, error) {
	c, err := s.may(ctx, by, n, casefile.ShareCorrect)
	if err != nil {
		return casefile.Paper{}, err
	}
	if len(c.Demand.Papers) >= casefile.MaxPapers {
		return casefile.Paper{}, fault.New(fault.Exhausted, "add paper", "a request carries at most %d papers", casefile.MaxPapers)
	}
	p, err := s.take(ctx, s.Files.Shelf(n.Sealed()), name, what, r)
	if err != nil {
		return casefile.Paper{}, err
	}
	_, err = s.Files.Act(ctx, n, by, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KPaperAdded, Paper: &p}), nil
	})
	return p, err
}

// take stores a paper and looks into it; a file that does not pass leaves
// nothing behind.
func (s *Service) take(ctx context.Context, shelf casefile.Shelf, name, what string, r io.Reader) (casefile.Paper, error) {
	sum, size, err := shelf.Blobs.Put(ctx, r, casefile.MaxPaper)
	if err != nil {
		return casefile.Paper{}, err
	}
	p := casefile.Paper{ID: casefile.PaperID(casefile.NewID()), Name: fileName(name), Sum: sum, Size: size, Type: "application/pdf", At: s.Files.Clock.Now(), What: what}
	if err := s.look(ctx, shelf, sum); err != nil {
		return casefile.Paper{}, errors.Join(err, dropBlobs(ctx, shelf, []casefile.Paper{p}))
	}
	return p, nil
}

func (s *Service) look(ctx context.Context, shelf casefile.Shelf, sum casefile.Sum) error {
	f, err := shelf.Blobs.Open(ctx, sum)
	if err != nil {
		return err
	}
	defer f.Close()
	var head [5]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:]) != "%PDF-" {
		return fault.New(fault.Invalid, "look into paper", "this file is not a PDF, whatever its name says; scan or print the paper to PDF")
	}
	return s.Inspector.Inspect(ctx, io.MultiReader(bytes.NewReader(head[:]), f))
}

// fileName is a name that can be shown and saved anywhere.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`/:*?"<>|`, r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:76]) + ".pdf"
	}
	if name == "" || name == "." || name == ".." {
		return "paper.pdf"
	}
	return name
}

// InspectPDF checks a PDF's structure. It is meant to run in a child process
// with limits of its own: a hostile file may make the library eat memory.
func InspectPDF(r io.Reader) (err error) {
	b, err := io.ReadAll(io.LimitReader(r, casefile.MaxPaper+1))
	if err != nil {
		return fmt.Errorf("read paper: %w", err)
	}
	if len(b) > casefile.MaxPaper {
		return fault.New(fault.TooLarge, "inspect paper", "a paper is at most %d MiB", casefile.MaxPaper>>20)
	}
	bad := func(cause error) error {
		return fault.Wrap(fault.Invalid, "inspect paper", cause, "the PDF is damaged, encrypted or not a real PDF; save or scan it again and upload the new file")
	}
	defer func() {
		if p := recover(); p != nil {
			err = bad(fmt.Errorf("the PDF library panicked: %v", p))
		}
	}()
	api.DisableConfigDir() // the library would otherwise write into the home folder
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	read, err := api.ReadAndValidate(bytes.NewReader(b), conf)
	if err != nil {
		return bad(err)
	}
	if err := read.EnsurePageCount(); err != nil {
		return bad(err)
	}
	if read.PageCount == 0 {
		return bad(errors.New("no pages"))
	}
	return activeContent(read)
}

// activeContent refuses a PDF that would run something when opened.
func activeContent(c *model.Context) error {
	for _, e := range c.Table {
		if e == nil || e.Object == nil {
			continue
		}
		s := e.Object.PDFString()
		for _, key := range []string{"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA"} {
			if i := strings.Index(s, key); i >= 0 && !nameGoesOn(s[i+len(key):]) {
				return fault.New(fault.Invalid, "inspect paper", "the PDF carries scripts, embedded files or programs (%s); print it to a plain PDF and upload that", key[1:])
			}
		}
	}
	return nil
}

// nameGoesOn: the key found is only the beginning of a longer name.
func nameGoesOn(rest string) bool {
	return rest != "" && (unicode.IsLetter(rune(rest[0])) || unicode.IsDigit(rune(rest[0])))
}

// InProcess inspects in this very process: for tests, and for nothing that
// faces the world.
type InProcess struct{}

// Inspect is InspectPDF.
func (InProcess) Inspect(_ context.Context, pdf io.Reader) error { return InspectPDF(pdf) }
