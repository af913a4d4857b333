package gateway

import (
	"github.com/prometheus/client_golang/prometheus"

	"letterlock/wire"
)

// Metrics counts without people: no label is an account, a device, a number or
// an address, and none has values that a person chooses. They live in memory;
// what a scraper writes down tells how busy the whole service was. Where few
// people use a service even that tells something, so scrape it by the minute,
// not by the second. It serves as mailbox.Counter too. A nil *Metrics counts
// nothing.
type Metrics struct {
	accepted, stored prometheus.Counter
	delivered        *prometheus.CounterVec // by whether it had been stored: is eliding worth it
	refused          *prometheus.CounterVec // by code: are queues full, is the disk failing
	calls            *prometheus.CounterVec // by call and outcome: is something being tried
	sockets          prometheus.Gauge
}

// NewMetrics registers the metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "letterlock_" + name, Help: help})
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "letterlock_" + name, Help: help}, labels)
	}
	m := &Metrics{
		accepted:  counter("envelopes_accepted_total", "Envelopes taken from senders."),
		stored:    counter("envelopes_stored_total", "Envelopes written to disk."),
		delivered: vec("envelopes_delivered_total", "Envelopes acknowledged by their device.", "stored"),
		refused:   vec("envelopes_refused_total", "Envelopes refused.", "code"),
		calls:     vec("calls_total", "HTTP calls.", "call", "outcome"),
		sockets:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "letterlock_connections", Help: "Connected devices."}),
	}
	r.MustRegister(m.accepted, m.stored, m.delivered, m.refused, m.calls, m.sockets)
	return m
}

// Accepted counts an envelope taken.
func (m *Metrics) Accepted() { m.accepted.Inc() }

// Delivered counts an envelope acknowledged.
func (m *Metrics) Delivered(stored bool) {
	v := "no"
	if stored {
		v = "yes"
	}
	m.delivered.WithLabelValues(v).Inc()
}

// Stored counts rows written.
func (m *Metrics) Stored(n int) { m.stored.Add(float64(n)) }

var codes = map[wire.Code]string{wire.CodeInvalid: "invalid", wire.CodeTooLarge: "too large", wire.CodeGone: "gone",
	wire.CodeFull: "full", wire.CodeSlowDown: "slow down", wire.CodeTemporary: "temporary"}

// Refused counts an envelope refused.
func (m *Metrics) Refused(c wire.Code) { m.refused.WithLabelValues(codes[c]).Inc() }

func (m *Metrics) connections(n int) {
	if m != nil {
		m.sockets.Set(float64(n))
	}
}

var known = map[string]bool{wire.PathInfo: true, wire.PathCode: true, wire.PathRegister: true, wire.PathSocket: true, wire.PathKeys: true,
	wire.PathBundle: true, wire.PathLookup: true, wire.PathProfile: true, wire.PathPerson: true, wire.PathBlock: true,
	wire.PathExport: true, wire.PathReach: true, wire.PathObject: true, wire.PathDelete: true, wire.PathReport: true,
	wire.PathMediaBegin: true, wire.PathMediaDone: true, wire.PathMediaDrop: true, wire.PathMedia: true, wire.PathPush: true}

func (m *Metrics) call(path, outcome string) {
	if m == nil {
		return
	}
	if !known[path] {
		path = "other" // else whoever calls could write into the metrics
	}
	m.calls.WithLabelValues(path, outcome).Inc()
}
