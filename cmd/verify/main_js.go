//go:build js

// Command verify, built for a browser, gives a page one function:
//
//	letterlockVerify.open(bytes, identityOrPassphrase, trustJSON)
//
// It returns {ok, lines, files, package} and never throws; lines are the report
// (check, state, text), files what the package holds (name, bytes), and only if
// everything holds. The bytes may be openings for an auditor as well. The page stays offline: there is nothing to talk to.
package main

import (
	"bytes"
	"io"
	"strings"
	"syscall/js"

	"filippo.io/age"

	"letterlock/desk/casefile/opened"
	"letterlock/desk/produce/bundle"
)

func main() {
	js.Global().Set("letterlockVerify", map[string]any{"open": js.FuncOf(open)})
	if ready := js.Global().Get("letterlockVerifyReady"); ready.Type() == js.TypeFunction {
		ready.Invoke()
	}
	select {} // the functions live as long as the page
}

// held keeps the files in memory: a browser has no folder.
type held struct{ files []*heldFile }

type heldFile struct {
	bytes.Buffer
	name string
}

func (*heldFile) Close() error { return nil }

// Create implements bundle.Sink.
func (h *held) Create(name string, _ int64) (io.WriteCloser, error) {
	f := &heldFile{name: name}
	h.files = append(h.files, f)
	return f, nil
}

func open(_ js.Value, args []js.Value) (result any) {
	defer func() {
		if recover() != nil {
			result = answer(refused("The verifier was called wrongly, or the file is beyond what it can take."), nil)
		}
	}()
	data := make([]byte, args[0].Length())
	js.CopyBytesToGo(data, args[0])
	secret, keys := strings.TrimSpace(args[1].String()), strings.TrimSpace(args[2].String())
	o := bundle.Options{Now: today()}
	if keys != "" {
		known, err := bundle.ParseTrust([]byte(keys))
		if err != nil {
			return answer(refused("The provider's key file cannot be read."), nil)
		}
		o.Trust = known
	}
	files := &held{}
	if opened.Is(data) {
		return audited(data, o.Trust, files)
	}
	o.Sink = files
	open, certified := bundle.Opened(data)
	if !open || certified {
		var err error
		if o.Identities, err = secrets(secret); err != nil {
			return answer(refused("The key or passphrase cannot be read."), nil)
		}
	}
	if open {
		return answer(bundle.Verify(bytes.NewReader(data), o), files)
	}
	return answer(bundle.VerifySealed(bytes.NewReader(data), o.Identities, o), files)
}

// audited is the answer about a file of openings for an auditor; its file is
// what is shown of each act.
func audited(data []byte, known bundle.Trust, files *held) any {
	rows := &heldFile{name: "rows.jsonl"}
	files.files = append(files.files, rows)
	r, err := openings(bytes.NewReader(data), known, rows)
	if err != nil {
		return answer(refused("What is shown of an act cannot be read."), nil)
	}
	return answer(r, files)
}

func refused(text string) *bundle.Report {
	return &bundle.Report{Lines: []bundle.Line{{Check: "input", State: bundle.Fails, Text: text}}}
}

func secrets(text string) ([]age.Identity, error) {
	if strings.Contains(text, "AGE-SECRET-KEY-") {
		return age.ParseIdentities(strings.NewReader(text))
	}
	return passphrase(text)
}

func answer(r *bundle.Report, h *held) any {
	lines := []any{}
	for _, l := range r.Lines {
		lines = append(lines, map[string]any{"check": l.Check, "state": string(l.State), "text": l.Text})
	}
	files := []any{}
	if h != nil && r.OK() {
		for _, f := range h.files {
			b := js.Global().Get("Uint8Array").New(f.Len())
			js.CopyBytesToJS(b, f.Bytes())
			files = append(files, map[string]any{"name": f.name, "bytes": b})
		}
	}
	out := map[string]any{"ok": r.OK(), "lines": lines, "files": files}
	if m := r.Manifest; m != nil {
		out["package"] = map[string]any{"id": m.Package, "case": m.Case, "provider": m.Provider, "language": m.Language}
	}
	return out
}
