//go:build !unix

package main

// confine can do nothing here: the parent's time limit remains.
func confine() error { return nil }
