package messengerdb

import (
	"context"
	"database/sql"

	"letterlock/messenger/account"
	"letterlock/messenger/push"
	"letterlock/storage"
	"letterlock/wire"
)

var _ push.Store = (*DB)(nil)

// PutPush stores a device's subscription.
func (d *DB) PutPush(ctx context.Context, a wire.Address, s push.Subscription) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		var one int
		err := tx.QueryRowContext(ctx, `SELECT 1 FROM devices WHERE account = $1 AND device = $2`, id(a.Account), int64(a.Device)).Scan(&one)
		if err != nil {
			return storage.NoRows(err, "device")
		}
		return d.exec(ctx, tx, `INSERT INTO push_subscriptions (account, device, endpoint, p256dh, auth) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account, device) DO UPDATE SET endpoint = $3, p256dh = $4, auth = $5`, id(a.Account), int64(a.Device), s.Endpoint, s.Key, s.Auth)
	})
}

// PushOf reads a device's subscription.
func (d *DB) PushOf(ctx context.Context, a wire.Address) (s push.Subscription, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT endpoint, p256dh, auth FROM push_subscriptions WHERE account = $1 AND device = $2`, id(a.Account), int64(a.Device)).
		Scan(&s.Endpoint, &s.Key, &s.Auth)
	return s, storage.NoRows(err, "subscription")
}

// RemovePush removes it, if it is still the one of the endpoint.
func (d *DB) RemovePush(ctx context.Context, a wire.Address, endpoint string) error {
	_, err := d.Exec(ctx, `DELETE FROM push_subscriptions WHERE account = $1 AND device = $2 AND ($3 = '' OR endpoint = $3)`, id(a.Account), int64(a.Device), endpoint)
	return err
}

// Pushed are the devices with a subscription.
func (d *DB) Pushed(ctx context.Context) ([]wire.Address, error) {
	return storage.Query(ctx, d.SQL, func(r *sql.Rows) (a wire.Address, err error) {
		var raw []byte
		if err := r.Scan(&raw, &a.Device); err != nil {
			return a, err
		}
		a.Account, err = toID(raw)
		return a, err
	}, `SELECT account, device FROM push_subscriptions`)
}

func (d *DB) pushFacts(ctx context.Context, a wire.AccountID) ([]account.PushFact, error) {
	return storage.Query(ctx, d.SQL, func(r *sql.Rows) (f account.PushFact, err error) {
		return f, r.Scan(&f.Device, &f.Endpoint, &f.Key, &f.Auth)
	}, `SELECT device, endpoint, p256dh, auth FROM push_subscriptions WHERE account = $1 ORDER BY device`, id(a))
}
