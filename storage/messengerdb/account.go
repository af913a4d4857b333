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

var _ account.Store = (*DB)(nil)

// Code reads the row of a subject.
func (d *DB) Code(ctx context.Context, s account.Subject) (r account.CodeRow, ok bool, err error) {
	var code []byte
	err = d.SQL.QueryRowContext(ctx, `SELECT code, tries, expires, sent, since FROM codes WHERE subject = $1`, s[:]).
		Scan(&code, &r.Tries, &r.Expires, &r.Sent, &r.Since)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	copy(r.Code[:], code)
	return r, err == nil, err
}

// PutCode writes a row unless it changed meanwhile.
func (d *DB) PutCode(ctx context.Context, s account.Subject, old *account.CodeRow, r account.CodeRow) error {
	var n int64
	var err error
	if old == nil {
		n, err = d.Exec(ctx, `INSERT INTO codes (subject, code, tries, expires, sent, since) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (subject) DO NOTHING`, s[:], r.Code[:], r.Tries, r.Expires, r.Sent, r.Since)
	} else {
		n, err = d.Exec(ctx, `UPDATE codes SET code = $2, tries = $3, expires = $4, sent = $5, since = $6
			WHERE subject = $1 AND sent = $7 AND since = $8`, s[:], r.Code[:], r.Tries, r.Expires, r.Sent, r.Since, old.Sent, old.Since)
	}
	if err != nil {
		return fmt.Errorf("write code: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "write code", "another code was asked for at the same moment: use that one")
	}
	return nil
}

// TryCode takes one try.
func (d *DB) TryCode(ctx context.Context, s account.Subject, now int64) (r account.CodeRow, ok bool, err error) {
	var code []byte
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `UPDATE codes SET tries = tries - 1 WHERE subject = $1 AND tries > 0 AND expires > $2
			RETURNING code, tries, expires, sent, since`, s[:], now).Scan(&code, &r.Tries, &r.Expires, &r.Sent, &r.Since)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return account.CodeRow{}, false, nil
	}
	copy(r.Code[:], code)
	return r, err == nil, err
}

// Create stores an account and removes the number's former one.
func (d *DB) Create(ctx context.Context, n account.NewAccount) (former *account.Closed, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) (err error) {
		if err := useCode(ctx, tx, n.Subject, n.Code); err != nil {
			return err
		}
		if former, err = d.closeNumber(ctx, tx, n.Phone); err != nil {
			return err
		}
		if err := d.create(ctx, tx, n); err != nil {
			return fmt.Errorf("create account: %w", err)
		}
		return d.putKeys(ctx, tx, n.Device.Address, n.Keys, wire.MaxOneTime)
	})
	return former, err
}

func (d *DB) create(ctx context.Context, tx *sql.Tx, n account.NewAccount) error {
	v := n.Device
	if err := d.exec(ctx, tx, `INSERT INTO accounts (account, phone, name, about, email, created_on, last_seen_on, last_ip)
		VALUES ($1, $2, $3, '', '', $4, $4, $5)`, id(v.Address.Account), n.Phone, n.Name, string(n.Created), n.LastIP); err != nil {
		return err
	}
	return d.putDevice(ctx, tx, v)
}

func useCode(ctx context.Context, tx *sql.Tx, s account.Subject, code [32]byte) error {
	used, err := tx.ExecContext(ctx, `DELETE FROM codes WHERE subject = $1 AND code = $2`, s[:], code[:])
	if err != nil {
		return fmt.Errorf("use code: %w", err)
	}
	if k, err := used.RowsAffected(); err != nil || k != 1 {
		return fault.Wrap(fault.Conflict, "use code", err, "this code was used already: ask for a new one")
	}
	return nil
}

