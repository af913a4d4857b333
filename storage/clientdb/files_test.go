package clientdb_test

import (
	"testing"

	"letterlock/client/keystoretest"
	"letterlock/storage/clientdb"
)

func TestFiles(t *testing.T) {
	keystoretest.Files(t, clientdb.OpenFiles(t.TempDir()))
}
