package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"letterlock/e2e/story"
)

// story plays all acts in order and stops at the first that fails.
func (p *play) story(ctx context.Context) error {
	for _, act := range []func(context.Context) error{p.open, p.message, p.team, p.request, p.release, p.answer, p.told, p.check} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open builds the programs and starts the server.
func (p *play) open(ctx context.Context) error {
	bin := filepath.Join(p.dir, "bin")
	err := p.step("the programs are built from this source", func() (string, error) { return "", story.Build(ctx, bin) })
	if err != nil {
		return err
	}
	if p.world, err = story.Found(ctx, p.dir, bin); err != nil {
		return err
	}
	if err := p.step("the page that opens packages in a browser is built", func() (string, error) {
		return "", story.BuildPage(ctx, bin, filepath.Join(p.dir, "opener", "verify.html"))
	}); err != nil {
		return err
	}
	return p.step("letterlock serve starts for the first time", func() (string, error) { return p.world.Site(""), p.world.Start() })
}

// message is walk 1.
func (p *play) message(ctx context.Context) error {
	p.ana, p.ben = p.world.Person("Ana Ruiz", "+12025550142"), p.world.Person("Ben Cole", "+12025550167")
	for _, who := range []story.Person{p.ana, p.ben} {
		if err := p.step(who.Name+" registers "+who.Phone+" with the code from a text message", func() (string, error) { return "", who.Register(ctx) }); err != nil {
			return err
		}
	}
	const text = "Dinner at eight? Bring the blue folder."
	if err := p.step("Ana writes while Ben is away; the server holds a row that it cannot open", func() (string, error) {
		if err := p.ana.Send(ctx, p.ben, text); err != nil {
			return "", err
		}
		return "", p.world.Unseen(text)
	}); err != nil {
		return err
	}
	if err := p.step("Ben comes, reads it, and answers", func() (string, error) {
		if err := p.ben.Expect(ctx, text, 10*time.Second); err != nil {
			return "", err
		}
		if err := p.ben.Send(ctx, p.ana, "Yes."); err != nil {
			return "", err
		}
		return "", p.ana.Expect(ctx, "Yes.", 10*time.Second)
	}); err != nil {
		return err
	}
	return p.step("both see the same safety number", func() (string, error) {
		a, err := p.ana.Safety(ctx, p.ben)
		if err != nil {
			return "", err
		}
		b, err := p.ben.Safety(ctx, p.ana)
		if err == nil && (a != b || a == "") {
			err = fmt.Errorf("%q and %q", a, b)
		}
		return a[:min(len(a), 23)] + " ...", err
	})
}

// team enrols the people who decide.
func (p *play) team(ctx context.Context) error {
	w := p.world
	p.firstHolder, p.otherHolder = story.NewVisitor("Ines Okafor"), story.NewVisitor("Miriam Adler")
	p.lead, p.analyst = story.NewVisitor("Sefa Yilmaz"), story.NewVisitor("Jonas Brandt")
	for _, h := range []*story.Visitor{p.firstHolder, p.otherHolder} {
		if err := p.step(h.Name+" enrols a release key on the carrier's own page", func() (string, error) { return "", w.EnrolHolder(h) }); err != nil {
			return err
		}
	}
	if err := p.step("Sefa Yilmaz, first lead, and Jonas Brandt, analyst, join the desk; his training is recorded", func() (string, error) {
		if err := errors.Join(w.EnrolLead(p.lead), w.SignIn(p.lead)); err != nil {
			return "", err
		}
		if err := w.Train(p.lead, p.lead.Name); err != nil {
			return "", err
		}
		if err := w.Invite(p.lead, p.analyst, "jonas@messenger.example", "analyst"); err != nil {
			return "", err
		}
		return "", errors.Join(w.Train(p.lead, p.analyst.Name), w.SignIn(p.analyst))
	}); err != nil {
		return err
	}
	p.custodian = story.NewVisitor("Ravi Menon")
	if err := p.step("Ravi Menon joins as custodian of records: he certifies packages and sees no case", func() (string, error) {
		return "", w.EnrolCustodian(p.lead, p.custodian)
	}); err != nil {
		return err
	}
	p.officer = &story.Officer{Visitor: story.NewVisitor("Olivia Reyes"), Rank: "Detective", Mailbox: "reyes@sheriff.harbor.example", Phone: "+12025550190"}
	return p.step("Det. Olivia Reyes enrols from her official mailbox; Jonas and Sefa each call the switchboard back and confirm her", func() (string, error) {
		if err := w.AddAgency(p.analyst, "Harbor County Sheriff's Office", "US", "sheriff.harbor.example", "+1 202 555 0100", "county web site"); err != nil {
			return "", err
		}
		if err := w.EnrolOfficer(p.officer); err != nil {
			return "", err
		}
		return "", errors.Join(w.Confirm(p.analyst, p.officer.Name), w.Confirm(p.lead, p.officer.Name), w.SignInOfficer(ctx, p.officer))
	})
}

// request files the order.
func (p *play) request(ctx context.Context) error {
	now := time.Now().UTC()
	p.order = story.Order{Process: "us.order.2703d", Docket: "26-mc-00417", Court: "Superior Court of Harbor County", Judge: "Hon. R. Whitfield", Target: p.ana.Phone,
		Fields: []string{"BSI:name", "BSI:last_seen", "BSI:service_start", "ACC_NC:devices", "ACC_W:about", "none:CONTENT"}, Issued: now, GagEnd: now.AddDate(0, 0, 60)}
	return p.step("she files a court order as PDF, sees the findings first, and asks for messages too", func() (string, error) {
		number, findings, err := p.world.File(p.officer, p.order)
		p.number = number
		if err == nil && !strings.Contains(findings, "does not exist") && !strings.Contains(findings, "cannot") {
			err = fmt.Errorf("she was not told that content cannot be produced: %s", findings)
		}
		return number, err
	})
}

// release is the decision and the two signatures.
func (p *play) release(context.Context) error {
	if err := p.step("Jonas reads the order, answers the findings, and decides field by field: what a warrant takes is declined", func() (string, error) {
		return "", p.world.Review(p.analyst, p.number)
	}); err != nil {
		return err
	}
	for _, h := range []*story.Visitor{p.firstHolder, p.otherHolder} {
		if err := p.step(h.Name+" reads the grant in plain words and signs it with her passkey", func() (string, error) {
			read, err := p.world.Sign(h)
			if err == nil && !strings.Contains(strings.Join(read, "\n"), p.ana.Phone) {
				err = fmt.Errorf("the page does not say whose records are released: %v", read)
			}
			return "", err
		}); err != nil {
			return err
		}
	}
	return nil
}

// answer is the certificate, and the package, opened offline.
func (p *play) answer(ctx context.Context) error {
	if err := p.step("the package is sealed to Det. Reyes; Ravi Menon reads the certificate of records and signs its exact text, without seeing a record", func() (string, error) {
		texts, err := p.world.CertifyWithin(p.custodian, 2*time.Minute)
		if err == nil && (!strings.Contains(texts[0], "902(11)") || strings.Contains(texts[0], p.ana.Phone)) {
			err = fmt.Errorf("the certificate names a person or no rule: %s", texts[0])
		}
		return "", err
	}); err != nil {
		return err
	}
	return p.step("Det. Reyes downloads the package, opens it with her own key and verifies it offline", func() (string, error) {
		said, folder, err := p.world.Collect(ctx, p.officer, p.number, 2*time.Minute)
		if err != nil {
			return "", fmt.Errorf("%w\n%s", err, said)
		}
		records, err := os.ReadFile(filepath.Join(folder, "records.csv"))
		if err != nil {
			return "", err
		}
		for field, want := range map[string]bool{"Ana Ruiz": true, "last_seen": true, "service_start": true, "devices": true, "about": false, "last_ip": false, "Dinner": false} {
			if strings.Contains(string(records), field) != want {
				return "", fmt.Errorf("records.csv and %q: %s", field, records)
			}
		}
		if !strings.Contains(said, "Ravi Menon, a custodian of records") {
			return "", fmt.Errorf("the verifier does not say who certified: %s", said)
		}
		return "every check holds, the certificate's too; " + folder, nil
	})
}

// told moves the clock past the secrecy's end.
func (p *play) told(ctx context.Context) error {
	if n, err := p.ana.Notices(ctx); err != nil || len(n) > 0 {
		return fmt.Errorf("the person was told while the order forbids it: %v %w", n, err)
	}
	if err := p.step("61 days pass; after such a leap two people confirm the clock", func() (string, error) {
		p.later = 61 * 24 * time.Hour
		return "", p.world.Leap(p.later, p.lead, p.analyst)
	}); err != nil {
		return err
	}
	return p.step("the order's secrecy has ended, and Ana is told: who asked, under which law, for what", func() (string, error) {
		for end := time.Now().Add(time.Minute); ; time.Sleep(500 * time.Millisecond) {
			if _, err := p.ana.Receive(ctx, time.Second); err != nil {
				return "", err
			}
			n, err := p.ana.Notices(ctx)
			if err != nil {
				return "", err
			}
			if len(n) == 1 && strings.Contains(fmt.Sprint(n[0]), "Harbor County") {
				return "", nil
			}
			if time.Now().After(end) {
				return "", fmt.Errorf("no notice came: %v", n)
			}
		}
	})
}

// check looks at what is left.
func (p *play) check(ctx context.Context) error {
	if err := p.step("every leaf, checkpoint and co-signature of the ledgers is verified anew", func() (string, error) {
		return p.world.CheckLedgers(ctx)
	}); err != nil {
		return err
	}
	return p.step("the operator's program contains no reader", func() (string, error) {
		_, err := story.Run(ctx, "", story.Program(p.world.Bin, "verify"), "build", story.Program(p.world.Bin, "letterlock"))
		return "", err
	})
}
