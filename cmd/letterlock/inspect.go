package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"letterlock/desk"
	"letterlock/desk/paper"
	"letterlock/desk/paper/picture"
	"letterlock/internal/fault"
)

// inspectCmd looks into one PDF. It runs in a process of its own, because a
// PDF from a stranger may crash, loop or eat the memory of whoever reads it.
type inspectCmd struct {
	Roots string `help:"File with the authorities for signers' certificates."`
}

// Run reads standard input and answers the process that started it.
func (c inspectCmd) Run(in io.Reader, out io.Writer) error {
	roots, err := signatureRoots(c.Roots)
	if err != nil {
		return err
	}
	return paper.Serve(in, out, roots, time.Now()) // a process of seconds: its clock is the machine's
}

// pictureCmd draws one page of one PDF.
type pictureCmd struct {
	Page  int    `default:"1" help:"Which page, from 1."`
	DPI   int    `name:"dpi" default:"105" help:"How finely."`
	Cache string `help:"Folder of the compiled drawing program."`
	Warm  bool   `help:"Only compile the drawing program into the cache."`
}

// Run reads standard input and writes a PNG.
func (c pictureCmd) Run(in io.Reader, out io.Writer) error {
	if c.Warm {
		return picture.Warm(c.Cache)
	}
	return picture.Serve(in, out, c.Cache, c.Page, c.DPI)
}

// signatureRoots reads the certificates of a file; no file is none.
func signatureRoots(file string) (paper.Roots, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read configuration", err, "signature_roots: %s cannot be read", file)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fault.New(fault.Invalid, "read configuration", "signature_roots: %s holds no certificate in PEM form", file)
	}
	return pool, nil
}

// papers sets up what handles the files that come with a request, and returns
// what makes it ready in the background.
func (c Config) papers(conf *desk.Config, log *slog.Logger) (func(context.Context), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	if _, err := signatureRoots(c.SignatureRoots); err != nil {
		return nil, err
	}
	cache, err := filepath.Abs(filepath.Join(c.Data, "desk", "drawing"))
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the drawing program: %w", err)
	}
	roots, err := absolute(c.SignatureRoots)
	if err != nil {
		return nil, err
	}
	b := paper.NewBench(self, cache, roots)
	conf.Inspector, conf.Pictures = b, b
	if c.Clamd == "" {
		log.Warn("uploads are not scanned for malware: clamd is not set")
	} else if conf.Scanner, err = paper.ParseClamd(c.Clamd); err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		if err := b.Warm(ctx); err != nil && !errors.Is(err, context.Canceled) {
			log.Warn("the drawing program is not ready: the first pages take longer", slog.Any("error", err))
		}
	}, nil
}

// absolute is a path that holds in another working folder.
func absolute(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	return filepath.Abs(file)
}
