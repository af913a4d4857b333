package kit

import (
	"net/url"
	"strconv"
)

// Turn is one part of a long list, and the ways to the others.
type Turn struct {
	From, Until   int // of what fits, from 0; until is not of it
	Page, Pages   int // from 1
	Before, After string
}

// Turning says which part of n rows an address shows, size at once. The page
// stands in "page" beside what else the address asks.
func Turning(at string, q url.Values, n, size int) Turn {
	t := Turn{Pages: max(1, (n+size-1)/size)}
	t.Page, _ = strconv.Atoi(q.Get("page"))
	t.Page = min(max(t.Page, 1), t.Pages)
	t.From, t.Until = (t.Page-1)*size, min(n, t.Page*size)
	to := func(page int) string {
		v := url.Values{"page": {strconv.Itoa(page)}}
		for k, x := range q {
			if k != "page" && len(x) > 0 && x[0] != "" {
				v.Set(k, x[0])
			}
		}
		return at + "?" + v.Encode()
	}
	if t.Page > 1 {
		t.Before = to(t.Page - 1)
	}
	if t.Page < t.Pages {
		t.After = to(t.Page + 1)
	}
	return t
}
