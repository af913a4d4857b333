package api

import (
	"net/http"
	"reflect"
	"strings"

	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// pages is the page for people who write the software.
func (a *api) pages() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api", a.kit.Handle(a.page))
	return mux
}

// group is a part of the page.
type group struct {
	Name string
	Ops  []shown
}

// shown is an operation as the page shows it.
type shown struct {
	operation
	Address    string
	Takes      string // name of what it takes
	Gives      string
	Parameters kit.Table
}

func (a *api) page(w http.ResponseWriter, r *http.Request) error {
	groups := []group{{Name: "Public data"}, {Name: "Drafts"}, {Name: "Requests"}}
	at := map[bool]int{true: 1, false: 2}
	for _, o := range a.ops {
		i := at[strings.HasPrefix(o.Path, "/drafts")]
		if o.Open {
			i = 0
		}
		groups[i].Ops = append(groups[i].Ops, show(o))
	}
	return a.kit.Page(w, r, http.StatusOK, "api.html", kit.Page{Title: "API for agencies' systems", Wide: true,
		Lead: "The portal’s requests as JSON, for the software of an agency. Everything that a person must do themselves stays in the portal.",
		Nav:  []kit.Link{{Text: "API", URL: "/api"}, {Text: "The document (OpenAPI 3.1)", URL: Base + "/openapi.json"}, {Text: "What can be asked, with what", URL: "/"}}, Here: "/api",
		Data: struct {
			Base     string
			Groups   []group
			Types    []kit.Table
			Problems kit.Table
		}{a.Origin + Base, groups, a.types(), problemTable()}})
}

func show(o operation) shown {
	x := shown{operation: o, Address: o.Method + " " + Base + o.Path, Takes: nameOf(o.In), Gives: nameOf(o.Out)}
	switch {
	case o.PDF:
		x.Takes = "application/pdf"
	case o.Binary && o.Open:
		x.Gives = "application/json"
	case o.Binary:
		x.Gives = "application/octet-stream"
	}
	x.Parameters = kit.Table{Caption: "Parameters of the address", Columns: kit.Columns("Name", "What it is")}
	for _, q := range o.Query {
		must := ""
		if q.Needed {
			must = " Required."
		}
		x.Parameters.Rows = append(x.Parameters.Rows, []any{kit.Code(q.Name), q.Does + must})
	}
	return x
}

func nameOf(v any) string {
	if v == nil {
		return ""
	}
	return reflect.TypeOf(v).Name()
}

// types are tables of what travels.
func (a *api) types() []kit.Table {
	s := schemas{}
	var order []string
	seen := map[string]bool{}
	var add func(t reflect.Type)
	var out []kit.Table
	add = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t.PkgPath() == "time" || seen[t.Name()] {
			return
		}
		seen[t.Name()] = true
		order = append(order, t.Name())
		table := kit.Table{Caption: t.Name(), Columns: kit.Columns("Field", "Type", "What it is")}
		fieldRows(t, &table, add)
		out = append(out, table)
	}
	for _, o := range a.ops {
		for _, v := range []any{o.In, o.Out} {
			if v != nil {
				s.of(reflect.TypeOf(v))
				add(reflect.TypeOf(v))
			}
		}
	}
	return out
}

func fieldRows(t reflect.Type, table *kit.Table, add func(reflect.Type)) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			fieldRows(f.Type, table, add)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		what := f.Tag.Get("doc")
		if e := f.Tag.Get("enum"); e != "" {
			what = strings.TrimSpace(what + " One of: " + strings.ReplaceAll(e, ",", ", ") + ".")
		}
		table.Rows = append(table.Rows, []any{kit.Code(name), typeName(f.Type, f.Tag.Get("format")), what})
		defer add(f.Type)
	}
}

func typeName(t reflect.Type, format string) string {
	switch {
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem(), format)
	case t.Kind() == reflect.Map:
		return "texts by name"
	case t.PkgPath() == "time":
		return "time (RFC 3339, UTC)"
	case format == "date":
		return "day (2026-11-23)"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Struct:
		return t.Name()
	}
	return "number"
}

func problemTable() kit.Table {
	t := kit.Table{Caption: "Problems", Columns: kit.Columns("Type", "Status", "Title")}
	seen := map[string]bool{}
	for _, k := range []fault.Kind{fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.Expired, fault.TooLarge, fault.Exhausted, fault.Internal, fault.Unavailable} {
		if x := kinds[k]; !seen[x.slug] {
			seen[x.slug] = true
			t.Rows = append(t.Rows, []any{kit.Code("/api#" + x.slug), k.Status(), x.title})
		}
	}
	t.Rows = append(t.Rows, []any{kit.Code("/api#person"), 403, "This needs a person: “where” is the page"}, []any{kit.Code("/api#other-call"), 422, "The Idempotency-Key was used for another call"},
		[]any{kit.Code("/api#media"), 415, "Another Content-Type is needed"})
	return t
}
