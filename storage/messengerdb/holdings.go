package messengerdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/messenger/holdings"
	"letterlock/storage"
)

// Holdings is the carrier's database as messenger/holdings sees it: release
// keys, grants before the holders, used marks, notices sent, objections.
type Holdings struct{ db *DB }

var _ holdings.Store = Holdings{}

// Holdings is the part for messenger/holdings.
func (d *DB) Holdings() Holdings { return Holdings{d} }

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func moment(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// one runs a statement that must touch a row; else it is a Conflict.
func one(ctx context.Context, tx *sql.Tx, say, text string, args ...any) error {
	r, err := tx.ExecContext(ctx, text, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "change grant", "%s", say)
	}
	return err
}

// Keys implements holdings.Store.
func (h Holdings) Keys(ctx context.Context) ([]holdings.Key, error) {
	return storage.Query(ctx, h.db.SQL, scanReleaseKey, `SELECT key_id, holder, public, counter, demo, synced, active, retired, counsel FROM release_keys ORDER BY added, key_id`)
}

func scanReleaseKey(r *sql.Rows) (k holdings.Key, err error) {
	var counter, demo, synced, active, retired, counsel int64
	err = r.Scan(&k.Pass.ID, &k.Holder, &k.Pass.Public, &counter, &demo, &synced, &active, &retired, &counsel)
	k.Counsel = counsel != 0
	k.Pass.Counter, k.Pass.Demo, k.Pass.Synced = uint32(counter), demo != 0, synced != 0
	k.Active, k.Retired = moment(active), moment(retired)
	return k, err
}

// PutLinks implements holdings.Store.
func (h Holdings) PutLinks(ctx context.Context, links []holdings.Link) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, l := range links {
			if _, err := tx.ExecContext(ctx, `DELETE FROM release_links WHERE holder = $1`, l.Holder); err != nil {
				return err
			}
		}
		for _, l := range links {
			if _, err := tx.ExecContext(ctx, `INSERT INTO release_links (token, holder, expires, first_start, counsel) VALUES ($1, $2, $3, $4, $5)`,
				l.Token[:], l.Holder, seconds(l.Expires), bit(l.First), bit(l.Counsel)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Link implements holdings.Store.
func (h Holdings) Link(ctx context.Context, token [32]byte) (holdings.Link, error) {
	l := holdings.Link{Token: token}
	var expires, first, counsel int64
	err := h.db.SQL.QueryRowContext(ctx, `SELECT holder, expires, first_start, counsel FROM release_links WHERE token = $1`, token[:]).Scan(&l.Holder, &expires, &first, &counsel)
	if err != nil {
		return holdings.Link{}, storage.NoRows(err, "enrolment link")
	}
	l.Expires, l.First, l.Counsel = moment(expires), first != 0, counsel != 0
	return l, nil
}

// Enrol implements holdings.Store.
func (h Holdings) Enrol(ctx context.Context, token [32]byte, k holdings.Key, s *holdings.Sheet) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := one(ctx, tx, "this link was used already", `DELETE FROM release_links WHERE token = $1`, token[:]); err != nil {
			return err
		}
		err := one(ctx, tx, "this passkey is a release key already", `INSERT INTO release_keys (key_id, holder, public, counter, demo, synced, added, active, retired, counsel)
			VALUES ($1, $2, $3, $4, $5, $6, (SELECT COALESCE(MAX(added), 0) + 1 FROM release_keys), $7, $8, $9) ON CONFLICT (key_id) DO NOTHING`,
			k.Pass.ID, k.Holder, k.Pass.Public, int64(k.Pass.Counter), bit(k.Pass.Demo), bit(k.Pass.Synced), seconds(k.Active), seconds(k.Retired), bit(k.Counsel))
		if err != nil || s == nil {
			return err
		}
		return insertSheet(ctx, tx, *s)
	})
}

// Count implements holdings.Store.
func (h Holdings) Count(ctx context.Context, c holdings.Counter) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error { return count(ctx, tx, c) })
}

func count(ctx context.Context, tx *sql.Tx, c holdings.Counter) error {
	return one(ctx, tx, "this passkey was used at the same moment elsewhere; try again",
		`UPDATE release_keys SET counter = $1 WHERE key_id = $2 AND counter = $3`, int64(c.To), c.KeyID, int64(c.From))
}

