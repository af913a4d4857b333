// Package desk joins the parts of the response desk: intake, review, notice,
// the directory and the team, around one set of case files, one clock and one
// door to the carrier. It decides nothing itself, and must not know the
// messenger or what travels on the wire.
package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"

	"letterlock/desk/agency"
	"letterlock/desk/breach"
	"letterlock/desk/casefile"
	"letterlock/desk/drill"
	"letterlock/desk/email"
	"letterlock/desk/emergency"
	"letterlock/desk/figures"
	"letterlock/desk/intake"
	"letterlock/desk/notice"
	"letterlock/desk/paper"
	"letterlock/desk/produce"
	"letterlock/desk/retain"
	"letterlock/desk/review"
	"letterlock/desk/risk"
	"letterlock/desk/room"
	"letterlock/desk/sealed"
	"letterlock/desk/staff"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/lang"
	"letterlock/internal/note"
	"letterlock/internal/passkey"
	"letterlock/law"
	press "letterlock/transparency/room"
)

// Config is what a desk is made of.
type Config struct {
	Public, Sealed casefile.Shelf
	SealedMarks    casefile.Marks // in the database of sealed cases: who may know of them
	Agencies       agency.Store
	Staff          staff.Store
	Links          casefile.LinkStore
	Marks          casefile.Marks
	Portal         casefile.Sessions // sessions of the officers' site
	Console        casefile.Sessions // sessions of the team's site

	Ledger Ledger // the desk's own
	Vault  Ledger // the sealed one
	Door   door.Door
	// CarrierOrigin is the name of the carrier's ledger, whose checkpoints the
	// desk co-signs.
	CarrierOrigin string

	Clock     clock.Clock
	Log       *slog.Logger
	Law       *law.Table
	Approvals law.Approvals // from the operator's law file
	// SealedApprovals are those of rows of sealed matters, from a file that only
	// cleared people read.
	SealedApprovals law.Approvals
	House           law.House
	Book            *lang.Book // languages of mails and letters; nil: those that the program brings
	Mail            casefile.Mailer
	Inspector       intake.Inspector
	MailTrust       email.Checker  // how the sender of an e-mail is checked
	Scanner         intake.Scanner // nil: none
	Pictures        review.Pictures

	Produce    *produce.Packer
	Provider   produce.Provider
	Signer     produce.Signer
	Build      produce.Build
	LedgerKeys func() []string // verifier keys for packages, of both halves

	PortalSite  passkey.Site              // where officers sign
	ConsoleSite passkey.Site              // where custodians sign
	PortalLink  func(token string) string // page of an officer's one-time link
	ConsoleLink func(token string) string // page of a member's one-time link
	Policy      string                    // version of the policy that training must be on; empty: any
	Second      int                       // of a hundred decisions, drawn for a second review
	Courses     []staff.Course            // the operator's own, over the shipped ones
	KeepDays    int                       // how long the persons' data of a closed case stay; 0: retain.DefaultDays
	PerHour     int                       // requests an officer may file in an hour
	Room        *press.Press              // the public document room; nil: none
	RoomDays    int                       // that counsel has for the papers of a case; 0: the usual
	RoomNames   bool                      // the policy is to name officers there
	Demo        bool
}

// Desk is the response desk.
type Desk struct {
	Files    *casefile.Files
	Agencies *agency.Service
	Staff    *staff.Service
	Intake   *intake.Service
	Review   *review.Service
	Notice   *notice.Service
	Watch    *notice.Watch
	Breach   *breach.Service
	Risk     *risk.Service
	Sealed   *sealed.Service
	Urgent   *emergency.Service // what stands before an emergency's release, and what follows it
	Drills   *drill.Service     // exercises in the live queue
	Retain   *retain.Service    // when the persons' data of a case leave
	Figures  *figures.Service   // what a lead sees of the desk as a whole
	Room     *room.Service      // papers on their way to the public
	Acts     casefile.Acts
	Law      *law.Table

	conf     Config
	troubles *troubles
	tick     sync.Mutex
	tidied   tidied
	opener   *Opener
	enrolled *enrolments
}

