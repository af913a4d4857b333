package center_test

import (
	"net/http/httptest"
	"testing"

	"letterlock/internal/testkit/walk"
)

// pages are all pages of the public site.
var pages = []walk.Page{
	{Name: "start", Path: "/", Heading: "Example Messenger"},
	{Name: "stored", Path: "/stored", Heading: ""},
	{Name: "guidelines", Path: "/guidelines", Heading: ""},
	{Name: "process", Path: "/guidelines/us.order.2703d", Heading: "Court order"},
	{Name: "reports", Path: "/reports", Heading: ""},
	{Name: "report", Path: "/reports/2026H1/", Heading: "Transparency report"},
	{Name: "documents", Path: "/documents", Heading: ""},
	{Name: "document", Path: "/documents/00000000000000aa/", Heading: "Court order"},
	{Name: "document-gone", Path: "/documents/00000000000000bb/", Heading: "taken out"},
	{Name: "changes", Path: "/changes", Heading: ""},
	{Name: "logs", Path: "/logs", Heading: ""},
	{Name: "privacy", Path: "/privacy", Heading: ""},
	{Name: "security", Path: "/security", Heading: ""},
	{Name: "contact", Path: "/contact", Heading: ""},
	{Name: "ledger", Path: "/ledger", Heading: ""},
}

// TestEveryPageOfTheCenterInARealBrowser walks the public site with the
// accessibility checker and by keyboard, and finds a process by keyboard alone.
func TestEveryPageOfTheCenterInARealBrowser(t *testing.T) {
	walk.Complete(t, pages, "/stored.json", "/reports/{period}/{file}", "/documents/{id}/{file}", "/documents/counts.json", "/feed.xml", "/.well-known/security.txt", "/trust.json",
		"/ledger/{log}/checkpoint", "/ledger/{log}/leaves", "/ledger/{log}/consistency", "/ledger/{log}/since/{leaves}", "/")
	srv := httptest.NewServer(public(t))
	defer srv.Close()
	w := walk.Start(t, srv.URL, "center")
	w.Pages(pages...)
	w.Pages(walk.Page{Name: "missing", Path: "/nowhere", Heading: "Not found", Brief: true})
	w.Open("/")
	w.Enters("Guidelines for agencies", "")
	w.Enters("Court order for records", "Court order")
	w.Says("18 USC 2703(d)")
	w.Open("/")
	w.Enters("Documents", "")
	w.Enters("Document 00000000000000aa", "Court order")
	w.Says("2 of 3 pages shown")
	w.Report()
}
