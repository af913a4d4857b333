// Package page makes the verifier into one HTML file that works without a
// network: the program, its loader, the script and the look are all inside, and
// the page's own policy forbids it to load or send anything.
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
)

//go:embed page.html
var layout string

//go:embed page.css
var style string

//go:embed page.js
var script string

// pack compresses the program.
func pack(wasm []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(wasm); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Packed is how many bytes the program weighs compressed.
func Packed(wasm []byte) int {
	b, err := pack(wasm)
	if err != nil {
		return 0
	}
	return len(b)
}

// Make writes the page from the program and the compiler's loader for it.
func Make(wasm, loader []byte) ([]byte, error) {
	if !bytes.HasPrefix(wasm, []byte("\x00asm")) {
		return nil, fmt.Errorf("this is not a program for a browser (WebAssembly)")
	}
	if bytes.Contains(loader, []byte("</script")) {
		return nil, fmt.Errorf("this is not the compiler's loader")
	}
	z, err := pack(wasm)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	t, err := template.New("page").Parse(layout)
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	all := string(loader) + "\n" + script
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"Policy": template.HTMLAttr(`content="` + policy(all) + `"`),
		"Style":  template.CSS(style),
		"Script": template.JS(all),
		"Wasm":   template.HTML(base64.StdEncoding.EncodeToString(z)),
	})
	if err != nil {
		return nil, fmt.Errorf("fill the layout: %w", err)
	}
	return out.Bytes(), nil
}

// policy allows exactly this script and this look, and no connection at all.
func policy(script string) string {
	return strings.Join([]string{"default-src 'none'", "script-src 'wasm-unsafe-eval' " + hash(script), "style-src " + hash(style),
		"base-uri 'none'", "form-action 'none'"}, "; ")
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
