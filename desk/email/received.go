package email

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Who handed the e-mail to our servers stands in the Received lines that these
// wrote themselves. They are on top: each server writes above what it got. The
// first line that is not ours, and all below it, is the sender's word.

// trace is one Received line.
type trace struct {
	by   string
	helo string
	ip   netip.Addr
}

var (
	byWord   = regexp.MustCompile(`(?i)(?:^|\s)by\s+([a-z0-9.-]{1,255})`)
	fromWord = regexp.MustCompile(`(?i)^\s*from\s+([^\s();]{1,255})`)
	literal  = regexp.MustCompile(`\[(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]`)
)

// readTrace reads a Received line as far as it can be relied on. The address
// must stand in brackets, as servers write what they saw; the name before it is
// what the other side said of itself.
func readTrace(v string) trace {
	if len(v) > 4096 {
		return trace{}
	}
	v = strings.Join(strings.Fields(v), " ")
	head, rest := v, ""
	if i := byWord.FindStringIndex(v); i != nil {
		head, rest = v[:i[0]], v[i[0]:]
	}
	var t trace
	if m := byWord.FindStringSubmatch(rest); m != nil {
		t.by = strings.ToLower(strings.TrimSuffix(m[1], "."))
	}
	if m := fromWord.FindStringSubmatch(head); m != nil {
		t.helo = strings.ToLower(strings.Trim(m[1], "[]."))
		head = head[len(m[0]):]
		if strings.HasPrefix(m[1], "[") { // an address in place of a name
			head = m[1] + head
			t.helo = ""
		}
	}
	if all := literal.FindAllStringSubmatch(head, 2); len(all) == 1 || len(all) == 2 && all[0][1] == all[1][1] {
		t.ip, _ = netip.ParseAddr(all[0][1])
		t.ip = t.ip.Unmap()
	}
	return t
}

// hop finds the line in which one of our servers noted a stranger.
func (c Checker) hop(m *Message) (h hop, ok bool) {
	lines := 0
	for f := m.header.Fields(); f.Next(); {
		switch strings.ToLower(f.Key()) {
		case "return-path":
			if lines == 0 { // written on delivery, above all Received lines
				h.path = true
				h.sender = strings.Trim(strings.TrimSpace(f.Value()), "<>")
			}
		case "received":
			lines++
			t := readTrace(f.Value())
			if !named(c.Relays, t.by) {
				return h, ok
			}
			if named(c.Relays, t.helo) && c.own(t.ip) { // from one of ours to another
				continue
			}
			h.ip, h.helo = t.ip, t.helo
			return h, true
		}
	}
	return h, ok
}

// own is an address of the operator's own network: a stranger who calls himself
// by the name of our server does not come from there.
func (c Checker) own(ip netip.Addr) bool {
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || slices.ContainsFunc(c.Relays, func(s string) bool {
		p, err := netip.ParsePrefix(s)
		return err == nil && p.Contains(ip)
	})
}
