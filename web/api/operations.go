package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

// operation is one thing that can be called. The addresses are served from
// this table and the document is written from it, so that neither can say what
// the other does not.
type operation struct {
	ID, Method, Path string // Path is below Base
	Title, Does      string
	Open             bool // without a key: public data
	Once             bool // needs an Idempotency-Key
	PDF              bool // the body is a PDF
	Binary           bool // the answer is a file
	Query            []param
	In, Out          any // what travels; nil: nothing
	Status           int
	do               func(c *call) (any, error)
}

// param is a parameter of an address.
type param struct {
	Name, Does string
	Needed     bool
}

var paperParams = []param{{"name", "File name of the paper.", true}, {"what", "Which particular it shows: order, secrecy, other, or an id from the process's row.", false}}

func (a *api) operations() []operation {
	return slices.Concat(a.publicOps(), a.draftOps(), a.requestOps())
}

func (a *api) publicOps() []operation {
	return []operation{
		{ID: "document", Method: "GET", Path: "/openapi.json", Title: "This document", Does: "The OpenAPI 3.1 document of this interface.", Open: true, Binary: true, Status: 200, do: a.openapi},
		{ID: "listProcesses", Method: "GET", Path: "/processes", Title: "Kinds of paper", Does: "Every process in force, with what it needs and what it reaches.", Open: true, Out: processes{}, Status: 200, do: a.listProcesses},
		{ID: "getProcess", Method: "GET", Path: "/processes/{process}", Title: "One kind of paper", Does: "One process in force.", Open: true, Out: process{}, Status: 200, do: a.getProcess},
		{ID: "listItems", Method: "GET", Path: "/items", Title: "What can be asked for", Does: "Everything that can be asked for, and whether it exists here.", Open: true, Out: items{}, Status: 200,
			do: func(*call) (any, error) { return allItems(), nil }},
	}
}

func (a *api) draftOps() []operation {
	return []operation{
		{ID: "createDraft", Method: "POST", Path: "/drafts", Title: "Begin a request", Does: "Creates a draft. Nothing is sent yet. Repeated with the same Idempotency-Key and body, it gives the same draft.", Once: true, In: ask{}, Out: draftMade{}, Status: 201, do: a.createDraft},
		{ID: "listSupervisors", Method: "GET", Path: "/supervisors", Title: "Supervisors", Does: "Supervisors of the officer's agency who can sign an emergency too: one of them may be named in it as co_signer.", Out: coSigners{}, Status: 200, do: a.listSupervisors},
		{ID: "listDrafts", Method: "GET", Path: "/drafts", Title: "Drafts", Does: "Drafts of the officer who answers for this system, the latest first.", Out: drafts{}, Status: 200, do: a.listDrafts},
		{ID: "getDraft", Method: "GET", Path: "/drafts/{draft}", Title: "A draft", Does: "What the draft says now.", Out: draft{}, Status: 200, do: a.getDraft},
		{ID: "changeDraft", Method: "PUT", Path: "/drafts/{draft}", Title: "Change a draft", Does: "Replaces all that the draft asks; its papers stay.", In: ask{}, Out: draft{}, Status: 200, do: a.changeDraft},
		{ID: "deleteDraft", Method: "DELETE", Path: "/drafts/{draft}", Title: "Delete a draft", Does: "Deletes the draft and its papers.", Status: 204, do: a.deleteDraft},
		{ID: "addDraftPaper", Method: "POST", Path: "/drafts/{draft}/papers", Title: "Add a paper to a draft", Does: "Uploads a PDF of at most 25 MiB. It is looked into before it is kept. A Content-Digest (RFC 9530, sha-256) is checked if given.", PDF: true, Query: paperParams, Out: paper{}, Status: 201, do: a.addDraftPaper},
		{ID: "removeDraftPaper", Method: "DELETE", Path: "/drafts/{draft}/papers/{paper}", Title: "Remove a paper from a draft", Does: "Removes the paper.", Status: 204, do: a.removeDraftPaper},
		{ID: "previewDraft", Method: "GET", Path: "/drafts/{draft}/findings", Title: "Findings before sending", Does: "What the machine finds, as the reviewers will see it too, and whether it was received before.", Out: preview{}, Status: 200, do: a.previewDraft},
		{ID: "sendDraft", Method: "POST", Path: "/drafts/{draft}/send", Title: "Send a draft", Does: "The draft becomes a request. An emergency is refused here: the officer opens the draft in the portal, attests with their passkey and sends it.", Once: true, Out: requestMade{}, Status: 201, do: a.sendDraft},
	}
}

