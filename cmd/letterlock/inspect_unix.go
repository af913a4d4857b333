//go:build unix

package main

import "syscall"

// confine takes from this process what reading one PDF does not need: memory
// beyond 2 GiB, more than 10 seconds of a processor, and files to write.
func confine() error {
	for what, most := range map[int]uint64{syscall.RLIMIT_AS: 2 << 30, syscall.RLIMIT_CPU: 10, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	return nil
}
