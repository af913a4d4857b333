package kit_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"letterlock/internal/fault"
	"letterlock/web/kit"
)

const oneFile = "--x\r\nContent-Disposition: form-data; name=\"what\"\r\n\r\norder\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--x--\r\n"

func post(kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

// FuzzReadForm: a posted form is read, or refused with a sentence.
func FuzzReadForm(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "a=1&a=2&%zz=3")
	f.Add("multipart/form-data; boundary=x", oneFile)
	f.Add("multipart/form-data; boundary=", "--\r\n\r\n")
	f.Add("text/plain", "a=1")
	f.Fuzz(func(t *testing.T, kind, body string) {
		got, err := kit.ReadForm(post(kind, body))
		if err != nil {
			if got != nil || fault.KindOf(err) == fault.Internal || fault.Say(err) == "" {
				t.Fatalf("%+v %v", got, err)
			}
			return
		}
		for name := range got.Values {
			if v := got.Get(name); v != strings.TrimSpace(v) {
				t.Fatalf("%q: %q", name, v)
			}
		}
	})
}

// FuzzUpload: what add took is counted, nothing is taken twice, and whatever
// else comes is refused with a sentence.
func FuzzUpload(f *testing.F) {
	f.Add("multipart/form-data; boundary=x", oneFile)
	f.Add("multipart/form-data; boundary=x", oneFile[:len(oneFile)-20])
	f.Add("multipart/form-data; boundary=x", strings.ReplaceAll(oneFile, "a.pdf", "../../a.pdf"))
	f.Add("multipart/mixed; boundary=x", oneFile)
	f.Add("application/pdf", "%PDF-")
	f.Fuzz(func(t *testing.T, kind, body string) {
		took := 0
		n, form, err := kit.Upload(httptest.NewRecorder(), post(kind, body), func(_ context.Context, name, what string, b io.Reader) error {
			if len(what) > 200 {
				t.Fatalf("%d bytes say what it is", len(what))
			}
			if _, err := io.Copy(io.Discard, b); err != nil {
				return err
			}
			took++
			return nil
		})
		switch {
		case n != took:
			t.Fatalf("%d taken, %d said", took, n)
		case err != nil && (fault.KindOf(err) == fault.Internal || fault.Say(err) == ""):
			t.Fatalf("no sentence: %v", err)
		case err == nil && n == 0 && form.OK():
			t.Fatal("nothing came, and nothing is said")
		}
	})
}

// FuzzWanted: the piece of a file that a header asks for lies within the file.
func FuzzWanted(f *testing.F) {
	for _, s := range []string{"bytes=0-", "bytes=5-9", "bytes=-3", "bytes=9-5", "bytes=0-1,4-5", "bytes=99999999999999999999-", "bytes=-9223372036854775808", "items=1-2"} {
		f.Add(s, "", int64(10))
	}
	f.Add("bytes=1-2", `"tag"`, int64(0))
	f.Fuzz(func(t *testing.T, wanted, have string, whole int64) {
		if whole < 0 {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Range", wanted)
		r.Header.Set("If-Range", have)
		p, err := kit.Wanted(r, `"tag"`, whole)
		if err == nil && (p.From < 0 || p.Size < 0 || p.From+p.Size > whole || p.From+p.Size < 0) {
			t.Fatalf("%q of %d bytes: %+v", wanted, whole, p)
		}
	})
}
