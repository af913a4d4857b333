package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/storage"
)

var (
	_ agency.Store       = (*DB)(nil)
	_ staff.Store        = (*DB)(nil)
	_ casefile.LinkStore = (*DB)(nil)
	_ casefile.Sessions  = Sessions{}
)

// decoded scans a row whose only column is an encoded value.
func decoded[T any](r *sql.Rows) (v T, err error) {
	var b []byte
	if err := r.Scan(&b); err != nil {
		return v, err
	}
	return v, casefile.Decode(b, &v)
}

// one reads a single encoded value.
func one[T any](ctx context.Context, d *DB, what, text string, args ...any) (v T, err error) {
	var b []byte
	if err := storage.NoRows(d.SQL.QueryRowContext(ctx, text, args...).Scan(&b), what); err != nil {
		return v, err
	}
	return v, casefile.Decode(b, &v)
}

// PutAgency writes an agency over itself.
func (d *DB) PutAgency(ctx context.Context, a agency.Agency) error {
	b, err := casefile.Encode(a)
	if err != nil {
		return fmt.Errorf("encode agency: %w", err)
	}
	_, err = d.Exec(ctx, `INSERT INTO agencies (agency, name, body) VALUES ($1, $2, $3)
		ON CONFLICT (agency) DO UPDATE SET name = excluded.name, body = excluded.body`, string(a.ID), a.Name, b)
	return err
}

// Agency reads one.
func (d *DB) Agency(ctx context.Context, id casefile.AgencyID) (agency.Agency, error) {
	return one[agency.Agency](ctx, d, "agency", `SELECT body FROM agencies WHERE agency = $1`, string(id))
}

// Agencies are all, by name.
func (d *DB) Agencies(ctx context.Context) ([]agency.Agency, error) {
	return storage.Query(ctx, d.SQL, decoded[agency.Agency], `SELECT body FROM agencies ORDER BY name, agency`)
}

// The kinds of passkey holders.
const (
	officerKey = "officer"
	memberKey  = "member"
)

