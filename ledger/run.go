package ledger

import (
	"context"
	"errors"
	"time"

	"letterlock/internal/clock"
)

// Close ends the ledger. What was recorded is on the disk already.
func (l *Ledger) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	l.work.Wait()
	l.write.Lock()
	defer l.write.Unlock()
	l.closeFiles()
	if l.lock != nil {
		return l.lock.Close()
	}
	return nil
}

func (l *Ledger) closeFiles() {
	for _, t := range []*tail{&l.journal, &l.hashes, &l.checkpoints, &l.cosigned} {
		t.close()
	}
	if l.journalFile != nil {
		l.journalFile.Close()
	}
	if l.tree.file != nil {
		l.tree.file.Close()
	}
	if l.aside != nil {
		l.aside.tail.close()
	}
}

// Run serves ticks until the context ends, and after each has the witnesses
// co-sign what is new. Failures are logged and tried again.
func (l *Ledger) Run(ctx context.Context, witnesses ...Witness) {
	step := min(time.Second, l.set.Interval/4)
	got := make([]int64, len(witnesses)) // size that each has co-signed
	clock.Every(ctx, step, func(ctx context.Context) {
		err := l.Tick(ctx)
		for i, w := range witnesses {
			size := l.State().Size
			if size == got[i] {
				continue
			}
			if gerr := l.Gather(ctx, w); gerr != nil {
				err = errors.Join(err, gerr)
			} else {
				got[i] = size
			}
		}
		l.warn("ledger falls behind", err)
	})
}

// warn logs a failure once, until another or none comes.
func (l *Ledger) warn(msg string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	l.mu.Lock()
	news := text != l.warned
	l.warned = text
	l.mu.Unlock()
	if news && err != nil && !errors.Is(err, context.Canceled) {
		l.log.Warn(msg, "ledger", l.set.Origin, "err", err)
	} else if news && err == nil {
		l.log.Info("ledger is well again", "ledger", l.set.Origin)
	}
}
