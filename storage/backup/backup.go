// Package backup copies a half's tables and folders into one stream and back.
// It works the same on both engines, because it copies rows and not files. It
// holds no rule: what is left out, and what must not come back to life, is the
// caller's to say.
//
// The stream is a tar: "tables/NAME" holds CBOR items, first the column names,
// then one array per row; "files/PATH" holds files as they are.
package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/storage"
)

// Writer writes a backup.
type Writer struct {
	tar *tar.Writer
	at  time.Time
}

// Nothing is the condition of a table that is left out.
const Nothing = ""

// NewWriter starts a backup; at is the time put on every entry.
func NewWriter(w io.Writer, at time.Time) *Writer { return &Writer{tar: tar.NewWriter(w), at: at} }

// Close ends the backup.
func (w *Writer) Close() error { return w.tar.Close() }

func (w *Writer) entry(name string, body []byte) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: w.at, Format: tar.FormatPAX}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := w.tar.Write(body)
	return err
}

// Tables copies every table of a database under a name, all as of one moment,
// except those left out.
//
// only names tables of which not every row is copied, and the condition on
// those that are; Nothing leaves the table out.
func (w *Writer) Tables(ctx context.Context, under string, db *storage.DB, only map[string]string) error {
	cols, err := db.Columns(ctx)
	if err != nil {
		return err
	}
	tx, err := db.SQL.BeginTx(ctx, snapshot(db.Engine))
	if err != nil {
		return fmt.Errorf("begin backup: %w", err)
	}
	defer tx.Rollback()
	for _, t := range tables(cols) {
		where, some := only[t]
		if some && where == Nothing || internal(t) {
			continue
		}
		if !some {
			where = "TRUE"
		}
		b, err := dump(ctx, tx, t, columnsOf(cols, t), where)
		if err != nil {
			return fmt.Errorf("back up table %s: %w", t, err)
		}
		if err := w.entry(path.Join("tables", under, t), b); err != nil {
			return err
		}
	}
	return nil
}

func snapshot(e storage.Engine) *sql.TxOptions {
	if e == storage.Postgres {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return nil // SQLite's write lock: nothing moves while the copy is taken
}

// internal tables belong to the engine or to the migrations.
func internal(t string) bool {
	return strings.HasPrefix(t, "sqlite_") || strings.HasPrefix(t, "goose_")
}

func tables(cols []storage.Column) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.Table)
	}
	return slices.Compact(out)
}

func columnsOf(cols []storage.Column, table string) []string {
	var out []string
	for _, c := range cols {
		if c.Table == table {
			out = append(out, c.Name)
		}
	}
	return out
}

func dump(ctx context.Context, tx *sql.Tx, table string, cols []string, where string) ([]byte, error) {
	var out bytes.Buffer
	enc := cbor.NewEncoder(&out)
	if err := enc.Encode(cols); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+quoted(cols)+nulls(cols)+" FROM "+table+" WHERE "+where)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		vals, ptrs := make([]any, 2*len(cols)), make([]any, 2*len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		for i := range cols {
			b, raw := vals[i].([]byte)
			if (vals[i] == nil || raw && b == nil) && vals[len(cols)+i] == int64(0) {
				vals[i] = []byte{}
			}
		}
		if err := enc.Encode(vals[:len(cols)]); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), rows.Err()
}

// nulls asks of each column whether it is null: an empty byte string of SQLite
// cannot be told from it otherwise.
func nulls(cols []string) string {
	var b strings.Builder
	for _, c := range cols {
		fmt.Fprintf(&b, `, CASE WHEN "%s" IS NULL THEN 1 ELSE 0 END`, c)
	}
	return b.String()
}

func quoted(cols []string) string {
	q := make([]string, len(cols))
	for i, c := range cols {
		q[i] = `"` + c + `"`
	}
	return strings.Join(q, ", ")
}

