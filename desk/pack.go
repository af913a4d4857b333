package desk

import (
	"context"
	"io"
	"iter"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/review"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/law"
)

// packer hands a decided case to desk/produce: it translates, and adds nothing.
type packer struct {
	conf     Config
	agencies *agency.Service
}

// Pack is review.Packer's.
func (p *packer) Pack(ctx context.Context, w io.Writer, j review.Job) (review.Made, error) {
	in, err := p.input(ctx, j)
	if err != nil {
		return review.Made{}, err
	}
	seal, pass, err := p.seal(ctx, j.Case.Demand.Officer)
	if err != nil {
		return review.Made{}, err
	}
	got, err := p.conf.Produce.Pack(ctx, w, in, seal)
	if err != nil {
		return review.Made{}, err
	}
	statement, err := statementOf(in, got)
	return review.Made{Name: produce.FileName(in), SealedTo: seal.Name(), Records: got.Records, Passphrase: pass, Statement: statement}, err
}

// tongue is the language of the letter: the officer's, else that of the demand,
// else English.
func (p *packer) tongue(ctx context.Context, d casefile.Demand) *lang.Tongue {
	b := p.conf.Book
	if b == nil {
		b = lang.Default()
	}
	if d.Officer != "" {
		if o, err := p.agencies.Officer(ctx, d.Officer); err == nil {
			if t := b.Tongue(o.Language); t != nil {
				return t
			}
		}
	}
	return b.Tongue(d.Language) // nil, English, for a language that we do not write
}

// seal closes the package to the officer's key, or to a new passphrase.
func (p *packer) seal(ctx context.Context, id casefile.OfficerID) (produce.Seal, casefile.Secret, error) {
	if id != "" {
		o, err := p.agencies.Officer(ctx, id)
		if err != nil {
			return produce.Seal{}, casefile.Secret{}, err
		}
		if o.Recipient != "" {
			s, err := produce.SealTo(o.Recipient)
			return s, casefile.Secret{}, err
		}
	}
	s, pass, err := produce.SealWithPassphrase()
	if err != nil {
		return produce.Seal{}, casefile.Secret{}, err
	}
	return s, casefile.NewSecret(pass.Reveal()), nil
}

func (p *packer) input(ctx context.Context, j review.Job) (produce.Input, error) {
	c, d := j.Case, j.Case.Demand
	in := produce.Input{Package: string(j.Package), Created: j.Created, Collected: j.Collected, Expires: j.Expires, Case: string(c.Number),
		TheirReference: d.Reference, Received: c.Filed, Period: span(c),
		Agency:   produce.Agency{Name: d.AgencyName, Officer: d.OfficerName},
		Process:  produce.Process{ID: string(j.Row.ID), Name: j.Row.Name, Citation: citations(j.Row)},
		Provider: p.conf.Provider, Signer: p.conf.Signer, Certified: j.Certified()}
	in.Tongue = p.tongue(ctx, d)
	in.Notice = noticeSentence(in.Tongue, c, j)
	if a, err := p.agencies.Agency(ctx, d.Agency); err == nil {
		in.Agency.Address = a.Address
	}
	if p.conf.LedgerKeys != nil {
		in.LedgerKeys = p.conf.LedgerKeys()
	}
	in.Targets, in.NotHeld = targets(c)
	in.Kept = keptIn(c)
	in.Refused = p.refusals(c, &in)
	if d.Asks(law.Content) {
		in.Content = &produce.Content{Asked: strings.TrimSpace(d.Text), About: contentAbout(d), Build: p.conf.Build}
	}
	if in.Receipt = j.Filed; j.Filed != nil {
		in.Proofs = append(in.Proofs, produce.Proof{About: lang.Say("the filing of your request"), Bytes: j.Filed})
	}
	for _, r := range j.Releases {
		g := produce.Grant{Signed: r.Release.Grant, LawName: j.Row.Name}
		for _, k := range r.Release.Keys {
			g.Holders = append(g.Holders, bundle.Holder{Holder: k.Holder, ID: k.ID, Public: k.Public, RPID: k.RPID, Origin: k.Origin, Demo: k.Demo, Counsel: k.Counsel})
		}
		in.Grants = append(in.Grants, g)
		in.Proofs = append(in.Proofs, produce.Proof{About: lang.Say("the release of identifier %d by the carrier", r.Target+1), Bytes: r.Proof})
	}
	for _, l := range j.Lists {
		addList(&in, j.Row.Name, l)
	}
	in.Records = records(j.Releases, j.Lists)
	if b := j.Batch; b != nil {
		in.Trace = &produce.Trace{Grant: b.Grant, Account: b.Account, First: b.First, Last: b.Last, Stopped: b.Stopped, Why: b.Why, Events: b.Events}
	}
	return in, nil
}

