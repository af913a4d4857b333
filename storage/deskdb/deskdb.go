// Package deskdb is the desk's database: the stores of cases, agencies and
// staff in one SQL text for both engines. It holds no rule, and never shares a
// connection with the carrier's database. Sealed cases lie in a database of
// their own, opened by the same code.
package deskdb

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"math"
	"sync/atomic"
	"time"

	"letterlock/storage"
)

//go:embed migrations/*.sql
var files embed.FS

// DB implements the desk's store ports.
type DB struct {
	*storage.DB
	residue atomic.Bool // something removed may still be readable in the files
	codes   codes
}

// Open opens a desk's database and brings its schema to the newest number.
func Open(ctx context.Context, c storage.Config) (*DB, error) {
	db, err := storage.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	sub, err := fs.Sub(files, "migrations")
	if err == nil {
		err = db.Migrate(ctx, sub)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &DB{DB: db}, nil
}

// micros is a time as stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// never stands for a due time that there is none of: it sorts last.
const never = math.MaxInt64

func orNever(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 || us == never {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
