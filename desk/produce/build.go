package produce

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"letterlock/desk/produce/bundle"
)

// Build is the program that answered, so that anyone who has the file can look
// into it.
type Build struct {
	Program string        // import path of the main package
	SHA256  bundle.Digest // of the file that is running
	Go      string        // version of the compiler
	Commit  string        // revision, empty when the build did not record one
}

// RunningBuild reads the file of the running program and hashes it.
func RunningBuild() (Build, error) {
	path, err := os.Executable()
	if err != nil {
		return Build{}, fmt.Errorf("find the running program: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return Build{}, fmt.Errorf("open the running program: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Build{}, fmt.Errorf("read the running program: %w", err)
	}
	b := Build{SHA256: bundle.Digest(h.Sum(nil))}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Program, b.Go = info.Path, info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	return b, nil
}
