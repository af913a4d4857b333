package gateway_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// TestABrowserShowsItsCredentialAsASubprotocol: it can set no header. The
// credential never comes back, and opens nothing but the socket.
func TestABrowserShowsItsCredentialAsASubprotocol(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	dial := func(protocols ...string) (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(context.Background(), w.server.URL+wire.PathSocket, &websocket.DialOptions{HTTPClient: w.server.Client(), Subprotocols: protocols})
	}
	c, resp, err := dial(wire.SocketProtocol, ann.cred.Offer())
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if got := resp.Header.Values("Sec-WebSocket-Protocol"); len(got) != 1 || got[0] != wire.SocketProtocol {
		t.Errorf("the server answers with %q", got)
	}
	stranger, err := wire.NewCredential(ann.addr, random(32))
	if err != nil {
		t.Fatal(err)
	}
	for name, protocols := range map[string][]string{
		"no credential":       {wire.SocketProtocol},
		"another's token":     {wire.SocketProtocol, stranger.Offer()},
		"a damaged one":       {wire.SocketProtocol, ann.cred.Offer()[:30]},
		"no offer but a word": {"bearer"},
	} {
		if c, resp, err := dial(protocols...); err == nil {
			c.CloseNow()
			t.Errorf("%s opened the socket", name)
		} else if resp == nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %v", name, err)
		}
	}
	req, err := http.NewRequest(http.MethodPost, w.server.URL+wire.PathExport, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", wire.ContentType)
	req.Header.Set("Sec-WebSocket-Protocol", ann.cred.Offer())
	other, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	other.Body.Close()
	if other.StatusCode != http.StatusUnauthorized {
		t.Errorf("a call took the credential of a socket: %d", other.StatusCode)
	}
}
