//go:build !js

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
	"letterlock/web/chat/shelf"
)

type webcheckCmd struct {
	URL  string   `arg:"" name:"address" help:"Where the messenger in the browser is, https://chat...."`
	List string   `type:"existingfile" placeholder:"FILE" help:"A list (SHA256SUMS) that you built with 'make chat', or got from somebody whom you trust: what is served must be that."`
	Key  []string `placeholder:"KEY" help:"Key of the carrier's ledger, as its page /ledger shows it: the list must be in that ledger. May be repeated."`
}

// maxFile bounds a file of the page.
const maxFile = 64 << 20

// Run gets every file as a browser would and says whether it is what the list
// says, and whether the list is the one that you have.
func (w *webcheckCmd) Run(ctx context.Context, t *terminal) error {
	n, err := newNetwork(w.URL)
	if err != nil {
		return err
	}
	n.http.Timeout = 5 * time.Minute
	raw, err := n.page(ctx, shelf.List)
	if err != nil {
		return err
	}
	sums, err := shelf.ReadSums(raw)
	if err != nil {
		return err
	}
	if err := n.compare(ctx, t, sums); err != nil {
		return err
	}
	if err := w.same(t, sums); err != nil {
		return err
	}
	if err := w.recorded(ctx, t, n, sums); err != nil {
		return err
	}
	sum := sums.Hash()
	fmt.Fprintf(t.out, "The list's SHA-256: %s\n", hex.EncodeToString(sum[:]))
	if w.List == "" {
		fmt.Fprintln(t.out, "What is served is what its own list says. Whether that list is the program that others get, compare its number with theirs, or give a list with --list.")
	}
	return nil
}

// compare gets each file, and the page under its bare address.
func (n *network) compare(ctx context.Context, t *terminal, sums shelf.Sums) error {
	for _, name := range sums.Names() {
		addresses := []string{name}
		if name == "index.html" {
			addresses = append(addresses, "")
		}
		for _, at := range addresses {
			b, err := n.page(ctx, at)
			if err != nil {
				return err
			}
			if sha256.Sum256(b) != sums[name] {
				return fault.New(fault.Conflict, "check page", "DIFFERENT: /%s is not the file that the list names. Do not unlock that page; tell others what you saw", at)
			}
		}
		fmt.Fprintf(t.out, "  as listed  %s\n", name)
	}
	return nil
}

// same compares the list with the person's own.
func (w *webcheckCmd) same(t *terminal, served shelf.Sums) error {
	if w.List == "" {
		return nil
	}
	b, err := os.ReadFile(w.List)
	if err != nil {
		return fault.Wrap(fault.Invalid, "check page", err, "%s cannot be read", w.List)
	}
	own, err := shelf.ReadSums(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(own.Bytes(), served.Bytes()) {
		return fault.New(fault.Conflict, "check page", "DIFFERENT: what is served is not what your list names (first: %s). It may be another version: build that one, or ask others which number they see", firstOther(own, served))
	}
	fmt.Fprintln(t.out, "It is what your list names.")
	return nil
}

func firstOther(a, b shelf.Sums) string {
	for _, pair := range [][2]shelf.Sums{{a, b}, {b, a}} {
		for _, name := range pair[0].Names() {
			if pair[0][name] != pair[1][name] {
				return name
			}
		}
	}
	return "none"
}

// recorded asks for the proof that the list is in the carrier's ledger.
func (w *webcheckCmd) recorded(ctx context.Context, t *terminal, n *network, sums shelf.Sums) error {
	if len(w.Key) == 0 {
		return nil
	}
	keys, err := proof.ParseKeys(w.Key...)
	if err != nil {
		return fault.Wrap(fault.Invalid, "check page", err, "--key is no key of a ledger: copy it from the page /ledger")
	}
	raw, err := n.page(ctx, shelf.Proof)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "check page", err, "the server gives no proof that the list is in its ledger: shortly after a start it has none yet, otherwise ask why")
	}
	p, err := proof.Parse(raw)
	if err != nil {
		return fault.Wrap(fault.Conflict, "check page", err, "the proof that the list is in the ledger cannot be read")
	}
	v, err := p.Verify(keys)
	if err != nil {
		return fault.Wrap(fault.Conflict, "check page", err, "the proof that the list is in the ledger does not hold: %s", fault.Say(err))
	}
	if v.Entry.Kind != shelf.Recorded || !bytes.Equal(v.Entry.Body, sums.Bytes()) {
		return fault.New(fault.Conflict, "check page", "DIFFERENT: the list in the ledger is not the one that is served")
	}
	fmt.Fprintf(t.out, "The list is in the ledger since %s.\n", stamp(v.Entry.Recorded.UnixMilli()))
	return nil
}

// page gets a file of the page.
func (n *network) page(ctx context.Context, name string) ([]byte, error) {
	at := n.base.ResolveReference(&url.URL{Path: "/" + name})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := n.http.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "get "+name, err, "%s cannot be reached: check the address and the connection", n.base)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxFile+1))
	if err != nil || resp.StatusCode != http.StatusOK || len(b) > maxFile {
		return nil, fault.Wrap(fault.Unavailable, "get "+name, err, "%s gives no %s (status %d): is this the address of the messenger in the browser?", n.base, at.Path, resp.StatusCode)
	}
	return b, nil
}
