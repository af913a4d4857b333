package kit_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"letterlock/web/kit"
)

func TestAPieceOfAFileIsWhatWasAskedFor(t *testing.T) {
	const body = "0123456789"
	tag := kit.Tag("abc")
	for _, x := range []struct {
		method, ask, ifRange string
		status               int
		want, says           string
	}{
		{"GET", "", "", 200, body, ""},
		{"GET", "bytes=4-", "", 206, "456789", "bytes 4-9/10"},
		{"GET", "bytes=4-", tag, 206, "456789", "bytes 4-9/10"},
		{"GET", "bytes=4-", `"another"`, 200, body, ""},
		{"GET", "bytes=4-", "W/" + tag, 200, body, ""}, // only a strong tag is one
		{"GET", "bytes=2-5", "", 206, "2345", "bytes 2-5/10"},
		{"GET", "bytes=2-500", "", 206, "23456789", "bytes 2-9/10"},
		{"GET", "bytes=-3", "", 206, "789", "bytes 7-9/10"},
		{"GET", "bytes=-300", "", 206, body, "bytes 0-9/10"},
		{"GET", "bytes=0-1,4-5", "", 200, body, ""},
		{"GET", "bytes=5-2", "", 200, body, ""},
		{"GET", "bytes=x-", "", 200, body, ""},
		{"GET", "lines=1-", "", 200, body, ""},
		{"GET", "bytes=10-", "", 416, "", "bytes */10"},
		{"GET", "bytes=-0", "", 416, "", "bytes */10"},
		{"HEAD", "", "", 200, "", ""},
	} {
		r := httptest.NewRequest(x.method, "/", nil)
		r.Header.Set("Range", x.ask)
		if x.ifRange != "" {
			r.Header.Set("If-Range", x.ifRange)
		}
		w := httptest.NewRecorder()
		if p, err := kit.Wanted(r, tag, int64(len(body))); err != nil {
			kit.Outside(w, int64(len(body)))
		} else if err := p.Give(w, r, "x.age", tag, strings.NewReader(body[p.From:p.From+p.Size])); err != nil {
			t.Fatal(err)
		}
		if w.Code != x.status || w.Header().Get("Content-Range") != x.says || (w.Code < 400 && w.Body.String() != x.want) {
			t.Errorf("%s %q if %q: %d %q %q", x.method, x.ask, x.ifRange, w.Code, w.Header().Get("Content-Range"), w.Body)
		}
		if w.Code < 400 && (w.Header().Get("ETag") != tag || w.Header().Get("Accept-Ranges") != "bytes" || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("%q: %v", x.ask, w.Header())
		}
	}
}
