package messengerdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"letterlock/messenger/prekey"
	"letterlock/storage"
	"letterlock/wire"
)

var _ prekey.Store = (*DB)(nil)

// The kinds of pre-keys as stored.
const (
	signed = 1 + iota
	lastResort
	oneTime
	kyberOneTime
)

// Devices are the devices of an account.
func (d *DB) Devices(ctx context.Context, a wire.AccountID) ([]wire.DeviceID, error) {
	return storage.Query(ctx, d.SQL, scanDevice, `SELECT device FROM devices WHERE account = $1 ORDER BY device`, id(a))
}

// PutKeys stores an upload.
func (d *DB) PutKeys(ctx context.Context, a wire.Address, u wire.KeyUpload, most int) error {
	return d.Tx(ctx, func(tx *sql.Tx) error { return d.putKeys(ctx, tx, a, u, most) })
}

func (d *DB) putKeys(ctx context.Context, tx *sql.Tx, a wire.Address, u wire.KeyUpload, most int) error {
	for kind, k := range map[int]*wire.PreKey{signed: u.Signed, lastResort: u.LastResort} {
		if k == nil {
			continue
		}
		if err := d.exec(ctx, tx, `DELETE FROM prekeys WHERE account = $1 AND device = $2 AND kind = $3`, id(a.Account), int64(a.Device), kind); err != nil {
			return err
		}
		if err := d.putKey(ctx, tx, a, kind, *k); err != nil {
			return err
		}
	}
	for kind, ks := range map[int][]wire.PreKey{oneTime: u.OneTime, kyberOneTime: u.KyberOneTime} {
		if err := d.putOneTime(ctx, tx, a, kind, ks, most); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) putOneTime(ctx context.Context, tx *sql.Tx, a wire.Address, kind int, ks []wire.PreKey, most int) error {
	if len(ks) == 0 {
		return nil
	}
	have, err := countKind(ctx, tx, a, kind)
	if err != nil {
		return err
	}
	for _, k := range ks[:max(0, min(len(ks), most-int(have)))] {
		if err := d.putKey(ctx, tx, a, kind, k); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) putKey(ctx context.Context, tx *sql.Tx, a wire.Address, kind int, k wire.PreKey) error {
	sig := k.Signature
	if sig == nil {
		sig = []byte{}
	}
	err := d.exec(ctx, tx, `INSERT INTO prekeys (account, device, kind, id, key, sig) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account, device, kind, id) DO UPDATE SET key = $5, sig = $6`,
		id(a.Account), int64(a.Device), kind, int64(k.ID), k.Key, sig)
	if err != nil {
		return fmt.Errorf("store pre-key: %w", err)
	}
	return nil
}

func countKind(ctx context.Context, q storage.Reader, a wire.Address, kind int) (n uint32, err error) {
	err = q.QueryRowContext(ctx, `SELECT count(*) FROM prekeys WHERE account = $1 AND device = $2 AND kind = $3`,
		id(a.Account), int64(a.Device), kind).Scan(&n)
	return n, err
}

// CountKeys counts one-time keys.
func (d *DB) CountKeys(ctx context.Context, a wire.Address) (c wire.KeyCount, err error) {
	if c.OneTime, err = countKind(ctx, d.SQL, a, oneTime); err != nil {
		return wire.KeyCount{}, err
	}
	c.KyberOneTime, err = countKind(ctx, d.SQL, a, kyberOneTime)
	return c, err
}

// TakeBundle hands out a device's bundle.
func (d *DB) TakeBundle(ctx context.Context, a wire.Address) (b wire.Bundle, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		b = wire.Bundle{Device: a.Device}
		err := tx.QueryRowContext(ctx, `SELECT registration_id, identity_key FROM devices WHERE account = $1 AND device = $2`,
			id(a.Account), int64(a.Device)).Scan(&b.RegistrationID, &b.IdentityKey)
		if err != nil {
			return storage.NoRows(err, "device")
		}
		return takeKeys(ctx, tx, a, &b)
	})
	return b, err
}

func takeKeys(ctx context.Context, tx *sql.Tx, a wire.Address, b *wire.Bundle) error {
	s, err := readKey(ctx, tx, a, signed)
	if err != nil || s == nil {
		return storage.NoRows(errors.Join(err, orNoRows(s)), "signed pre-key")
	}
	b.Signed = *s
	if b.OneTime, err = takeOne(ctx, tx, a, oneTime); err != nil {
		return err
	}
	k, err := takeOne(ctx, tx, a, kyberOneTime)
	if err == nil && k == nil {
		k, err = readKey(ctx, tx, a, lastResort)
	}
	if err != nil || k == nil {
		return storage.NoRows(errors.Join(err, orNoRows(k)), "last-resort pre-key")
	}
	b.Kyber = *k
	return nil
}

func orNoRows(k *wire.PreKey) error {
	if k == nil {
		return sql.ErrNoRows
	}
	return nil
}

func scanKey(r *sql.Row) (*wire.PreKey, error) {
	var k wire.PreKey
	err := r.Scan(&k.ID, &k.Key, &k.Signature)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if len(k.Signature) == 0 {
		k.Signature = nil
	}
	return &k, err
}

func readKey(ctx context.Context, tx *sql.Tx, a wire.Address, kind int) (*wire.PreKey, error) {
	return scanKey(tx.QueryRowContext(ctx, `SELECT id, key, sig FROM prekeys WHERE account = $1 AND device = $2 AND kind = $3`,
		id(a.Account), int64(a.Device), kind))
}

// takeOne removes one key and returns it. Where two callers meet (PostgreSQL),
// the later one's delete finds nothing and it tries the next key.
func takeOne(ctx context.Context, tx *sql.Tx, a wire.Address, kind int) (*wire.PreKey, error) {
	for {
		k, err := scanKey(tx.QueryRowContext(ctx, `DELETE FROM prekeys WHERE account = $1 AND device = $2 AND kind = $3 AND id =
			(SELECT min(id) FROM prekeys WHERE account = $1 AND device = $2 AND kind = $3) RETURNING id, key, sig`,
			id(a.Account), int64(a.Device), kind))
		if err != nil || k != nil {
			return k, err
		}
		n, err := countKind(ctx, tx, a, kind)
		if err != nil || n == 0 {
			return nil, err
		}
	}
}

// DropOneTimeKeys forgets every device's one-time keys.
func (d *DB) DropOneTimeKeys(ctx context.Context) error {
	if _, err := d.SQL.ExecContext(ctx, `DELETE FROM prekeys WHERE kind IN ($1, $2)`, oneTime, kyberOneTime); err != nil {
		return fmt.Errorf("drop one-time keys: %w", err)
	}
	return nil
}