// PutOfficer writes an officer over themselves. A mailbox or passkey that
// somebody else has is a Conflict.
func (d *DB) PutOfficer(ctx context.Context, o agency.Officer) error {
	b, err := casefile.Encode(o)
	if err != nil {
		return fmt.Errorf("encode officer: %w", err)
	}
	return d.Tx(ctx, func(tx *sql.Tx) error {
		var other string
		err := tx.QueryRowContext(ctx, `SELECT officer FROM officers WHERE mailbox = $1 AND officer <> $2`, o.Mailbox, string(o.ID)).Scan(&other)
		if err == nil {
			return fault.New(fault.Conflict, "store officer", "that mailbox belongs to another officer")
		}
		if err := storage.NoRows(err, "officer"); !fault.Is(err, fault.NotFound) {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO officers (officer, mailbox, name, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (officer) DO UPDATE SET mailbox = excluded.mailbox, name = excluded.name, body = excluded.body`,
			string(o.ID), o.Mailbox, o.Name, b); err != nil {
			return fmt.Errorf("store officer: %w", err)
		}
		return putKeys(ctx, tx, officerKey, string(o.ID), o.Keys)
	})
}

// putKeys makes the holder's passkeys exactly these.
func putKeys(ctx context.Context, tx *sql.Tx, kind, holder string, keys []passkey.Key) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM passkeys WHERE kind = $1 AND holder = $2`, kind, holder); err != nil {
		return fmt.Errorf("store passkeys: %w", err)
	}
	for _, k := range keys {
		res, err := tx.ExecContext(ctx, `INSERT INTO passkeys (id, kind, holder) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`, k.ID, kind, holder)
		if err != nil {
			return fmt.Errorf("store passkeys: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fault.Wrap(fault.Conflict, "store passkeys", err, "that passkey belongs to somebody else")
		}
	}
	return nil
}

// Officer reads one.
func (d *DB) Officer(ctx context.Context, id casefile.OfficerID) (agency.Officer, error) {
	return one[agency.Officer](ctx, d, "officer", `SELECT body FROM officers WHERE officer = $1`, string(id))
}

// OfficerByMailbox finds an officer by their official mailbox.
func (d *DB) OfficerByMailbox(ctx context.Context, mailbox string) (agency.Officer, error) {
	return one[agency.Officer](ctx, d, "officer", `SELECT body FROM officers WHERE mailbox = $1`, mailbox)
}

// OfficerByKey finds an officer by a passkey.
func (d *DB) OfficerByKey(ctx context.Context, key []byte) (agency.Officer, error) {
	return one[agency.Officer](ctx, d, "officer", `SELECT o.body FROM officers o JOIN passkeys k ON k.holder = o.officer WHERE k.id = $1 AND k.kind = $2`, key, officerKey)
}

// Officers are all, by name.
func (d *DB) Officers(ctx context.Context) ([]agency.Officer, error) {
	return storage.Query(ctx, d.SQL, decoded[agency.Officer], `SELECT body FROM officers ORDER BY name, officer`)
}

// PutMember writes a member over themselves.
func (d *DB) PutMember(ctx context.Context, m staff.Member) error {
	b, err := casefile.Encode(m)
	if err != nil {
		return fmt.Errorf("encode member: %w", err)
	}
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO members (member, name, body) VALUES ($1, $2, $3)
			ON CONFLICT (member) DO UPDATE SET name = excluded.name, body = excluded.body`, string(m.ID), m.Name, b); err != nil {
			return fmt.Errorf("store member: %w", err)
		}
		return putKeys(ctx, tx, memberKey, string(m.ID), m.Keys)
	})
}

// Member reads one.
func (d *DB) Member(ctx context.Context, id casefile.MemberID) (staff.Member, error) {
	return one[staff.Member](ctx, d, "member", `SELECT body FROM members WHERE member = $1`, string(id))
}

// MemberByKey finds a member by a passkey.
func (d *DB) MemberByKey(ctx context.Context, key []byte) (staff.Member, error) {
	return one[staff.Member](ctx, d, "member", `SELECT m.body FROM members m JOIN passkeys k ON k.holder = m.member WHERE k.id = $1 AND k.kind = $2`, key, memberKey)
}

// Members are all, by name.
func (d *DB) Members(ctx context.Context) ([]staff.Member, error) {
	return storage.Query(ctx, d.SQL, decoded[staff.Member], `SELECT body FROM members ORDER BY name, member`)
}

// PutLink stores a one-time link.
func (d *DB) PutLink(ctx context.Context, l casefile.Link) error {
	_, err := d.Exec(ctx, `INSERT INTO links (hash, kind, subject, expires) VALUES ($1, $2, $3, $4)`, l.Hash[:], l.Kind, l.Subject, micros(l.Expires))
	return err
}

// Link reads one without using it up.
func (d *DB) Link(ctx context.Context, hash [32]byte) (casefile.Link, error) {
	l := casefile.Link{Hash: hash}
	var expires int64
	err := d.SQL.QueryRowContext(ctx, `SELECT kind, subject, expires FROM links WHERE hash = $1`, hash[:]).Scan(&l.Kind, &l.Subject, &expires)
	l.Expires = moment(expires)
	return l, storage.NoRows(err, "link")
}

// TakeLink returns a link and removes it.
func (d *DB) TakeLink(ctx context.Context, hash [32]byte) (casefile.Link, error) {
	l := casefile.Link{Hash: hash}
	err := d.Tx(ctx, func(tx *sql.Tx) error {
		var expires int64
		err := tx.QueryRowContext(ctx, `DELETE FROM links WHERE hash = $1 RETURNING kind, subject, expires`, hash[:]).Scan(&l.Kind, &l.Subject, &expires)
		l.Expires = moment(expires)
		return storage.NoRows(err, "link")
	})
	return l, err
}

// DropLinks removes the links of a kind and subject.
func (d *DB) DropLinks(ctx context.Context, kind, subject string) error {
	_, err := d.Exec(ctx, `DELETE FROM links WHERE kind = $1 AND subject = $2`, kind, subject)
	return err
}

// Sessions are those of one site: a session of the portal is none of the
// console, whoever holds its token.
type Sessions struct {
	DB   *DB
	Site string
}

// PutSession stores one.
func (s Sessions) PutSession(ctx context.Context, x casefile.Session) error {
	_, err := s.DB.Exec(ctx, `INSERT INTO sessions (site, token, who, begun, seen) VALUES ($1, $2, $3, $4, $5)`,
		s.Site, x.Token[:], x.Who, micros(x.Begun), micros(x.Seen))
	return err
}

// Session reads one.
func (s Sessions) Session(ctx context.Context, token [32]byte) (casefile.Session, error) {
	x := casefile.Session{Token: token}
	var begun, seen int64
	err := s.DB.SQL.QueryRowContext(ctx, `SELECT who, begun, seen FROM sessions WHERE site = $1 AND token = $2`, s.Site, token[:]).Scan(&x.Who, &begun, &seen)
	x.Begun, x.Seen = moment(begun), moment(seen)
	return x, storage.NoRows(err, "session")
}

// SeeSession notes that one was used.
func (s Sessions) SeeSession(ctx context.Context, token [32]byte, at time.Time) error {
	_, err := s.DB.Exec(ctx, `UPDATE sessions SET seen = $3 WHERE site = $1 AND token = $2`, s.Site, token[:], micros(at))
	return err
}

// DropSession ends one.
func (s Sessions) DropSession(ctx context.Context, token [32]byte) error {
	_, err := s.DB.Exec(ctx, `DELETE FROM sessions WHERE site = $1 AND token = $2`, s.Site, token[:])
	return err
}

// DropSessions ends all of a person's.
func (s Sessions) DropSessions(ctx context.Context, who string) error {
	_, err := s.DB.Exec(ctx, `DELETE FROM sessions WHERE site = $1 AND who = $2`, s.Site, who)
	return err
}