func (a *api) requestOps() []operation {
	return []operation{
		{ID: "listRequests", Method: "GET", Path: "/requests", Title: "Requests", Does: "Requests of the officer who answers for this system, the latest first.", Out: requests{}, Status: 200, do: a.listRequests},
		{ID: "getRequest", Method: "GET", Path: "/requests/{request}", Title: "A request", Does: "Where it stands: phase, due time, open questions, findings, packages.", Out: request{}, Status: 200, do: a.getRequest},
		{ID: "correctRequest", Method: "PUT", Path: "/requests/{request}", Title: "Correct a request", Does: "Replaces what is asked as long as it is not decided; its papers stay.", In: correction{}, Out: request{}, Status: 200, do: a.correctRequest},
		{ID: "addPaper", Method: "POST", Path: "/requests/{request}/papers", Title: "Add a paper to a request", Does: "Uploads a further PDF. A file that is with the request already is refused, so that repeating an upload is safe.", PDF: true, Query: paperParams, Out: paper{}, Status: 201, do: a.addPaper},
		{ID: "answerQuestion", Method: "POST", Path: "/requests/{request}/questions/{question}/answer", Title: "Answer a question", Does: "Answers an open question of the team; the time to answer runs on.", In: reply{}, Status: 204, do: a.answerQuestion},
		{ID: "withdrawRequest", Method: "POST", Path: "/requests/{request}/withdrawal", Title: "Withdraw a request", Does: "Takes the request back, for a reason. Nothing more is done under it.", In: reason{}, Status: 204, do: a.withdraw},
		{ID: "listPackages", Method: "GET", Path: "/requests/{request}/packages", Title: "Packages and downloads", Does: "The sealed packages, and each download of them.", Out: packages{}, Status: 200, do: a.listPackages},
		{ID: "downloadPackage", Method: "GET", Path: "/requests/{request}/packages/{package}", Title: "Download a package", Does: "The sealed package. Each download is recorded with the officer's name and this system's, and how far it came. A download that broke off goes on with Range and If-Range, whose ETag is the package's SHA-256.", Binary: true, Status: 200, do: a.download},
		{ID: "showPassphrase", Method: "POST", Path: "/requests/{request}/packages/{package}/passphrase", Title: "Passphrase: not by a key", Does: "Always refused: a passphrase is shown once, to a person, in the portal. The problem says where.", Status: 403, do: a.passphrase},
	}
}

func (a *api) openapi(c *call) (any, error) {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Header().Set("Cache-Control", "public, max-age=300")
	_, err := c.w.Write(a.doc)
	return nil, err
}

func (a *api) listProcesses(*call) (any, error) {
	out := processes{Processes: []process{}}
	for _, r := range a.Law.Rows() {
		if r.InForce(a.Clock.Now()) {
			out.Processes = append(out.Processes, a.processOf(r))
		}
	}
	return out, nil
}

func (a *api) getProcess(c *call) (any, error) {
	row, ok := a.Law.Row(law.ProcessID(c.r.PathValue("process")), a.Clock.Now())
	if !ok {
		return nil, fault.New(fault.NotFound, "find process", "not found")
	}
	return a.processOf(row), nil
}

func (c *call) draftID() casefile.DraftID { return casefile.DraftID(c.r.PathValue("draft")) }

// number reads a request's number. One that is none is as unknown as another's.
func (c *call) number() (casefile.Number, error) {
	n, err := casefile.ParseNumber(c.r.PathValue("request"))
	if err != nil {
		return "", casefile.NoCase()
	}
	return n, nil
}

func (a *api) createDraft(c *call) (any, error) {
	once, err := c.repeatable()
	if err != nil {
		return nil, err
	}
	var x ask
	if err := c.into(&x); err != nil {
		return nil, err
	}
	d, err := a.demandOf(x, "")
	if err != nil {
		return nil, err
	}
	id, err := a.Intake.StartOnce(c.r.Context(), c.actor(), d, once)
	if err != nil {
		return nil, pointTo(err, x, "")
	}
	c.w.Header().Set("Location", Base+"/drafts/"+string(id))
	return draftMade{string(id)}, nil
}

func (a *api) listDrafts(c *call) (any, error) {
	all, err := a.Intake.Drafts(c.r.Context(), c.officer.ID)
	return drafts{some(all, a.draftOf)}, err
}

func (a *api) getDraft(c *call) (any, error) {
	d, err := a.Intake.Draft(c.r.Context(), c.actor(), c.draftID())
	return a.draftOf(d), err
}

