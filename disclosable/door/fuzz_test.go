package door_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
)

// FuzzHandler: the desk may have been captured. Whatever comes through the door
// is answered or refused, and never breaks the carrier.
func FuzzHandler(f *testing.F) {
	for name, v := range map[string]any{"resolve": door.Lookup{Case: "LL-2026-000001", Identifier: "+15550100123"}, "propose": []byte("a grant"), "redeem": d.Hash{1}, "objections": int64(3),
		"law": struct {
			Items []d.Hash `cbor:"items"`
		}{[]d.Hash{{1}}}, "cosigned": []byte("a line")} {
		b, err := d.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, b)
		f.Add(name, b[:len(b)/2])
	}
	f.Add("nothing", []byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	h := door.Handler(house{})
	ctx := context.WithValue(context.Background(), http.LocalAddrContextKey, net.Addr(&net.UnixAddr{Name: "door.sock", Net: "unix"}))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://door/door/v1/"+name, bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/cbor")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusOK && len(body) == 0 {
			t.Fatal("an empty request is answered")
		}
	})
}
