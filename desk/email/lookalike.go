package email

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Known is an authority of the directory.
type Known struct {
	Name    string
	Domains []string
}

// Warnings are what a reader should not overlook in who an e-mail says it is
// from: a domain that looks like an official one and is none, or a name that
// is not the address's.
func Warnings(domain, name string, all []Known) []string {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if slices.ContainsFunc(all, func(k Known) bool { return slices.Contains(k.Domains, domain) }) {
		return nil
	}
	var out []string
	if u, err := idna.ToUnicode(domain); err == nil && u != domain {
		out = append(out, fmt.Sprintf("The domain %s is written in other letters than it shows: it reads “%s”.", domain, visible(u, maxShort)))
	}
	lower := strings.ToLower(name)
	for _, k := range all {
		for _, d := range k.Domains {
			if why := like(domain, d); why != "" {
				out = append(out, fmt.Sprintf("The domain %s is not %s of %s, and looks like it: %s.", domain, d, k.Name, why))
			}
			if strings.Contains(lower, d) {
				out = append(out, fmt.Sprintf("The sender’s name shows %s, and the address is of %s.", d, domain))
			}
		}
		if len(k.Name) > 6 && strings.Contains(lower, strings.ToLower(k.Name)) {
			out = append(out, fmt.Sprintf("The sender calls themselves %s, and %s is none of its domains.", k.Name, domain))
		}
	}
	return out[:min(len(out), 8)]
}

// LookAlike reports a domain that could be taken for an official one.
func LookAlike(domain, official string) bool { return like(domain, official) != "" }

// like says why a domain could be taken for an official one; empty if it could
// not, or is that one.
func like(domain, official string) string {
	domain, official = strings.ToLower(strings.TrimSuffix(domain, ".")), strings.ToLower(strings.TrimSuffix(official, "."))
	if domain == official || official == "" || strings.HasSuffix(domain, "."+official) {
		return ""
	}
	shown, err := idna.ToUnicode(domain)
	if err != nil {
		shown = domain
	}
	a, b := skeleton(shown), skeleton(official)
	first, _, _ := strings.Cut(b, ".")
	switch {
	case a == b:
		return "its letters are others that look the same"
	case strings.HasPrefix(a, b+".") || strings.Contains(a, "."+b+"."):
		return "the official domain stands only in front of another"
	case flat(a) == flat(b):
		return "only dots and hyphens differ"
	case len(b) > 5 && near(a, b):
		return "one letter differs"
	case stem(a) == stem(b) && len(stem(b)) > 5:
		return "only its ending differs"
	case len(first) > 6 && strings.Contains(flat(a), flat(stem(b))):
		return "it contains the official name"
	}
	return ""
}

// stem is a domain without its last label.
func stem(d string) string {
	if i := strings.LastIndexByte(d, '.'); i > 0 {
		return d[:i]
	}
	return d
}

func flat(d string) string { return strings.NewReplacer(".", "", "-", "").Replace(d) }

// twins are letters that are taken for others. Not all there are: those that
// forgers use.
var twins = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "i", "l", "|", "l", "5", "s", "3", "e",
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "х", "x", "у", "y", "і", "l", "ї", "l", "ѕ", "s", "ј", "j", "һ", "h", "ԁ", "d", "ԛ", "q", "ԝ", "w", "в", "b", "к", "k", "м", "m", "н", "h", "т", "t", "г", "r",
	"α", "a", "β", "b", "ε", "e", "η", "n", "ι", "l", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "γ", "y", "ω", "w",
	"ı", "l", "ł", "l", "ø", "o", "đ", "d", "ħ", "h", "ɡ", "g", "ɑ", "a", "ʀ", "r", "ո", "n", "օ", "o", "ѵ", "v")

// skeleton is a domain as the eye takes it.
func skeleton(d string) string {
	var plain strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(d)) {
		if r < 0x300 || r > 0x36f { // marks above and below letters
			plain.WriteRune(r)
		}
	}
	return twins.Replace(plain.String())
}

// near reports two texts of which one becomes the other by one letter added,
// left out, changed, or two neighbours swapped.
func near(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 || len(y) > 300 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return string(x[i:]) == string(y[i+1:])
	}
	if i == len(x) {
		return true
	}
	return string(x[i+1:]) == string(y[i+1:]) ||
		i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}
