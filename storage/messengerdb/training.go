package messengerdb

import (
	"context"
	"database/sql"

	d "letterlock/disclosable"
	"letterlock/messenger/holdings"
	"letterlock/storage"
)

// Trainings implements holdings.Store.
func (h Holdings) Trainings(ctx context.Context) ([]holdings.Training, error) {
	scan := func(r *sql.Rows) (t holdings.Training, err error) {
		var day, at int64
		err = r.Scan(&t.Holder, &day, &at, &t.Signature.KeyID, &t.Signature.AuthenticatorData, &t.Signature.ClientData, &t.Signature.Signature)
		t.Day, t.At = moment(day), moment(at)
		return t, err
	}
	return storage.Query(ctx, h.db.SQL, scan, `SELECT holder, day, stated, key_id, auth, client, sig FROM release_training ORDER BY stated, holder`)
}

// PutTraining implements holdings.Store.
func (h Holdings) PutTraining(ctx context.Context, t holdings.Training, c holdings.Counter) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		s := t.Signature
		if err := one(ctx, tx, "you stated this a moment ago", `INSERT INTO release_training (holder, day, stated, key_id, auth, client, sig) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (holder, stated) DO NOTHING`,
			t.Holder, seconds(t.Day), seconds(t.At), s.KeyID, s.AuthenticatorData, s.ClientData, s.Signature); err != nil {
			return err
		}
		return count(ctx, tx, c)
	})
}

// Ties implements holdings.Store.
func (h Holdings) Ties(ctx context.Context, hash d.Hash) ([]holdings.Tie, error) {
	scan := func(r *sql.Rows) (holdings.Tie, error) {
		t, said := holdings.Tie{Grant: hash}, int64(0)
		err := r.Scan(&t.Holder, &said, &t.Why)
		t.At = moment(said)
		return t, err
	}
	return storage.Query(ctx, h.db.SQL, scan, `SELECT holder, said, why FROM grant_ties WHERE hash = $1 ORDER BY said, holder`, hash[:])
}

// PutTie implements holdings.Store.
func (h Holdings) PutTie(ctx context.Context, t holdings.Tie) error {
	_, err := h.db.SQL.ExecContext(ctx, `INSERT INTO grant_ties (hash, holder, said, why) VALUES ($1, $2, $3, $4) ON CONFLICT (hash, holder) DO NOTHING`, t.Grant[:], t.Holder, seconds(t.At), t.Why)
	return err
}
