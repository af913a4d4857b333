package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/wire"
)

// benchFile is the length of the file that is sent.
const benchFile = 64 << 20

// BenchmarkFile measures each stage of a file's way, and beside it the floor: the
// same bytes over the same kind of connection, to disks and from them, with
// nothing around them. Rates are of the file's own bytes.
func BenchmarkFile(b *testing.B) {
	h := newHouse(b)
	h.files.Quota, h.files.Space = 1<<50, 1<<50
	h.join("alice", alice)
	h.join("bob", bob)
	path := made(b, "bench.bin", benchFile)
	for _, stage := range []string{"seal", "upload", "download", "open"} {
		b.Run(stage, func(b *testing.B) {
			var spent time.Duration
			ways := 0
			for ; b.Loop(); ways++ {
				spent += h.way(b, path)[stage]
			}
			b.ReportMetric(float64(ways)*benchFile/1e6/spent.Seconds(), "MB/s")
		})
	}
	b.Run("floor", func(b *testing.B) {
		var put, get time.Duration
		for b.Loop() {
			put, get = floorFile(b, path)
		}
		b.ReportMetric(benchFile/1e6/put.Seconds(), "MB/s")
		b.ReportMetric(benchFile/1e6/get.Seconds(), "get-MB/s")
	})
}

// way sends a file, fetches and opens it, and removes it again.
func (h *house) way(b *testing.B, path string) map[string]time.Duration {
	ctx, spent := context.Background(), map[string]time.Duration{}
	took := func(stage string, f func() error) {
		b.Helper()
		began := time.Now()
		if err := f(); err != nil {
			b.Fatal(stage, err)
		}
		spent[stage] = time.Since(began)
	}
	on := func(who string, f func(*device) error) {
		b.Helper()
		t := &terminal{in: &bytes.Buffer{}, out: io.Discard, err: io.Discard, dir: h.folder(who)}
		if err := t.with(ctx, f); err != nil {
			b.Fatal(who, err)
		}
	}
	on("alice", func(d *device) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		var e client.Entry
		took("seal", func() (err error) {
			e, err = d.SendFile(ctx, bob, client.Attachment{Body: in, Name: "bench.bin"})
			return err
		})
		took("upload", func() error { return d.Flush(ctx) })
		return d.Remove(ctx, e)
	})
	on("bob", func(d *device) error {
		if err := d.Drain(ctx); err != nil {
			return err
		}
		all, err := d.Journal(ctx, client.Incoming)
		if err != nil || len(all) != 1 {
			return fmt.Errorf("%d files: %w", len(all), err)
		}
		took("download", func() error { return d.Fetch(ctx, all[0].Seq, nil) })
		took("open", func() error {
			r, err := d.OpenFile(ctx, all[0].Seq)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, r)
			return err
		})
		return d.Remove(ctx, all...)
	})
	return spent
}

// floorFile puts the bytes to a server in pieces that are on its disk when it
// answers, and gets them back to a disk.
func floorFile(b *testing.B, path string) (put, get time.Duration) {
	dir := b.TempDir()
	kept := filepath.Join(dir, "kept")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.ServeFile(w, r, kept)
			return
		}
		f, err := os.OpenFile(kept, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = io.Copy(f, r.Body)
		}
		if err != nil || f.Sync() != nil || f.Close() != nil {
			http.Error(w, "failed", http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	all, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for at := 0; at < len(all); at += wire.MediaPiece {
		req, _ := http.NewRequest(http.MethodPut, server.URL, bytes.NewReader(all[at:min(at+wire.MediaPiece, len(all))]))
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp, err)
		}
		resp.Body.Close()
	}
	put = time.Since(began)
	began = time.Now()
	resp, err := http.Get(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := os.Create(filepath.Join(dir, "got"))
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	if n, err := io.Copy(out, resp.Body); n != int64(len(all)) || err != nil {
		b.Fatal(n, err)
	}
	return put, time.Since(began)
}