// addList puts one list into a package: its grant once, and the proof of each
// batch.
func addList(in *produce.Input, lawName string, l review.List) {
	g := produce.Grant{Signed: l.Signed, LawName: lawName}
	for _, k := range l.Keys {
		g.Holders = append(g.Holders, bundle.Holder{Holder: k.Holder, ID: k.ID, Public: k.Public, RPID: k.RPID, Origin: k.Origin, Demo: k.Demo, Counsel: k.Counsel})
	}
	in.Grants = append(in.Grants, g)
	for i, p := range l.Proofs {
		in.Proofs = append(in.Proofs, produce.Proof{About: lang.Say("the release of batch %d of %d accounts by the carrier", l.Grant.List.Packed+i+1, len(l.Grant.List.Came)), Bytes: p})
	}
}

func records(released []review.Released, lists []review.List) iter.Seq2[disclosable.Record, error] {
	return func(yield func(disclosable.Record, error) bool) {
		for _, r := range released {
			for _, rec := range r.Release.Records {
				if !yield(rec, nil) {
					return
				}
			}
		}
		for _, l := range lists {
			for x, err := range l.Read {
				if err != nil {
					yield(disclosable.Record{}, err)
					return
				}
				for _, rec := range x.Records {
					if !yield(rec, nil) {
						return
					}
				}
			}
		}
	}
}

func citations(r law.Row) string {
	var s []string
	for _, c := range r.Citations {
		s = append(s, string(c))
	}
	return strings.Join(s, "; ")
}

// targets says what each identifier led to, and what is not held about it.
func targets(c casefile.Case) (out []produce.Target, absent []produce.Missing) {
	why := withheld(c)
	unknown := 0
	for i, t := range c.Demand.Targets {
		x := produce.Target{Asked: t.Identifier}
		r, asked := c.Resolutions[i]
		src, kept := c.Source(i)
		if kept {
			out = append(out, produce.Target{Asked: t.Identifier, Account: src.Account, Note: snapshotNote(src)})
			if !c.Today(i) || r.Account == src.Account {
				continue
			}
		}
		switch {
		case asked && r.Exists && len(why[i].Key) > 0:
			x.Note = why[i]
		case asked && r.Exists:
			x.Account = r.Account
		case asked:
			x.Note = lang.Say("no account of this service")
		case t.Kind != law.TargetPhone && t.Kind != law.TargetAccount:
			x.Note = lang.Say("an account cannot be found by this kind of identifier")
			absent = append(absent, produce.Missing{What: lang.Say("An account by %s", t.Identifier), Why: lang.Say("Accounts are found by phone number or account id only; no other index exists.")})
		default:
			x.Note = lang.Say("not looked up")
		}
		if asked && !r.Exists {
			unknown++
		}
		if asked && !r.Exists && unknown <= disclosable.MaxOfTwo {
			absent = append(absent, produce.Missing{What: lang.Say("Records about %s", t.Identifier), Why: lang.Say("There is no account of this service with this identifier.")})
		}
		out = append(out, x)
	}
	if unknown > disclosable.MaxOfTwo {
		absent = append(absent, produce.Missing{What: lang.Say("Records about %d further identifiers", unknown-disclosable.MaxOfTwo), Why: lang.Say("There is no account of this service with these identifiers; targets.csv names each.")})
	}
	return out, absent
}

