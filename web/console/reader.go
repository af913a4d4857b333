package console

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// A paper is read on a page of its own, as pictures: the file itself never
// reaches a browser of the team.

func paperURL(n casefile.Number, id casefile.PaperID) string {
	return caseURL(n) + "/papers/" + url.PathEscape(string(id))
}

// readPaper opens a paper. It is a form and not a link: that somebody read it
// is recorded, and a browser must not do that ahead of a person.
func (s *console) readPaper(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	p, err := s.Desk.Review.ReadPaper(r.Context(), m.ID, n, casefile.PaperID(r.PathValue("p")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, paperURL(n, p.ID), http.StatusSeeOther)
	return nil
}

// zoom is the size that an address asks for.
func zoom(r *http.Request) casefile.Zoom {
	if casefile.Zoom(r.URL.Query().Get("zoom")) == casefile.ZoomClose {
		return casefile.ZoomClose
	}
	return casefile.ZoomPage
}

type reader struct {
	Paper           casefile.Paper
	Case, At        string
	Read            bool
	Page            int
	Alt             string
	Picture         string
	Close           bool
	First, Previous string // empty on the first page
	Next, Last      string // empty on the last
	Other           string // the same page in the other size
	Zoom            casefile.Zoom
	Signed          signedView
}

// paperPage is the page on which one page of a paper is read.
func (s *console) paperPage(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	p, read, err := s.Desk.Review.OpenPaper(r.Context(), m.ID, n, casefile.PaperID(r.PathValue("p")))
	if err != nil {
		return err
	}
	page := 1
	if v := strings.TrimSpace(r.URL.Query().Get("page")); v != "" {
		if page, err = strconv.Atoi(v); err != nil || page < 1 || page > p.Pages {
			return fault.New(fault.NotFound, "open page", "the paper has %s, and %q is none of them", kit.Plural(p.Pages, "page", "pages"), v)
		}
	}
	return s.show(w, r, m, http.StatusOK, "reader.html", kit.Page{Title: p.Name, Here: "/", Data: readerOf(n, p, read, page, zoom(r))})
}

func readerOf(n casefile.Number, p casefile.Paper, read bool, page int, z casefile.Zoom) reader {
	at := paperURL(n, p.ID)
	link := func(page int, z casefile.Zoom) string { return fmt.Sprintf("%s?page=%d&zoom=%s", at, page, z) }
	v := reader{Paper: p, Case: caseURL(n), At: at, Read: read, Page: page, Alt: fmt.Sprintf("Page %d of %d of %s", page, p.Pages, p.Name),
		Picture: fmt.Sprintf("%s/%d.png?zoom=%s", at, page, z), Close: z == casefile.ZoomClose, Zoom: z, Signed: signed(p)}
	if page > 1 {
		v.First, v.Previous = link(1, z), link(page-1, z)
	}
	if page < p.Pages {
		v.Next, v.Last = link(page+1, z), link(p.Pages, z)
	}
	v.Other = link(page, casefile.ZoomClose)
	if v.Close {
		v.Other = link(page, casefile.ZoomPage)
	}
	return v
}

// paperPicture is one page as a picture, drawn for this request.
func (s *console) paperPicture(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	text, ok := strings.CutSuffix(r.PathValue("picture"), ".png")
	page, err := strconv.Atoi(text)
	if !ok || err != nil {
		return fault.New(fault.NotFound, "show page", "the paper has no such page")
	}
	b, err := s.Desk.Review.PaperPage(r.Context(), m.ID, n, casefile.PaperID(r.PathValue("p")), page, zoom(r))
	if err != nil {
		return err
	}
	hand(w, "inline", fmt.Sprintf("page-%d.png", page), "image/png", int64(len(b)))
	return s.copy(w, r, bytes.NewReader(b))
}

// signedView says in words what is known of a paper's electronic signatures.
type signedView struct {
	Badge kit.Badge
	Says  string
	Each  []string
}

func signed(p casefile.Paper) signedView {
	v := signedView{}
	switch p.Signed {
	case casefile.Whole:
		v.Badge, v.Says = kit.Badge{Tone: kit.Good, Text: "signed, whole file"}, "Nothing was changed after the signature. Whether the signer is who they say, and may sign this, is for you to judge."
	case casefile.Broken:
		v.Badge, v.Says = kit.Badge{Tone: kit.Warn, Text: "signature does not hold"}, "Changed after signing, or not to be verified: treat this paper as unsigned."
	default:
		v.Badge, v.Says = kit.Badge{Tone: kit.Plain, Text: "no electronic signature"}, "A signature in ink, if there is one, is seen on the pages."
	}
	for _, x := range p.Signatures {
		v.Each = append(v.Each, signature(x))
	}
	return v
}

func signature(x casefile.Signature) string {
	by := "A signature whose signer cannot be read"
	if x.Signer != "" {
		by = "Signature of " + x.Signer + " (" + trust(x) + ")"
	}
	if !x.At.IsZero() {
		by += ", by their own clock on " + kit.UTC(x.At)
	}
	if x.Wrong != "" {
		return by + ": " + x.Wrong + "."
	}
	return by + ": it covers the whole file, to the last byte."
}

func trust(x casefile.Signature) string {
	switch x.Trust {
	case casefile.TrustRoot:
		return "vouched for by " + x.Issuer + ", under an authority named by the operator"
	case casefile.TrustSelf:
		return "self-signed certificate: nobody vouches for this name"
	case casefile.TrustExpired:
		return "certificate of " + x.Issuer + ", not valid when the paper came"
	}
	return "certificate of " + x.Issuer + ": this authority is not known here"
}
