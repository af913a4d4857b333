//go:build !linux

package testkit

func roomy(string) bool { return false }
