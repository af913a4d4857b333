package main

import (
	"context"
	"encoding/hex"
	"net/http"

	"letterlock/ledger"
	"letterlock/web/chat/shelf"
)

// openChat opens the folder of the browser client, if there is one. It has a
// host of its own, on which the device calls answer too: a page may speak to
// where it came from and to nobody else. What is handed out is in the ledger
// before anybody gets it.
func (c *carrier) openChat(ctx context.Context, b base) error {
	if b.conf.Chat == "" {
		return nil
	}
	s, err := shelf.Open(b.conf.Chat, b.conf.Secure())
	if err != nil {
		return err
	}
	kept, err := c.ledgers.public.Append(ctx, ledger.Record{Kind: shelf.Recorded, Body: s.Sums.Bytes()})
	if err != nil {
		return err
	}
	s.Proof = func() ([]byte, error) {
		p, err := c.ledgers.public.Proof(kept)
		if err != nil {
			return nil, err // not in the tree before the next batch
		}
		return p.Bytes(), nil
	}
	sum := s.Sums.Hash()
	b.log.Info("browser client", "files", len(s.Sums), "list", hex.EncodeToString(sum[:]))
	mux := http.NewServeMux()
	mux.Handle("/v1/", c.gateway)
	mux.Handle("/", s)
	c.chat = mux
	return nil
}
