package messengerdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"letterlock/internal/fault"
	"letterlock/messenger/account"
	"letterlock/storage"
	"letterlock/wire"
)

// DeviceList reads an account's signed list; version 0: it has none.
func (d *DB) DeviceList(ctx context.Context, a wire.AccountID) (r account.ListRow, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT COALESCE(l.version, 0), l.list, l.sig FROM accounts a LEFT JOIN device_lists l ON l.account = a.account
		WHERE a.account = $1`, id(a)).Scan(&r.Version, &r.List, &r.Signature)
	return r, storage.NoRows(err, "account")
}

// putList stores a list in the place of the one before.
func (d *DB) putList(ctx context.Context, tx *sql.Tx, a wire.AccountID, l account.ListRow) error {
	res, err := tx.ExecContext(ctx, `INSERT INTO device_lists (account, version, list, sig) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account) DO UPDATE SET version = $2, list = $3, sig = $4 WHERE device_lists.version = $2 - 1`,
		id(a), int64(l.Version), l.List, l.Signature)
	if err != nil {
		return fmt.Errorf("store device list: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.Wrap(fault.Conflict, "store device list", err, "the devices of this account were changed meanwhile: look at them, then try again")
	}
	return nil
}

// AddDevice stores a device, its keys and the list that names it.
func (d *DB) AddDevice(ctx context.Context, v account.Device, keys wire.KeyUpload, list account.ListRow, most int) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if err := d.putList(ctx, tx, v.Address.Account, list); err != nil { // first: it also keeps two from joining at once
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM devices WHERE account = $1`, id(v.Address.Account)).Scan(&n); err != nil {
			return err
		}
		if n >= most {
			return fault.New(fault.Exhausted, "add device", "there are %d devices, which is the most there can be", n)
		}
		if err := d.putDevice(ctx, tx, v); err != nil {
			return fmt.Errorf("store device: %w", err)
		}
		return d.putKeys(ctx, tx, v.Address, keys, wire.MaxOneTime)
	})
}

// RemoveDevice removes a device and everything that waits for it.
func (d *DB) RemoveDevice(ctx context.Context, a wire.Address, list *account.ListRow) (mailbox int64, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		if list != nil {
			if err := d.putList(ctx, tx, a.Account, *list); err != nil {
				return err
			}
		}
		err := tx.QueryRowContext(ctx, `DELETE FROM devices WHERE account = $1 AND device = $2 RETURNING mailbox`, id(a.Account), int64(a.Device)).Scan(&mailbox)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("remove device: %w", err)
		}
		return d.exec(ctx, tx, `DELETE FROM mailbox_rows WHERE mailbox = $1`, mailbox)
	})
	return mailbox, err
}

// SetLock stores or removes a registration lock.
func (d *DB) SetLock(ctx context.Context, a wire.AccountID, l *account.Lock) error {
	if l == nil {
		_, err := d.Exec(ctx, `DELETE FROM locks WHERE account = $1`, id(a))
		return err
	}
	_, err := d.Exec(ctx, `INSERT INTO locks (account, salt, verifier, tried, since) VALUES ($1, $2, $3, 0, 0)
		ON CONFLICT (account) DO UPDATE SET salt = $2, verifier = $3, tried = 0, since = 0`, id(a), l.Salt[:], l.Verifier[:])
	return err
}

// LockOf finds the lock of a number's account.
func (d *DB) LockOf(ctx context.Context, phone string) (l account.Lock, seen account.Day, ok bool, err error) {
	var a, salt, verifier []byte
	err = d.SQL.QueryRowContext(ctx, `SELECT a.account, a.last_seen_on, l.salt, l.verifier FROM accounts a JOIN locks l ON l.account = a.account
		WHERE a.phone = $1`, phone).Scan(&a, &seen, &salt, &verifier)
	if errors.Is(err, sql.ErrNoRows) {
		return l, "", false, nil
	}
	if err == nil {
		l.Account, err = toID(a)
	}
	copy(l.Salt[:], salt)
	copy(l.Verifier[:], verifier)
	return l, seen, err == nil, err
}

// TryLock counts one try.
func (d *DB) TryLock(ctx context.Context, a wire.AccountID, now int64, aDay int) (left int, since int64, ok bool, err error) {
	const day = 24 * 3600
	var tried int
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `UPDATE locks SET tried = CASE WHEN since <= $3 THEN 1 ELSE tried + 1 END, since = CASE WHEN since <= $3 THEN $2 ELSE since END
			WHERE account = $1 AND (since <= $3 OR tried < $4) RETURNING tried, since`, id(a), now, now-day, aDay).Scan(&tried, &since)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = d.SQL.QueryRowContext(ctx, `SELECT since FROM locks WHERE account = $1`, id(a)).Scan(&since)
		return 0, since, false, storage.NoRows(err, "lock")
	}
	return aDay - tried, since, err == nil, err
}

// Renumber gives a number to an account.
func (d *DB) Renumber(ctx context.Context, a wire.AccountID, phone string, s account.Subject, code [32]byte) (former *account.Closed, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		if err := useCode(ctx, tx, s, code); err != nil {
			return err
		}
		if former, err = d.closeNumber(ctx, tx, phone); err != nil {
			return err
		}
		return d.exec(ctx, tx, `UPDATE accounts SET phone = $2 WHERE account = $1`, id(a), phone)
	})
	return former, err
}
