package casefile

import (
	"slices"
	"strings"
)

// AgencyRole is what an officer is within their own agency.
type AgencyRole string

// The roles.
const (
	Requester  AgencyRole = "requester"  // files and follows their own requests
	Supervisor AgencyRole = "supervisor" // answers for what their people file
	Custodian  AgencyRole = "custodian"  // keeps the records: sees and collects
	Contact    AgencyRole = "contact"    // the agency's single point of contact
)

// AgencyRoles is all of them.
var AgencyRoles = []AgencyRole{Requester, Supervisor, Custodian, Contact}

// InWords is the role as people read it.
func (r AgencyRole) InWords() string {
	return map[AgencyRole]string{Requester: "requester", Supervisor: "supervisor", Custodian: "records custodian", Contact: "single point of contact"}[r]
}

// Share is one thing that an officer may do with what a colleague filed.
type Share string

// What can be shared.
const (
	ShareSee      Share = "see"
	ShareAnswer   Share = "answer"
	ShareCorrect  Share = "correct"
	ShareWithdraw Share = "withdraw"
	ShareDownload Share = "download"
	ShareHandOver Share = "hand over" // to a named colleague
	ShareEnd      Share = "end"       // a colleague's enrolment
)

// Shares is all of them.
var Shares = []Share{ShareSee, ShareAnswer, ShareCorrect, ShareWithdraw, ShareDownload, ShareHandOver, ShareEnd}

// shared is the one table of what colleagues of one agency may do with each
// other's cases. The officer who filed a case, or was handed it, may do all of
// it but end others; a sealed matter is not shared at all.
var shared = map[AgencyRole][]Share{
	Requester:  nil,
	Supervisor: {ShareSee, ShareAnswer, ShareCorrect, ShareWithdraw, ShareHandOver},
	Custodian:  {ShareSee, ShareDownload},
	Contact:    {ShareSee, ShareAnswer, ShareWithdraw, ShareHandOver, ShareEnd},
}

// May reports whether the role may do this with a colleague's case.
func (r AgencyRole) May(s Share) bool { return slices.Contains(shared[r], s) }

// DomainOf is the domain of a mailbox, in lower case.
func DomainOf(mailbox string) string {
	_, d, _ := strings.Cut(strings.ToLower(mailbox), "@")
	return d
}
