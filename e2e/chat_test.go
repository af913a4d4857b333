package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/e2e/story"
)

// chat is a running `letter chat`.
type chat struct {
	cmd *exec.Cmd
	in  io.WriteCloser

	mu  sync.Mutex
	out bytes.Buffer
}

func (c *chat) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(b)
}

func (c *chat) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String()
}

// shown is how often a text stands on the screen.
func (c *chat) shown(text string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Count(c.out.String(), text)
}

func talk(t *testing.T, w *story.World, me, with story.Person) *chat {
	t.Helper()
	c := &chat{cmd: exec.Command(story.Program(w.Bin, "letter"), "--dir", me.Dir, "chat", "--to", with.Phone)}
	c.cmd.Stdout, c.cmd.Stderr = c, c
	var err error
	c.in, err = c.cmd.StdinPipe()
	must(t, err)
	must(t, c.cmd.Start())
	t.Cleanup(func() { c.cmd.Process.Kill() })
	return c
}

// TestTwoChatsThroughAPowerCut: two people chat with the terminal program while
// the server is killed and comes back. Each sees each of the other's lines
// once, in the order they were typed.
func TestTwoChatsThroughAPowerCut(t *testing.T) {
	w := engine{name: "sqlite"}.found(t)
	start(t, w)
	ana, ben := w.Person("Ana", phone(0)), w.Person("Ben", phone(1))
	must(t, ana.Register(t.Context()))
	must(t, ben.Register(t.Context()))
	sides := [2]*chat{talk(t, w, ana, ben), talk(t, w, ben, ana)}
	for _, c := range sides { // a number is looked up before the chat begins
		for deadline := time.Now().Add(30 * time.Second); c.shown("Chat with") == 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the chat does not begin:\n%s", c.text())
			}
		}
	}
	line := func(side, i int) string { return fmt.Sprintf("line <%d.%02d>", side, i) }
	const lines = 30
	for i := range lines {
		for side, c := range sides {
			if _, err := io.WriteString(c.in, line(side, i)+"\n"); err != nil {
				t.Fatalf("the chat does not read any more: %v:\n%s", err, c.text())
			}
		}
		if i%10 == 5 {
			w.Server.Kill()
		}
		if i%10 == 8 {
			start(t, w)
		}
		time.Sleep(30 * time.Millisecond) // people type slower than this
	}
	for side, c := range sides {
		other := 1 - side
		for deadline := time.Now().Add(90 * time.Second); c.shown(line(other, lines-1)) == 0; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the last line has not come:\n%s", &c.out)
			}
		}
	}
	for side, c := range sides {
		must(t, c.in.Close())
		if err := c.cmd.Wait(); err != nil {
			t.Errorf("chat ended with %v", err)
		}
		at := -1
		for i := range lines {
			text := line(1-side, i)
			if n := strings.Count(c.out.String(), text); n != 1 {
				t.Errorf("%q was shown %d times", text, n)
			}
			if next := strings.Index(c.out.String(), text); next < at {
				t.Errorf("%q was shown before an earlier line", text)
			} else {
				at = next
			}
		}
	}
	if t.Failed() {
		t.Logf("one screen:\n%s\nthe other:\n%s", &sides[0].out, &sides[1].out)
	}
}
