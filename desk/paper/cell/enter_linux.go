//go:build amd64 || arm64

package cell

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Whole reports that this system can close a cell entirely: no network, no
// file, no other program.
const Whole = true

// Enter gives up what the work does not need, for every thread of this process
// and for good. What was opened before stays open.
func Enter(l Limits) error {
	if err := limit(l); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("refuse to be inspected: %w", err)
	}
	if err := landlock(); err != nil {
		return err
	}
	return seccomp()
}

// limit sets the kernel's limits. The number of processes is not among them,
// since threads count there too: the filter knows the two apart.
func limit(l Limits) error {
	for what, most := range map[int]uint64{unix.RLIMIT_AS: l.Memory, unix.RLIMIT_CPU: uint64(l.CPU.Seconds()), unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CORE: 0, unix.RLIMIT_NOFILE: 32} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("set limit %d: %w", what, err)
		}
	}
	return nil
}

// landlock forbids every file and, where the kernel can, every TCP port. It is
// the second lock of a door that the filter closes too, so that a kernel
// without it is no reason to refuse.
func landlock() error {
	abi, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return nil
	}
	files := uint64(1<<13 - 1) // all rights of the first version
	for from, right := range map[uintptr]uint64{2: unix.LANDLOCK_ACCESS_FS_REFER, 3: unix.LANDLOCK_ACCESS_FS_TRUNCATE, 5: unix.LANDLOCK_ACCESS_FS_IOCTL_DEV} {
		if abi >= from {
			files |= right
		}
	}
	rules := unix.LandlockRulesetAttr{Handled_access_fs: files} // what an older kernel's struct lacks stays zero
	if abi >= 4 {
		rules.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), unsafe.Sizeof(rules), 0)
	if e != 0 {
		return fmt.Errorf("make file rules: %w", e)
	}
	defer unix.Close(int(fd))
	return onAllThreads(fd)
}

// onAllThreads closes the files for every thread. A program linked with C,
// which no product of ours is, closes them for the calling thread: there the
// filter is the lock.
func onAllThreads(fd uintptr) error {
	call := func(n, a, b uintptr) syscall.Errno {
		_, _, e := syscall.AllThreadsSyscall6(n, a, b, 0, 0, 0, 0)
		if e == syscall.ENOTSUP {
			_, _, e = unix.Syscall6(n, a, b, 0, 0, 0, 0)
		}
		return e
	}
	if e := call(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); e != 0 {
		return fmt.Errorf("give up privileges: %w", e)
	}
	if e := call(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0); e != 0 {
		return fmt.Errorf("close files: %w", e)
	}
	return nil
}

// seccomp lets through the system calls that a running Go program needs to
// think, read its input and write its output. A socket or another program ends
// the process; anything else is refused.
func seccomp() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	code := filter()
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		return fmt.Errorf("filter system calls: %w", e)
	}
	return nil
}

// Where seccomp_data keeps what the filter looks at (little endian).
const (
	atNumber = 0
	atArch   = 4
	atArg0   = 16
	atArg2   = 32
)

func stmt(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }

func jump(code uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k}
}

const (
	load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	equal  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	anyBit = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	result = unix.BPF_RET | unix.BPF_K

	kill   = unix.SECCOMP_RET_KILL_PROCESS
	refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	absent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	allow  = unix.SECCOMP_RET_ALLOW
)

// filter is the program, in the order in which it is asked.
func filter() []unix.SockFilter {
	p := []unix.SockFilter{stmt(load, atArch), jump(equal, arch, 1, 0), stmt(result, kill), stmt(load, atNumber)}
	answer := func(n uint32, with ...unix.SockFilter) {
		p = append(p, jump(equal, n, 0, uint8(len(with))))
		p = append(p, with...)
	}
	for _, n := range deadly {
		answer(n, stmt(result, kill))
	}
	// a thread is no process; what asks in a struct cannot be looked at
	answer(unix.SYS_CLONE, stmt(load, atArg0), jump(anyBit, unix.CLONE_THREAD, 1, 0), stmt(result, kill), stmt(result, allow))
	answer(unix.SYS_CLONE3, stmt(result, absent))
	// a signal goes to this process and to no other
	answer(unix.SYS_TGKILL, stmt(load, atArg0), jump(equal, uint32(unix.Getpid()), 1, 0), stmt(result, refuse), stmt(result, allow))
	// memory is for data: no new code comes to be
	for _, n := range []uint32{unix.SYS_MMAP, unix.SYS_MPROTECT} {
		answer(n, stmt(load, atArg2), jump(anyBit, unix.PROT_EXEC, 0, 1), stmt(result, refuse), stmt(result, allow))
	}
	for _, n := range append(needed, neededHere...) {
		answer(n, stmt(result, allow))
	}
	return append(p, stmt(result, refuse))
}

// deadly is never a mistake of the runtime.
var deadly = []uint32{unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_PTRACE,
	unix.SYS_BPF, unix.SYS_IO_URING_SETUP, unix.SYS_MOUNT, unix.SYS_SETNS, unix.SYS_UNSHARE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV}

var needed = []uint32{unix.SYS_READ, unix.SYS_WRITE, unix.SYS_PREAD64, unix.SYS_CLOSE, unix.SYS_FSTAT, unix.SYS_LSEEK, unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_BRK, unix.SYS_MINCORE,
	unix.SYS_FUTEX, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_GETPID, unix.SYS_GETTID,
	unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_RESTART_SYSCALL, unix.SYS_GETRANDOM, unix.SYS_FCNTL, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL,
	unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2, unix.SYS_PIPE2, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_MEMBARRIER,
	unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE, unix.SYS_SETITIMER}
