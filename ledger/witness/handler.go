package witness

import (
	"io"
	"net/http"
	"strconv"

	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// maxRequest bounds what anybody may send: 63 hashes and a checkpoint.
const maxRequest = 64 << 10

// Handler answers those who ask this ledger's key to co-sign checkpoints of
// ledgers that it was told to trust.
//
// spec: c2sp tlog-witness
func Handler(l *ledger.Ledger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "Send a request to co-sign a checkpoint.", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			http.Error(w, "The request is too large.", http.StatusRequestEntityTooLarge)
			return
		}
		answer(w, r, l, body)
	})
}

func answer(w http.ResponseWriter, r *http.Request, l *ledger.Ledger, body []byte) {
	req, err := proof.ParseRequest(body)
	if err != nil {
		http.Error(w, fault.Say(err), http.StatusBadRequest)
		return
	}
	s, known, err := l.OpenTrusted(req.Note)
	switch {
	case !known:
		http.Error(w, "This witness does not know that ledger.", http.StatusNotFound)
		return
	case err != nil:
		http.Error(w, "The checkpoint is not signed by the key that this witness knows.", http.StatusForbidden)
		return
	case req.Old > s.Size:
		http.Error(w, "The old size is larger than the checkpoint's.", http.StatusBadRequest)
		return
	}
	seen, err := l.Seen(r.Context(), s.Origin)
	if err == nil && seen != req.Old {
		w.Header().Set("Content-Type", sizeType)
		w.WriteHeader(http.StatusConflict)
		io.WriteString(w, strconv.FormatInt(seen, 10)+"\n")
		return
	}
	line, err := l.Cosign(r.Context(), body)
	if err != nil {
		http.Error(w, fault.Say(err), statusOf(err))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(line)
}

func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Invalid:
		return http.StatusUnprocessableEntity
	}
	return http.StatusServiceUnavailable
}