func insertSheet(ctx context.Context, tx *sql.Tx, s holdings.Sheet) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO grants (hash, body, proposed, expires, state, ended_by, reason, ended, case_ref, accounts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (hash) DO NOTHING`, s.Hash[:], s.Grant, seconds(s.Proposed), seconds(s.Expires), string(s.State), s.By, s.Reason, seconds(s.Ended), s.Case, int64(s.Accounts))
	return err
}

// Keep implements holdings.Store.
func (h Holdings) Keep(ctx context.Context, s holdings.Sheet, most int) (holdings.Sheet, error) {
	err := h.db.Tx(ctx, func(tx *sql.Tx) error {
		var there, used, waiting int
		err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM grants WHERE hash = $1), (SELECT COUNT(*) FROM used_grants WHERE hash = $1),
			(SELECT COUNT(*) FROM grants g WHERE g.state = 'open' AND g.expires > $2 AND (SELECT COUNT(*) FROM grant_marks m WHERE m.hash = g.hash) < 2)`, s.Hash[:], seconds(s.Proposed)).Scan(&there, &used, &waiting)
		switch {
		case err != nil:
			return err
		case there > 0:
			return nil
		case used > 0:
			return fault.New(fault.Conflict, "keep grant", "the grant was used before; a grant works once")
		case waiting >= most:
			return fault.New(fault.Exhausted, "keep grant", "%d grants wait for signatures already; have some signed or withdrawn", waiting)
		}
		return insertSheet(ctx, tx, s)
	})
	if err != nil {
		return holdings.Sheet{}, err
	}
	return h.Sheet(ctx, s.Hash)
}

const sheetColumns = `SELECT hash, body, proposed, expires, state, ended_by, reason, ended FROM grants `

func scanSheet(r *sql.Rows) (s holdings.Sheet, err error) {
	var hash []byte
	var state string
	var proposed, expires, ended int64
	if err := r.Scan(&hash, &s.Grant, &proposed, &expires, &state, &s.By, &s.Reason, &ended); err != nil {
		return s, err
	}
	if len(hash) != len(s.Hash) {
		return s, fmt.Errorf("a grant's hash of %d bytes is stored", len(hash))
	}
	copy(s.Hash[:], hash)
	s.State, s.Proposed, s.Expires, s.Ended = holdings.State(state), moment(proposed), moment(expires), moment(ended)
	return s, nil
}

// Sheet implements holdings.Store.
func (h Holdings) Sheet(ctx context.Context, hash d.Hash) (holdings.Sheet, error) {
	all, err := storage.Query(ctx, h.db.SQL, scanSheet, sheetColumns+`WHERE hash = $1`, hash[:])
	if err == nil && len(all) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return holdings.Sheet{}, storage.NoRows(err, "grant")
	}
	all[0].Marks, err = h.marks(ctx, hash)
	return all[0], err
}

func (h Holdings) marks(ctx context.Context, hash d.Hash) ([]holdings.Mark, error) {
	scan := func(r *sql.Rows) (m holdings.Mark, err error) {
		var at int64
		err = r.Scan(&m.Holder, &at, &m.Signature.KeyID, &m.Signature.AuthenticatorData, &m.Signature.ClientData, &m.Signature.Signature)
		m.At = moment(at)
		return m, err
	}
	return storage.Query(ctx, h.db.SQL, scan, `SELECT holder, signed, key_id, auth, client, sig FROM grant_marks WHERE hash = $1 ORDER BY signed, holder`, hash[:])
}

// Sheets implements holdings.Store.
func (h Holdings) Sheets(ctx context.Context, open bool, now time.Time, limit int) ([]holdings.Sheet, error) {
	where := `WHERE state = 'open' AND expires > $1
		ORDER BY CASE WHEN (SELECT COUNT(*) FROM grant_marks m WHERE m.hash = grants.hash) < 2 THEN 0 ELSE 1 END, proposed, hash LIMIT $2`
	if !open {
		where = `WHERE NOT (state = 'open' AND expires > $1) ORDER BY proposed DESC, hash LIMIT $2`
	}
	all, err := storage.Query(ctx, h.db.SQL, scanSheet, sheetColumns+where, seconds(now), limit)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Marks, err = h.marks(ctx, all[i].Hash); err != nil {
			return nil, err
		}
	}
	return all, nil
}

const notOpen = "the grant was used, refused or withdrawn meanwhile"

// Sign implements holdings.Store.
func (h Holdings) Sign(ctx context.Context, hash d.Hash, m holdings.Mark, c holdings.Counter) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := one(ctx, tx, notOpen, `UPDATE grants SET state = 'open' WHERE hash = $1 AND state = 'open'`, hash[:]); err != nil {
			return err
		}
		s := m.Signature
		if err := one(ctx, tx, m.Holder+" has signed already; a second person must", `INSERT INTO grant_marks (hash, holder, signed, key_id, auth, client, sig)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash, holder) DO NOTHING`,
			hash[:], m.Holder, seconds(m.At), s.KeyID, s.AuthenticatorData, s.ClientData, s.Signature); err != nil {
			return err
		}
		return count(ctx, tx, c)
	})
}

// End implements holdings.Store.
func (h Holdings) End(ctx context.Context, hash d.Hash, s holdings.State, by, reason string, at time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error { return end(ctx, tx, hash, s, by, reason, at) })
}

func end(ctx context.Context, tx *sql.Tx, hash d.Hash, s holdings.State, by, reason string, at time.Time) error {
	return one(ctx, tx, notOpen, `UPDATE grants SET state = $2, ended_by = $3, reason = $4, ended = $5 WHERE hash = $1 AND state = 'open'`,
		hash[:], string(s), by, reason, seconds(at))
}

// Use implements holdings.Store.
func (h Holdings) Use(ctx context.Context, hash d.Hash, at time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error { return use(ctx, tx, hash, at) })
}

