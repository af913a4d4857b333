// Package picture draws the pages of a paper with PDFium, compiled to
// WebAssembly and run by wazero: the drawing program is itself shut into a
// memory of its own, inside a cell. It knows a PDF and a page number, and
// nothing else.
package picture

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/desk/paper/cell"
	"letterlock/internal/fault"
)

// memory is the most that the drawing program may use, in pages of 64 KiB.
const memory = 512 << 20 >> 16

// pen is a drawing program that is ready.
type pen struct {
	pool pdfium.Pool
	doc  pdfium.Pdfium
}

// ready loads the drawing program: from the cache, or by compiling it, which
// takes seconds. Without a cache folder it compiles, and slow interprets it.
func ready(cache string, slow bool) (*pen, error) {
	rc := wazero.NewRuntimeConfig()
	if slow {
		rc = wazero.NewRuntimeConfigInterpreter()
	}
	rc = rc.WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).WithMemoryLimitPages(memory).WithCloseOnContextDone(false)
	if cache != "" {
		kept, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("open the compiled drawing program: %w", err)
		}
		rc = rc.WithCompilationCache(kept)
	}
	pool, err := webassembly.Init(webassembly.Config{Context: context.Background(), MinIdle: 1, MaxIdle: 1, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard, RuntimeConfig: rc})
	if err != nil {
		return nil, fmt.Errorf("load the drawing program: %w", err)
	}
	doc, err := pool.GetInstance(time.Minute)
	if err != nil {
		return nil, fmt.Errorf("start the drawing program: %w", err)
	}
	return &pen{pool, doc}, nil
}

// Warm compiles the drawing program into the cache.
func Warm(cache string) error {
	p, err := ready(cache, false)
	if err != nil {
		return err
	}
	return p.pool.Close()
}

// Serve is the inside of a drawing: it loads the program, enters a cell, reads
// a PDF and writes one page as PNG, and nothing else.
func Serve(in io.Reader, out io.Writer, cache string, page, dpi int) error {
	p, err := ready(cache, false)
	if err != nil {
		return err
	}
	if err := cell.Enter(cell.Paper); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(in, casefile.MaxPaper+1))
	if err != nil {
		return fmt.Errorf("read paper: %w", err)
	}
	return p.draw(b, page, dpi, func(m image.Image) error { return paper.EncodePNG(out, m) })
}

// draw hands the picture to done, after which it is gone.
func (p *pen) draw(b []byte, page, dpi int, done func(image.Image) error) error {
	d, err := p.doc.OpenDocument(&requests.OpenDocument{File: &b})
	if err != nil {
		return fmt.Errorf("open paper: %w", err)
	}
	defer p.doc.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: d.Document})
	n, err := p.doc.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.Document})
	if err != nil {
		return fmt.Errorf("count pages: %w", err)
	}
	if page < 1 || page > n.PageCount {
		return fault.New(fault.NotFound, "draw page", "the paper has no page %d", page)
	}
	at := requests.Page{ByIndex: &requests.PageByIndex{Document: d.Document, Index: page - 1}}
	size, err := p.doc.GetPageSize(&requests.GetPageSize{Page: at})
	if err != nil {
		return fmt.Errorf("measure page: %w", err)
	}
	w, h, err := pixels(size.Width, size.Height, dpi)
	if err != nil {
		return err
	}
	drawn, err := p.doc.RenderPageInPixels(&requests.RenderPageInPixels{Page: at, Width: w, Height: h, RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_RENDER_LIMITEDIMAGECACHE})
	if err != nil {
		return fmt.Errorf("draw page: %w", err)
	}
	defer drawn.Cleanup()
	return done(drawn.Result.RenderedImage)
}

// pixels is how large a page is drawn: a longer one more coarsely.
func pixels(width, height float64, dpi int) (w, h int, err error) {
	if !(width > 0 && height > 0 && width < 1e6 && height < 1e6) { // a number that is none, too
		return 0, 0, fault.New(fault.Invalid, "measure page", "the page has no size")
	}
	scale := min(float64(dpi)/72, paper.MaxWidth/width, paper.MaxWidth/height)
	side := func(x float64) int { return min(max(1, int(math.Round(x*scale))), paper.MaxWidth) }
	return side(width), side(height), nil
}
