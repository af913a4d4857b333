package produce_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"letterlock/desk/produce"
)

func TestLetterLook(t *testing.T) {
	c := newCast(t)
	var b bytes.Buffer
	_, err := (&produce.Packer{Key: c.key}).Open(context.Background(), &b, c.input(t), "passphrase")
	must(t, err)
	os.WriteFile("/tmp/ll/p.tar", b.Bytes(), 0o600)
}
