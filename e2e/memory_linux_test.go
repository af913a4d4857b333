package e2e_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"letterlock/internal/testkit"
)

// memory is everything that a process can read of itself, while it stands
// still. Pages of zeros are left out.
func memory(t testing.TB, pid int) (out haystack) {
	t.Helper()
	must(t, syscall.Kill(pid, syscall.SIGSTOP))
	defer syscall.Kill(pid, syscall.SIGCONT)
	waitStopped(t, pid)
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	must(t, err)
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		testkit.Missing(t, "this machine does not let a test read the memory of its own child: %v", err)
	}
	defer mem.Close()
	for s := bufio.NewScanner(bytes.NewReader(maps)); s.Scan(); {
		f := strings.Fields(s.Text())
		if len(f) < 5 || f[1][0] != 'r' || strings.Contains(s.Text(), "[v") {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		a, err := strconv.ParseUint(from, 16, 64)
		must(t, err)
		z, err := strconv.ParseUint(to, 16, 64)
		must(t, err)
		name := "anonymous"
		if len(f) > 5 {
			name = f[5]
		}
		out = append(out, region(mem, a, z, f[1]+" "+name)...)
	}
	if len(out) == 0 {
		t.Fatal("the process has no memory that can be read")
	}
	return out
}

func waitStopped(t testing.TB, pid int) {
	for range 200 {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		must(t, err)
		if i := bytes.LastIndexByte(b, ')'); i > 0 && bytes.HasPrefix(b[i:], []byte(") T")) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the server does not stand still")
}

// region reads from a to z and returns the stretches that are not zero.
func region(mem io.ReaderAt, a, z uint64, name string) (out haystack) {
	const page = 4096
	var zero [page]byte
	buf := make([]byte, 1<<20)
	open := -1 // index of the stretch that goes on
	for ; a < z; a += uint64(len(buf)) {
		n, _ := mem.ReadAt(buf[:min(uint64(len(buf)), z-a)], int64(a))
		for i := 0; i+page <= n; i += page {
			if bytes.Equal(buf[i:i+page], zero[:]) {
				open = -1
				continue
			}
			if open < 0 {
				out = append(out, part{name: fmt.Sprintf("%s at %x", name, a+uint64(i))})
				open = len(out) - 1
			}
			out[open].b = append(out[open].b, buf[i:i+page]...)
		}
		if n == 0 {
			open = -1
		}
	}
	return out
}

// family is a process and its children.
func family(t testing.TB, pid int) []int {
	t.Helper()
	all := []int{pid}
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	for _, n := range names {
		b, err := os.ReadFile(n)
		i := bytes.LastIndexByte(b, ')')
		if err != nil || i < 0 {
			continue
		}
		if f := strings.Fields(string(b[i+1:])); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(n)))
			all = append(all, child)
		}
	}
	return all
}
