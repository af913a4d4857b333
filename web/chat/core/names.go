//go:build js

package main

import (
	"context"
	"sync"

	"letterlock/client"
	"letterlock/wire"
)

// bucketName keeps what people call themselves, by account.
const bucketName client.Bucket = "name"

// names are what is known of names since this start. They are other people's
// words: the page shows them beside the number.
type names struct {
	mu    sync.Mutex
	known map[wire.AccountID]string
	asked map[wire.AccountID]bool
}

// name is what somebody calls themselves, as far as it was learnt. What is not
// known is asked for, once in a start, and told when it comes.
func (c *core) name(id wire.AccountID) string {
	n := &c.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil {
		n.known, n.asked = map[wire.AccountID]string{}, map[wire.AccountID]bool{}
	}
	name, found := n.known[id]
	if !found {
		name = c.storedName(id)
		n.known[id] = name
	}
	if !n.asked[id] {
		n.asked[id] = true
		go c.learn(id, name)
	}
	return name
}

func (c *core) storedName(id wire.AccountID) (name string) {
	c.store.View(context.Background(), func(tx client.Tx) error {
		b, err := tx.Get(bucketName, id[:])
		name = string(b)
		return err
	})
	return name
}

// learn asks the carrier for a name.
func (c *core) learn(id wire.AccountID, before string) {
	ctx := context.Background()
	p, err := c.client.ProfileOf(ctx, id)
	if err != nil || p.Name == before {
		return // another start asks again
	}
	err = c.store.Update(ctx, func(tx client.Tx) error { return tx.Put(bucketName, id[:], []byte(p.Name)) })
	if err != nil {
		return
	}
	c.names.mu.Lock()
	c.names.known[id] = p.Name
	c.names.mu.Unlock()
	c.tell("name", map[string]any{"id": identifier(id), "name": p.Name})
}
