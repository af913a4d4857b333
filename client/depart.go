package client

import (
	"context"

	"letterlock/internal/fault"
)

// Depart waits until the carrier has acknowledged what may go from the outbox
// now; Run keeps the connection meanwhile, on another goroutine. What is held,
// put off or still brings its file is not waited for. If ctx ends before, what
// did not leave stays in the store and goes with the next Run.
func (c *Client) Depart(ctx context.Context) error {
	for {
		rested := c.rested()
		p, err := c.progress(ctx)
		if err == nil && p.Waiting == p.PutOff {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-rested:
		case <-ctx.Done():
			return fault.Wrap(fault.Unavailable, "depart", ctx.Err(), "something that you sent has not left yet: it stays here, sealed, and goes when you are back")
		}
	}
}

// rested is closed when the line has done what it could.
func (c *Client) rested() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.atRest == nil {
		c.atRest = make(chan struct{})
	}
	return c.atRest
}

// rests tells whoever waits in Depart to look again.
func (c *Client) rests() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.atRest != nil {
		close(c.atRest)
		c.atRest = nil
	}
}
