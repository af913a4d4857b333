package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"letterlock/desk/produce"
	"letterlock/internal/fault"
)

// The key files of a half lie in DATA/keys, readable by their owner only, and
// are created at first start.

// keyFile reads a key file, or makes it with fresh. A damaged file is never
// replaced: what it signed could no longer be checked.
func keyFile(dir, name string, fresh func() ([]byte, error)) ([]byte, error) {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if b, err = fresh(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(b)
	return b, errors.Join(err, f.Sync(), f.Close())
}

// secretFile is 32 random bytes kept in a file.
func secretFile(dir, name string) ([]byte, error) {
	b, err := keyFile(dir, name, func() ([]byte, error) {
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	if len(b) != 32 {
		return nil, fault.New(fault.Invalid, "read key", "refusing to run with a damaged key file %s: restore it from the backup", name)
	}
	return b, nil
}

// noticeKey signs service notices; every client pinned its public half.
func noticeKey(dir string) (ed25519.PrivateKey, error) {
	seed, err := secretFile(dir, "notice")
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// productionKey signs the manifests of packages.
func productionKey(dir string) (produce.SigningKey, error) {
	b, err := keyFile(dir, "production", func() ([]byte, error) {
		k, err := produce.NewSigningKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return k.PEM()
	})
	if err != nil {
		return produce.SigningKey{}, fmt.Errorf("key production: %w", err)
	}
	return produce.ParseSigningKey(b)
}
