package center

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
	"letterlock/web/kit"
)

// change is a row of the law table with what happened to it, and when.
type change struct {
	Row  law.Row
	What string
	On   time.Time
}

// changes are the rows that begin or end, that somebody read anew, and those of
// the operator's own, the newest first.
func (s *center) changes() (out []change) {
	day := func(d law.Date) (time.Time, bool) { return d.Time(), d != "" }
	for _, r := range s.c.Law.Rows() {
		o := r.Origin()
		if o.Operator {
			what := "the operator's own row, approved by " + o.ApprovedBy
			if o.Widens() {
				what += "; it is wider than the common one and unlocks nothing"
			}
			out = append(out, change{r, what, o.ApprovedOn.Time()})
		}
		for _, x := range []struct {
			date law.Date
			what string
		}{{r.ValidFrom, "in force from this day"}, {r.ValidTo, "in force until this day"}, {r.CheckedOn, "text read on this day"}} {
			if on, ok := day(x.date); ok {
				out = append(out, change{r, x.what, on})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b change) int {
		return cmp.Or(b.On.Compare(a.On), strings.Compare(string(a.Row.ID), string(b.Row.ID)))
	})
	return out
}

func (s *center) lawChanges(w http.ResponseWriter, r *http.Request) error {
	t := kit.Table{Caption: "Changes of the law table", Columns: kit.Columns("Day", "Process", "What", "Source"), Empty: "No row has a date."}
	for _, c := range s.changes() {
		t.Rows = append(t.Rows, []any{kit.Day(c.On), kit.Link{Text: c.Row.Name, URL: "/guidelines/" + string(c.Row.ID)}, c.What, c.Row.Source})
	}
	return s.page(w, r, "changes.html", "Changes of the law table", "Which rows began, ended, were read anew, or are this operator's own.", struct {
		Table kit.Table
		Hash  kit.Code
		Feed  string
	}{t, kit.Code(s.c.Law.Hash().String()), "/feed.xml"})
}

// logLaw is a law that asks providers to keep logs of everybody.
type logLaw struct{ Where, Text, Says, Answer string }

// logLaws are those of the research; their marks of certainty are kept.
var logLaws = []logLaw{
	{"Brazil", "Marco Civil da Internet, Law 12.965/2014, art. 15", "for-profit providers of applications keep access logs (date, time, IP address) for six months (text read)", "No such log is kept. What art. 15 reaches here is the last IP address, without its time."},
	{"United Kingdom", "Investigatory Powers Act 2016, part 4", "a retention notice may oblige a named provider (text not re-read)", "A notice would be challenged; whether there is one may not be said, which is why it is said what the program can do."},
	{"India", "Information Technology (Intermediary Guidelines) Rules 2021, rule 3(1)(h)", "keep registration data for 180 days after an account ends (text not re-read)", "An account's facts end with the account."},
}

func (s *center) logs(w http.ResponseWriter, r *http.Request) error {
	t := kit.Table{Caption: "Laws that ask for logs of everybody", Columns: kit.Columns("Where", "Law", "What it asks", "What this service does")}
	for _, l := range logLaws {
		t.Rows = append(t.Rows, []any{l.Where, l.Text, l.Says, l.Answer})
	}
	return s.page(w, r, "logs.html", "Laws that ask for logs", "This program has no log of who writes to whom or who connects when, and no switch to turn one on.", struct {
		Table kit.Table
		Hash  kit.Code
		Build kit.Code
	}{t, kit.Code(disclosable.InventoryHash().String()), kit.Code(s.c.Build)})
}

func (s *center) privacy(w http.ResponseWriter, r *http.Request) error {
	t := kit.Table{Caption: "What is kept about you", Columns: kit.Columns("Fact", "What it says", "Why", "How long")}
	for _, f := range disclosable.Fields() {
		t.Rows = append(t.Rows, []any{f.Title, f.Meaning, f.Purpose, f.Retention})
	}
	return s.page(w, r, "privacy.html", "Privacy notice", "What is kept about you, why, for how long, who can get it, and what you can do.", struct {
		Owner, Contact string
		Table          kit.Table
		KeepDays       int
	}{s.c.Owner, s.c.Contact, t, s.c.KeepDays})
}

func (s *center) security(w http.ResponseWriter, r *http.Request) error {
	reached := 0
	for _, row := range s.c.Law.Rows() {
		if row.InForce(s.c.Clock.Now()) && slices.ContainsFunc(ladder, row.Reaches) {
			reached++
		}
	}
	return s.page(w, r, "security.html", "Security white paper", "What this service can and cannot do to the people who use it, how that is made so, and how to check it.", struct {
		Owner           string
		Fields, Reached int
		Build           kit.Code
	}{s.c.Owner, len(disclosable.Fields()), reached, kit.Code(s.c.Build)})
}

func (s *center) contact(w http.ResponseWriter, r *http.Request) error {
	return s.page(w, r, "contact.html", "Contact", "How to reach the operator, and how to write so that only they can read it.", s.c)
}

// securityTxt is RFC 9116.
func (s *center) securityTxt(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	contact := s.c.Contact
	if strings.Contains(contact, "@") && !strings.Contains(contact, ":") {
		contact = "mailto:" + contact
	}
	if !strings.Contains(contact, ":") {
		contact = s.c.Origin + "/contact"
	}
	expires := s.c.Clock.Now().AddDate(1, 0, 0).Truncate(24 * time.Hour)
	_, err := fmt.Fprintf(w, "Contact: %s\nExpires: %s\nPreferred-Languages: en\nCanonical: %s/.well-known/security.txt\nPolicy: %s/security\n", contact,
		expires.Format(time.RFC3339), s.c.Origin, s.c.Origin)
	if err == nil && s.c.ContactKeys != "" {
		_, err = fmt.Fprintf(w, "Encryption: %s/contact\n", s.c.Origin)
	}
	return err
}
