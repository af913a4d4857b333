//go:build !linux

package measure

import "errors"

// Forget empties the system's memory of files where it is known how.
func Forget(...string) error { return errors.New("it is known for Linux alone") }

func blocksRead() int64 { return 0 }
