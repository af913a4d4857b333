package law

import "io/fs"

// ReadTable reads a table from files other than the embedded ones.
func ReadTable(files fs.FS) (*Table, error) { return readTable(files) }

// Embedded are the files built in.
func Embedded() fs.FS { return embedded }
