//go:build !js

package main

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// qrText draws a text as a QR code of half blocks, dark on light whatever the
// terminal's colours, with the quiet zone of four modules that readers need.
func qrText(text string) (string, error) {
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4
	var b strings.Builder
	for y := -quiet; y < c.Size+quiet; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quiet; x < c.Size+quiet; x++ {
			b.WriteString(halves[[2]bool{c.Black(x, y), c.Black(x, y+1)}])
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}

var halves = map[[2]bool]string{{false, false}: " ", {true, false}: "▀", {false, true}: "▄", {true, true}: "█"}
