package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// connector opens connections that keep their statements: to read a statement's
// text takes SQLite longer than most of them take to run.
type connector struct{ driver.Connector }

func newConnector(name string) (driver.Connector, error) {
	c, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	return connector{c}, nil
}

// Connect is driver.Connector's.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	able, ok := inner.(engine)
	if !ok {
		return nil, fmt.Errorf("the SQLite driver's connection %T cannot do what is needed", inner)
	}
	return &conn{engine: able, kept: map[string]*statement{}}, nil
}

// engine is what the driver's connection can do.
type engine interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// maxKept bounds the statements of one connection.
const maxKept = 256

// conn is a connection with its statements by their text. database/sql uses one
// from one place at a time.
type conn struct {
	engine
	kept map[string]*statement
}

// statement is one that has been read; while its rows are open it is busy.
type statement struct {
	ready
	busy bool
}

type ready interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keeps reports a single statement that reads or writes rows.
func keeps(text string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return !strings.Contains(text, ";")
	}
	return false
}

// of is the statement of a text; nil: it is not kept, or in use.
func (c *conn) of(ctx context.Context, text string) (*statement, error) {
	if s := c.kept[text]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if !keeps(text) {
		return nil, nil
	}
	inner, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	able, ok := inner.(ready)
	if !ok {
		return nil, inner.Close()
	}
	for old, s := range c.kept { // any: those of every day come back at once
		if len(c.kept) < maxKept {
			break
		}
		if !s.busy {
			c.drop(old)
		}
	}
	c.kept[text] = &statement{ready: able}
	return c.kept[text], nil
}

func (c *conn) drop(text string) {
	if s := c.kept[text]; s != nil {
		s.Close()
		delete(c.kept, text)
	}
}

// ExecContext is driver.ExecerContext's.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.of(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.engine.ExecContext(ctx, text, args)
	}
	r, err := s.ready.ExecContext(ctx, args)
	if err != nil {
		c.drop(text)
	}
	return r, err
}

// QueryContext is driver.QueryerContext's.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.of(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.engine.QueryContext(ctx, text, args)
	}
	r, err := s.ready.QueryContext(ctx, args)
	if err != nil {
		c.drop(text)
		return nil, err
	}
	s.busy = true
	return &rows{Rows: r, of: s}, nil
}

// Close is driver.Conn's.
func (c *conn) Close() error {
	for text := range c.kept {
		c.drop(text)
	}
	return c.engine.Close()
}

// rows give their statement back when they are read.
type rows struct {
	driver.Rows
	of *statement
}

// Close is driver.Rows'.
func (r *rows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
