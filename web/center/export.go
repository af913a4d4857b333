package center

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"letterlock/internal/fault"
)

var linkForm = regexp.MustCompile(`(?:href|src)="(/[^"#?]*)"|url\("?(/[^")]+)"?\)`)

// Bounds of an export.
const (
	maxPages = 5_000
	maxPage  = 32 << 20
)

// starts are what an export begins with; the rest is found by links.
var starts = []string{"/", "/stored.json", "/trust.json", "/feed.xml", "/.well-known/security.txt"}

// Export writes the public site at an address as files that any web server can
// deliver: every page that its own links lead to, with its style. The proofs from
// earlier copies are added by Since.
func Export(ctx context.Context, c *http.Client, origin, dir string) (files []string, err error) {
	todo, seen := slices.Clone(starts), map[string]bool{}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if seen[at] || strings.Contains(at, "..") {
			continue
		}
		if seen[at] = true; len(seen) > maxPages {
			return nil, fault.New(fault.TooLarge, "export site", "the site has more than %d pages", maxPages)
		}
		kind, body, err := fetch(ctx, c, strings.TrimSuffix(origin, "/")+at)
		if err != nil {
			return nil, err
		}
		if body == nil {
			continue
		}
		name := fileOf(at, kind)
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), body); err != nil {
			return nil, err
		}
		files = append(files, name)
		for _, m := range linkForm.FindAllSubmatch(body, -1) {
			todo = append(todo, string(m[1])+string(m[2]))
		}
	}
	slices.Sort(files)
	return files, nil
}

// fetch gets a page; none for one that is not there, or that asks for more than
// its address.
func fetch(ctx context.Context, c *http.Client, url string) (kind string, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", nil, err
	}
	res, err := c.Do(req)
	if err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, "export site", err, "%s cannot be reached", url)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusNotFound:
		return "", nil, nil
	default:
		return "", nil, fault.New(fault.Unavailable, "export site", "%s answers %s", url, res.Status)
	}
	body, err = io.ReadAll(io.LimitReader(res.Body, maxPage+1))
	if err == nil && len(body) > maxPage {
		err = fmt.Errorf("%s is larger than %d bytes", url, maxPage)
	}
	return res.Header.Get("Content-Type"), body, err
}

// fileOf is where an address lies among the files.
func fileOf(at, kind string) string {
	switch {
	case strings.HasSuffix(at, "/"):
		return strings.TrimPrefix(at, "/") + "index.html"
	case strings.HasPrefix(kind, "text/html") && path.Ext(at) != ".html":
		return strings.TrimPrefix(at, "/") + "/index.html"
	}
	return strings.TrimPrefix(at, "/")
}

func write(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o644)
}
