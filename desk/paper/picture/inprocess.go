package picture

import (
	"bytes"
	"context"
	"image"
	"io"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/internal/fault"
)

// InProcess looks into papers and draws them in this very process: for tests,
// and for nothing that faces the world.
type InProcess struct{}

// Inspect is paper.Check.
func (InProcess) Inspect(_ context.Context, pdf []byte) (casefile.Looked, error) {
	return paper.Check(pdf, nil, time.Now())
}

var (
	one     sync.Mutex
	shared  *pen
	failure error
	begin   sync.Once
)

// Page draws slowly, with a drawing program that is loaded once.
func (InProcess) Page(_ context.Context, pdf io.Reader, page int, z casefile.Zoom) ([]byte, error) {
	begin.Do(func() { shared, failure = ready("", true) })
	if failure != nil {
		return nil, failure
	}
	b, err := io.ReadAll(pdf)
	if err != nil {
		return nil, err
	}
	one.Lock()
	defer one.Unlock()
	var out bytes.Buffer
	err = shared.draw(b, page, paper.DPI(z), func(m image.Image) error { return paper.EncodePNG(&out, m) })
	if err != nil && fault.KindOf(err) == fault.Internal {
		err = fault.Wrap(fault.Invalid, "draw page", err, "this page cannot be drawn; ask the agency for a plainer copy")
	}
	return out.Bytes(), err
}
