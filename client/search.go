package client

import (
	"context"
	"strings"
	"unicode"

	"letterlock/wire"
)

// searchPage is how many entries are read at once: a long journal is not held
// in memory for a search.
const searchPage = 500

// Search finds what was written with all of the words in it, newest first, on
// this device and nowhere else. Case and accents make no difference. There is
// no index, so that what was deleted is in none.
func (c *Client) Search(ctx context.Context, query string, limit int) (out []Entry, err error) {
	words := strings.Fields(fold(query))
	if len(words) == 0 || limit <= 0 {
		return nil, nil
	}
	now := c.nowMilli()
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		r := Range{Limit: searchPage, Reverse: true}
		for len(out) < limit {
			if err := ctx.Err(); err != nil {
				return err
			}
			page, err := tx.List(BucketJournal, r)
			if err != nil || len(page) == 0 {
				return err
			}
			if out, err = match(out, page, words, limit, now); err != nil {
				return err
			}
			r.After = page[len(page)-1].Key
		}
		return nil
	})
	return out, err
}

func match(out []Entry, page []Pair, words []string, limit int, now int64) ([]Entry, error) {
	for _, p := range page {
		var e Entry
		if err := wire.Unmarshal(p.Value, &e); err != nil {
			return out, err
		}
		if len(out) == limit {
			break
		}
		if (e.Kind == Incoming || e.Kind == Outgoing) && !e.over(now) && holds(fold(e.Text+" "+e.File.name()), words) {
			out = append(out, e)
		}
	}
	return out, nil
}

func holds(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// fold takes case and accents away.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, decompose(s))
}
