package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"letterlock/internal/testkit/browser"
)

// apiCrash is an agency's system that files by the API while the server is
// killed in the middle of its calls.
type apiCrash struct {
	*house
	e      engine
	db     *sql.DB // the desk's database, looked at from outside
	rand   *rand.Rand
	client *http.Client
	key    string
	kills  int
	takes  time.Duration  // a sending that nobody kills
	fell   map[string]int // where the kills of a sending fell
	whole  rows           // what one case leaves that nobody killed
}

// TestTheServerKilledInTheMiddleOfAnAPICall: kill -9 of the program while a
// system's call is on its way. The system repeats it with the same
// Idempotency-Key and gets the same draft, and of it the same case; there is
// exactly one, with its paper, its duties and its first event, and no draft.
//
// LETTERLOCK_CRASH_ROUNDS sets the number of cases, with two kills each; more
// follow as long as none fell between the filing and the answer.
// LETTERLOCK_CRASH_SEED repeats the choices of a run.
func TestTheServerKilledInTheMiddleOfAnAPICall(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		began := time.Now()
		a := newAPICrash(t, e)
		cases := min(a.number("LETTERLOCK_CRASH_ROUNDS", 12), most)
		if testing.Short() {
			cases = min(cases, 3)
		}
		numbers := []string{a.file("a case that nobody kills", false)}
		a.whole = a.rows()
		for i := uint64(0); i < cases || i < most && a.fell[between] == 0; i++ {
			numbers = append(numbers, a.file(fmt.Sprintf("case %d", i), true))
			a.holds(numbers)
			if t.Failed() {
				return
			}
		}
		a.seen(numbers)
		must(t, a.w.Stop())
		a.checked()
		t.Logf("%d kills in %s; of those while a case was sent: %v", a.kills, time.Since(began).Round(time.Second), a.fell)
		if a.fell[between] == 0 {
			t.Error("no kill fell between the filing and the answer: this shows nothing")
		}
	})
}

const (
	most    = 18 // an officer files at most twenty in an hour
	between = "between filing and answer"
)

func newAPICrash(t *testing.T, e engine) *apiCrash {
	t.Helper()
	w := e.found(t)
	start(t, w)
	a := &apiCrash{house: furnish(t, w), e: e, client: browser.New().Client, fell: map[string]int{}}
	seed := a.number("LETTERLOCK_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("LETTERLOCK_CRASH_SEED=%d", seed)
	a.rand = rand.New(rand.NewPCG(seed, 2))
	key, err := w.EnrolSystem(a.analyst, a.officer, "Records system")
	a.ok(err)
	a.key, a.db = key, e.database(t, w.Dir+"/data", "desk")
	return a
}

func (a *apiCrash) number(variable string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(cmp.Or(os.Getenv(variable), strconv.FormatUint(otherwise, 10)), 10, 64)
	a.ok(err)
	return n
}

// call is a call as the system makes it, as often as it has to.
type call struct {
	method, path, kind, once string
	body                     []byte
}

// answer is what came back of it.
type answer struct {
	status int
	body   []byte
}

func (r answer) text(field string) string {
	var v map[string]any
	if json.Unmarshal(r.body, &v) != nil {
		return ""
	}
	s, _ := v[field].(string)
	return s
}

func (a *apiCrash) try(ctx context.Context, c call) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, a.w.Site("portal")+"/api/v1"+c.path, bytes.NewReader(c.body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", c.kind)
	req.Header.Set("Idempotency-Key", c.once)
	req.Close = true // each server is another process
	resp, err := a.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, b}, err
}

// do makes a call that nobody disturbs.
func (a *apiCrash) do(c call) answer {
	a.Helper()
	got, err := a.try(a.Context(), c)
	a.ok(err)
	if got.status >= 300 {
		a.Fatalf("%s %s: %d %s", c.method, c.path, got.status, got.body)
	}
	return got
}

// killed makes a call and kills the server at a moment of the killer's choice,
// starts it anew, and repeats the call as the system would until it has an
// answer. It tells the answer that came before the kill, too.
func (a *apiCrash) killed(c call, moment func(done <-chan struct{})) (first, last answer, firstErr error) {
	a.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		first, firstErr = a.try(a.Context(), c)
	}()
	moment(done)
	a.w.Server.Kill()
	a.kills++
	<-done
	start(a.T, a.w)
	last = a.do(c)
	if firstErr == nil && first.status < 300 && !bytes.Equal(first.body, last.body) {
		a.Errorf("%s %s answered %s, and after a kill %s", c.method, c.path, first.body, last.body)
	}
	if again := a.do(c); !bytes.Equal(again.body, last.body) {
		a.Errorf("%s %s answers %s, and then %s", c.method, c.path, last.body, again.body)
	}
	return first, last, firstErr
}

// within waits for a random part of a time in which such a call is done.
func (a *apiCrash) within(most time.Duration) func(<-chan struct{}) {
	pause := time.Duration(a.rand.Int64N(int64(most)))
	return func(<-chan struct{}) { time.Sleep(pause) }
}

