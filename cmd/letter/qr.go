//go:build !js

package main

import (
	"strings"

	"letterlock/cmd/letter/say"
)

// The words of a terminal, which the full-screen client says, too.
var (
	plain   = say.Plain
	lines   = say.Lines
	stamp   = say.Stamp
	size    = say.Size
	timer   = say.Timer
	plural  = say.Plural
	lasting = say.Lasting
	spot    = say.Spot
	geo     = say.Geo
)

// qrText draws a text as a QR code, dark on light whatever the terminal's
// colours.
func qrText(text string) (string, error) {
	lines, err := say.QR(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("\x1b[30;107m" + l + "\x1b[0m\n")
	}
	return b.String(), nil
}
