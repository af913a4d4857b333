package bench

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// The floor is not a messenger. It is the least server that does this work: it
// hands an envelope to a connected recipient and confirms it on the
// recipient's acknowledgement without touching the disk; for a recipient who is
// away it writes a batch to a log, one fdatasync for all of it, and confirms
// then. No sealing, no accounts, no limits, no WebSocket, no erasure. Where a
// figure of the house stands beside the floor's, the difference is what all
// that costs.
//
// Frames, little endian: length u32 of the rest | type u8 | body
//
//	device: H user u32, token (16) | S | M ref u64, to u32, payload | K seq u64: all up to it is here
//	server: O | A ref u64 | D seq u64, payload
const floorEnv = "LETTERLOCK_BENCH_FLOOR" // ADDRESS,DIR: this process is the floor

// FloorIfAsked turns this process into the floor when it was started as that,
// and does not return then.
func FloorIfAsked() {
	address, dir, ok := strings.Cut(os.Getenv(floorEnv), ",")
	if !ok {
		return
	}
	fmt.Fprintln(os.Stderr, "floor:", serveFloor(address, dir))
	os.Exit(1)
}

// serveFloor returns when it can no longer serve, and always with an error.
func serveFloor(address, dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, "floor.log"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s := &floorServer{boxes: map[uint32]*floorBox{}, log: floorLog{file: f, kick: make(chan struct{}, 1)}}
	go s.log.run()
	fmt.Println("ready")
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		go s.serve(&floorConn{nc: nc})
	}
}

type floorServer struct {
	mu    sync.RWMutex
	boxes map[uint32]*floorBox
	log   floorLog
}

// floorBox is what waits for one user, in order.
type floorBox struct {
	mu    sync.Mutex
	conn  *floorConn
	next  uint64
	queue []*floorItem
}

// floorItem is one envelope. Its box guards it.
type floorItem struct {
	box    *floorBox
	seq    uint64
	data   []byte // nil: in the log
	at     int64
	size   int
	from   *floorConn // nil: confirmed
	ref    uint64
	stored bool
}

func (s *floorServer) box(user uint32) *floorBox {
	s.mu.RLock()
	b := s.boxes[user]
	s.mu.RUnlock()
	if b != nil {
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b = s.boxes[user]; b == nil {
		b = &floorBox{next: 1}
		s.boxes[user] = b
	}
	return b
}

func (s *floorServer) serve(c *floorConn) {
	defer c.nc.Close()
	in := bufio.NewReaderSize(c.nc, 16<<10)
	var own *floorBox
	defer func() {
		if own != nil {
			s.leave(own, c)
		}
	}()
	for {
		kind, b, err := readFloor(in, nil)
		if err != nil {
			return
		}
		switch kind {
		case 'H':
			own = s.box(binary.LittleEndian.Uint32(b))
			c.put('O', nil, nil)
		case 'S':
			err = s.come(own, c)
		case 'M':
			s.take(c, b)
		case 'K':
			s.landed(own, binary.LittleEndian.Uint64(b))
		}
		if err != nil {
			return
		}
	}
}

// come delivers what waits, and from now on what arrives.
func (s *floorServer) come(b *floorBox, c *floorConn) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range b.queue {
		data := it.data
		if data == nil {
			data = make([]byte, it.size)
			if _, err := s.log.file.ReadAt(data, it.at); err != nil {
				return err
			}
		}
		c.put('D', binary.LittleEndian.AppendUint64(nil, it.seq), data)
	}
	b.conn = c
	c.put('O', nil, nil)
	return nil
}

func (s *floorServer) leave(b *floorBox, c *floorConn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != c {
		return
	}
	b.conn = nil
	for _, it := range b.queue {
		if !it.stored {
			s.log.add(it)
		}
	}
}

func (s *floorServer) take(c *floorConn, m []byte) {
	b := s.box(binary.LittleEndian.Uint32(m[8:]))
	b.mu.Lock()
	defer b.mu.Unlock()
	it := &floorItem{box: b, seq: b.next, data: m[12:], from: c, ref: binary.LittleEndian.Uint64(m)}
	b.next++
	b.queue = append(b.queue, it)
	if b.conn == nil {
		s.log.add(it)
		return
	}
	b.conn.put('D', binary.LittleEndian.AppendUint64(nil, it.seq), it.data)
}

func (s *floorServer) landed(b *floorBox, seq uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := 0
	for ; i < len(b.queue) && b.queue[i].seq <= seq; i++ {
		it := b.queue[i]
		it.confirm()
		if it.stored {
			s.log.drop()
		}
		b.queue[i] = nil
	}
	if b.queue = b.queue[i:]; len(b.queue) == 0 {
		b.queue = nil
	}
}

func (it *floorItem) confirm() {
	if it.from != nil {
		it.from.put('A', binary.LittleEndian.AppendUint64(nil, it.ref), nil)
		it.from = nil
	}
}

// floorLog is one file: written in batches, emptied when nothing in it waits.
type floorLog struct {
	file *os.File
	kick chan struct{}

	mu    sync.Mutex
	batch []*floorItem
	end   int64
	live  int
}

func (l *floorLog) add(it *floorItem) {
	it.stored = true
	l.mu.Lock()
	l.batch = append(l.batch, it)
	l.live++
	l.mu.Unlock()
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

func (l *floorLog) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.live--; l.live == 0 {
		l.file.Truncate(0) // the file only grows if this fails
		l.end = 0
	}
}

func (l *floorLog) run() {
	var buf []byte
	for range l.kick {
		l.mu.Lock()
		batch, at := l.batch, l.end
		l.batch = nil
		buf = buf[:0]
		for _, it := range batch {
			it.at, it.size = at+int64(len(buf)), len(it.data)
			buf = append(buf, it.data...)
		}
		l.end += int64(len(buf))
		l.mu.Unlock()
		_, err := l.file.WriteAt(buf, at)
		if err = errors.Join(err, datasync(l.file)); err != nil {
			fmt.Fprintln(os.Stderr, "floor:", err)
			os.Exit(1)
		}
		for _, it := range batch {
			it.box.mu.Lock()
			if it.box.conn == nil {
				it.data = nil
			}
			it.confirm()
			it.box.mu.Unlock()
		}
	}
}

// floorConn writes what has gathered in one go.
type floorConn struct {
	nc net.Conn

	mu     sync.Mutex
	out    []byte
	flying bool
}

func (c *floorConn) put(kind byte, head, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = appendFloor(c.out, kind, head, body)
	if !c.flying {
		c.flying = true
		go c.fly()
	}
}

func (c *floorConn) fly() {
	var spare []byte
	for {
		c.mu.Lock()
		b := c.out
		if c.out = spare[:0]; len(b) == 0 {
			c.out, c.flying = nil, false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		c.nc.Write(b) // a broken socket is seen by its reader
		spare = b
	}
}

func appendFloor(b []byte, kind byte, head, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(1+len(head)+len(body)))
	return append(append(append(b, kind), head...), body...)
}

// readFloor reads one frame into buf, or into a slice of its own.
func readFloor(in *bufio.Reader, buf []byte) (kind byte, body []byte, err error) {
	head, err := in.Peek(5)
	if err != nil {
		return 0, nil, err
	}
	n := int(binary.LittleEndian.Uint32(head)) - 1
	kind = head[4]
	if n < 0 || n > 64<<10 {
		return 0, nil, errors.New("not a frame of the floor")
	}
	in.Discard(5)
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	_, err = io.ReadFull(in, buf[:n])
	return kind, buf[:n], err
}