func (d *DB) putDevice(ctx context.Context, tx *sql.Tx, v account.Device) error {
	return d.exec(ctx, tx, `INSERT INTO devices (account, device, device_type, added_on, token, registration_id, identity_key, mailbox_key, mailbox)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id(v.Address.Account), int64(v.Address.Device), v.Type, string(v.Added), v.Token[:],
		int64(v.RegistrationID), v.IdentityKey, v.MailboxKey, v.Mailbox)
}

func (d *DB) closeNumber(ctx context.Context, tx *sql.Tx, phone string) (*account.Closed, error) {
	var b []byte
	err := tx.QueryRowContext(ctx, `SELECT account FROM accounts WHERE phone = $1`, phone).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find former account: %w", err)
	}
	a, err := toID(b)
	if err != nil {
		return nil, err
	}
	return d.closeIn(ctx, tx, a)
}

// closeIn removes every row of an account; devices, keys, blocks and counts
// fall with their parents.
func (d *DB) closeIn(ctx context.Context, tx *sql.Tx, a wire.AccountID) (*account.Closed, error) {
	c := &account.Closed{Account: a}
	type device struct {
		id      wire.DeviceID
		mailbox int64
	}
	ds, err := storage.Query(ctx, tx, func(r *sql.Rows) (v device, err error) { return v, r.Scan(&v.id, &v.mailbox) },
		`SELECT device, mailbox FROM devices WHERE account = $1 ORDER BY device`, id(a))
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	for _, v := range ds {
		c.Devices, c.Mailboxes = append(c.Devices, v.id), append(c.Mailboxes, v.mailbox)
		if err := d.exec(ctx, tx, `DELETE FROM mailbox_rows WHERE mailbox = $1`, v.mailbox); err != nil {
			return nil, fmt.Errorf("remove mailbox: %w", err)
		}
	}
	for _, q := range []string{`DELETE FROM blocks WHERE blocked = $1`, `DELETE FROM accounts WHERE account = $1`} {
		if err := d.exec(ctx, tx, q, id(a)); err != nil {
			return nil, fmt.Errorf("remove account: %w", err)
		}
	}
	return c, nil
}

// CloseAccount removes every row of an account.
func (d *DB) CloseAccount(ctx context.Context, a wire.AccountID) (c *account.Closed, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		c, err = d.closeIn(ctx, tx, a)
		return err
	})
	return c, err
}

// Login reads what authentication needs.
func (d *DB) Login(ctx context.Context, a wire.Address) (l account.Login, err error) {
	var token []byte
	err = d.SQL.QueryRowContext(ctx, `SELECT d.token, a.last_seen_on, a.last_ip FROM devices d JOIN accounts a ON a.account = d.account
		WHERE d.account = $1 AND d.device = $2`, id(a.Account), int64(a.Device)).Scan(&token, &l.LastSeen, &l.LastIP)
	copy(l.Token[:], token)
	return l, storage.NoRows(err, "device")
}

// Seen overwrites the last day and address.
func (d *DB) Seen(ctx context.Context, a wire.AccountID, day account.Day, ip string) error {
	_, err := d.Exec(ctx, `UPDATE accounts SET last_seen_on = $2, last_ip = $3 WHERE account = $1`, id(a), string(day), ip)
	return err
}

// ByPhone finds an account and its devices.
func (d *DB) ByPhone(ctx context.Context, phone string) (a wire.AccountID, devices []wire.DeviceID, ok bool, err error) {
	type found struct {
		account []byte
		device  wire.DeviceID
	}
	fs, err := storage.Query(ctx, d.SQL, func(r *sql.Rows) (f found, err error) { return f, r.Scan(&f.account, &f.device) },
		`SELECT a.account, d.device FROM accounts a JOIN devices d ON d.account = a.account WHERE a.phone = $1 ORDER BY d.device`, phone)
	if err != nil || len(fs) == 0 {
		return a, nil, false, err
	}
	for _, f := range fs {
		devices = append(devices, f.device)
	}
	a, err = toID(fs[0].account)
	return a, devices, err == nil, err
}

// Spend counts one look-up.
func (d *DB) Spend(ctx context.Context, a wire.AccountID, day account.Day) (n int, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO lookups (account, day, spent) VALUES ($1, $2, 1)
			ON CONFLICT (account) DO UPDATE SET day = $2, spent = CASE WHEN lookups.day = $2 THEN lookups.spent + 1 ELSE 1 END
			RETURNING spent`, id(a), string(day)).Scan(&n)
	})
	return n, err
}

