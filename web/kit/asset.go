package kit

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed html asset
var own embed.FS

// assetBase holds a hash of all assets, so that browsers may keep them for
// good and still get new ones with a new version.
var assetBase = "/kit/" + assetHash() + "/"

func assetHash() string {
	h := sha256.New()
	err := fs.WalkDir(own, "asset", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := own.ReadFile(p)
		h.Write([]byte(p + "\x00"))
		h.Write(b)
		return err
	})
	if err != nil {
		panic(err) // embedded files are always there
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Asset is the address of one of the kit's own files, such as "passkey.js".
func Asset(name string) string { return assetBase + name }

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, assetBase)
	b, err := own.ReadFile(path.Join("asset", path.Clean("/"+name)))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Write(b)
}
