package bench

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"letterlock/e2e/story"
)

// The marks of a look at the queue and of a page that a person opens, in ms:
// the 99th percentile.
const (
	queueMark = 100
	pageMark  = 1000
)

// section is a part of RESULTS.md that is measured, and written anew, alone:
// what people of the desk look at, with very much in it.
type section struct {
	name, title string
	suite       suite
	on          [][2]string // beginnings of benchmarks, and on what they were
}

// sections are all. The queue is filled with a million cases on each engine,
// which takes minutes; the ledger has a million records.
var sections = []section{
	{name: "sqlite", title: "The desk's queue on SQLite", on: [][2]string{{"Queue/sqlite/", "warm"}, {"Queue/sqlite/cold/", "opened anew"}},
		suite: suite{folder: "./storage/deskdb", bench: "^BenchmarkQueue$/^sqlite$", full: "500x", quick: "20x", args: []string{"-timeout", "120m", "-deskdb.cases=1000000"}}},
	{name: "postgres", title: "The desk's queue on PostgreSQL", on: [][2]string{{"Queue/postgres/", "warm"}},
		suite: suite{folder: "./storage/deskdb", bench: "^BenchmarkQueue$/^postgres$", full: "500x", quick: "20x", args: []string{"-timeout", "120m", "-deskdb.cases=1000000"}}},
	{name: "acts", title: "The auditor's page", on: [][2]string{{"Acts/warm", "warm"}, {"Acts/cold", "opened anew"}},
		suite: suite{folder: "./desk", bench: "^BenchmarkActs$", full: "500x", quick: "20x", args: []string{"-timeout", "60m", "-desk.acts=1000000"}}},
	{name: "lists", title: "Many accounts in one order", suite: suite{folder: "./desk", bench: "^BenchmarkList$/^(accounts|passphrase)=(1|1000|10000)$", full: "5x", quick: "1x"}},
	{name: "files", title: "Files", suite: suite{folder: "./cmd/letter", bench: "^BenchmarkFile$", full: "3x", quick: "1x"}},
}

// lookRows are the looks of a queue, by the ends of their benchmarks' names.
var lookRows = []struct {
	name, work string
	mark       float64
}{{"list=due", "list by time left", queueMark}, {"list=newest", "list, newest first", queueMark}, {"list=oldest", "list, oldest first", queueMark}, {"search", "search", queueMark},
	{"count", "counts", queueMark}, {"open", "open a case", queueMark}, {"figures", "the lead's page, all its sums", pageMark}, {"", "a page of acts", pageMark}}

// Desk is one measured section.
type Desk struct {
	section
	Machine Machine
	Parts   []Part
	Foreign float64 // share of the machine that others used meanwhile, and PostgreSQL's server
	Quick   bool
}

// queue measures the desk's sections, or the one that was asked for.
func (r *Results) queue(ctx context.Context) error {
	root, err := story.Root()
	if err != nil {
		return err
	}
	for _, s := range sections {
		if r.Options.Only != "" && r.Options.Only != "queue" && r.Options.Only != s.name {
			continue
		}
		m, err := ThisMachine()
		if err != nil {
			return err
		}
		if r.Options.Queue != "" && s.name == "sqlite" {
			s.suite.args = append(s.suite.args, "-deskdb.file="+r.Options.Queue)
		}
		before := busy()
		found, own, err := r.run(ctx, root, s.suite)
		if err != nil {
			return err
		}
		d := Desk{section: s, Machine: m, Parts: found, Quick: r.Options.Quick}
		d.Foreign = max(0, (busy()-before-own)/(time.Since(m.Started).Seconds()*float64(m.Cores)))
		r.Desk = append(r.Desk, d)
	}
	return nil
}

// heading begins the section, and finds it in a file.
func (s section) heading() string { return "## " + s.title + "\n" }

// text is the section.
func (d Desk) text(command string) string {
	var b strings.Builder
	m := d.Machine
	fmt.Fprintf(&b, "%s\nWritten by `%s`: %s, %d processors, %s; built with %s, commit %s; begun %s; load averages then %s. Others%s used %.0f%% of the machine meanwhile.\n\n",
		d.heading(), strings.TrimSpace(command), cmp.Or(m.CPU, "unknown processor"), m.Cores, m.Kernel, m.Go, cmp.Or(m.Commit, "unknown"), m.Started.Format("2006-01-02 15:04 UTC"), m.Load,
		map[bool]string{true: ", the engine's own server among them,"}[d.name == "postgres"], 100*d.Foreign)
	if d.Quick {
		b.WriteString("**A quick run with few cases: it shows that everything works. Its figures say nothing.**\n\n")
	}
	switch d.name {
	case "lists":
		b.WriteString(d.lists())
		return b.String()
	case "files":
		b.WriteString(d.files())
		return b.String()
	}
	b.WriteString("| look | on | p50 | p99 | from the disk, each | a full scan, same run: p99 | mark | met |\n|---|---|---:|---:|---:|---:|---:|---|\n")
	scan := d.part("scan")
	for _, on := range d.on {
		for _, x := range lookRows {
			if p, ok := d.find(on[0] + x.name); ok {
				lookRow(&b, row{work: x.work, on: on[1], figure: p.P99, mark: x.mark, most: true}, p, scan)
			}
		}
	}
	b.WriteString(d.notes())
	return b.String()
}

func lookRow(b *strings.Builder, w row, p, scan Part) {
	floor := ""
	if strings.HasPrefix(w.work, "list") && scan.P99 > 0 {
		floor = fmt.Sprintf("%s ms (x%.3f)", figure(scan.P99), p.P99/scan.P99)
	}
	fmt.Fprintf(b, "| %s | %s | %s ms | %s ms | %s KiB | %s | at most %s ms | %s |\n", w.work, w.on, figure(p.P50), figure(p.P99), figure(p.Disk), floor, figure(w.mark), w.met())
}

func (d Desk) notes() string {
	if d.name == "acts" {
		return "\nA ledger of 1,000,000 records: the newest, some in the middle, of one kind, of a rare kind (a page looks through 5,000 at most and says where it ended) and of some days. *Opened anew*: before each page nothing of the journal was in the system's memory.\n"
	}
	s := "\n1,000,000 cases, one in five open. Lists: every filter of the console, alone and joined, of the open and of all, at the beginning and anywhere behind it; the scan is one such list without an index."
	if d.name == "sqlite" {
		s += fmt.Sprintf(" *Opened anew*: every 50 looks the file was closed, taken out of the system's memory and opened again. The file has %s MiB.", thousands(d.part("scan").File))
	}
	return s + "\n"
}

// part is a section's own benchmark beside the looks.
func (d Desk) part(name string) (p Part) {
	p, _ = d.find(d.on[0][0] + name)
	return p
}

func (d Desk) find(name string) (Part, bool) { return find(d.Parts, name) }

// withSection is a document in which a section stands as it was measured last:
// in the place where it stood, or at the end.
func withSection(doc, heading, text string) string {
	at := strings.Index("\n"+doc, "\n"+heading)
	if at < 0 {
		return strings.TrimRight(doc, "\n") + "\n\n" + text
	}
	rest := doc[at+len(heading):]
	if end := strings.Index(rest, "\n## "); end >= 0 {
		return doc[:at] + text + rest[end:]
	}
	return doc[:at] + text
}
