package kit

import (
	"net/http"

	"letterlock/internal/fault"
)

// policy forbids everything but this site's own files. Passkeys need no more:
// the ceremonies travel in forms.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// Headers are the security headers of every answer.
func Headers(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// Protect wraps a whole site: headers, the kit's own assets, refusal of
// requests that another site's page makes, limits on size, panics.
func (k *Kit) Protect(site http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(k.Handle(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Forbidden, "check origin", "this form was sent from another site's page and is refused")
	}))
	mux := http.NewServeMux()
	mux.Handle("GET "+assetBase, http.HandlerFunc(serveAsset))
	mux.Handle("/", k.notFound(site))
	h := cross.Handler(k.limit(k.recovered(mux)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Headers(w.Header(), k.c.Secure)
		h.ServeHTTP(w, k.spoken(w, r))
	})
}

func (k *Kit) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int64(DefaultBody)
		if k.c.Limit != nil {
			if m := k.c.Limit(r); m > 0 {
				n = m
			}
		}
		if r.ContentLength > n {
			k.Fail(w, r, fault.New(fault.TooLarge, "read form", "more than %s was sent", Bytes(n)))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, n)
		next.ServeHTTP(w, r)
	})
}

// notFound gives a mux's bare 404 and 405 the site's own page.
func (k *Kit) notFound(site http.Handler) http.Handler {
	mux, ok := site.(*http.ServeMux)
	if !ok {
		return site
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			k.Fail(w, r, fault.New(fault.NotFound, "route", "there is no such page"))
			return
		}
		mux.ServeHTTP(w, r)
	})
}
