package main

import (
	"io/fs"
	"os"

	"letterlock/transparency/room"
)

// room is the press of the public document room; nil: the house has none.
func (c Config) room() *room.Press {
	if c.Documents == "" || c.Documents == "off" {
		return nil
	}
	return &room.Press{Dir: c.Documents}
}

// documents is the room as the public site reads it; nil: none is served here. A
// carrier alone has none unless it was given a copy of the desk's.
func (c Config) documents() fs.FS {
	p := c.room()
	if p == nil {
		return nil
	}
	if _, err := os.Stat(p.Dir); err != nil && !c.Desk() {
		return nil
	}
	return p.FS()
}
