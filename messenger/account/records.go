package account

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"letterlock/disclosable"
	"letterlock/wire"
)

// Records is the one extractor: a production, a snapshot and the person's own
// export all come from here. It returns one record for each value that exists
// of the given fields, in the inventory's order; what is absent has none.
func (a *Accounts) Records(ctx context.Context, id wire.AccountID, fields []disclosable.FieldID) ([]disclosable.Record, error) {
	f, err := a.Store.Facts(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	var out []disclosable.Record
	for _, field := range disclosable.Fields() {
		if !slices.Contains(fields, field.ID) {
			continue
		}
		values, ok := f.values(field.ID)
		if !ok {
			return nil, fmt.Errorf("the inventory names %q but nothing reads it", field.ID)
		}
		for _, v := range values {
			if v != "" {
				out = append(out, disclosable.Record{Account: disclosable.Account(id), Field: field.ID, Value: v})
			}
		}
	}
	return out, nil
}

// values writes a field as its Form says.
func (f Facts) values(id disclosable.FieldID) ([]string, bool) {
	switch id {
	case "phone":
		return []string{f.Phone}, true
	case "name":
		return []string{f.Name}, true
	case "service_start":
		return []string{string(f.Created)}, true
	case "last_seen":
		return []string{string(f.LastSeen)}, true
	case "last_ip":
		return []string{f.LastIP}, true
	case "email":
		return []string{f.Email}, true
	case "about":
		return []string{f.About}, true
	}
	return f.lists(id)
}

func (f Facts) lists(id disclosable.FieldID) (out []string, ok bool) {
	switch id {
	case "device_type":
		for _, d := range f.Devices {
			out = append(out, d.Type)
		}
	case "devices":
		for _, d := range f.Devices {
			out = append(out, fmt.Sprintf("%d, %s", d.Device, d.Added))
		}
	case "push":
		for _, p := range f.Push {
			b64 := base64.RawURLEncoding.EncodeToString
			out = append(out, fmt.Sprintf("%d, %s, %s, %s", p.Device, p.Endpoint, b64(p.Key), b64(p.Auth)))
		}
	case "blocks":
		for _, b := range f.Blocks {
			out = append(out, b.String())
		}
	default:
		return nil, false
	}
	return out, true
}

// Export is the person's own record: every field of the inventory.
func (a *Accounts) Export(ctx context.Context, id wire.AccountID) (wire.Export, error) {
	var all []disclosable.FieldID
	for _, f := range disclosable.Fields() {
		all = append(all, f.ID)
	}
	records, err := a.Records(ctx, id, all)
	if err != nil {
		return wire.Export{}, err
	}
	out := wire.Export{Time: a.Clock.Now().UnixMilli()}
	for _, r := range records {
		f, _ := disclosable.FieldByID(r.Field)
		out.Facts = append(out.Facts, wire.Fact{Field: string(f.ID), Title: f.Title, Value: r.Value, Class: string(f.Class)})
	}
	return out, nil
}
