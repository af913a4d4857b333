package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/staff"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/ledger/witness"
	"letterlock/messenger/holdings"
	"letterlock/web/center"
)

// center is the public site. It shows the public ledgers of the halves that
// run here, never a sealed one.
func (h *halves) center(b base) (http.Handler, error) {
	conf := b.conf
	logs := map[string]center.Log{}
	var cosigns http.Handler // one key of this house speaks for it
	var ours []*witness.Client
	if h.carrier != nil {
		logs["carrier"] = h.carrier.ledgers.public
		cosigns, ours = witness.Handler(h.carrier.ledgers.public), h.carrier.ledgers.witnesses
	}
	if h.desk != nil {
		logs["desk"] = h.desk.ledgers.public
		if h.carrier == nil {
			cosigns, ours = witness.Handler(h.desk.ledgers.public), h.desk.ledgers.witnesses
		}
	}
	build, err := produce.RunningBuild()
	if err != nil {
		return nil, fmt.Errorf("hash the running program: %w", err)
	}
	keys, err := contactKeys(conf.ContactKeys)
	if err != nil {
		return nil, err
	}
	return center.New(center.Config{Origin: conf.Origin(""), Reports: folder(conf.Reports), Documents: conf.documents(), ContactKeys: keys, Owner: conf.Name, Contact: conf.Contact, Portal: conf.Origin("portal"), Law: b.law, Logs: logs, Witnesses: ours, Cosigns: cosigns,
		Trust:    func(ctx context.Context) (any, error) { return h.trust(ctx, conf) },
		KeepDays: conf.KeepDays, Build: build.SHA256.String(), Secure: conf.Secure(), Demo: conf.Demo, Clock: b.clock, Log: b.log})
}

// contactKeys reads the keys that are shown beside the contact. A secret one is
// refused: it would be published.
func contactKeys(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "read contact keys", err, "contact_keys: %s cannot be read", path)
	}
	if s := string(b); strings.Contains(s, "AGE-SECRET-KEY") || strings.Contains(s, "PRIVATE KEY") {
		return "", fault.New(fault.Invalid, "read contact keys", "refusing contact_keys: %s holds a secret key, and would be published", path)
	}
	return string(b), nil
}

// trust is the provider's key file: what a court checks packages against. The
// desk's key of a desk that runs apart is on the desk's own public page.
func (h *halves) trust(ctx context.Context, conf Config) (bundle.Trust, error) {
	t := bundle.Trust{Provider: conf.Name}
	if h.carrier != nil {
		t.Ledgers = append(t.Ledgers, h.carrier.ledgers.keys()...)
		holders, err := releaseKeys(ctx, h.carrier.db, h.carrier.site) // never those of sealed matters
		if err != nil {
			return t, err
		}
		t.Holders = holders
	}
	if h.desk != nil {
		t.Ledgers = append(t.Ledgers, h.desk.ledgers.keys()...)
		t.Keys = []bundle.PublicKey{h.desk.production}
		_, key, err := reportKey(filepath.Join(conf.Data, "desk", "keys"), conf.Host)
		if err != nil {
			return t, err
		}
		t.Reports = []string{key}
		if t.Custodians, err = custodianKeys(ctx, h.desk.db, h.desk.consoleSite); err != nil {
			return t, err
		}
	}
	return t, nil
}

// custodianKeys are the passkeys by which custodians sign certificates of
// records, also of those who have left.
func custodianKeys(ctx context.Context, team staff.Store, site passkey.Site) ([]bundle.Holder, error) {
	keys, err := staff.CustodianKeys(ctx, team)
	if err != nil {
		return nil, fmt.Errorf("read the custodians' keys: %w", err)
	}
	var out []bundle.Holder
	for _, k := range keys {
		out = append(out, bundle.Holder{Holder: k.Name, ID: k.Key.ID, Public: k.Key.Public, RPID: site.ID, Origin: site.Origin, Demo: k.Key.Demo})
	}
	return out, nil
}

// listenDoor opens the carrier's side of the door.
func listenDoor(conf Config) (net.Listener, error) {
	if path, ok := doorPath(conf); ok {
		return door.Listen(path)
	}
	t, err := door.MutualTLS(conf.DoorCert, conf.DoorKey, conf.DoorCA)
	if err != nil {
		return nil, err
	}
	address, err := doorAddress(conf)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, t), nil
}

// doorAddress is HOST:PORT of a door that is no socket.
func doorAddress(conf Config) (string, error) {
	u, err := url.Parse(conf.Door)
	if err != nil || u.Scheme != "https" || u.Port() == "" {
		return "", fault.New(fault.Invalid, "open door", "door must be unix:PATH or https://HOST:PORT")
	}
	return u.Host, nil
}

// firstLinks are the one-time links of the first key holders who have no key
// yet, none once two of the set hold one.
func firstLinks(ctx context.Context, set *holdings.Set, names string) ([]string, error) {
	urls, err := set.FirstHolders(ctx, strings.Split(names, ","))
	if fault.Is(err, fault.Conflict) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		out = append(out, name+" "+urls[name])
	}
	return out, nil
}