// Path copies a file, or a folder's regular files, below dir under a name. What
// is not there is no error: there is nothing to copy.
func (w *Writer) Path(under, dir, name string) error {
	err := filepath.WalkDir(filepath.Join(dir, name), func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return w.entry(path.Join("files", under, filepath.ToSlash(rel)), b)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Restorer takes the entries of a backup.
type Restorer struct {
	// Table is the database that a table goes to, nil to leave it out. The
	// database has its schema and no rows.
	Table func(under, table string) *storage.DB
	// File is where a file goes, empty to leave it out.
	File func(under, rel string) string
}

// Restore reads a backup. Rows of one database go in together or not at all.
func Restore(ctx context.Context, r io.Reader, to Restorer) error {
	pending := map[*storage.DB][]loaded{}
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read backup: %w", err)
		}
		parts := strings.SplitN(path.Clean(h.Name), "/", 3)
		if len(parts) != 3 || h.Typeflag != tar.TypeReg || !filepath.IsLocal(parts[2]) {
			return fmt.Errorf("read backup: an entry %q that no backup has", h.Name)
		}
		switch parts[0] {
		case "tables":
			if db := to.Table(parts[1], parts[2]); db != nil {
				b, err := io.ReadAll(t)
				if err != nil {
					return fmt.Errorf("read backup: %w", err)
				}
				pending[db] = append(pending[db], loaded{parts[2], b})
			}
		case "files":
			if p := to.File(parts[1], parts[2]); p != "" {
				if err := writeFile(p, t); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("read backup: an entry %q that no backup has", h.Name)
		}
	}
	for db, ts := range pending {
		if err := db.Tx(ctx, func(tx *sql.Tx) error { return load(ctx, db, tx, ts) }); err != nil {
			return fmt.Errorf("restore tables: %w", err)
		}
	}
	return nil
}

func writeFile(p string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(p, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("refusing to write over what is there: %w", err)
	}
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type loaded struct {
	table string
	body  []byte
}

// load inserts tables in whatever order their references allow: a table whose
// rows refer to one not yet filled waits for the next round.
func load(ctx context.Context, db *storage.DB, tx *sql.Tx, ts []loaded) error {
	for len(ts) > 0 {
		var rest []loaded
		var last error
		for _, t := range ts {
			if _, err := tx.ExecContext(ctx, "SAVEPOINT t"); err != nil {
				return err
			}
			if err := insert(ctx, tx, t); err != nil {
				if _, e := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT t"); e != nil {
					return e
				}
				last, rest = fmt.Errorf("%s: %w", t.table, err), append(rest, t)
			}
			if _, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT t"); err != nil {
				return err
			}
		}
		if len(rest) == len(ts) {
			return last
		}
		ts = rest
	}
	return sequences(ctx, db, tx)
}

func insert(ctx context.Context, tx *sql.Tx, t loaded) error {
	dec := cbor.NewDecoder(bytes.NewReader(t.body))
	var cols []string
	if err := dec.Decode(&cols); err != nil || !plain(t.table) || slices.ContainsFunc(cols, func(c string) bool { return !plain(c) }) {
		return fmt.Errorf("no table of ours: %v", err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM "+t.table); err != nil { // rows a migration put there
		return err
	}
	marks := make([]string, len(cols))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	stmt, err := tx.PrepareContext(ctx, "INSERT INTO "+t.table+" ("+quoted(cols)+") VALUES ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for {
		var row []any
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for i, v := range row {
			if u, ok := v.(uint64); ok { // CBOR keeps non-negative integers apart
				row[i] = int64(u)
			}
		}
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
}

// plain names are safe to put into SQL text.
func plain(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// sequences puts PostgreSQL's counters past the rows that came back; SQLite
// takes the largest row by itself.
func sequences(ctx context.Context, db *storage.DB, tx *sql.Tx) error {
	if db.Engine != storage.Postgres {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT table_name, column_name, pg_get_serial_sequence(table_name, column_name)
		FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose%'
		AND pg_get_serial_sequence(table_name, column_name) IS NOT NULL`)
	if err != nil {
		return err
	}
	type seq struct{ table, column, name string }
	var all []seq
	for rows.Next() {
		var s seq
		if err := rows.Scan(&s.table, &s.column, &s.name); err != nil {
			rows.Close()
			return err
		}
		all = append(all, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, s := range all {
		q := fmt.Sprintf(`SELECT setval('%s', GREATEST((SELECT COALESCE(MAX("%s"), 0) FROM %s), 1))`, s.name, s.column, s.table)
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
