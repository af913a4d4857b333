package push

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// wake sends one push, if the device is still away. What comes of it is not
// logged with anybody's address: a log would say who was written to, and when.
func (p *Pusher) wake(ctx context.Context, a wire.Address) {
	if p.Connected(a) {
		return
	}
	s, err := p.Store.PushOf(ctx, a)
	if fault.Is(err, fault.NotFound) { // the device, or its subscription, is gone
		p.mu.Lock()
		delete(p.subs, a)
		p.mu.Unlock()
		return
	}
	if err != nil {
		p.Log.Error("read a subscription", "err", err)
		p.again(a, rest)
		return
	}
	status, retry, err := p.send(ctx, s)
	switch {
	case err != nil: // its words name the endpoint
		p.Log.Warn("a push service cannot be reached")
		p.again(a, rest)
	case status == http.StatusNotFound, status == http.StatusGone:
		if err := p.forget(ctx, a, s.Endpoint); err != nil {
			p.Log.Error("remove a subscription", "err", err)
		}
	case status == http.StatusTooManyRequests, status >= 500:
		p.again(a, max(rest, min(retry, maxRetry)))
	case status >= 300:
		p.Log.Warn("a push service refuses", "status", status)
	}
}

// send makes the call, and says what the push service answered.
func (p *Pusher) send(ctx context.Context, s Subscription) (status int, retry time.Duration, err error) {
	u, err := p.check(s.Endpoint)
	if err != nil {
		return 0, 0, err
	}
	body, err := seal(s)
	if err != nil {
		return 0, 0, err
	}
	token, err := p.token(u)
	if err != nil {
		return 0, 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	for k, v := range map[string]string{"Authorization": token, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
		"TTL": keepFor, "Topic": "new", "Urgency": "normal", "User-Agent": "Letterlock"} {
		r.Header.Set(k, v)
	}
	answer, err := p.http.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, 4<<10)) // so that the connection can be used again
	return answer.StatusCode, p.retryAfter(answer.Header.Get("Retry-After")), nil
}

// retryAfter reads seconds or a date (RFC 9110, section 10.2.3).
func (p *Pusher) retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, int(maxRetry/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return t.Sub(p.Clock.Now())
	}
	return 0
}
