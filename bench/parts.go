package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"letterlock/e2e/story"
)

// Part is one benchmark of a part of the house, or of its peer.
type Part struct {
	Name   string // benchmark, or the peer's
	Micros float64
	Rate   float64 // a second, where the benchmark reports one
	Leaves float64 // of the tree, for proofs

	P50, P99 float64 // ms, where the benchmark reports them
	Disk     float64 // KiB that each look had from the disk
	File     float64 // MiB of the file
	Get      float64 // MB a second back, where Rate is of the way there

	Page, First, Raw, Packed float64 // of the browser client: ms to its first page, ms to the first message, MB of its core, and packed
}

func (p Part) String() string {
	if p.P99 > 0 {
		return fmt.Sprintf("%s: p50 %.2f ms, p99 %.2f ms", p.Name, p.P50, p.P99)
	}
	return fmt.Sprintf("%s: %.1f us, %.0f/s", p.Name, p.Micros, p.Rate)
}

// suite is one of the parts' own benchmarks, measured where the part lives.
type suite struct {
	folder, bench, full, quick string
	args                       []string
}

var suites = []suite{
	{folder: "./desk/produce", bench: "^BenchmarkPack$/^accounts=(1|1000|10000)$", full: "3x", quick: "1x"},
	{folder: "./ledger", bench: "^BenchmarkAppend$", full: "1s", quick: "50x"},
	{folder: "./ledger", bench: "^BenchmarkProof$", full: "2000x", quick: "1x", args: []string{"-ledger.leaves=10000000"}},
	{folder: "./signal", bench: "^Benchmark(SealAndOpen|PingPong)1KiB$", full: "1s", quick: "50x"},
	{folder: "./e2e", bench: "^BenchmarkBrowserClient$", full: "1x", quick: "1x"},
}

func (r *Results) parts(ctx context.Context) error {
	root, err := story.Root()
	if err != nil {
		return err
	}
	if err := r.suites(ctx, root, suites...); err != nil {
		return err
	}
	return r.peer(ctx, root)
}

func (r *Results) suites(ctx context.Context, root string, all ...suite) error {
	for _, s := range all {
		found, _, err := r.run(ctx, root, s)
		if err != nil {
			return err
		}
		r.Parts = append(r.Parts, found...)
	}
	return nil
}

// run runs a suite and says how many seconds of processor time it took.
func (r *Results) run(ctx context.Context, root string, s suite) (found []Part, own float64, err error) {
	bench, time, args := s.bench, s.full, s.args
	if r.Options.Quick {
		bench, time, args = strings.Replace(bench, "|10000)", ")", 1), s.quick, nil // without arguments each takes its small size
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "^$", "-bench", bench, "-benchtime", time, s.folder}, args...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, 0, fmt.Errorf("go test -bench %s %s: %w\n%s", bench, s.folder, err, out)
	}
	if found = parse(string(out)); len(found) == 0 {
		return nil, 0, fmt.Errorf("go test -bench %s %s reported nothing:\n%s", bench, s.folder, out)
	}
	for _, p := range found {
		r.say("%s", p)
	}
	return found, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), nil
}

var benchLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// parse reads the lines of `go test -bench`.
func parse(out string) (all []Part) {
	for line := range strings.Lines(out) {
		m := benchLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		p := Part{Name: m[1]}
		f := strings.Fields(m[2])
		for i := 0; i+1 < len(f); i += 2 {
			switch v := number(f[i]); f[i+1] {
			case "ns/op":
				p.Micros = v / 1e3
			case "records/s":
				p.Rate = v
			case "MB/s":
				p.Rate = v
			case "get-MB/s":
				p.Get = v
			case "p50-ms":
				p.P50 = v
			case "p99-ms":
				p.P99 = v
			case "disk-KiB/op":
				p.Disk = v
			case "file-MiB":
				p.File = v
			case "page-ms":
				p.Page = v
			case "first-ms":
				p.First = v
			case "raw-MB":
				p.Raw = v
			case "packed-MB":
				p.Packed = v
			case "leaves":
				p.Leaves = v
			}
		}
		all = append(all, p)
	}
	return all
}

// peer measures the official library in Node, if `make setup` has installed it.
func (r *Results) peer(ctx context.Context, root string) error {
	modules := filepath.Join(root, "signal", "interop", "peer", "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "lsc-0.103")); err != nil {
		r.Missing = append(r.Missing, "the official library in Node: it is not installed in signal/interop/peer")
		return nil
	}
	node, err := exec.LookPath("node")
	if err != nil {
		r.Missing = append(r.Missing, "the official library in Node: there is no node")
		return nil
	}
	rounds := "20000"
	if r.Options.Quick {
		rounds = "50"
	}
	out, err := exec.CommandContext(ctx, node, filepath.Join(root, "bench", "peer.mjs"), modules, rounds).Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			err = fmt.Errorf("%w\n%s", err, e.Stderr)
		}
		return fmt.Errorf("official library in Node: %w", err)
	}
	var p struct{ OneWay, PingPong float64 }
	if err := json.Unmarshal(out, &p); err != nil {
		return fmt.Errorf("official library in Node: %w", err)
	}
	r.say("official library in Node: one way %.1f us, answering %.1f us", p.OneWay, p.PingPong)
	r.Parts = append(r.Parts, Part{Name: peerOneWay, Micros: p.OneWay}, Part{Name: peerPingPong, Micros: p.PingPong})
	return nil
}

const (
	peerOneWay   = "official/SealAndOpen1KiB"
	peerPingPong = "official/PingPong1KiB"
)

// part finds a benchmark by name.
func (r *Results) part(name string) (Part, bool) { return find(r.Parts, name) }

func find(all []Part, name string) (Part, bool) {
	for _, p := range all {
		if p.Name == name {
			return p, true
		}
	}
	return Part{}, false
}
