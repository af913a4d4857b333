package opened

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// rowJSON is a row for people and their tables.
type rowJSON struct {
	Case     string         `json:"case"`
	Act      int            `json:"act"`
	Kind     string         `json:"kind"`
	Happened time.Time      `json:"happened"`
	Recorded time.Time      `json:"recorded"`
	Leaf     int64          `json:"leaf"`
	Done     bool           `json:"done"` // false: recorded, and it did not come about
	Parts    map[string]any `json:"parts,omitempty"`
	Redacted int            `json:"redacted"` // parts
}

// JSON writes a row as one line.
func (c Checked) JSON(out io.Writer) error {
	row := rowJSON{c.Case, c.Seq, c.Kind, c.Happened.UTC(), c.Recorded.UTC(), c.Leaf, c.Done, map[string]any{}, c.Hidden}
	for _, p := range c.Parts {
		var v any
		if err := decode(p.Value, &v); err != nil {
			return err
		}
		row.Parts[p.Part] = plain(v)
	}
	return json.NewEncoder(out).Encode(row)
}

// plain is a CBOR value as JSON can hold it.
func plain(v any) any {
	switch x := v.(type) {
	case map[any]any:
		out := map[string]any{}
		for k, y := range x {
			out[fmt.Sprint(k)] = plain(y)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = plain(x[i])
		}
		return out
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	}
	return v
}
