package api

import (
	"reflect"
	"regexp"
	"strings"
	"time"
)

// The OpenAPI 3.1 document, written from the table of operations and from the
// types that travel.

type object = map[string]any

// document is the whole of it.
func (a *api) document() object {
	s := schemas{}
	paths := object{}
	for _, o := range a.ops {
		at, _ := paths[Base+o.Path].(object)
		if at == nil {
			at = object{}
			paths[Base+o.Path] = at
		}
		at[strings.ToLower(o.Method)] = o.describe(s)
	}
	s.of(reflect.TypeFor[problem]())
	return object{"openapi": "3.1.0", "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": object{"title": "Requests by an agency's system", "version": "1",
			"description": "The same requests as in the portal of " + a.Owner + ". A key acts for one officer and never gives more than they may. Attesting an emergency, passphrases and keys need a person in the portal."},
		"servers": []any{object{"url": a.Origin}}, "paths": paths,
		"components": object{"schemas": s, "securitySchemes": object{"key": object{"type": "http", "scheme": "bearer", "description": "API key of the system (llk_…), given out by the response team. Never part of an address."}}}}
}

var variable = regexp.MustCompile(`\{(\w+)\}`)

func (o operation) describe(s schemas) object {
	d := object{"operationId": o.ID, "summary": o.Title, "description": o.Does}
	if !o.Open {
		d["security"] = []any{object{"key": []any{}}}
	}
	var params []any
	for _, m := range variable.FindAllStringSubmatch(o.Path, -1) {
		params = append(params, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, q := range o.Query {
		params = append(params, object{"name": q.Name, "in": "query", "required": q.Needed, "description": q.Does, "schema": object{"type": "string"}})
	}
	if o.Once {
		params = append(params, object{"name": "Idempotency-Key", "in": "header", "required": true, "schema": object{"type": "string", "minLength": 8, "maxLength": 130},
			"description": "Your own, new for each new call and the same when you repeat one within 24 hours. The same key with another body: 422; while the first is worked on: 409."})
	}
	if o.PDF {
		params = append(params, object{"name": "Content-Digest", "in": "header", "required": false, "schema": object{"type": "string"}, "description": "sha-256=:base64: of the file; what does not match is not kept."})
		d["requestBody"] = object{"required": true, "content": object{"application/pdf": object{"schema": object{"type": "string", "format": "binary"}}}}
	}
	if o.In != nil {
		d["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(reflect.TypeOf(o.In))}}}
	}
	if params != nil {
		d["parameters"] = params
	}
	d["responses"] = o.responses(s)
	return d
}

func (o operation) responses(s schemas) object {
	out := object{"default": object{"description": "A problem, with what to do next.", "content": object{"application/problem+json": object{"schema": s.of(reflect.TypeFor[problem]())}}}}
	status := object{"description": o.Title}
	switch {
	case o.Status >= 400:
		return out
	case o.Binary && o.ID == "document":
		status["content"] = object{"application/json": object{"schema": object{"type": "object"}}}
	case o.Binary:
		status["content"] = object{"application/octet-stream": object{"schema": object{"type": "string", "format": "binary"}}}
	case o.Out != nil:
		status["content"] = object{"application/json": object{"schema": s.of(reflect.TypeOf(o.Out))}}
	}
	out[statusText(o.Status)] = status
	return out
}

func statusText(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

// schemas are the types by name, as JSON Schema.
type schemas map[string]any

// of is a reference to a type's schema, which is written the first time.
func (s schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.String:
		return object{"type": "string"}
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return object{"type": "integer"}
	case t.Kind() == reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case t.Kind() == reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	}
	name := t.Name()
	if s[name] == nil {
		own := object{"type": "object", "additionalProperties": false}
		s[name] = own
		props, need := object{}, []any{}
		s.fields(t, props, &need)
		own["properties"] = props
		if len(need) > 0 {
			own["required"] = need
		}
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func (s schemas) fields(t reflect.Type, props object, need *[]any) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s.fields(f.Type, props, need)
			continue
		}
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		x := s.of(f.Type)
		for _, tag := range []string{"format", "doc"} {
			if v := f.Tag.Get(tag); v != "" {
				x[map[string]string{"format": "format", "doc": "description"}[tag]] = v
			}
		}
		if v := f.Tag.Get("enum"); v != "" {
			var all []any
			for _, e := range strings.Split(v, ",") {
				all = append(all, e)
			}
			x["enum"] = all
		}
		props[name] = x
		if opts == "" {
			*need = append(*need, name)
		}
	}
}
