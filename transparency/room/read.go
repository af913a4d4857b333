package room

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Document is a publication as it lies in the room.
type Document struct {
	Manifest        // of what is there; empty if it was taken out
	Sum      Sum    // of the manifest
	Gone     *Stone // it was taken out again
}

// Stone is a tombstone and its hash.
type Stone struct {
	Tombstone
	Sum Sum
}

// Read reads a publication, or what stands in its place.
func Read(room fs.FS, id ID) (Document, error) {
	if b, err := fs.ReadFile(room, path.Join(string(id), FileTombstone)); err == nil {
		t, err := ParseTombstone(b)
		if err == nil && t.ID != id {
			err = invalid("the tombstone is of another document")
		}
		return Document{Manifest: Manifest{ID: id, Published: t.Published}, Gone: &Stone{t, SumOf(b)}}, err
	}
	b, err := fs.ReadFile(room, path.Join(string(id), FileManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return Document{}, fault.New(fault.NotFound, "open document", "There is no such document here.")
	}
	if err != nil {
		return Document{}, fmt.Errorf("read document: %w", err)
	}
	m, err := ParseManifest(b)
	if err == nil && m.ID != id {
		err = invalid("the list is of another document")
	}
	return Document{Manifest: m, Sum: SumOf(b)}, err
}

// List is every publication that can be read, the newest first.
func List(room fs.FS) (out []Document) {
	if room == nil {
		return nil
	}
	folders, err := fs.ReadDir(room, ".")
	if err != nil {
		return nil
	}
	for _, d := range folders {
		id, err := ParseID(d.Name())
		if err != nil {
			continue
		}
		if doc, err := Read(room, id); err == nil {
			out = append(out, doc)
		}
	}
	slices.SortFunc(out, func(a, b Document) int {
		return cmp.Or(strings.Compare(string(b.Published), string(a.Published)), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out
}

// ReadCounts is what is said of papers that are not here.
func ReadCounts(room fs.FS) (c Counts, ok bool) {
	if room == nil {
		return c, false
	}
	b, err := fs.ReadFile(room, FileCounts)
	if err != nil || decode(b, &c) != nil {
		return Counts{}, false
	}
	return c, true
}

// Open is a file of a publication, as its list has it. A file whose bytes are
// not those of the list is not shown.
func Open(room fs.FS, id ID, name string) ([]byte, error) {
	gone := fault.New(fault.NotFound, "open document", "There is no such document here.")
	d, err := Read(room, id)
	if err != nil {
		return nil, err
	}
	if name == FileManifest && d.Gone == nil || name == FileProof || d.Gone != nil && (name == FileTombstone || name == FileStoneProof) {
		b, err := fs.ReadFile(room, path.Join(string(id), name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, gone
		}
		return b, err
	}
	i := slices.IndexFunc(d.Files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return nil, gone
	}
	b, err := fs.ReadFile(room, path.Join(string(id), name))
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if SumOf(b).String() != d.Files[i].SHA256 {
		return nil, fault.New(fault.Conflict, "open document", "This file is not the one whose hash was published. It is not shown.")
	}
	return b, nil
}

// Line is one thing that was checked.
type Line struct {
	Check string `json:"check"`
	Holds bool   `json:"holds"`
	Text  string `json:"text"`
}

// Check checks a folder: that its list stands in the ledger, that each file is
// the one of the list, and that none is there besides.
func Check(folder fs.FS, keys proof.Keys) (out []Line) {
	say := func(check string, err error, format string, args ...any) {
		l := Line{check, err == nil, fmt.Sprintf(format, args...)}
		if err != nil {
			l.Text = fault.Say(err)
		}
		out = append(out, l)
	}
	if b, err := fs.ReadFile(folder, FileTombstone); err == nil {
		t, err := ParseTombstone(b)
		say("tombstone", err, "This document was taken out on %s: %s. %s", t.Withdrawn, t.Why.InWords(), t.Words)
		at, err := recorded(folder, FileStoneProof, keys, KindWithdrawn, SumOf(b).String())
		say("withdrawal", err, "The ledger %s holds that it was taken out.", at)
		at, err = recorded(folder, FileProof, keys, KindPublished, t.Manifest)
		say("ledger", err, "The ledger %s holds the hash of what was published, %s.", at, t.Manifest)
		return append(out, strangers(folder, nil)...)
	}
	b, err := fs.ReadFile(folder, FileManifest)
	if err != nil {
		say("list", invalid("there is no %s in this folder", FileManifest), "")
		return out
	}
	m, err := ParseManifest(b)
	say("list", err, "Document %s, published on %s: %d files.", m.ID, m.Published, len(m.Files))
	at, perr := recorded(folder, FileProof, keys, KindPublished, SumOf(b).String())
	say("ledger", perr, "The ledger %s holds the hash of this list, %s.", at, SumOf(b))
	wrong := 0
	for _, f := range m.Files {
		if err := same(folder, f); err != nil {
			wrong++
			say("file", err, "")
		}
	}
	if wrong == 0 && err == nil {
		say("files", nil, "Each of the %d files is the one of the list.", len(m.Files))
	}
	return append(out, strangers(folder, m.Files)...)
}

// Holds reports that all of it does.
func Holds(lines []Line) bool {
	return len(lines) > 0 && !slices.ContainsFunc(lines, func(l Line) bool { return !l.Holds })
}

func same(folder fs.FS, f File) error {
	b, err := fs.ReadFile(folder, f.Name)
	switch {
	case err != nil:
		return invalid("the file %s is missing", f.Name)
	case int64(len(b)) != f.Size || SumOf(b).String() != f.SHA256:
		return invalid("the file %s is not the one that was published", f.Name)
	}
	return nil
}

// strangers are files of nobody. The page itself lies in the folder of a site
// that was exported.
func strangers(folder fs.FS, known []File) (out []Line) {
	all, err := fs.ReadDir(folder, ".")
	if err != nil {
		return []Line{{"strangers", false, "The folder cannot be read."}}
	}
	own := []string{FileManifest, FileProof, FileTombstone, FileStoneProof, "index.html"}
	for _, e := range all {
		if !slices.Contains(own, e.Name()) && !slices.ContainsFunc(known, func(f File) bool { return f.Name == e.Name() }) {
			out = append(out, Line{"strangers", false, fmt.Sprintf("The file %q is no part of the document.", e.Name())})
		}
	}
	return out
}

// recorded checks a proof, and says in which ledger the record is and when it was
// written.
func recorded(folder fs.FS, name string, keys proof.Keys, kind, sum string) (string, error) {
	b, err := fs.ReadFile(folder, name)
	if err != nil {
		return "", invalid("there is no %s: nothing shows that the ledger holds this", name)
	}
	return Proved(b, keys, kind, sum)
}

// Proved checks that a proof is of a record of this kind and hash.
func Proved(b []byte, keys proof.Keys, kind, sum string) (string, error) {
	p, err := proof.Parse(b)
	if err != nil {
		return "", err
	}
	v, err := p.Verify(keys)
	switch {
	case err != nil:
		return "", err
	case v.Entry.Kind != kind:
		return "", invalid("the ledger's record is of %q and not of %q", v.Entry.Kind, kind)
	case fmt.Sprintf("%x", v.Entry.Body) != sum:
		return "", invalid("the ledger holds another hash: this is not what was published")
	case v.Entry.Case != "":
		return "", invalid("the ledger's record names a case")
	}
	return fmt.Sprintf("%s, written %s,", v.Checkpoint.Origin, v.Entry.Recorded.UTC().Format("2006-01-02 15:04 UTC")), nil
}
