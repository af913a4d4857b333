package keystoretest_test

import (
	"testing"

	"letterlock/client"
	"letterlock/client/keystoretest"
)

func TestMemory(t *testing.T) {
	keystoretest.Run(t, func(*testing.T) client.KeyStore { return keystoretest.NewMemory() }, nil)
}