// withheld says why nothing came of an account of a list, by target.
func withheld(c casefile.Case) map[int]lang.Text {
	out := map[int]lang.Text{}
	for _, g := range c.GrantsOf(disclosable.Produce) {
		for p, t := range g.List.Targets {
			switch g.List.Came[p] {
			case casefile.CameMoved:
				out[t] = lang.Say("the identifier does not belong to the account any more that it belonged to when it was looked up: nothing was released")
			case casefile.CameLost:
				out[t] = lang.Say("its records were in a package that was destroyed before it left: they need a request of their own")
			case casefile.CameYoung:
				out[t] = lang.Say("the account began after the period: nothing was released")
			}
		}
	}
	open, upheld := c.HeldTargets()
	for _, g := range c.GrantsOf(disclosable.Produce) { // what had left before the objection came has left
		for p, t := range g.List.Targets {
			if g.List.Came[p] != "" {
				delete(open, t)
				delete(upheld, t)
			}
		}
	}
	for t := range upheld {
		out[t] = lang.Say("the account holder objected, and counsel upheld it: nothing is released")
	}
	for t := range open {
		out[t] = lang.Say("the account holder objected, and counsel has not decided: it may follow in a package of its own")
	}
	return out
}

// refusals are the decisions that produce nothing, with their reasons; what
// does not exist is said as that.
func (p *packer) refusals(c casefile.Case, in *produce.Input) []produce.Refusal {
	var out []produce.Refusal
	for _, d := range c.Decided() {
		if d.Verdict == casefile.Produce || d.Verdict == casefile.Keep {
			continue
		}
		r := produce.Refusal{FindingID: string(d.Finding), Reason: d.Reason}
		if f, ok := d.Item.Field(); ok {
			r.Field = f.ID
		} else {
			r.What = lang.Say(d.Item.Title())
			in.NotHeld = append(in.NotHeld, produce.MissingOf(absence(d.Item)...)...)
		}
		if d.Channel != "" {
			r.More = append(r.More, p.channel(c, d))
		}
		if d.Verdict == casefile.Narrow && len(d.Targets) > 0 {
			r.More = append(r.More, lang.Say("It is produced for some of the identifiers only."))
		}
		out = append(out, r)
	}
	if x := c.Narrowed; x != nil {
		out = append(out, produce.Refusal{What: lang.Say("Records outside %s to %s (UTC)", lang.Day(x.From), lang.Day(x.Until)),
			FindingID: string(x.Finding), Reason: x.Why})
	}
	for _, o := range c.Objections {
		if o.Upheld && !c.OfOne(o) {
			out = append(out, produce.Refusal{What: lang.Say("The records as a whole"), Reason: o.Reason})
		}
	}
	return out
}

// channel says where to send instead what needs mutual legal assistance: as it
// was decided, in the reader's words where the law table still says the same.
func (p *packer) channel(c casefile.Case, d casefile.Decision) lang.Text {
	form, place, authority := p.conf.Law.Treaty(c.Demand.Jurisdiction)
	said := lang.Say(form)
	if authority != "" {
		said = lang.Say(form, lang.Say(place), authority)
	}
	if said.In(nil) == d.Channel {
		return said
	}
	return lang.Say("%s", d.Channel)
}

// span is the period that the answer is about.
func span(c casefile.Case) produce.Period {
	from, until := c.Span()
	return produce.Period{From: from, To: until}
}

// absence is what the published list says about an item that does not exist.
func absence(i casefile.Item) []disclosable.Absent {
	want := map[law.Class]string{law.Content: "Content of messages", law.Traffic: "Who wrote to whom, and when", law.Contacts: "Contact lists and groups"}[i.Class()]
	for _, a := range disclosable.Absents() {
		if a.What == want {
			return []disclosable.Absent{a}
		}
	}
	return nil
}

// contentAbout is what a demand for content without words of its own is about.
func contentAbout(d casefile.Demand) lang.Text {
	return lang.Say("Content of messages of %s", targetsInWords(d))
}

func targetsInWords(d casefile.Demand) string {
	var s []string
	for _, t := range d.Targets {
		s = append(s, t.Identifier)
	}
	return strings.Join(s, ", ")
}

// noticeSentence says whether the person was told, or when they will be.
func noticeSentence(t *lang.Tongue, c casefile.Case, j review.Job) string {
	if len(j.Releases)+len(j.Lists) == 0 || c.NoticePlan == nil {
		return t.T("No record was disclosed, so there is nothing to tell the account holder.")
	}
	for i := range c.Demand.Targets {
		if at := c.Told(i); !at.IsZero() {
			return t.T("The account holder was told before disclosure, on %s (UTC).", t.Day(at))
		}
	}
	return c.NoticePlan.Plan.In(t)
}
