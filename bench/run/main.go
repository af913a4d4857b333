// Command run measures the house and writes the table: see package bench.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"letterlock/bench"
)

func main() {
	bench.FloorIfAsked()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	out := f.String("out", "bench/RESULTS.md", "table to write; the plot goes beside it as results.svg")
	quick := f.Bool("quick", false, "see within a minute that everything works; the figures say nothing")
	server := f.String("server", "", "letterlock program to measure; empty: built from this checkout")
	floord := f.String("floord", "", "a floor server to use instead of our own (the shared tool's floord)")
	rounds := f.Int("rounds", 0, "rounds, of which medians are taken; 0: 3")
	quiet := f.Duration("quiet", 4*time.Minute, "how long, over the whole run, to wait for a quiet machine and to measure again")
	parts := f.Bool("parts", true, "measure packages, ledger and protocol too")
	only := f.String("only", "", "messages, idle, parts, queue, or of the queue's sections sqlite, postgres, acts, lists or files; empty: all. Sections of the queue are replaced in the table and leave the rest as it is")
	queue := f.String("queue", "", "SQLite file in which the filled queue is kept for the next run")
	if err := f.Parse(args); err != nil {
		return err
	}
	o := bench.Full()
	if *quick {
		o = bench.Quick()
	}
	if *rounds > 0 {
		o.Rounds = *rounds
	}
	if !*quick {
		o.Quiet = *quiet
	}
	o.Server, o.Floord, o.Parts, o.Only, o.Say = *server, *floord, *parts, *only, os.Stderr
	var err error
	if *queue != "" { // the benchmark runs in a folder of its own
		if o.Queue, err = filepath.Abs(*queue); err != nil {
			return err
		}
	}
	if o.Dir, err = os.MkdirTemp("", "letterlock-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.Dir)
	r, err := bench.Run(ctx, o)
	if err != nil {
		return err
	}
	return r.Write(*out, "go run ./bench/run "+join(args))
}

func join(args []string) (s string) {
	for i, a := range args {
		if i > 0 {
			s += " "
		}
		s += a
	}
	return s
}
