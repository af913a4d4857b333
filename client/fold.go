//go:build !js

package client

import "golang.org/x/text/unicode/norm"

// decompose parts letters from their accents, and like forms from each other.
func decompose(s string) string { return norm.NFKD.String(s) }
