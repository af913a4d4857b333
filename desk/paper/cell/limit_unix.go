//go:build unix && !(linux && (amd64 || arm64))

package cell

import (
	"fmt"
	"syscall"
)

func limit(l Limits) error {
	for what, most := range map[int]uint64{syscall.RLIMIT_AS: l.Memory, syscall.RLIMIT_CPU: uint64(l.CPU.Seconds()), syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("set limit %d: %w", what, err)
		}
	}
	return nil
}