// New joins a desk. It starts nothing: see Tick and Cosign.
func New(c Config) *Desk {
	rec := Recorder{Public: c.Ledger, Sealed: c.Vault}
	files := &casefile.Files{Public: c.Public, Sealed: c.Sealed, Ledger: rec, Clock: c.Clock}
	d := &Desk{Files: files, Acts: casefile.Acts{Ledger: rec, Clock: c.Clock}, Law: c.Law, conf: c, troubles: &troubles{marks: c.SealedMarks, clock: c.Clock}, enrolled: &enrolments{conf: c}}
	files.Aside, d.opener = d.troubles.put, newOpener(c, d.Acts)
	d.Agencies = &agency.Service{Store: c.Agencies, Mail: c.Mail, Sessions: c.Portal, Acts: d.Acts, URL: c.PortalLink, Demo: c.Demo, Book: c.Book,
		Links: casefile.Links{Store: c.Links, Clock: c.Clock, Kind: "officer", Life: agency.LinkLife}}
	d.Staff = &staff.Service{Store: &staff.ClearedStore{Store: c.Staff, List: c.SealedMarks}, Mail: c.Mail, Sessions: c.Console, Acts: d.Acts, URL: c.ConsoleLink, Demo: c.Demo, Policy: c.Policy,
		Links: casefile.Links{Store: c.Links, Clock: c.Clock, Kind: "member", Life: staff.LinkLife}}
	d.Agencies.Team = d.Staff
	if c.Mail != nil {
		c.Mail = post{c.Mail, d.Agencies}
		d.Agencies.Mail = c.Mail
	}
	d.Watch = &notice.Watch{Ledger: c.Ledger, Clock: c.Clock, Marks: c.Marks, Acts: d.Acts, Team: d.Staff}
	d.Risk = &risk.Service{Marks: c.Marks, Team: leads{d.Staff}, Acts: d.Acts}
	d.Intake = &intake.Service{Files: files, Directory: directory{d.Agencies}, Team: d.Staff, Inspector: c.Inspector, Scanner: c.Scanner, Acts: d.Acts, Law: c.Law, House: c.House, PerHour: c.PerHour,
		Watch: watch{d.Agencies, d.Risk, c.Clock}}
	d.Review = &review.Service{Files: files, Pictures: c.Pictures, Mark: paper.Watermark, Team: d.Staff, Door: c.Door, Law: c.Law, Guard: d.Watch, Reminder: reminder{d.Agencies, c.Mail},
		Approvals: &approvals{c.Marks, c.SealedMarks, c.Approvals, c.SealedApprovals}, Packer: &packer{c, d.Agencies}}
	d.Intake.Approved = d.Review.Approvals.ListApprovals
	d.Review.Filed, d.Review.Certifier, d.Review.Site = d.filed, certifier{c, d.enrolled}, c.ConsoleSite
	d.Notice = &notice.Service{Files: files, Team: d.Staff, Door: c.Door, Law: c.Law, Marks: c.Marks, Guard: d.Watch, Filed: d.filed}
	d.Sealed = &sealed.Service{Files: files, Team: d.Staff, Law: c.Law, Letters: gagLetters{packer{c, d.Agencies}}, Tell: d.Notice}
	d.Breach = &breach.Service{Files: files, Directory: d.Agencies, Team: d.Staff, Law: c.Law}
	d.team()
	d.Urgent = &emergency.Service{Files: files, Directory: signers{d.Agencies}, Team: ranks{d.Staff}, Mail: c.Mail, Site: c.PortalSite, Log: cmp.Or(c.Log, note.Discard())}
	d.Retain = &retain.Service{Files: files, Team: d.Staff, Days: c.KeepDays}
	d.Figures = &figures.Service{Files: files, Team: d.Staff}
	d.Notice.Room = c.Room != nil
	d.Room = &room.Service{Files: files, Team: d.Staff, Law: c.Law, Press: c.Room, Pictures: c.Pictures, Blacken: paper.Blacken, Ruler: paper.Rule, Marks: c.Marks, Proof: d.proof, Days: cmp.Or(c.RoomDays, room.DefaultDays), Officers: c.RoomNames}
	d.Drills = &drill.Service{Files: files, Team: ranks{d.Staff}, Acts: d.Acts, Law: c.Law, House: c.House, Learned: d.learned, Approved: d.Review.Approvals.ListApprovals}
	return d
}

