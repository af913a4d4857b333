package browser

import (
	"fmt"
	"maps"
	"slices"
)

// Steps fills a form that is spread over several pages: each value goes in
// where its field is asked for.
type Steps struct {
	page   *Page
	values map[string][]string
}

// Steps begins to fill the form whose first page this is.
func (p *Page) Steps() *Steps { return &Steps{page: p, values: map[string][]string{}} }

// Set fills a field; one that no page asks for is an error at Press.
func (s *Steps) Set(name, value string) *Steps { s.values[name] = []string{value}; return s }

// Check ticks a box or chooses a radio value in addition to what is ticked.
func (s *Steps) Check(name, value string) *Steps {
	if !slices.Contains(s.values[name], value) {
		s.values[name] = append(s.values[name], value)
	}
	return s
}

// Press goes through the pages by the button that each has, to the first that
// has none, or that refuses what was filled in.
func (s *Steps) Press(button string) (*Page, error) {
	left, p := maps.Clone(s.values), s.page
	for range 20 {
		f, err := p.Form(button)
		if err != nil {
			break
		}
		for name, v := range left {
			if f.Has(name) {
				f.values[name] = slices.Clone(v)
				delete(left, name)
			}
		}
		if p, err = f.Press(button); err != nil {
			return nil, err
		}
		if p.Status >= 400 {
			return p, nil
		}
	}
	if len(left) > 0 {
		return p, fmt.Errorf("%s: no page asked for %v", p.URL, slices.Sorted(maps.Keys(left)))
	}
	return p, nil
}
