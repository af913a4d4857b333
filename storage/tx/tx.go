// Package tx is the transaction as both engines run it. It knows the standard
// library's interface and neither engine.
package tx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Run runs f in a transaction of the pool; it commits durably or changes
// nothing.
func Run(ctx context.Context, pool *sql.DB, f func(*sql.Tx) error) error {
	t, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback() // after a commit this does nothing
	if err := f(t); err != nil {
		return ended(ctx, err)
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", ended(ctx, err))
	}
	return nil
}

// ended gives the end of the context as the cause, where the driver only says
// that the transaction is over: who asked for the end must recognise it.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
