package desk

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
)

// lot draws cases for a second review. Each day has a secret, whose hash is in
// the ledger before its first draw; whether a case is drawn follows from the
// secret and the number alone. Nobody can foresee it, choose it, or draw again,
// and once a day's secret is shown anybody can check the draws of that day.
type lot struct {
	marks casefile.Marks
	acts  casefile.Acts
	rate  int // of a hundred

	mu sync.Mutex
}

const lotMark = "second-review-secret-"

// Drawn is review.Lot's.
func (l *lot) Drawn(ctx context.Context, n casefile.Number) (bool, error) {
	secret, err := l.secret(ctx)
	if err != nil {
		return false, err
	}
	return drawn(secret, n, l.rate), nil
}

func drawn(secret []byte, n casefile.Number, rate int) bool {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("letterlock second review v1\x00" + string(n)))
	return binary.BigEndian.Uint64(h.Sum(nil))%10_000 < uint64(rate)*100
}

// secret is the day's, made and committed to when the day first needs it.
func (l *lot) secret(ctx context.Context) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	day := l.acts.Clock.Now().UTC().Format(time.DateOnly)
	b, err := l.marks.Mark(ctx, lotMark+day)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return b, err
	}
	b = make([]byte, 32)
	rand.Read(b)
	commit := sha256.Sum256(b)
	if err := l.acts.Keep(ctx, "second.committed", casefile.TheClock, day, "", commit[:]); err != nil {
		return nil, err
	}
	return b, l.marks.SetMark(ctx, lotMark+day, b)
}

// team joins what the team's rules need of the other parts.
func (d *Desk) team() {
	c := d.conf
	if c.Second > 0 {
		d.Review.Lot = &lot{marks: c.Marks, acts: d.Acts, rate: c.Second}
	}
	d.Staff.Lent = func(ctx context.Context, n casefile.Number, to casefile.MemberID) (bool, error) {
		x, err := d.Files.Load(ctx, n)
		return err == nil && x.LentTo(to, c.Clock.Now()), err
	}
	d.Staff.Courses, d.Staff.Law, d.Staff.Marks = staff.WithCourses(staff.Shipped(), c.Courses), c.Law, c.Marks
}
