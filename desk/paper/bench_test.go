package paper_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/desk/paper/cell"
	"letterlock/desk/paper/picture"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/papers"
)

// TestMain is also the program that runs in a cell, as cmd/letterlock is.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != "inspect" && os.Args[1] != "picture" {
		os.Exit(m.Run())
	}
	if err := inCell(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func inCell(what string, args []string) error {
	f := map[string]string{}
	for _, a := range args {
		k, v, _ := strings.Cut(strings.TrimPrefix(a, "--"), "=")
		f[k] = v
	}
	if _, warm := f["warm"]; warm {
		return picture.Warm(f["cache"])
	}
	if what == "inspect" {
		return paper.Serve(os.Stdin, os.Stdout, nil, now)
	}
	if lie := os.Getenv("PAPER_LIE"); lie != "" {
		_, err := io.WriteString(os.Stdout, lie)
		return err
	}
	page, _ := strconv.Atoi(f["page"])
	dpi, _ := strconv.Atoi(f["dpi"])
	return picture.Serve(os.Stdin, os.Stdout, f["cache"], page, dpi)
}

var cached = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "drawing")
	if err != nil {
		return "", err
	}
	return dir, picture.Warm(dir)
})

func bench(t *testing.T) *paper.Bench {
	t.Helper()
	if !cell.Whole {
		testkit.Missing(t, "this system has no whole cell: papers are not drawn here (docs/operating.md)")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := cached()
	if err != nil {
		t.Fatal(err)
	}
	return paper.NewBench(self, dir, "")
}

func draw(t *testing.T, b *paper.Bench, pdf []byte, page int, z casefile.Zoom) image.Image {
	t.Helper()
	got, err := b.Page(t.Context(), bytes.NewReader(pdf), page, z)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dark counts the points of a picture that carry ink.
func dark(m image.Image) (n int) {
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r < 0x8000 {
				n++
			}
		}
	}
	return n
}

func TestAPageIsDrawnInACell(t *testing.T) {
	b := bench(t)
	pdf := papers.Order(3).Bytes()
	small, large := draw(t, b, pdf, 1, casefile.ZoomPage), draw(t, b, pdf, 3, casefile.ZoomClose)
	if dark(small) < 200 || dark(large) < 2*dark(small) || small.Bounds().Dx() != 893 || large.Bounds().Dx() != 1700 {
		t.Errorf("drawn %v with %d dark points and %v with %d", small.Bounds(), dark(small), large.Bounds(), dark(large))
	}
	if m := draw(t, b, papers.Order(1).With(4, "/CropBox [0 0 14400 14400]").Bytes(), 1, casefile.ZoomClose); m.Bounds().Dx() > paper.MaxWidth || m.Bounds().Dy() > paper.MaxWidth {
		t.Errorf("a large page is drawn as %v", m.Bounds())
	}
}

func TestAScanOf300PagesIsReadPageByPage(t *testing.T) {
	b := bench(t)
	pdf := papers.Order(300).Bytes()
	got, err := b.Inspect(t.Context(), pdf)
	if err != nil || got.Pages != 300 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, page := range []int{1, 150, 300} {
		if dark(draw(t, b, pdf, page, casefile.ZoomPage)) < 200 {
			t.Errorf("page %d is empty", page)
		}
	}
	_, err = b.Page(t.Context(), bytes.NewReader(pdf), 301, casefile.ZoomPage)
	if err == nil {
		t.Error("page 301 of 300 was drawn")
	}
	_, err = b.Inspect(t.Context(), papers.Order(paper.MaxPages+1).Bytes())
	if !fault.Is(err, fault.TooLarge) || !strings.Contains(fault.Say(err), "at most 1000; split it") {
		t.Errorf("too many pages: %v", err)
	}
}

