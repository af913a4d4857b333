package bundle

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Folder reads a package that was extracted to a folder as if it were still
// one: Verify then finds what was changed since. Files that belong to no
// package are returned by name.
func Folder(f fs.FS) (in io.ReadCloser, strangers []string, err error) {
	raw, err := fs.ReadFile(f, ManifestName)
	if err != nil {
		return nil, nil, fmt.Errorf("this folder holds no %s", ManifestName)
	}
	m, err := ParseManifest(raw)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]bool{ManifestName: true, SignatureName: true, CertificateName: true, CertificateSig: true, CertificatePDF: true}
	for _, e := range m.Files {
		known[e.Name] = true
	}
	err = fs.WalkDir(f, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !known[path] {
			strangers = append(strangers, path)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the folder: %w", err)
	}
	out, w := io.Pipe()
	go func() { w.CloseWithError(archiveFolder(w, f, m, raw)) }()
	return out, strangers, nil
}

func archiveFolder(w io.Writer, f fs.FS, m *Manifest, raw []byte) error {
	a := NewArchive(w, m.Created)
	a.File(ManifestName, int64(len(raw)), func(w io.Writer) error { _, err := w.Write(raw); return err })
	a.File(SignatureName, ed25519.SignatureSize, copyFile(f, SignatureName, ed25519.SignatureSize))
	for _, e := range m.Files {
		a.File(e.Name, e.Size, copyFile(f, e.Name, e.Size))
	}
	return a.Close()
}

func copyFile(f fs.FS, name string, size int64) func(io.Writer) error {
	return func(w io.Writer) error {
		file, err := f.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return errors.New("it is missing")
		}
		if err != nil {
			return errors.New("it cannot be opened")
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return errors.New("it is not a plain file")
		}
		if info.Size() != size {
			return fmt.Errorf("it has %d bytes instead of %d", info.Size(), size)
		}
		_, err = io.Copy(w, file)
		return err
	}
}
