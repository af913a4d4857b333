package bench

import (
	"fmt"
	"strings"
)

// fileRows are the stages of a file's way, each with its floor.
var fileRows = []struct{ name, work, floor string }{
	{"seal", "read, seal and keep on the sender's disk", ""}, {"upload", "upload, durable at the carrier", "put"},
	{"download", "download, examine, keep", "get"}, {"open", "open", ""}}

// files is the table of a file's way.
func (d Desk) files() string {
	var b strings.Builder
	b.WriteString("| stage | rate | floor, same run |\n|---|---:|---:|\n")
	bare, _ := find(d.Parts, "File/floor")
	for _, x := range fileRows {
		p, ok := find(d.Parts, "File/"+x.name)
		if !ok {
			continue
		}
		floor := ""
		switch {
		case x.floor == "put" && bare.Rate > 0:
			floor = fmt.Sprintf("%s MB/s (x%.2f)", figure(bare.Rate), p.Rate/bare.Rate)
		case x.floor == "get" && bare.Get > 0:
			floor = fmt.Sprintf("%s MB/s (x%.2f)", figure(bare.Get), p.Rate/bare.Get)
		}
		fmt.Fprintf(&b, "| %s | %s MB/s | %s |\n", x.work, figure(p.Rate), floor)
	}
	return b.String() + "\nOne file of 64 MiB between two devices and a carrier in one program, over loopback, a folder at the carrier. The floor puts the same bytes in the same pieces to a server that has each on its disk when it answers, and gets them back to a disk: no sealing, no tokens, no rows, no digest.\n"
}
