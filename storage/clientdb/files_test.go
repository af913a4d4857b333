package clientdb_test

import (
	"testing"

	"letterlock/client/keystoretest"
	"letterlock/storage/clientdb"
)

func TestFiles(t *testing.T) {
	f, err := clientdb.OpenFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	keystoretest.Files(t, f)
}
