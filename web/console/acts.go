package console

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// The auditor's pages: acts by kind, time and hash, and never a person or a case.

func (s *console) actRoutes(in router) {
	in("GET /acts", casefile.SeeActs, s.audit)
	in("GET /acts/{seq}/proof.json", casefile.SeeActs, s.auditProof)
}

func (s *console) audit(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	q := r.URL.Query()
	f := kit.NewForm(q)
	x := desk.AuditFilter{Kind: strings.ToLower(f.Get("kind")), From: day(f, "from"), Until: day(f, "until")}
	if !x.Until.IsZero() {
		x.Until = x.Until.Add(24 * time.Hour)
	}
	x.Before, _ = strconv.ParseUint(q.Get("before"), 10, 63)
	status := http.StatusOK
	var page []desk.Audited
	var next uint64
	if f.OK() {
		var err error
		if page, next, err = s.Desk.Audit(r.Context(), m.ID, x); err != nil {
			return err
		}
	} else {
		status = http.StatusBadRequest
	}
	t := kit.Table{Caption: "Acts, the newest first", Columns: kit.Columns("Recorded", "Kind", "Hash of the record", "In the tree", "Proof"), Empty: "No act fits."}
	for _, a := range page {
		in, proof := any("with the next batch"), any("–")
		if a.Index >= 0 {
			in, proof = "leaf "+strconv.FormatInt(a.Index, 10), kit.Link{Text: "Download", URL: "/acts/" + strconv.FormatUint(a.Seq, 10) + "/proof.json"}
		}
		t.Rows = append(t.Rows, []any{kit.Stamp(a.At), a.Kind, kit.Code(a.Leaf), in, proof})
	}
	on := ""
	if next > 0 {
		v := url.Values{"before": {strconv.FormatUint(next, 10)}}
		for _, k := range []string{"kind", "from", "until"} {
			if q.Get(k) != "" {
				v.Set(k, q.Get(k))
			}
		}
		on = "/acts?" + v.Encode()
	}
	return s.show(w, r, m, status, "acts.html", kit.Page{Title: "Acts", Here: "/acts", Form: f, Wide: true,
		Lead: "Every act of the desk that is recorded, without persons and cases. The hash is of the record; the proof shows that it stands in the signed tree.",
		Data: struct {
			Filter []kit.Field
			Table  kit.Table
			Next   string
		}{[]kit.Field{f.Text("kind", "Kind, or its beginning", "Such as case.decided, member or case."), f.Date("from", "From day", ""), f.Date("until", "Until day", "")}, t, on}})
}

func (s *console) auditProof(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 63)
	if err != nil {
		return fault.New(fault.NotFound, "prove act", "there is no such act")
	}
	b, err := s.Desk.AuditProof(r.Context(), m.ID, seq)
	if err != nil {
		return err
	}
	hand(w, "attachment", "proof.json", "application/json", int64(len(b)))
	return s.copy(w, r, bytes.NewReader(b))
}
