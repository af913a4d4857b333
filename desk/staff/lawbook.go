package staff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// LawCourse is the course that lists what changed in the law table.
const LawCourse = "law-change"

// LawGrace is how long a member may decide under rows that did not change
// before they have read what did. For a row that changed there is no grace.
const LawGrace = 14 * 24 * time.Hour

// edition is the law table as it was seen first on a day: a hash for each row.
type edition struct {
	Hash  string            `cbor:"hash"`
	Since time.Time         `cbor:"since"`
	Rows  map[string]string `cbor:"rows"`
}

// book is every edition that the desk has worked with, the newest last.
type book []edition

func (b book) hash() string {
	if len(b) == 0 {
		return ""
	}
	return b[len(b)-1].Hash
}

const lawMark = "law-editions"

// NoteLaw notes a law table that is new, with the hour from which it is in use.
func (s *Service) NoteLaw(ctx context.Context) error {
	_, err := s.lawBook(ctx)
	return err
}

func (s *Service) lawBook(ctx context.Context) (book, error) {
	if s.Law == nil || s.Marks == nil {
		return nil, nil
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.law == nil {
		b, err := s.Marks.Mark(ctx, lawMark)
		if err == nil {
			err = casefile.Decode(b, &s.law)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	if hash := s.Law.Hash().String(); s.law.hash() != hash {
		next := append(slices.Clone(s.law), edition{hash, s.Acts.Clock.Now(), s.rowHashes()})
		b, err := casefile.Encode(next)
		if err != nil {
			return nil, err
		}
		if err := s.Marks.SetMark(ctx, lawMark, b); err != nil {
			return nil, err
		}
		s.law = next
	}
	return s.law, nil
}

// rowHashes is one hash for all rows of a process: a change of any of them,
// past or to come, is a change.
func (s *Service) rowHashes() map[string]string {
	all := map[string][]byte{}
	for _, r := range s.Law.Rows() {
		h := r.Hash()
		all[string(r.ID)] = append(all[string(r.ID)], h[:]...)
	}
	out := map[string]string{}
	for id, b := range all {
		h := sha256.Sum256(b)
		out[id] = hex.EncodeToString(h[:])
	}
	return out
}

// lawChanged are the processes whose rows changed since the member learned the
// law, and until when they may decide on others.
func (s *Service) lawChanged(ctx context.Context, m Member) ([]string, time.Time, error) {
	b, err := s.lawBook(ctx)
	if err != nil || len(b) == 0 || m.LawSeen == "" || m.LawSeen == b.hash() {
		return nil, time.Time{}, err
	}
	now := b[len(b)-1]
	i := len(b) - 1
	for i >= 0 && b[i].Hash != m.LawSeen {
		i--
	}
	if i < 0 { // an edition that nobody remembers: all of it is new
		return changes(nil, now.Rows), now.Since.Add(LawGrace), nil
	}
	return changes(b[i].Rows, now.Rows), b[i+1].Since.Add(LawGrace), nil
}

func changes(old, now map[string]string) []string {
	var out []string
	for id, h := range now {
		if old[id] != h {
			out = append(out, id)
		}
	}
	for id := range old {
		if _, ok := now[id]; !ok {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// LearnLaw records that a member has read each row that changed.
func (s *Service) LearnLaw(ctx context.Context, who casefile.MemberID, read []string, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Require(ctx, who, casefile.TakeCourses)
	if err != nil {
		return err
	}
	changed, _, err := s.lawChanged(ctx, m)
	if err != nil {
		return err
	}
	for _, id := range changed {
		if !slices.Contains(read, id) {
			return invalid("say of every row that you have read it; %s is missing", id)
		}
	}
	b, err := s.lawBook(ctx)
	if err != nil || b.hash() == m.LawSeen {
		return err
	}
	now := s.Acts.Clock.Now()
	t := Training{Policy: s.Policy, Score: 100, Trainer: casefile.Actor{Kind: casefile.ByClock, Name: "taken in the console"}, Passed: now, Expires: now.Add(TrainingLife), Course: LawCourse, Version: b.hash()[:12], Why: strings.TrimSpace(why)}
	return s.keepTraining(ctx, m, t, m.Actor())
}
