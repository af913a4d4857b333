package holdings

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// What the release pages call. Whoever signs is known by the key alone.

// Waiting are the grants that wait for signatures.
func (h *Set) Waiting(ctx context.Context) ([]door.Paper, error) { return h.papers(ctx, true) }

// History are the grants that ended, the latest first.
func (h *Set) History(ctx context.Context) ([]door.Paper, error) { return h.papers(ctx, false) }

func (h *Set) papers(ctx context.Context, open bool) ([]door.Paper, error) {
	sheets, err := h.Store.Sheets(ctx, open, h.now(), MaxWaiting)
	if err != nil {
		return nil, err
	}
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	var out []door.Paper
	for _, s := range sheets {
		p, err := h.paper(ctx, s, keys)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (h *Set) paper(ctx context.Context, s Sheet, keys []Key) (door.Paper, error) {
	p := door.Paper{Proposal: h.told(s), Grant: s.Grant, Proposed: s.Proposed, RefusedBy: s.By, Ended: s.Ended}
	if g, err := d.ParseGrant(s.Grant); err == nil { // the page says so of what is none
		if p.Proposal, err = h.proposal(ctx, s, g); err != nil {
			return p, err
		}
	}
	for _, m := range s.Marks {
		k, _ := keyOf(keys, m.Signature.KeyID)
		p.Marks = append(p.Marks, door.Mark{Holder: m.Holder, At: m.At, Demo: k.Pass.Demo})
	}
	return p, nil
}

// Paper is one grant, with what would keep the carrier from acting on it.
func (h *Set) Paper(ctx context.Context, hash d.Hash) (door.Paper, error) {
	s, g, err := h.load(ctx, hash)
	if err != nil {
		return door.Paper{}, err
	}
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return door.Paper{}, err
	}
	p, err := h.paper(ctx, s, keys)
	if err == nil && s.State == Open {
		if err := h.stands(ctx, g); err != nil {
			p.Problem = fault.Say(err)
		}
	}
	return p, err
}

// stands is everything that the people who sign should know.
func (h *Set) stands(ctx context.Context, g d.Grant) error {
	if err := h.examine(ctx, g); err != nil {
		return err
	}
	return h.ofPeriod(ctx, g)
}

// Holders are all keys and whose they are.
func (h *Set) Holders(ctx context.Context) ([]door.Holder, error) {
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	var out []door.Holder
	for _, k := range keys {
		out = append(out, door.Holder{Name: k.Holder, ID: k.Pass.ID, Active: k.Active, Retired: k.Retired, Demo: k.Pass.Demo, Counsel: k.Counsel})
	}
	return out, nil
}

// asserted finds the key of an assertion and checks it for a challenge.
func (h *Set) asserted(ctx context.Context, challenge []byte, a passkey.Assertion) (Key, Counter, error) {
	all, err := h.Store.Keys(ctx)
	if err != nil {
		return Key{}, Counter{}, err
	}
	k, ok := keyOf(all, a.KeyID)
	if !ok || !k.Usable(h.Clock.Now()) {
		return Key{}, Counter{}, fault.New(fault.Unauthenticated, "check key", "this passkey is not a release key, or not yet, or not any more")
	}
	after, err := h.Site.Verify(k.Pass, challenge, a)
	if err != nil {
		return Key{}, Counter{}, err
	}
	return k, Counter{KeyID: k.Pass.ID, From: k.Pass.Counter, To: after.Counter}, nil
}

// SignIn tells whose passkey answered the challenge.
func (h *Set) SignIn(ctx context.Context, challenge []byte, a passkey.Assertion) (string, error) {
	s := subject{op: "sign in", sealed: h.vault, act: act{Op: "sign in"}}
	k, c, err := h.asserted(ctx, challenge, a)
	if err != nil {
		return "", h.refuse(s, err)
	}
	if err := h.Store.Count(ctx, c); err != nil {
		return "", h.refuse(s, err)
	}
	return k.Holder, nil
}

// Sign adds a holder's signature: an assertion whose challenge is the grant's
// hash, with their word that they have no tie. The second signature on a change
// of keys carries it out.
func (h *Set) Sign(ctx context.Context, hash d.Hash, w door.Word, a passkey.Assertion) (door.Proposal, error) {
	sheet, g, err := h.load(ctx, hash)
	if err != nil {
		return door.Proposal{}, h.refuse(subject{op: "sign", sealed: h.vault, act: act{Op: "sign", Grant: hash}}, err)
	}
	about := h.of("sign", hash, g)
	k, c, err := h.signer(ctx, sheet, g, w, a)
	if err != nil {
		return door.Proposal{}, h.refuse(about, err)
	}
	about.By, about.Say = []string{k.Holder}, "no tie"
	if _, err := h.append(ctx, kindSign, about); err != nil {
		return door.Proposal{}, err
	}
	if err := h.Store.Sign(ctx, hash, Mark{Holder: k.Holder, At: h.now(), Signature: d.Signature(a)}, c); err != nil {
		return door.Proposal{}, h.refuse(about, err)
	}
	if g.Kind == d.KeyChange {
		if err := h.changeKeys(ctx, hash, g); err != nil {
			return door.Proposal{}, err
		}
	}
	after, _, err := h.load(ctx, hash)
	if err != nil {
		return door.Proposal{}, err
	}
	return h.proposal(ctx, after, g)
}

func (h *Set) signer(ctx context.Context, s Sheet, g d.Grant, w door.Word, a passkey.Assertion) (Key, Counter, error) {
	if err := usable(s); err != nil {
		return Key{}, Counter{}, err
	}
	if err := h.stands(ctx, g); err != nil {
		return Key{}, Counter{}, err
	}
	k, c, err := h.asserted(ctx, s.Hash[:], a)
	if err != nil {
		return Key{}, Counter{}, err
	}
	if slices.ContainsFunc(s.Marks, func(m Mark) bool { return person(m.Holder) == person(k.Holder) }) {
		return Key{}, Counter{}, fault.New(fault.Conflict, "sign grant", "%s has signed already; a second person must", k.Holder)
	}
	return k, c, h.fit(ctx, s.Hash, k.Holder, w)
}

// Refuse ends a grant for good, with a reason. It takes effect first.
func (h *Set) Refuse(ctx context.Context, holder string, hash d.Hash, reason string) error {
	reason = strings.Join(strings.Fields(reason), " ")
	if reason == "" || len(reason) > 1000 {
		return fault.New(fault.Invalid, "refuse grant", "give a reason of at most 1000 characters")
	}
	_, g, err := h.load(ctx, hash)
	if err != nil {
		return err
	}
	if err := h.Store.End(ctx, hash, Refused, holder, reason, h.now()); err != nil {
		return err
	}
	about := h.of("refuse", hash, g)
	about.By, about.Say = []string{holder}, reason
	h.journal(kindNo, about)
	return nil
}

// FirstHolders makes the one-time links of the first start. As soon as two
// people hold keys it refuses for good: from then on two signatures decide.
// Until then it may be called again for those without a key. A name followed by
// (counsel) is of one who signs as counsel.
func (h *Set) FirstHolders(ctx context.Context, names []string) (map[string]string, error) {
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	have := peopleWith(keys, h.now())
	if len(have) >= 2 {
		return nil, fault.New(fault.Conflict, "enrol first holders", "two people hold release keys; they enrol further ones on the release pages")
	}
	urls := map[string]string{}
	var links []Link
	for _, name := range names {
		name, counsel := strings.CutSuffix(strings.Join(strings.Fields(name), " "), " (counsel)")
		if have[person(name)] {
			continue
		}
		l, url, err := h.link(name, true)
		l.Counsel = counsel
		if err != nil {
			return nil, err
		}
		links, urls[name] = append(links, l), url
	}
	if len(have)+len(urls) < 2 {
		return nil, fault.New(fault.Invalid, "enrol first holders", "name at least two different people, better three")
	}
	return urls, h.Store.PutLinks(ctx, links)
}

func peopleWith(keys []Key, at time.Time) map[string]bool {
	have := map[string]bool{}
	for _, k := range keys {
		if k.Usable(at) {
			have[person(k.Holder)] = true
		}
	}
	return have
}

func (h *Set) link(name string, first bool) (Link, string, error) {
	if name == "" || len(name) > 100 || strings.ContainsFunc(name, unseen) {
		return Link{}, "", fault.New(fault.Invalid, "make enrolment link", "a name of at most 100 bytes is needed")
	}
	var raw [32]byte
	rand.Read(raw[:])
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	return Link{Token: sha256.Sum256([]byte(token)), Holder: name, Expires: h.now().Add(linkLife), First: first}, h.Site.Origin + "/enrol/" + token, nil
}

// Link is whose enrolment link a token is.
func (h *Set) Link(ctx context.Context, token string) (string, error) {
	l, err := h.openLink(ctx, token)
	return l.Holder, err
}

func (h *Set) openLink(ctx context.Context, token string) (Link, error) {
	gone := fault.New(fault.Expired, "open enrolment link", "this link was used, replaced or is too old; ask for a new one")
	l, err := h.Store.Link(ctx, sha256.Sum256([]byte(token)))
	if fault.Is(err, fault.NotFound) {
		return Link{}, gone
	}
	if err != nil {
		return Link{}, err
	}
	if !h.now().Before(l.Expires) {
		return Link{}, gone
	}
	return l, nil
}

// Enrol registers the passkey of a link's holder. At the first start the key
// counts at once; later it waits for two signatures and a day, and the zero
// time is returned.
func (h *Set) Enrol(ctx context.Context, token string, challenge, answer []byte) (active time.Time, err error) {
	s := subject{op: "enrol", sealed: h.vault, act: act{Op: "enrol"}}
	l, err := h.openLink(ctx, token)
	if err != nil {
		return time.Time{}, h.refuse(s, err)
	}
	pass, err := h.Site.Register(challenge, answer)
	if err != nil {
		return time.Time{}, h.refuse(s, err)
	}
	k := Key{Holder: l.Holder, Pass: pass, Counsel: l.Counsel}
	var sheet *Sheet
	if l.First {
		k.Active = h.now()
	} else if sheet, err = h.keyGrant(d.ReleaseKeyChange{Holder: l.Holder, Counsel: l.Counsel, KeyID: pass.ID, Public: pass.Public}); err != nil {
		return time.Time{}, err
	}
	s.By = []string{l.Holder}
	if _, err := h.append(ctx, kindEnrol, s); err != nil {
		return time.Time{}, err
	}
	if err := h.Store.Enrol(ctx, l.Token, k, sheet); err != nil {
		return time.Time{}, h.refuse(s, err)
	}
	return k.Active, nil
}

// Invite makes a link for a further holder, or a further key of one, who signs
// as counsel or not.
func (h *Set) Invite(ctx context.Context, by, name string, counsel bool) (string, error) {
	l, url, err := h.link(strings.Join(strings.Fields(name), " "), false)
	l.Counsel = counsel
	if err != nil {
		return "", err
	}
	if _, err := h.append(ctx, kindInvite, subject{op: "invite", sealed: h.vault, act: act{Op: "invite", By: []string{by}, Say: l.Holder}}); err != nil {
		return "", err
	}
	return url, h.Store.PutLinks(ctx, []Link{l})
}

// Retire puts the retirement of a key before the holders.
func (h *Set) Retire(ctx context.Context, by string, keyID []byte) (d.Hash, error) {
	all, err := h.Store.Keys(ctx)
	if err != nil {
		return d.Hash{}, err
	}
	k, ok := keyOf(all, keyID)
	if !ok || !k.Retired.IsZero() {
		return d.Hash{}, fault.New(fault.NotFound, "retire key", "there is no such key, or it is retired already")
	}
	s, err := h.keyGrant(d.ReleaseKeyChange{Retire: true, Holder: k.Holder, Counsel: k.Counsel, KeyID: keyID})
	if err != nil {
		return d.Hash{}, err
	}
	if _, err := h.append(ctx, kindPropose, subject{op: "retire", sealed: h.vault, act: act{Op: "retire", Grant: s.Hash, By: []string{by}}}); err != nil {
		return d.Hash{}, err
	}
	kept, err := h.Store.Keep(ctx, *s, MaxWaiting)
	return kept.Hash, err
}

// keyGrant composes the grant that two holders sign for a change of keys.
func (h *Set) keyGrant(c d.ReleaseKeyChange) (*Sheet, error) {
	now := h.now()
	g := d.Grant{Version: d.GrantVersion, Kind: d.KeyChange, Nonce: d.NewNonce(), Issued: now.Unix(), Expires: now.Add(keyGrantLife).Unix(), Key: &c, Sealed: h.vault}
	b, err := g.Bytes()
	if err != nil {
		return nil, err
	}
	s := h.sheet(d.GrantHash(b), b, g)
	return &s, nil
}

// changeKeys carries out a change of keys once two people have signed it.
func (h *Set) changeKeys(ctx context.Context, hash d.Hash, g d.Grant) error {
	sheet, err := h.Store.Sheet(ctx, hash)
	if err != nil {
		return err
	}
	now := h.now()
	keys, err := h.twoPeople(ctx, sheet, g, now)
	if err != nil {
		return nil // the first signature: wait for the second
	}
	about := h.of("change keys", hash, g)
	about.By = holders(keys)
	from := now.Add(KeyDelay)
	if err := h.changeFits(ctx, g, from); err != nil {
		return h.refuse(about, err)
	}
	if _, err := h.append(ctx, kindKey, about); err != nil {
		return err
	}
	return h.Store.Change(ctx, hash, now, g.Key.KeyID, g.Key.Retire, from)
}

// changeFits refuses a key that is not the one registered, and a retirement
// that would leave fewer than two people.
func (h *Set) changeFits(ctx context.Context, g d.Grant, from time.Time) error {
	all, err := h.Store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("read release keys: %w", err)
	}
	k, ok := keyOf(all, g.Key.KeyID)
	if !ok || k.Counsel != g.Key.Counsel || person(k.Holder) != person(g.Key.Holder) || (!g.Key.Retire && !slices.Equal(k.Pass.Public, g.Key.Public)) {
		return forbid("the grant names another key than the one registered")
	}
	if !g.Key.Retire {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(all), func(x Key) bool { return slices.Equal(x.Pass.ID, k.Pass.ID) })
	if len(peopleWith(rest, from)) < 2 {
		return forbid("refusing to retire this key: fewer than two people would hold one")
	}
	return nil
}
