package bench

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Machine describes where a run took place. It names no host and no person.
type Machine struct {
	CPU     string
	Cores   int
	Memory  int64 // bytes
	Kernel  string
	Go      string
	Commit  string // of the checkout, empty: not in one
	Started time.Time
	Load    string // load averages at the start
}

// ThisMachine reads it from the system.
func ThisMachine() (Machine, error) {
	if runtime.GOOS != "linux" {
		return Machine{}, fmt.Errorf("the server's cost is read from /proc: this runs on Linux, not on %s", runtime.GOOS)
	}
	m := Machine{Cores: runtime.NumCPU(), Go: runtime.Version(), Started: time.Now().UTC()}
	m.CPU = field("/proc/cpuinfo", "model name")
	if f := strings.Fields(field("/proc/meminfo", "MemTotal")); len(f) > 0 {
		m.Memory = int64(number(f[0])) << 10
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = "Linux " + strings.TrimSpace(string(b))
	}
	if f := strings.Fields(readAll("/proc/loadavg")); len(f) >= 3 {
		m.Load = strings.Join(f[:3], " ")
	}
	if out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output(); err == nil {
		m.Commit = strings.TrimSpace(string(out))
	}
	return m, nil
}

func readAll(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// field is the value of the first line "name : value".
func field(path, name string) string {
	for line := range strings.Lines(readAll(path)) {
		k, v, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
