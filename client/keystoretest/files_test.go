package keystoretest_test

import (
	"testing"

	"letterlock/client/keystoretest"
)

func TestFilesInMemory(t *testing.T) { keystoretest.Files(t, keystoretest.NewMemoryFiles()) }