func use(ctx context.Context, tx *sql.Tx, hash d.Hash, at time.Time) error {
	if err := one(ctx, tx, "the grant was used before; a grant works once", `INSERT INTO used_grants (hash, used) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`,
		hash[:], seconds(at)); err != nil {
		return err
	}
	return end(ctx, tx, hash, holdings.Used, "", "", at)
}

// Change implements holdings.Store.
func (h Holdings) Change(ctx context.Context, hash d.Hash, at time.Time, key []byte, retire bool, from time.Time) error {
	text := `UPDATE release_keys SET active = $2 WHERE key_id = $1 AND active = 0`
	if retire {
		text = `UPDATE release_keys SET retired = $2 WHERE key_id = $1 AND retired = 0`
	}
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := use(ctx, tx, hash, at); err != nil {
			return err
		}
		return one(ctx, tx, "this key was changed already", text, key, seconds(from))
	})
}

// MarkUsed implements holdings.Store.
func (h Holdings) MarkUsed(ctx context.Context, hs []d.Hash, at time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, x := range hs {
			if _, err := tx.ExecContext(ctx, `INSERT INTO used_grants (hash, used) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, x[:], seconds(at)); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE grants SET state = 'used', ended = $2 WHERE hash = $1 AND state = 'open'`, x[:], seconds(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Spend implements holdings.Store.
func (h Holdings) Spend(ctx context.Context, day string, n, most int) (ok bool, err error) {
	if n > most {
		return false, nil
	}
	err = h.db.Tx(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `INSERT INTO resolve_budget (day, spent) VALUES ($1, $2)
			ON CONFLICT (day) DO UPDATE SET spent = resolve_budget.spent + $2 WHERE resolve_budget.spent + $2 <= $3`, day, n, most)
		if err != nil {
			return err
		}
		touched, err := r.RowsAffected()
		ok = touched > 0
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM resolve_budget WHERE day < $1`, day[:min(len(day), len(time.DateOnly))])
		return err
	})
	return ok && err == nil, err
}

// PutSent implements holdings.Store.
func (h Holdings) PutSent(ctx context.Context, s holdings.Sent) error {
	_, err := h.db.Exec(ctx, `INSERT INTO notices_sent (notice, account, case_ref, told_before, sealed, sent) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (notice) DO NOTHING`, s.Notice[:], s.Account[:], s.Case, bit(s.Before), bit(s.Sealed), seconds(s.At))
	return err
}

// SentNotice implements holdings.Store.
func (h Holdings) SentNotice(ctx context.Context, notice [16]byte) (holdings.Sent, error) {
	s := holdings.Sent{Notice: notice}
	var account []byte
	var before, sealed, sent int64
	err := h.db.SQL.QueryRowContext(ctx, `SELECT account, case_ref, told_before, sealed, sent FROM notices_sent WHERE notice = $1`, notice[:]).
		Scan(&account, &s.Case, &before, &sealed, &sent)
	if err != nil {
		return holdings.Sent{}, storage.NoRows(err, "notice")
	}
	copy(s.Account[:], account)
	s.Before, s.Sealed, s.At = before != 0, sealed != 0, moment(sent)
	return s, nil
}

// AddObjection implements holdings.Store.
func (h Holdings) AddObjection(ctx context.Context, o holdings.Objection, most int) (n int64, err error) {
	err = h.db.Tx(ctx, func(tx *sql.Tx) error {
		var had int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM objections WHERE notice = $1`, o.Notice[:]).Scan(&had); err != nil {
			return err
		}
		if had >= most {
			return fault.New(fault.Exhausted, "keep objection", "you objected to this notice %d times; counsel has read or will read them all", had)
		}
		return tx.QueryRowContext(ctx, `INSERT INTO objections (number, notice, case_ref, words, made)
			VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM objections), $1, $2, $3, $4) RETURNING number`,
			o.Notice[:], o.Case, o.Text, seconds(o.At)).Scan(&n)
	})
	return n, err
}

// Objections implements holdings.Store.
func (h Holdings) Objections(ctx context.Context, after int64, limit int) ([]holdings.Objection, error) {
	scan := func(r *sql.Rows) (o holdings.Objection, err error) {
		var notice []byte
		var made int64
		err = r.Scan(&o.Number, &notice, &o.Case, &o.Text, &made)
		copy(o.Notice[:], notice)
		o.At = moment(made)
		return o, err
	}
	return storage.Query(ctx, h.db.SQL, scan, `SELECT number, notice, case_ref, words, made FROM objections WHERE number > $1 ORDER BY number LIMIT $2`, after, limit)
}

// Forget implements holdings.Store.
func (h Holdings) Forget(ctx context.Context, before time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{`DELETE FROM grants WHERE expires < $1`, `DELETE FROM used_grants WHERE used < $1`,
			`DELETE FROM grant_draws WHERE touched < $1`, `DELETE FROM notices_sent WHERE sent < $1`, `DELETE FROM objections WHERE made < $1`} {
			if _, err := tx.ExecContext(ctx, q, seconds(before)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM release_links WHERE expires < $1`, seconds(before))
		return err
	})
}
