package kit

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// Part is what a request wants of a file that never changes: all of it, or a
// piece, so that a download that broke off is taken up where it ended.
type Part struct {
	From, Size int64
	whole      int64
	partial    bool
}

// Tag is the strong validator of a file with this hash.
// spec: RFC 9110 8.8.3
func Tag(sum string) string { return `"` + sum + `"` }

// Wanted reads what a request wants of a file of so many bytes. One piece is
// given; a request for several at once gets the whole file, which the rules of
// HTTP allow, and so does one whose If-Range names another file. A piece that
// lies outside is refused as TooLarge.
// spec: RFC 9110 13.1.5, 14.2
func Wanted(r *http.Request, tag string, whole int64) (Part, error) {
	all := Part{Size: whole, whole: whole}
	spec, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Range"))), "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return all, nil
	}
	if have := r.Header.Get("If-Range"); have != "" && have != tag {
		return all, nil
	}
	first, last, ok := strings.Cut(spec, "-")
	first, last = textproto.TrimString(first), textproto.TrimString(last)
	from, err1 := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(last, 10, 64)
	switch {
	case !ok, first != "" && (err1 != nil || from < 0), last != "" && (err2 != nil || to < 0), first == "" && last == "":
		return all, nil // no range that is one: as if there were none
	case first == "":
		from, to = max(0, whole-to), whole-1
	case last == "":
		to = whole - 1
	case to < from:
		return all, nil
	}
	if from >= whole || to < from {
		return Part{}, errOutside
	}
	to = min(to, whole-1)
	return Part{From: from, Size: to - from + 1, whole: whole, partial: true}, nil
}

var errOutside = errors.New("the piece asked for lies outside the file")

// Outside answers a request for a piece that does not exist.
func Outside(w http.ResponseWriter, whole int64) {
	w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", whole))
	http.Error(w, "that piece of the file does not exist", http.StatusRequestedRangeNotSatisfiable)
}

// Give writes the header and, unless only that was asked for, the piece. An
// error comes after the header: the caller breaks the connection.
func (p Part) Give(w http.ResponseWriter, r *http.Request, name, tag string, body io.Reader) error {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.FormatInt(p.Size, 10))
	h.Set("Accept-Ranges", "bytes")
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-store")
	status := http.StatusOK
	if p.partial {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", p.From, p.From+p.Size-1, p.whole))
		status = http.StatusPartialContent
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := io.Copy(w, body)
	return err
}
