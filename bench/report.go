package bench

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// row is one line of the table: a figure of the house, the floor's in the same
// run, and the mark the house has set itself.
type row struct {
	work   string
	on     string
	figure float64
	unit   string
	spread float64 // (largest - smallest) / median of the rounds
	rounds int
	// calm is the figure of the round in which others used the machine least,
	// and calmShare how much they used.
	calm, calmShare float64
	floor           float64 // 0: the floor does not do this
	mark            float64 // 0: none
	most            bool    // the mark is an upper bound
}

func (w row) met() string {
	switch {
	case w.mark == 0:
		return ""
	case w.most && w.figure <= w.mark, !w.most && w.figure >= w.mark:
		return "yes"
	}
	return "**no**"
}

// Write writes the table, and the plot beside it. Of a run of the desk's
// sections alone it replaces these and leaves the rest as it was.
func (r *Results) Write(path, command string) error {
	if r.Options.desk() {
		doc, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			doc, err = []byte("# What it costs\n"), nil
		}
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(r.withDesk(string(doc), command)), 0o644)
	}
	plot := filepath.Join(filepath.Dir(path), "results.svg")
	return cmp.Or(os.WriteFile(path, []byte(r.withDesk(r.Table(command), command)), 0o644), os.WriteFile(plot, []byte(r.Plot()), 0o644))
}

func (r *Results) withDesk(doc, command string) string {
	for _, d := range r.Desk {
		doc = withSection(doc, d.heading(), d.text(command))
	}
	return doc
}

// Table is RESULTS.md without the desk's sections.
func (r *Results) Table(command string) string {
	var b strings.Builder
	o, m := r.Options, r.Machine
	fmt.Fprintf(&b, "# What it costs\n\nWritten by `%s`; nothing here is by hand.\n\n", strings.TrimSpace(command))
	if o.Quick {
		b.WriteString("**A quick run: it shows that everything works. Its figures say nothing.**\n\n")
	}
	fmt.Fprintf(&b, "- Machine: %s, %d processors, %.1f GiB of memory, %s\n", cmp.Or(m.CPU, "unknown processor"), m.Cores, float64(m.Memory)/(1<<30), m.Kernel)
	fmt.Fprintf(&b, "- Built with %s, commit %s; begun %s; load averages then %s\n", m.Go, cmp.Or(m.Commit, "unknown"), m.Started.Format("2006-01-02 15:04 UTC"), m.Load)
	fmt.Fprintf(&b, "- Server and generator share the machine, over loopback; payloads of %d bytes, %d pairs, %s a round online, %s envelopes a round offline. Figures are medians of %d rounds in turn, and so is what is judged by the marks; spread is (largest - smallest) / median.\n",
		payloadSize, o.Pairs, o.Span, thousands(float64(o.Offline)), o.Rounds)
	fmt.Fprintf(&b, "- Other programs used %s of the machine during the rounds (median %.0f%%, at most %.0f%%): rates and delays suffer from that, processor time a message hardly.\n",
		r.noise(), 100*median(r.foreign()), 100*slices.Max(append(r.foreign(), 0)))
	if r.Again > 0 {
		fmt.Fprintf(&b, "- %d measurements were made again because others used more than %.0f%% of the machine; of each, the least disturbed counts.\n", r.Again, 100*busyShare)
	}
	b.WriteByte('\n')
	b.WriteString("![Envelopes a second beside the marks](results.svg)\n\n")
	b.WriteString("| work | on | figure | spread | least disturbed round (others) | floor, same run | mark | met |\n|---|---|---:|---:|---:|---:|---:|---|\n")
	for _, w := range r.rows() {
		w.write(&b)
	}
	b.WriteString(r.notes())
	return b.String()
}

func (w row) write(b *strings.Builder) {
	spread, calm, floor, mark := "", "", "", ""
	if w.rounds > 1 {
		spread = fmt.Sprintf("%.0f%%", 100*w.spread)
		calm = fmt.Sprintf("%s (%.0f%%)", figure(w.calm), 100*w.calmShare)
	}
	if w.floor > 0 {
		floor = fmt.Sprintf("%s (x%.2f)", figure(w.floor), w.figure/w.floor)
	}
	switch {
	case w.mark == zero:
		mark = "nothing"
	case w.mark > 0:
		mark = map[bool]string{true: "at most ", false: ""}[w.most] + figure(w.mark)
	}
	fmt.Fprintf(b, "| %s | %s | %s %s | %s | %s | %s | %s | %s |\n", w.work, w.on, figure(w.figure), w.unit, spread, calm, floor, mark, w.met())
}

func (r *Results) noise() string {
	switch f := median(r.foreign()); {
	case f < 0.05:
		return "little"
	case f < 0.25:
		return "some"
	}
	return "**much**"
}

func (r *Results) foreign() (all []float64) {
	for _, o := range r.Online {
		all = append(all, o.Foreign)
	}
	for _, o := range r.Offline {
		all = append(all, o.Foreign)
	}
	return all
}

func (r *Results) notes() string {
	var b strings.Builder
	b.WriteString(`
What the lines mean:

- *Online*: an envelope leaves its sender's window when the server has confirmed it and the recipient has it. Nothing touches a disk unless the acknowledgement takes longer than the ` + "`elide`" + ` setting. *Enqueue*: the recipient is away, and each envelope is confirmed after it is sealed and its group commit is durable. *Drain*: from the first recipient's connection to the last envelope; its processor time includes acknowledgement, deletion and erasure.
- *Server time* is user and system time of all processes of the server, PostgreSQL's too, from /proc.
- The *floor* (bench/floor.go) does the same work with nothing around it: no WebSocket, no sealing, no accounts, no limits, no erasure.
- *Residue* is looked for in all files of the server after delivery: readable payloads anywhere, and, of ` + fmt.Sprint(samples) + ` sampled rows as they were stored, those whose bytes are still there. Such a row is sealed to the recipient's device; nothing on the server opens it.
- Each round checks that every confirmed envelope arrived, whole, once, at the right device; a run in which one did not fails and writes nothing.
`)
	for _, m := range r.Missing {
		fmt.Fprintf(&b, "- Not measured here: %s.\n", m)
	}
	return b.String()
}

func figure(v float64) string {
	switch {
	case v >= 1000:
		return thousands(v)
	case v >= 100 || v == float64(int(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 1:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
