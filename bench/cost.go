package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// reading is a look at the processes of a server, with everything below them,
// and at the whole machine.
type reading struct {
	at     time.Time
	server float64 // processor seconds, with those of ended children
	own    float64 // of this process, the generator
	busy   float64 // of everybody
	pss    int64   // memory, what is shared counted once
}

// tick is the unit of /proc/PID/stat (USER_HZ, which Linux fixes at 100 for programs).
const tick = 100

// look reads the processes; memory only where asked for, because it is dear.
func look(pids []int, memory bool) reading {
	r := reading{at: time.Now()}
	for _, pid := range below(pids) {
		f := stat(pid)
		if len(f) < 15 {
			continue // it has ended
		}
		for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			r.server += number(f[i]) / tick
		}
		if memory {
			r.pss += pss(pid)
		}
	}
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		r.own = float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
	}
	r.busy = busy()
	return r
}

// stat is /proc/PID/stat from the third field on.
func stat(pid int) []string {
	b, err := os.ReadFile(proc(pid, "stat"))
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
}

func proc(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// below lists processes and all their descendants.
func below(roots []int) []int {
	children := map[int][]int{}
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if f := stat(pid); err == nil && len(f) > 1 {
			parent, _ := strconv.Atoi(f[1])
			children[parent] = append(children[parent], pid)
		}
	}
	var out []int
	for next := roots; len(next) > 0; {
		out = append(out, next...)
		var more []int
		for _, p := range next {
			more = append(more, children[p]...)
		}
		next = more
	}
	return out
}

func pss(pid int) int64 {
	b, err := os.ReadFile(proc(pid, "smaps_rollup"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			return int64(number(strings.Fields(rest)[0])) << 10
		}
	}
	return 0
}

// busy is the processor time of the whole machine that was not idle.
func busy() float64 {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	f := strings.Fields(line)
	sum := 0.0
	for _, i := range []int{1, 2, 3, 6, 7, 8} { // user, nice, system, irq, softirq, steal
		if i < len(f) {
			sum += number(f[i]) / tick
		}
	}
	return sum
}

// span is what lies between two readings.
type span struct {
	seconds float64
	server  float64
	foreign float64 // share of the machine that neither server nor generator used
}

func between(a, b reading) span {
	s := span{seconds: b.at.Sub(a.at).Seconds(), server: b.server - a.server}
	others := (b.busy - a.busy) - s.server - (b.own - a.own)
	s.foreign = max(0, others/(s.seconds*float64(runtime.NumCPU())))
	return s
}

// perItem is the server's processor time for each, in microseconds.
func (s span) perItem(n int) float64 {
	if n == 0 {
		return 0
	}
	return s.server * 1e6 / float64(n)
}

// raiseFiles allows as many open files as the machine does: each idle
// connection is one here and one in the server.
func raiseFiles() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) == nil && l.Cur < l.Max {
		l.Cur = l.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l) // if not: dialling will say so
	}
}
