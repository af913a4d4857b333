package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"letterlock/desk/produce/bundle"
	"letterlock/internal/passkey"
	"letterlock/storage/messengerdb"
)

// sealedKeysCmd prints what a court needs besides the public key file to check
// a package of a sealed matter. The public file leaves it out: names there
// would be the list of those who are cleared.
type sealedKeysCmd struct{ settings }

// Run prints the key file of the sealed set's holders.
func (s *sealedKeysCmd) Run(ctx context.Context, out io.Writer) (err error) {
	conf, err := s.load()
	if err != nil {
		return err
	}
	b := base{conf: conf}
	db, err := messengerdb.Open(ctx, b.carrierVault())
	if err != nil {
		return fmt.Errorf("open the carrier's database of sealed grants: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	holders, err := releaseKeys(ctx, db, b.site("release", "release"))
	if err != nil {
		return err
	}
	w := json.NewEncoder(out)
	w.SetIndent("", "  ")
	return w.Encode(bundle.Trust{Provider: conf.Name, Holders: holders})
}

// releaseKeys are the public keys of a set's holders, retired ones too: what
// they signed stays signed.
func releaseKeys(ctx context.Context, db *messengerdb.DB, site passkey.Site) ([]bundle.Holder, error) {
	keys, err := db.Holdings().Keys(ctx)
	if err != nil {
		return nil, err
	}
	var out []bundle.Holder
	for _, k := range keys {
		if !k.Active.IsZero() {
			out = append(out, bundle.Holder{Holder: k.Holder, ID: k.Pass.ID, Public: k.Pass.Public, RPID: site.ID, Origin: site.Origin, Demo: k.Pass.Demo, Counsel: k.Counsel})
		}
	}
	return out, nil
}
