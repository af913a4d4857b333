package bench

import (
	"fmt"
	"slices"
	"strings"
)

// The marks are design/performance.md's, for two processors.
type onlineMark struct{ rate, micros float64 }

var onlineMarks = map[int]onlineMark{1: {25_000, 40}, 16: {40_000, 25}}

const (
	enqueueMark    = 20_000
	drainMark      = 40_000
	idleMark       = 16 // KiB
	idleTLSMark    = 26
	oneAccountMark = 100    // ms
	manyMark       = 30_000 // ms, 10,000 accounts
	appendMark     = 5_000
	proofMark      = 1_000 // us
	tailMark       = 2     // times the floor's p99
	firstMark      = 2_000 // ms
	coreMark       = 1.5   // MB
)

// rows is the table's content.
func (r *Results) rows() (all []row) {
	for _, c := range r.carriers() {
		all = append(all, r.onlineRows(c)...)
	}
	for _, c := range r.carriers() {
		all = append(all, r.offlineRows(c)...)
	}
	all = append(all, r.idleRows()...)
	return append(all, r.partRows()...)
}

// carriers are the names of what was measured beside the floor, in order.
func (r *Results) carriers() (names []string) {
	for _, o := range r.Offline {
		if !strings.HasPrefix(o.Carrier, "floor") && !slices.Contains(names, o.Carrier) {
			names = append(names, o.Carrier)
		}
	}
	return names
}

func short(carrier string) string { return strings.TrimPrefix(carrier, "Letterlock, ") }

// measured is a round of either kind.
type measured interface {
	on() string
	others() float64
}

func (o Online) on() string       { return o.Carrier }
func (o Online) others() float64  { return o.Foreign }
func (o Offline) on() string      { return o.Carrier }
func (o Offline) others() float64 { return o.Foreign }

// over fills a row with one figure of all rounds of a carrier and of the floor.
func over[T measured](w row, rounds []T, carrier string, of func(T) float64) row {
	var own, floor []float64
	w.calmShare = 2
	for _, o := range rounds {
		switch n := o.on(); {
		case n == carrier:
			own = append(own, of(o))
			if o.others() < w.calmShare {
				w.calm, w.calmShare = of(o), o.others()
			}
		case strings.HasPrefix(n, "floor"):
			floor = append(floor, of(o))
		}
	}
	w.figure, w.floor, w.rounds = median(own), median(floor), len(own)
	if w.figure > 0 {
		w.spread = (slices.Max(own) - slices.Min(own)) / w.figure
	}
	return w
}

func (r *Results) onlineRows(c string) (all []row) {
	for _, window := range []int{1, 16} {
		var rounds []Online
		for _, o := range r.Online {
			if o.Window == window {
				rounds = append(rounds, o)
			}
		}
		add := func(w row, of func(Online) float64) {
			w.work, w.on = fmt.Sprintf("online, window %d: %s", window, w.work), short(c)
			w = over(w, rounds, c, of)
			if w.work == "online, window 1: p99" {
				w.mark, w.most = tailMark*w.floor, true
			}
			all = append(all, w)
		}
		m := onlineMarks[window]
		add(row{work: "rate", unit: "msg/s", mark: m.rate}, func(o Online) float64 { return o.Rate })
		add(row{work: "server time", unit: "µs/msg", mark: m.micros, most: true}, func(o Online) float64 { return o.ServerMicros })
		add(row{work: "p50", unit: "ms"}, func(o Online) float64 { return o.P50 })
		add(row{work: "p99", unit: "ms"}, func(o Online) float64 { return o.P99 })
	}
	return all
}

func (r *Results) offlineRows(c string) (all []row) {
	add := func(w row, of func(Offline) float64) {
		w.on = short(c)
		all = append(all, over(w, r.Offline, c, of))
	}
	add(row{work: "enqueue, durable and sealed: rate", unit: "msg/s", mark: enqueueMark}, func(o Offline) float64 { return o.Enqueue })
	add(row{work: "enqueue: server time", unit: "µs/msg"}, func(o Offline) float64 { return o.EnqueueMicros })
	add(row{work: "drain, each deleted: rate", unit: "msg/s", mark: drainMark}, func(o Offline) float64 { return o.Drain })
	add(row{work: "drain: server time", unit: "µs/msg"}, func(o Offline) float64 { return o.DrainMicros })
	all = append(all, r.diskRow(c), r.residueRow(c, "residue: readable payloads", func(o Offline) int { return o.Readable }),
		r.residueRow(c, fmt.Sprintf("residue: sealed rows, of %d sampled a round", samples), func(o Offline) int { return o.Sealed }))
	all[len(all)-2].mark, all[len(all)-2].most = zero, true
	return all
}

