package bundle_test

import (
	"encoding/json"
	"testing"

	"letterlock/desk/produce/bundle"
)

// FuzzParseTrust: a file of keys is refused, or it names one provider with a
// key, and says the same when it is written.
func FuzzParseTrust(f *testing.F) {
	f.Add([]byte(`{"provider":"Letterlock","production_keys":[{"id":"a"}],"ledger_keys":["x"],"release_keys":[]}`))
	f.Add([]byte(`{"provider":"A","production_keys":[{}]}{"provider":"B","production_keys":[{}]}`))
	f.Add([]byte(`{"provider":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := bundle.ParseTrust(b)
		if err != nil {
			return
		}
		if got.Provider == "" || len(got.Keys) == 0 {
			t.Fatalf("%+v", got)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := bundle.ParseTrust(text); err != nil || again.Provider != got.Provider || len(again.Keys) != len(got.Keys) || len(again.Holders) != len(got.Holders) {
			t.Fatalf("%+v is written and read as %+v: %v", got, again, err)
		}
	})
}
