package inproc_test

import (
	"testing"

	"letterlock/routing"
	"letterlock/routing/inproc"
	"letterlock/routing/routingtest"
)

func TestInproc(t *testing.T) {
	routingtest.Run(t, func() routing.Router[int] { return inproc.New[int]() })
}