// file files an order: a draft, its paper, the sending. Killed, each of the
// calls is cut off once.
func (a *apiCrash) file(what string, kill bool) (number string) {
	a.Helper()
	o := a.order()
	demand, err := json.Marshal(map[string]any{"process": o.Process, "reference": what, "case_ref": o.Docket, "issuing_body": o.Court, "issuer_role": "judge", "court": o.Court,
		"legal_basis": "18 USC 2703(d)", "signed": true, "language": "en", "issued": o.Issued.Format("2006-01-02"), "targets": []any{map[string]any{"kind": "phone", "identifier": o.Target}},
		"wanted": []any{"name", "last_seen"}, "particulars": map[string]any{"judge": o.Judge}})
	a.ok(err)
	paper, err := o.PDF()
	a.ok(err)
	create := call{"POST", "/drafts", "application/json", fmt.Sprintf("create-%s-%d", o.Docket, a.rand.Uint64()), demand}
	var draft string
	if kill {
		_, got, _ := a.killed(create, a.within(30*time.Millisecond))
		draft = got.text("draft")
	} else {
		draft = a.do(create).text("draft")
	}
	if n := strings.Count(string(a.do(call{method: "GET", path: "/drafts"}).body), `"portal":`); n != 1 {
		a.Errorf("%s: %d drafts", what, n)
	}
	a.do(call{method: "POST", path: "/drafts/" + draft + "/papers?name=order.pdf&what=order", kind: "application/pdf", body: paper})
	send := call{method: "POST", path: "/drafts/" + draft + "/send", once: fmt.Sprintf("send-%s-%d", o.Docket, a.rand.Uint64())}
	if !kill {
		began := time.Now()
		defer func() { a.takes = time.Since(began) }()
		return a.do(send).text("request")
	}
	return a.sent(send)
}

// sent is the number of a case whose sending is killed at a random moment or,
// every second time, as soon as the case can be seen from outside.
func (a *apiCrash) sent(send call) (number string) {
	a.Helper()
	before := a.rows().cases
	moment := a.within(a.takes)
	if a.kills/2%2 == 1 {
		moment = func(done <-chan struct{}) { a.filed(before, done) }
	}
	there := 0
	first, last, firstErr := a.killed(send, func(done <-chan struct{}) {
		moment(done)
		a.w.Server.Kill()
		there = a.rows().cases - before
	})
	switch {
	case firstErr == nil && first.status == http.StatusCreated:
		a.fell["after the answer"]++
	case there > 0:
		a.fell[between]++
	default:
		a.fell["before the filing"]++
	}
	return last.text("request")
}

// filed waits until there is a case more, or the call is over.
func (a *apiCrash) filed(before int, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
			var now int
			a.ok(a.db.QueryRow(`SELECT count(*) FROM cases`).Scan(&now))
			if now > before {
				return
			}
		}
	}
}

// rows is what lies in the desk's database, by table.
type rows struct{ cases, events, papers, duties, drafts, draftPapers int }

func (a *apiCrash) rows() (r rows) {
	a.Helper()
	a.ok(a.db.QueryRow(`SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM case_events), (SELECT count(*) FROM case_papers), (SELECT count(*) FROM duties),
		(SELECT count(*) FROM drafts), (SELECT count(*) FROM draft_papers)`).Scan(&r.cases, &r.events, &r.papers, &r.duties, &r.drafts, &r.draftPapers))
	return r
}

// holds wants exactly these cases, each as whole as the first.
func (a *apiCrash) holds(numbers []string) {
	a.Helper()
	n := len(numbers)
	want := rows{n, n * a.whole.events, n * a.whole.papers, n * a.whole.duties, 0, 0}
	if got := a.rows(); got != want {
		a.Errorf("the desk's database has %+v, and should have %+v", got, want)
	}
	if slices.Sort(numbers); len(slices.Compact(slices.Clone(numbers))) != n {
		a.Errorf("a number twice: %v", numbers)
	}
	list := string(a.do(call{method: "GET", path: "/requests"}).body)
	for i, number := range numbers {
		if want := fmt.Sprintf("-%06d", i+1); !strings.HasSuffix(number, want) {
			a.Errorf("%s where %s comes next: a number was lost", number, want)
		}
		if strings.Count(list, `"`+number+`"`) != 1 {
			a.Errorf("%s is not once in %s", number, list)
		}
		if got := string(a.do(call{method: "GET", path: "/requests/" + number}).body); strings.Count(got, `"order.pdf"`) != 1 {
			a.Errorf("%s has no paper, or two: %s", number, got)
		}
	}
}

// seen has the team find each case in its queue and open it.
func (a *apiCrash) seen(numbers []string) {
	a.Helper()
	a.ok(a.w.SignIn(a.analyst))
	queue, err := a.w.Queue(a.analyst)
	a.ok(err)
	if !slices.Equal(queue, numbers) {
		a.Errorf("the queue has %v, filed were %v", queue, numbers)
	}
	for _, n := range numbers {
		_, err := a.w.CasePage(a.analyst, n)
		a.ok(err)
	}
}
