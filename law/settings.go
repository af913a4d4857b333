package law

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Settings are the numbers that the findings use. They are policy, not law.
type Settings struct {
	StaleDays       int     `toml:"stale_days"`           // a paper older than this when it is served
	RangeDays       int     `toml:"range_days"`           // a period longer than this
	ReturnHours     int     `toml:"return_hours"`         // the least time to answer
	DateSlackHours  int     `toml:"date_slack_hours"`     // a date may be tomorrow where the issuer lives
	NewAccountDays  int     `toml:"new_account_days"`     // an officer's account younger than this
	RequestsADay    int     `toml:"requests_a_day"`       // by one officer
	EmergenciesADay int     `toml:"emergencies_a_day"`    // by one officer
	FollowUpHours   int     `toml:"follow_up_hours"`      // legal process after an emergency
	GagReviewYears  int     `toml:"gag_review_years"`     // NSL: ask for review again
	MaxAccounts     int     `toml:"default_max_accounts"` // where the row sets no number
	Unions          []Union `toml:"union"`
}

// Union is a jurisdiction made of countries.
type Union struct {
	ID        Jurisdiction `toml:"id"`
	Name      string       `toml:"name"`
	Countries []string     `toml:"countries"`
}

func (s Settings) clone() Settings {
	s.Unions = slices.Clone(s.Unions)
	for i := range s.Unions {
		s.Unions[i].Countries = slices.Clone(s.Unions[i].Countries)
	}
	return s
}

func (t *Table) readSettings(files fs.FS) error {
	if err := readFile(files, "settings.toml", &t.settings); err != nil {
		return err
	}
	s := t.settings
	for _, n := range []int{s.StaleDays, s.RangeDays, s.ReturnHours, s.DateSlackHours, s.NewAccountDays, s.RequestsADay,
		s.EmergenciesADay, s.FollowUpHours, s.GagReviewYears, s.MaxAccounts} {
		if n <= 0 {
			return fmt.Errorf("settings.toml: every number must be stated and above zero")
		}
	}
	for _, u := range s.Unions {
		if u.ID == "" || u.Name == "" {
			return fmt.Errorf("settings.toml: a union needs an id and a name")
		}
	}
	return nil
}

// covers reports whether a row of jurisdiction j binds an issuer from where.
// A subdivision ("US-CA") belongs to its country, a country to its union.
func (t *Table) covers(r Row, where Jurisdiction) bool {
	if r.Jurisdiction == "*" || where == "" {
		return true
	}
	country, _, _ := strings.Cut(string(where), "-")
	if slices.Contains(r.Except, Jurisdiction(country)) {
		return false
	}
	return Jurisdiction(country) == r.Jurisdiction || t.settings.member(r.Jurisdiction, country)
}

func (s Settings) member(union Jurisdiction, country string) bool {
	for _, u := range s.Unions {
		if u.ID == union {
			return slices.Contains(u.Countries, country)
		}
	}
	return false
}
