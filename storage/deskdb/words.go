package deskdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"letterlock/desk/casefile"
)

// codes are the numbers of the words that the queue is filtered by. A word
// keeps its number for good, so that what is known here never becomes wrong.
type codes struct {
	mu    sync.Mutex
	known map[string]int64
}

func (c *codes) get(word string) (int64, bool) {
	if word == "" {
		return 0, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.known[word]
	return n, ok
}

func (c *codes) put(word string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]int64{}
	}
	c.known[word] = n
}

// code is a word's number, and false for a word that no case has ever had.
func (d *DB) code(ctx context.Context, word string) (int64, bool, error) {
	if n, ok := d.codes.get(word); ok {
		return n, true, nil
	}
	var n int64
	err := d.SQL.QueryRowContext(ctx, `SELECT code FROM words WHERE word = $1`, word).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read words: %w", err)
	}
	d.codes.put(word, n)
	return n, true, nil
}

// words are what a case is filtered by, in the order of headInto.
func words(h casefile.Head) []string {
	return []string{string(h.Lane), string(h.Phase), string(h.Process), string(h.Country), string(h.Agency), string(h.Officer), string(h.Assigned)}
}

// learn gives a number to each word of cases that has none yet. It comes before
// the change and not with it: a word without a case says nothing that the
// agencies, officers and members beside it do not.
func (d *DB) learn(ctx context.Context, heads ...casefile.Head) error {
	for range 100 {
		unknown, err := d.unknown(ctx, heads)
		if err != nil || len(unknown) == 0 {
			return err
		}
		err = d.Tx(ctx, func(tx *sql.Tx) error {
			for _, w := range unknown {
				// Another program may bring the same word, or take the same number,
				// at the same time: then nothing is written, and the next round tells.
				if _, err := tx.ExecContext(ctx, `INSERT INTO words (code, word) SELECT MAX(code) + 1, CAST($1 AS TEXT) FROM words WHERE true ON CONFLICT DO NOTHING`, w); err != nil {
					return fmt.Errorf("store words: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return errors.New("store words: others took each number that was tried")
}

// unknown are the words of cases that have no number, in order, so that two
// who bring the same words never wait for each other.
func (d *DB) unknown(ctx context.Context, heads []casefile.Head) (out []string, err error) {
	for _, h := range heads {
		for _, w := range words(h) {
			if _, ok, err := d.code(ctx, w); err != nil {
				return nil, err
			} else if !ok {
				out = append(out, w)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// coded are the numbers of words that learn has seen.
func (d *DB) coded(h casefile.Head) (out []any) {
	for _, w := range words(h) {
		n, _ := d.codes.get(w)
		out = append(out, n)
	}
	return out
}