// Facts reads everything of the inventory about an account.
func (d *DB) Facts(ctx context.Context, a wire.AccountID) (f account.Facts, err error) {
	f.Account = a
	err = d.SQL.QueryRowContext(ctx, `SELECT phone, name, about, email, created_on, last_seen_on, last_ip FROM accounts WHERE account = $1`, id(a)).
		Scan(&f.Phone, &f.Name, &f.About, &f.Email, &f.Created, &f.LastSeen, &f.LastIP)
	if err != nil {
		return account.Facts{}, storage.NoRows(err, "account")
	}
	f.Devices, err = storage.Query(ctx, d.SQL, func(r *sql.Rows) (v account.DeviceFact, err error) {
		return v, r.Scan(&v.Device, &v.Type, &v.Added)
	}, `SELECT device, device_type, added_on FROM devices WHERE account = $1 ORDER BY device`, id(a))
	if err != nil {
		return account.Facts{}, fmt.Errorf("read devices: %w", err)
	}
	if f.Push, err = d.pushFacts(ctx, a); err != nil {
		return account.Facts{}, fmt.Errorf("read subscriptions: %w", err)
	}
	f.Blocks, err = d.BlocksOf(ctx, a)
	return f, err
}

// BlocksOf reads a block list.
func (d *DB) BlocksOf(ctx context.Context, a wire.AccountID) ([]wire.AccountID, error) {
	return storage.Query(ctx, d.SQL, scanID, `SELECT blocked FROM blocks WHERE account = $1 ORDER BY blocked`, id(a))
}

// Profile reads name, about and devices.
func (d *DB) Profile(ctx context.Context, a wire.AccountID) (p wire.Person, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT name, about FROM accounts WHERE account = $1`, id(a)).Scan(&p.Name, &p.About)
	if err != nil {
		return wire.Person{}, storage.NoRows(err, "account")
	}
	p.Devices, err = d.Devices(ctx, a)
	return p, err
}

// SetProfile overwrites what is not nil.
func (d *DB) SetProfile(ctx context.Context, a wire.AccountID, p wire.ProfileUpdate) error {
	n, err := d.Exec(ctx, `UPDATE accounts SET name = COALESCE($2, name), about = COALESCE($3, about), email = COALESCE($4, email)
		WHERE account = $1`, id(a), p.Name, p.About, p.Email)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "set profile", "there is no such account")
	}
	return err
}

// Block adds or removes one entry of a block list.
func (d *DB) Block(ctx context.Context, a, blocked wire.AccountID, remove bool, most int) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if remove {
			return d.exec(ctx, tx, `DELETE FROM blocks WHERE account = $1 AND blocked = $2`, id(a), id(blocked))
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM blocks WHERE account = $1`, id(a)).Scan(&n); err != nil {
			return err
		}
		if n >= most {
			return fault.New(fault.Exhausted, "block", "your block list is full: remove somebody first")
		}
		return d.exec(ctx, tx, `INSERT INTO blocks (account, blocked) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id(a), id(blocked))
	})
}

// Forget removes old codes and counts.
func (d *DB) Forget(ctx context.Context, before int64, today account.Day) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if err := d.exec(ctx, tx, `DELETE FROM codes WHERE since < $1`, before); err != nil {
			return err
		}
		return d.exec(ctx, tx, `DELETE FROM lookups WHERE day < $1`, string(today))
	})
}