func (a *api) changeDraft(c *call) (any, error) {
	if _, err := a.Intake.Draft(c.r.Context(), c.actor(), c.draftID()); err != nil {
		return nil, err
	}
	var x ask
	if err := c.into(&x); err != nil {
		return nil, err
	}
	d, err := a.demandOf(x, "")
	if err != nil {
		return nil, err
	}
	saved, err := a.Intake.Save(c.r.Context(), c.actor(), c.draftID(), d)
	return a.draftOf(saved), pointTo(err, x, "")
}

func (a *api) deleteDraft(c *call) (any, error) {
	return nil, a.Intake.Drop(c.r.Context(), c.actor(), c.draftID())
}

// pdf is the body of an upload, read as it comes.
func (c *call) pdf() (*proven, error) {
	if t, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || t != "application/pdf" {
		return nil, errMedia
	}
	if q := c.r.URL.Query(); q.Get("name") == "" || len(q.Get("name")) > 255 || len(q.Get("what")) > 200 {
		return nil, fault.New(fault.Invalid, "add paper", "give the paper's file name as ?name=order.pdf and, shorter than 200 bytes, what it is")
	}
	want, err := digest(c.r.Header.Get("Content-Digest"))
	return &proven{r: c.r.Body, want: want, sum: sha256.New()}, err
}

// upload streams a paper to where add puts it. If the upload broke off, that is
// said, whatever became of it.
func (c *call) upload(add func(name, what string, r io.Reader) (casefile.Paper, error)) (any, error) {
	b, err := c.pdf()
	if err != nil {
		return nil, err
	}
	q := c.r.URL.Query()
	p, err := add(q.Get("name"), q.Get("what"), b)
	if b.err != nil {
		return nil, b.err
	}
	return paperOf(p), err
}

func (a *api) addDraftPaper(c *call) (any, error) {
	if _, err := a.Intake.Draft(c.r.Context(), c.actor(), c.draftID()); err != nil {
		return nil, err
	}
	return c.upload(func(name, what string, r io.Reader) (casefile.Paper, error) {
		return a.Intake.AddPaper(c.r.Context(), c.actor(), c.draftID(), name, what, r)
	})
}

func (a *api) removeDraftPaper(c *call) (any, error) {
	return nil, a.Intake.RemovePaper(c.r.Context(), c.actor(), c.draftID(), casefile.PaperID(c.r.PathValue("paper")))
}

func (a *api) previewDraft(c *call) (any, error) {
	p, err := a.Intake.Preview(c.r.Context(), c.actor(), c.draftID())
	if err != nil {
		return nil, err
	}
	return preview{Findings: some(p.Findings, func(f law.Finding) finding { return findingOf(f.FindingRow, f.Decided, f.Missing, f.Note) }),
		Blocks: p.Blocks, Due: p.Due, Reaches: some(p.Reaches, reachedOf), Twins: some(p.Twins, twinOf)}, nil
}

func (a *api) sendDraft(c *call) (any, error) {
	once, err := c.repeatable()
	if err != nil {
		return nil, err
	}
	if n, err := io.Copy(io.Discard, c.r.Body); err != nil || n > 0 {
		return nil, fault.New(fault.Invalid, "send draft", "sending has no body: what is sent is the draft as it stands")
	}
	n, err := a.Intake.SendOnce(c.r.Context(), c.actor(), c.draftID(), once)
	if errors.Is(err, intake.ErrPerson) {
		return nil, person{err, a.Origin + "/drafts/" + string(c.draftID()) + "/review"}
	}
	if err != nil {
		return nil, err
	}
	c.w.Header().Set("Location", Base+"/requests/"+string(n))
	return requestMade{string(n)}, nil
}

func (a *api) listRequests(c *call) (any, error) {
	all, err := a.Intake.Cases(c.r.Context(), c.officer.ID)
	return requests{some(all, headOf)}, err
}

func (a *api) view(c *call) (intake.View, error) {
	n, err := c.number()
	if err != nil {
		return intake.View{}, err
	}
	return a.Intake.Case(c.r.Context(), c.actor(), n)
}

func (a *api) getRequest(c *call) (any, error) {
	v, err := a.view(c)
	return a.requestOf(v), err
}