func (r *Results) diskRow(c string) row {
	w := row{work: "bytes on disk for each that waits, logs of the engine included", unit: "bytes", on: short(c), figure: r.Disk[c]}
	for name, v := range r.Disk {
		if strings.HasPrefix(name, "floor") {
			w.floor = v
		}
	}
	return w
}

// zero is a mark of nothing at all, as far as a count goes.
const zero = 0.5

func (r *Results) residueRow(c, work string, of func(Offline) int) row {
	w := row{work: work, on: short(c), unit: "found"}
	for _, o := range r.Offline {
		if o.Carrier == c {
			w.figure += float64(of(o))
		}
	}
	return w
}

func (r *Results) idleRows() (all []row) {
	for _, i := range r.Idle {
		how, mark := "plain", float64(idleMark)
		if i.TLS {
			how, mark = "TLS", idleTLSMark
		}
		work := fmt.Sprintf("%s idle connections, %s: ", thousands(float64(i.Connections)), how)
		all = append(all, row{work: work + "memory each", on: "SQLite", figure: i.Each / 1024, unit: "KiB", mark: mark, most: true},
			row{work: work + "server time to connect", on: "SQLite", figure: i.LoginMicros, unit: "µs"})
	}
	return all
}

func (r *Results) partRows() (all []row) {
	add := func(name, work, unit string, of func(Part) float64, mark float64, most bool) {
		if p, ok := r.part(name); ok {
			all = append(all, row{work: work, on: "desk", figure: of(p), unit: unit, mark: mark, most: most})
		}
	}
	ms := func(p Part) float64 { return p.Micros / 1e3 }
	us := func(p Part) float64 { return p.Micros }
	add("Pack/accounts=1", "package for 1 account: records to sealed file", "ms", ms, oneAccountMark, true)
	add("Pack/accounts=1000", "package for 1,000 accounts", "ms", ms, 0, false)
	add("Pack/accounts=10000", "package for 10,000 accounts", "ms", ms, manyMark, true)
	n := len(all)
	for _, w := range []int{1, 64, 512} {
		mark := 0.0
		if w == 512 {
			mark = appendMark
		}
		add(fmt.Sprintf("Append/writers=%d", w), fmt.Sprintf("ledger: durable records, %d writers", w), "records/s", func(p Part) float64 { return p.Rate }, mark, false)
	}
	if p, ok := r.part("Proof"); ok {
		add("Proof", fmt.Sprintf("ledger: proof in a tree of %s leaves", thousands(p.Leaves)), "µs", us, proofMark, true)
	}
	for i := range all[n:] {
		all[n+i].on = "ledger"
	}
	return append(append(all, r.protocolRows()...), r.browserRows()...)
}

// browserRows are the start and the size of the browser client.
func (r *Results) browserRows() []row {
	p, ok := r.part("BrowserClient")
	if !ok {
		return nil
	}
	return []row{
		{work: "browser: from the address to the field for the passphrase, nothing cached", on: "client", figure: p.Page, unit: "ms"},
		{work: "browser: from the passphrase to the newest of 1,000 messages", on: "client", figure: p.First, unit: "ms", mark: firstMark, most: true},
		{work: "browser: size of the core (WASM)", on: "client", figure: p.Raw, unit: "MB"},
		{work: "browser: size of the core, brotli", on: "client", figure: p.Packed, unit: "MB", mark: coreMark, most: true},
	}
}

// protocolRows compare with the official library: ahead of it is the mark.
func (r *Results) protocolRows() (all []row) {
	for _, p := range [][3]string{{"SealAndOpen1KiB", peerOneWay, "1 KiB sealed and opened, one way"}, {"PingPong1KiB", peerPingPong, "1 KiB sealed and opened, each an answer"}} {
		own, ok := r.part(p[0])
		if !ok {
			continue
		}
		w := row{work: p[2] + " (mark: the official library from Node)", on: "client", figure: own.Micros, unit: "µs", most: true}
		if peer, ok := r.part(p[1]); ok {
			w.mark = peer.Micros
		}
		all = append(all, w)
	}
	return all
}
