package produce_test

import (
	"encoding/json"
	"fmt"
)

func sprintf(form string, v any) string { return fmt.Sprintf(form, v) }

func marshalJSON(v any) ([]byte, error) { return json.Marshal(v) }