func (a *api) correctRequest(c *call) (any, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, err
	}
	var x correction
	if err := c.into(&x); err != nil {
		return nil, err
	}
	if x.Why == "" || len(x.Why) > casefile.MaxText {
		return nil, wrong{{"/why", "say in a few words what you corrected"}}
	}
	d, err := a.demandOf(x.Demand, "/demand")
	if err != nil {
		return nil, err
	}
	if v.Demand.Process == law.Emergency { // what the officer attested stays theirs
		d.Emergency = v.Demand.Emergency
	}
	if err := a.Intake.Correct(c.r.Context(), c.actor(), v.Number, d, x.Why); err != nil {
		return nil, pointTo(err, x.Demand, "/demand")
	}
	v, err = a.view(c)
	return a.requestOf(v), err
}

func (a *api) addPaper(c *call) (any, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, err
	}
	want, err := digest(c.r.Header.Get("Content-Digest"))
	if err != nil {
		return nil, err
	}
	if want != nil && slices.ContainsFunc(v.Demand.Papers, func(p casefile.Paper) bool { return string(p.Sum) == hex.EncodeToString(want) }) {
		return nil, fault.New(fault.Conflict, "add paper", "this very file is with the request already")
	}
	return c.upload(func(name, what string, r io.Reader) (casefile.Paper, error) {
		return a.Intake.AddCasePaper(c.r.Context(), c.actor(), v.Number, name, what, r)
	})
}

func (a *api) answerQuestion(c *call) (any, error) {
	n, err := c.number()
	if err != nil {
		return nil, err
	}
	var x reply
	if err := c.into(&x); err != nil {
		return nil, err
	}
	return nil, a.Intake.Answer(c.r.Context(), c.actor(), n, casefile.QuestionID(c.r.PathValue("question")), x.Text)
}

func (a *api) withdraw(c *call) (any, error) {
	n, err := c.number()
	if err != nil {
		return nil, err
	}
	var x reason
	if err := c.into(&x); err != nil {
		return nil, err
	}
	switch {
	case strings.TrimSpace(x.Why) == "":
		return nil, wrong{{"/why", "give the reason"}}
	case len(x.Why) > casefile.MaxReason:
		return nil, wrong{{"/why", "this is longer than " + strconv.Itoa(casefile.MaxReason) + " bytes"}}
	}
	return nil, a.Intake.Withdraw(c.r.Context(), c.actor(), n, x.Why)
}

func (a *api) listPackages(c *call) (any, error) {
	v, err := a.view(c)
	return packages{some(v.Packages, packOf(a.Clock.Now()))}, err
}

func (a *api) download(c *call) (any, error) {
	n, err := c.number()
	if err != nil {
		return nil, err
	}
	p, err := a.Intake.Collectable(c.r.Context(), c.actor(), n, casefile.PackageID(c.r.PathValue("package")))
	if err != nil {
		return nil, err
	}
	tag := kit.Tag(string(p.Sum))
	part, err := kit.Wanted(c.r, tag, p.Size)
	if err != nil {
		kit.Outside(c.w, p.Size)
		return nil, nil
	}
	sum, err := hex.DecodeString(string(p.Sum))
	if err != nil {
		return nil, err
	}
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
	c.w.Header().Set("Repr-Digest", digest) // of the whole, whatever piece is sent
	if part.Size == p.Size {
		c.w.Header().Set("Content-Digest", digest)
	}
	if c.r.Method == http.MethodHead {
		return nil, part.Give(c.w, c.r, p.Name, tag, nil)
	}
	body, err := a.Intake.CollectPart(c.r.Context(), c.actor(), n, p, casefile.Part{From: part.From, Size: part.Size})
	if err != nil {
		c.w.Header().Del("Repr-Digest")
		c.w.Header().Del("Content-Digest")
		return nil, err
	}
	err = part.Give(c.w, c.r, p.Name, tag, body)
	if end := body.Close(); end != nil {
		a.kit.Trouble(c.r, slog.LevelError, "record the end of a download", end)
	}
	if err != nil {
		a.kit.Trouble(c.r, slog.LevelWarn, "download broke off", err) // the system goes on from there
		panic(http.ErrAbortHandler)
	}
	return nil, nil
}

func (a *api) passphrase(c *call) (any, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(v.Packages, func(p casefile.Package) bool { return string(p.ID) == c.r.PathValue("package") }) {
		return nil, fault.New(fault.NotFound, "show passphrase", "not found")
	}
	return nil, person{fault.New(fault.Forbidden, "show passphrase", "a passphrase is shown once, to a person and never to a system: the officer opens the request in the portal; or they give their age key there, and packages are sealed to it"),
		a.Origin + "/requests/" + string(v.Number)}
}