// directory shows intake the officers and agencies.
type directory struct{ *agency.Service }

func (d directory) Sender(ctx context.Context, id casefile.OfficerID) (intake.Sender, error) {
	o, err := d.Active(ctx, id)
	if err != nil {
		return intake.Sender{}, err
	}
	a, err := d.Service.Agency(ctx, o.Agency)
	if err != nil {
		return intake.Sender{}, err
	}
	return intake.Sender{Actor: o.Actor(), Agency: a.ID, AgencyName: a.Name, Country: a.Country, Mailbox: o.Mailbox, Phone: o.Phone, Since: o.Since,
		Rank: o.Rank, Address: strings.Join(a.Address, ", "), AgencyNumber: a.Number,
		Role: o.Role, Unready: o.MaySend(d.Acts.Clock.Now())}, nil
}

func (d directory) Agency(ctx context.Context, id casefile.AgencyID) (string, law.Jurisdiction, error) {
	a, err := d.Service.Agency(ctx, id)
	return a.Name, a.Country, err
}

// Tick does what is due now; call it every few seconds. The order matters:
// the cases of a compromise are held and objections are read before anything is
// released, and if that cannot be done nothing is. Whatever fails stays due.
func (d *Desk) Tick(ctx context.Context) error {
	d.tick.Lock()
	defer d.tick.Unlock()
	if err := d.takeLawFile(ctx); err != nil {
		return fmt.Errorf("record the law file: %w", err) // nothing is done under a law that is not recorded
	}
	var errs []error
	if err := d.Staff.NoteLaw(ctx); err != nil {
		errs = append(errs, fmt.Errorf("note the law table: %w", err))
	}
	if err := d.enrolled.Note(ctx); err != nil {
		errs = append(errs, fmt.Errorf("record the custodians' passkeys: %w", err))
	}
	if err := d.Drills.Note(ctx); err != nil {
		errs = append(errs, fmt.Errorf("note the outcome of an exercise: %w", err))
	}
	if l, ok := d.Review.Lot.(*lot); ok { // every day, whether or not anything is decided
		if _, err := l.secret(ctx); err != nil {
			errs = append(errs, fmt.Errorf("commit to the day's draw: %w", err))
		}
	}
	looking := d.Breach.Work(ctx)
	if looking != nil {
		errs = append(errs, fmt.Errorf("hold the cases of a compromise: %w", looking))
	}
	objections := d.Notice.ReadObjections(ctx)
	if objections != nil {
		errs = append(errs, fmt.Errorf("read objections: %w", objections))
	}
	all := maps.Clone(d.Review.Handlers())
	maps.Copy(all, d.Notice.Handlers())
	maps.Copy(all, d.Urgent.Handlers())
	maps.Copy(all, d.Drills.Handlers())
	maps.Copy(all, d.Sealed.Handlers())
	maps.Copy(all, d.Retain.Handlers())
	maps.Copy(all, d.Room.Handlers())
	round := d.Files.Round()
	for _, k := range []casefile.DutyKind{casefile.DutySign, casefile.DutyLookUp, casefile.DutyTell, casefile.DutyReview, casefile.DutyAsked, casefile.DutyFiling, casefile.DutyRelease, casefile.DutyKeep, casefile.DutyTrace, casefile.DutyPack, casefile.DutyCertify, casefile.DutyWord, casefile.DutyDestroy, casefile.DutyGag, casefile.DutyLent, casefile.DutyKeepSoon, casefile.DutyKeepEnd, casefile.DutyChase, casefile.DutyDrill, casefile.DutyRoom, casefile.DutyShow, casefile.DutyLegalHold} {
		if (k == casefile.DutyRelease || k == casefile.DutyKeep) && (objections != nil || looking != nil) {
			continue
		}
		if err := round.Run(ctx, k, all[k]); err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, d.Room.Count(ctx))
	return errors.Join(append(errs, d.tidy(ctx))...)
}
