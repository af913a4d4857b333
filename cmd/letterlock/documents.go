package main

import (
	"io/fs"

	"letterlock/transparency/room"
)

// room is the press of the public document room; nil: the house has none.
func (c Config) room() *room.Press {
	if c.Documents == "" || c.Documents == "off" {
		return nil
	}
	return &room.Press{Dir: c.Documents}
}

// documents is the room as the public site reads it; nil: the house has none.
func (c Config) documents() fs.FS {
	if p := c.room(); p != nil {
		return p.FS()
	}
	return nil
}
