package main

import (
	"encoding/hex"
	"net/http"

	"letterlock/web/chat/shelf"
)

// openChat opens the folder of the browser client, if there is one. It has a
// host of its own, on which the device calls answer too: a page may speak to
// where it came from and to nobody else.
func (c *carrier) openChat(b base) error {
	if b.conf.Chat == "" {
		return nil
	}
	s, err := shelf.Open(b.conf.Chat, b.conf.Secure())
	if err != nil {
		return err
	}
	sum := s.Sums.Hash()
	b.log.Info("browser client", "files", len(s.Sums), "list", hex.EncodeToString(sum[:]))
	mux := http.NewServeMux()
	mux.Handle("/v1/", c.gateway)
	mux.Handle("/", s)
	c.chat = mux
	return nil
}
