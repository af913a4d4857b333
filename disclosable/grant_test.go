package disclosable_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
)

func grant() d.Grant {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC).Unix()
	return d.Grant{Version: d.GrantVersion, Kind: d.Produce, Nonce: d.NewNonce(), Case: "LL-2026-000017", Process: "us.order.2703d",
		LawRow: d.Hash{1}, Agency: "Harbor County Sheriff", Officer: "Det. O. Reyes", Asked: "+15550100123", Account: d.Account{1, 2},
		Fields: []d.FieldID{"last_seen", "name"}, Issued: now, Expires: now + 7*86400,
		Notice: d.NoticePlan{Timing: d.ToldAfter, Day: now + 86400, Basis: "nondisclosure order, 18 USC 2705(b)"}}
}

func TestOneGrantHasOneForm(t *testing.T) {
	g := grant()
	b, err := g.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.ParseGrant(b)
	if err != nil || !reflect.DeepEqual(got, g) {
		t.Fatalf("%+v, %v", got, err)
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 0x20
		if got, err := d.ParseGrant(bad); err == nil && d.GrantHash(bad) == d.GrantHash(b) || err == nil && reflect.DeepEqual(got, g) {
			t.Fatalf("byte %d changed, same grant", i)
		}
	}
	if _, err := d.ParseGrant(append(bytes.Clone(b), 0)); !fault.Is(err, fault.Invalid) {
		t.Fatalf("trailing byte accepted: %v", err)
	}
}

func TestAGrantThatCannotStandHasNoBytes(t *testing.T) {
	for name, change := range map[string]func(*d.Grant){
		"version": func(g *d.Grant) { g.Version = 2 }, "kind": func(g *d.Grant) { g.Kind = "read" },
		"nonce": func(g *d.Grant) { g.Nonce = [16]byte{} }, "expiry": func(g *d.Grant) { g.Expires = g.Issued },
		"too long": func(g *d.Grant) { g.Expires = g.Issued + 365*86400 }, "not yet": func(g *d.Grant) { g.NotYet = g.Expires },
		"period": func(g *d.Grant) { g.From, g.Until = 20, 10 }, "case": func(g *d.Grant) { g.Case = "" },
		"account": func(g *d.Grant) { g.Account = d.Account{} }, "no field": func(g *d.Grant) { g.Fields = nil },
		"unsorted":      func(g *d.Grant) { slices.Reverse(g.Fields) },
		"repeated":      func(g *d.Grant) { g.Fields = []d.FieldID{"name", "name"} },
		"content":       func(g *d.Grant) { g.Fields = []d.FieldID{"content"} },
		"no notice":     func(g *d.Grant) { g.Notice = d.NoticePlan{} },
		"key in it":     func(g *d.Grant) { g.Key = &d.ReleaseKeyChange{Holder: "x", KeyID: []byte{1}, Public: []byte{1}} },
		"key and field": func(g *d.Grant) { g.Kind = d.KeyChange },
	} {
		g := grant()
		change(&g)
		if b, err := g.Bytes(); !fault.Is(err, fault.Invalid) || b != nil {
			t.Errorf("%s: stands (%v)", name, err)
		}
	}
}

func TestOnlyANoticeMayWaitForYears(t *testing.T) {
	g := grant()
	g.Kind, g.Expires = d.Notify, g.Issued+5*365*86400
	if err := g.Check(); err != nil {
		t.Errorf("a notice cannot wait for the end of a secrecy order: %v", err)
	}
	g.Expires = g.Issued + 7*366*86400
	if err := g.Check(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a notice waits without end: %v", err)
	}
}

func TestTheWordsSayEverythingThatIsSigned(t *testing.T) {
	var all strings.Builder
	for _, l := range grant().InWords("Court order for records") {
		all.WriteString(l.Label + ": " + l.Text + "\n")
	}
	for _, s := range []string{"+15550100123", "01020000-0000", "Last seen date, Name", "us.order.2703d", "Harbor County", "Reyes", "LL-2026-000017", "2705(b)", "usable once", "UTC"} {
		if !strings.Contains(all.String(), s) {
			t.Errorf("not said: %s in\n%s", s, &all)
		}
	}
}

func TestTheWordsSayWhetherThePersonLearnsWhoAsked(t *testing.T) {
	said := func(asker bool) string {
		g := grant()
		g.Notice.Asker = asker
		return fmt.Sprint(g.InWords("Court order for records"))
	}
	if said(true) == said(false) {
		t.Error("two grants read the same, and one hides from the person who asked")
	}
}

func FuzzParseGrant(f *testing.F) {
	b, _ := grant().Bytes()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := d.ParseGrant(b)
		if err != nil {
			if !reflect.DeepEqual(g, d.Grant{}) {
				t.Fatal("a grant came with an error")
			}
			return
		}
		if again, err := g.Bytes(); err != nil || !bytes.Equal(again, b) {
			t.Fatal("two forms of one grant")
		}
	})
}

func TestInventoryHasNoContentAndNamesEveryColumnOnce(t *testing.T) {
	seen := map[d.Column]d.FieldID{}
	for _, f := range d.Fields() {
		if f.Title == "" || f.Meaning == "" || f.Form == "" || f.Purpose == "" || f.Retention == "" || len(f.Columns) == 0 {
			t.Errorf("%s is not fully declared", f.ID)
		}
		if !slices.Contains([]d.Class{d.BSI, d.ACNC, d.ACW}, f.Class) {
			t.Errorf("%s is of class %q", f.ID, f.Class)
		}
		for _, c := range f.Columns {
			if seen[c] != "" {
				t.Errorf("%v is both %s and %s", c, seen[c], f.ID)
			}
			seen[c] = f.ID
		}
	}
	for _, x := range d.Technicals() {
		if x.Why == "" || x.Tells == "" || x.Until == "" {
			t.Errorf("%s %v is not fully declared", x.Table, x.Names)
		}
	}
}
