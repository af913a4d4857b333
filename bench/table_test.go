package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTableSaysWhatIsMet(t *testing.T) {
	o := Full()
	r := &Results{Options: o, Disk: map[string]float64{"Letterlock, SQLite": 1300, "floor": 1024}}
	for round, rate := range []float64{20_000, 30_000, 26_000} {
		for _, window := range []int{1, 16} {
			r.Online = append(r.Online, Online{Carrier: "Letterlock, SQLite", Window: window, Rate: rate, ServerMicros: 41, P99: float64(10 + round), Foreign: 0.3 - rate/1e5},
				Online{Carrier: "floor", Window: window, Rate: 2 * rate, ServerMicros: 20, P99: 5})
		}
		r.Offline = append(r.Offline, Offline{Carrier: "Letterlock, SQLite", Enqueue: 19_999, Drain: 40_000, Readable: round / 2, Sampled: samples})
	}
	table := r.Table("a test")
	for work, want := range map[string]string{
		"| online, window 1: rate ":        "26,000 msg/s | 38% | 30,000 (0%) | 52,000 (x0.50) | 25,000 | yes |",
		"| online, window 16: rate ":       "26,000 msg/s | 38% | 30,000 (0%) | 52,000 (x0.50) | 40,000 | **no** |",
		"| online, window 1: server time ": "at most 40 | **no** |",
		"| online, window 1: p99 ":         "at most 10 | **no** |",
		"| enqueue, durable and sealed":    "20,000 | **no** |",
		"| drain, each deleted: rate ":     "40,000 | yes |",
		"| residue: readable payloads ":    "1 found |  |  |  | nothing | **no** |",
	} {
		line := ""
		for l := range strings.Lines(table) {
			if strings.HasPrefix(l, work) {
				line = l
			}
		}
		if !strings.HasSuffix(strings.TrimSpace(line), want) {
			t.Errorf("%q does not end with %q", line, want)
		}
	}
}

func TestTheSearchFindsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	needle := marker("planted")
	for _, at := range []int{0, 256<<10 - 10, 256<<10 - len(needle), 256 << 10, 600_000} { // around the edges of the buffer
		b := make([]byte, 700_000)
		copy(b[at:], needle)
		if err := os.WriteFile(filepath.Join(dir, "file"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := search([]string{dir}, [][]byte{needle, []byte("never written")})
		if err != nil || found[0] != 1 || found[1] != 0 {
			t.Errorf("planted at %d: found %v, %v", at, found, err)
		}
	}
}

func TestAPayloadIsChecked(t *testing.T) {
	w := newWriter("check")
	good := bytes.Clone(w.next(payload{sender: 3, number: 9, sent: 77}))
	if p, err := readPayload(good); err != nil || p != (payload{3, 9, 77}) {
		t.Errorf("%+v, %v", p, err)
	}
	good[500] ^= 1
	if _, err := readPayload(good); err == nil {
		t.Error("a damaged payload passed")
	}
	if _, err := readPayload(good[:100]); err == nil {
		t.Error("a shortened payload passed")
	}
}

func TestBenchmarkLinesAreRead(t *testing.T) {
	got := parse("goos: linux\nBenchmarkPack/accounts=1000-2   \t  3\t  96151100 ns/op\t  4.1 MB/s\nBenchmarkAppend/writers=64 \t 100\t 36700 ns/op\t 27827 records/s\n" +
		"BenchmarkProof-2 \t 2000\t 57001 ns/op\t 10027008 leaves\nPASS\n")
	want := []Part{{Name: "Pack/accounts=1000", Micros: 96151.1, Rate: 4.1}, {Name: "Append/writers=64", Micros: 36.7, Rate: 27827}, {Name: "Proof", Micros: 57.001, Leaves: 10027008}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

// A section that is measured alone takes the place of its former self; what
// stands around it stays.
func TestASectionIsReplacedAlone(t *testing.T) {
	doc := "# What it costs\n\n| a | b |\n"
	for _, title := range []string{"One", "Two", "Three"} {
		doc = withSection(doc, "## "+title+"\n", "## "+title+"\n\nfirst "+title+"\n")
	}
	for _, title := range []string{"Two", "Three", "One", "One"} {
		doc = withSection(doc, "## "+title+"\n", "## "+title+"\n\nsecond "+title+"\n")
	}
	want := "# What it costs\n\n| a | b |\n\n## One\n\nsecond One\n\n## Two\n\nsecond Two\n\n## Three\n\nsecond Three\n"
	if doc != want {
		t.Errorf("%q", doc)
	}
}

func TestTheMarksOfTheDeskAreJudged(t *testing.T) {
	d := Desk{section: sections[0], Parts: parse("BenchmarkQueue/sqlite/list=due-2 1000 2100 ns/op 1.5 p50-ms 99.0 p99-ms 3 disk-KiB/op\nBenchmarkQueue/sqlite/cold/open-2 9 2100 ns/op 1.5 p50-ms 101.0 p99-ms 800 disk-KiB/op\n" +
		"BenchmarkQueue/sqlite/scan-2 20 9 ns/op 900 p50-ms 990 p99-ms 12 file-MiB\n")}
	text := d.text("a test")
	for _, want := range []string{"| list by time left | warm | 1.5 ms | 99 ms | 3 KiB | 990 ms (x0.100) | at most 100 ms | yes |", "| open a case | opened anew | 1.5 ms | 101 ms | 800 KiB |  | at most 100 ms | **no** |", "The file has 12 MiB."} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}
