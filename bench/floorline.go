package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// startFloor starts this very program as the floor, or the one that was named.
func startFloor(o Options) (*carrier, error) {
	dir, err := folder(filepath.Join(o.Dir, "floor"))
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort("127.0.0.1", port)
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd, name := exec.Command(self), "floor"
	cmd.Env = append(os.Environ(), floorEnv+"="+address+","+dir)
	if o.Floord != "" {
		cmd, name = exec.Command(o.Floord, "-addr", address, "-dir", dir, "-elide", "3ms"), "floor ("+filepath.Base(o.Floord)+")"
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	f := &carrier{name: name, pids: []int{cmd.Process.Pid}, dirs: []string{dir},
		stop: func() error { cmd.Process.Kill(); cmd.Wait(); return nil },
		dial: func(ctx context.Context, who int, h heard) (line, error) { return dialFloor(ctx, address, who, h) }}
	for range 100 {
		if nc, err := net.Dial("tcp", address); err == nil {
			return f, nc.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	f.stop()
	return nil, errors.New("the floor does not answer")
}

// floorLine is a device of the floor.
type floorLine struct {
	h      heard
	nc     net.Conn
	ok     chan struct{}
	closed atomic.Bool

	mu  sync.Mutex
	out []byte
}

func dialFloor(ctx context.Context, address string, who int, h heard) (line, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	l := &floorLine{h: h, nc: nc, ok: make(chan struct{}, 2)}
	go l.read()
	hello := append(binary.LittleEndian.AppendUint32(nil, uint32(who)), make([]byte, 16)...)
	if err := errors.Join(l.put('H', hello, nil), l.put('S', nil, nil)); err != nil {
		return nil, err
	}
	for range 2 {
		select {
		case <-l.ok:
		case <-ctx.Done():
			l.close()
			return nil, ctx.Err()
		}
	}
	return l, nil
}

func (l *floorLine) put(kind byte, head, body []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = appendFloor(l.out[:0], kind, head, body)
	_, err := l.nc.Write(l.out)
	return err
}

func (l *floorLine) send(ref uint64, to int, b []byte) error {
	head := binary.LittleEndian.AppendUint64(make([]byte, 0, 12), ref)
	return l.put('M', binary.LittleEndian.AppendUint32(head, uint32(to)), b)
}

func (l *floorLine) read() {
	in := bufio.NewReaderSize(l.nc, 4<<10)
	var buf []byte
	var last uint64
	for {
		kind, b, err := readFloor(in, buf)
		if err != nil {
			if !l.closed.Load() && l.h.broken != nil {
				l.h.broken(err)
			}
			return
		}
		buf = b
		switch kind {
		case 'O':
			l.ok <- struct{}{}
		case 'A':
			l.h.sent(binary.LittleEndian.Uint64(b))
		case 'D':
			last = binary.LittleEndian.Uint64(b)
			l.h.got(last, b[8:])
		}
		if last > 0 && in.Buffered() == 0 {
			l.put('K', binary.LittleEndian.AppendUint64(nil, last), nil) // a broken socket is seen above
			last = 0
		}
	}
}

func (l *floorLine) close() error {
	l.closed.Store(true)
	return l.nc.Close()
}
