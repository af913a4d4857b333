package law

import (
	"slices"
	"strings"
)

// countryNames are the countries whose own rows the table holds or may be
// expected to hold; of another the code itself is shown.
var countryNames = map[string]string{
	"AT": "Austria", "AU": "Australia", "BE": "Belgium", "BG": "Bulgaria", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CY": "Cyprus",
	"CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom",
	"GR": "Greece", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IN": "India", "IS": "Iceland", "IT": "Italy", "JP": "Japan", "LI": "Liechtenstein",
	"LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta", "MX": "Mexico", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand",
	"PL": "Poland", "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SI": "Slovenia", "SK": "Slovakia", "US": "United States",
}

// PlaceName is a jurisdiction as people call it: a country, a union, "Any
// country"; a subdivision keeps its code behind the name of its country.
func (t *Table) PlaceName(j Jurisdiction) string {
	if j == "*" {
		return "Any country"
	}
	for _, u := range t.settings.Unions {
		if u.ID == j {
			return u.Name
		}
	}
	country, part, _ := strings.Cut(string(j), "-")
	name, ok := countryNames[country]
	switch {
	case !ok:
		return string(j)
	case part != "":
		return name + " (" + part + ")"
	}
	return name
}

// Members are the countries of a union.
func (t *Table) Members(union Jurisdiction) []string {
	for _, u := range t.settings.Unions {
		if u.ID == union {
			return slices.Clone(u.Countries)
		}
	}
	return nil
}

// Binds reports whether a row can come from an authority of that place: its
// own country's, its union's, or anybody's.
func (t *Table) Binds(r Row, where Jurisdiction) bool { return t.covers(r, where) }

// Countries are those that have a name here, by code.
func Countries() []Jurisdiction {
	var out []Jurisdiction
	for code := range countryNames {
		out = append(out, Jurisdiction(code))
	}
	slices.Sort(out)
	return out
}
