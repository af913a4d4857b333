package transparency_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"letterlock/transparency"
)

// Every report is what its own schema says, and the schema refuses what is none.
func TestReportsFitTheirSchema(t *testing.T) {
	files, err := newWorld(t).build("2026H1").Files()
	must(t, err)
	form, err := jsonschema.UnmarshalJSON(bytes.NewReader(files[transparency.FileSchema]))
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource("report.schema.json", form))
	schema, err := c.Compile("report.schema.json")
	must(t, err)
	fits := func(b []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		must(t, err)
		return schema.Validate(v)
	}
	for seed := range uint64(12) {
		w := random(t, seed)
		first := w.build("2026H1")
		if err := fits([]byte(w.json(first))); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		w.answer("LL-2026-000001", "all", first.Until.AddDate(0, 1, 0))
		if err := fits([]byte(w.json(w.build("2026H2", first)))); err != nil {
			t.Errorf("seed %d, with corrections: %v", seed, err)
		}
	}
	good := []byte(newWorld(t).json(newWorld(t).build("2026H1")))
	for what, change := range map[string][2]string{
		"an unknown key":    {`"schema"`, `"extra": 1, "schema"`},
		"an exact figure":   {`"0-4"`, `3`},
		"a figure of none":  {`"requests": 0`, `"requests": -1`},
		"a band in figures": {`"band": "0-499"`, `"band": 7`},
	} {
		bad := bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(bad, good) {
			t.Errorf("%s: nothing was changed", what)
		}
		if fits(bad) == nil {
			t.Errorf("%s fits", what)
		}
	}
}