// Each of these breaks its reader or never ends, and the sender is told in time.
func TestABombEndsInItsCell(t *testing.T) {
	b := bench(t)
	page := papers.Order(1)
	page.Objects[4] = papers.Stream("/Filter /FlateDecode", papers.Bomb(600<<20))
	form, n := papers.Order(1).Plus("")
	form.Objects[n-1] = papers.Stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X %d 0 R >> >>", n), []byte("/X Do /X Do"))
	form.Objects[4] = papers.Stream("", []byte("/X Do"))
	form = form.With(4, fmt.Sprintf("/XObject << /X %d 0 R >>", n))
	for name, pdf := range map[string][]byte{
		"a page that unpacks without end": page.Bytes(),
		"half a signature":                unsigned(1, detached)[:3000],
	} {
		began := time.Now()
		got, err := b.Inspect(t.Context(), pdf)
		if k := fault.KindOf(err); err == nil || k != fault.Invalid && k != fault.TooLarge || fault.Say(err) == "" {
			t.Errorf("%s: %+v %v", name, got, err)
		}
		if took := time.Since(began); took > 2*paper.Wall+5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	for name, pdf := range map[string][]byte{ // these may be mended and taken; they end
		"a form that contains itself":   form.Bytes(),
		"a table that points at itself": bytes.Replace(papers.Order(1).Bytes(), []byte("/Root 1 0 R"), []byte("/Root 1 0 R /Prev 9"), 1),
		"millions of arrays":            papers.Order(1).With(4, "/Private "+strings.Repeat("[", 2_000_000)+strings.Repeat("]", 2_000_000)).Bytes(),
	} {
		if _, err := b.Inspect(t.Context(), pdf); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyAPictureLeavesACell(t *testing.T) {
	b := bench(t)
	var good bytes.Buffer
	if err := paper.EncodePNG(&good, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	if _, err := paper.Repaint(good.Bytes()); err != nil {
		t.Errorf("a good picture: %v", err)
	}
	var huge bytes.Buffer
	if err := paper.EncodePNG(&huge, image.NewGray(image.Rect(0, 0, paper.MaxWidth+1, 1))); err != nil {
		t.Fatal(err)
	}
	for name, lie := range map[string][]byte{
		"nothing": nil, "the paper itself": papers.Order(1).Bytes(), "a page with a script": []byte("<html><script>alert(1)</script>"),
		"half a picture": good.Bytes()[:good.Len()-20], "more than a picture": append(bytes.Clone(good.Bytes()), "<script>"...), "a huge picture": huge.Bytes(),
	} {
		if got, err := paper.Repaint(lie); err == nil {
			t.Errorf("%s came through as %d bytes", name, len(got))
		}
	}
	_, err := cell.Run(t.Context(), cell.Job{Program: b.Program, Args: []string{"picture"}, Env: []string{"PAPER_LIE=<html>"}, Wall: time.Minute, Out: 100}, strings.NewReader(""))
	if err != nil {
		t.Fatalf("the liar could not speak: %v", err)
	}
	lying := paper.NewBench("/bin/echo", "", "") // it says what it is asked, which is no picture
	if got, err := lying.Page(t.Context(), strings.NewReader(""), 1, casefile.ZoomPage); !fault.Is(err, fault.Invalid) || len(got) > 0 {
		t.Errorf("a page from a program that draws nothing: %d bytes, %v", len(got), err)
	}
	if _, err := lying.Inspect(t.Context(), nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a look by a program that does not look: %v", err)
	}
	lying.Program = "/nowhere/letterlock"
	if _, err := lying.Inspect(t.Context(), nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a look that cannot start: %v", err)
	}
}

func TestWhoeverComesWhenAllCellsAreTakenWaits(t *testing.T) {
	b := bench(t)
	pdf := papers.Order(1).Bytes()
	var wg sync.WaitGroup
	for range 2 * paper.AtOnce {
		wg.Go(func() {
			if _, err := b.Page(t.Context(), bytes.NewReader(pdf), 1, casefile.ZoomPage); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Page(ctx, bytes.NewReader(pdf), 1, casefile.ZoomPage); err == nil {
		t.Error("drawn for somebody who went away")
	}
}
