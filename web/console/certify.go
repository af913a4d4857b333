package console

import (
	"net/http"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// What a custodian of records sees: the packages that wait for a certificate,
// and the text of each. They see no case.

func (s *console) certifyRoutes(in router) {
	in("GET /certificates", casefile.Certify, s.toCertify)
	in("GET /certificates/{n}", casefile.Certify, s.certificate)
	in("POST /certificates/{n}", casefile.Certify, s.certified)
}

func certificateURL(n casefile.Number) string { return "/certificates/" + string(n) }

func (s *console) toCertify(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	waiting, err := s.Desk.Review.ToCertify(r.Context(), m.ID)
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Packages that wait for a certificate", Columns: kit.Columns("Case", "For", "Legal process", "Records", "Sealed", "Ends"), Empty: "No package waits for a certificate."}
	for _, x := range waiting {
		row, _ := s.Desk.Law.Row(x.Process, x.Package.Made)
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(x.Number), URL: certificateURL(x.Number)}, x.Agency, row.Name, x.Package.Records, kit.Stamp(x.Package.Made), kit.Stamp(x.Package.Expires)})
	}
	return s.show(w, r, m, http.StatusOK, "certificates.html", kit.Page{Title: "Certificates", Here: "/certificates", Data: struct{ List kit.Table }{t}})
}

func (s *console) certificate(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.certificatePage(w, r, m, http.StatusOK, nil)
}

// certificatePage shows exactly what is signed. The hash of this very text is
// what the passkey is asked to sign: what is not on the page is not signed.
func (s *console) certificatePage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, wrong error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := s.Desk.Review.ReadCertificate(r.Context(), m.ID, n, s.Clock.Now())
	if err != nil {
		return err
	}
	var keys [][]byte
	for _, k := range x.Keys {
		keys = append(keys, k.ID)
	}
	return s.show(w, r, m, status, "certificate.html", kit.Page{Title: "Read and sign the certificate", Here: "/certificates", Err: wrong, Trail: []kit.Link{{Text: "Certificates", URL: "/certificates"}}, Data: struct {
		Text     string
		Ceremony kit.Ceremony
	}{x.Text, kit.Ceremony{Action: certificateURL(n), Options: s.Site.Get(x.Hash[:], keys...), Button: "Sign with my passkey", Demo: s.Demo,
		Hidden: map[string]string{"shown": x.At.Format(time.RFC3339)}}}})
}

func (s *console) certified(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	shown, err := time.Parse(time.RFC3339, f.Get("shown"))
	if err != nil {
		err = fault.New(fault.Invalid, "sign certificate", "the page was not whole; read it again and sign")
	} else {
		err = s.Desk.Review.Certify(r.Context(), m.ID, n, shown, []byte(f.Get("answer")))
	}
	switch {
	case err == nil:
		return s.kit.Done(w, r, "/certificates", kit.Good, "Signed. The package leaves with your certificate.")
	case !slices.Contains([]fault.Kind{fault.Invalid, fault.Conflict, fault.Expired, fault.Unauthenticated}, fault.KindOf(err)):
		return err
	}
	return s.certificatePage(w, r, m, fault.KindOf(err).Status(), err)
}
