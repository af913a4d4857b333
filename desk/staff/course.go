package staff

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed courses/*.toml
var shipped embed.FS

// Course is what a member reads, and the questions that show they did.
type Course struct {
	ID        string     `toml:"id"`
	Title     string     `toml:"title"`
	Version   string     `toml:"version"`
	Pass      int        `toml:"pass"` // of 100
	Days      int        `toml:"days"` // how long it holds
	Roles     []Role     `toml:"roles"`
	Pages     []Page     `toml:"page"`
	Questions []Question `toml:"question"`
}

// Page is one text of a course, in Markdown: paragraphs and lists.
type Page struct {
	Title string `toml:"title"`
	Text  string `toml:"text"`
}

// Question has one right choice.
type Question struct {
	Text    string   `toml:"text"`
	Choices []string `toml:"choices"`
	Answer  int      `toml:"answer"` // from 0
	Why     string   `toml:"why"`    // shown once the course is passed
}

// Life is how long a pass holds.
func (c Course) Life() time.Duration { return time.Duration(c.Days) * 24 * time.Hour }

// Needs reports a course that one of the roles must have passed.
func (c Course) Needs(roles []Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(c.Roles, r) })
}

// Shipped are the courses that come with the program.
func Shipped() []Course {
	sub, err := fs.Sub(shipped, "courses")
	if err == nil {
		var c []Course
		if c, err = ReadCourses(sub); err == nil {
			return c
		}
	}
	panic(err) // embedded: a test reads them
}

// ReadCourses reads every .toml file of a folder. A course that could not be
// failed, or not be passed, is refused.
func ReadCourses(dir fs.FS) ([]Course, error) {
	names, err := fs.Glob(dir, "*.toml")
	if err != nil {
		return nil, err
	}
	var out []Course
	for _, n := range names {
		var c Course
		md, err := toml.DecodeFS(dir, n, &c)
		if err == nil && len(md.Undecoded()) > 0 {
			err = fmt.Errorf("there is no %q in a course", md.Undecoded()[0])
		}
		if err == nil {
			err = c.check()
		}
		if err != nil {
			return nil, fmt.Errorf("course %s: %w", n, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// WithCourses puts an operator's courses over the shipped ones: one of the
// same id replaces it.
func WithCourses(base, own []Course) []Course {
	out := slices.Clone(base)
	for _, c := range own {
		if i := slices.IndexFunc(out, func(x Course) bool { return x.ID == c.ID }); i >= 0 {
			out[i] = c
		} else {
			out = append(out, c)
		}
	}
	return out
}

func (c Course) check() error {
	switch {
	case c.ID == "" || c.ID == LawCourse || c.Title == "" || c.Version == "":
		return fmt.Errorf("a course has an id, a title and a version")
	case c.Pass < 50 || c.Pass > 100:
		return fmt.Errorf("the pass mark is 50 to 100, not %d", c.Pass)
	case c.Days < 1 || c.Days > 366:
		return fmt.Errorf("a course holds for 1 to 366 days, not %d", c.Days)
	case len(c.Pages) == 0 || len(c.Questions) < 5:
		return fmt.Errorf("a course has a text and at least five questions")
	case len(c.Roles) == 0 || slices.ContainsFunc(c.Roles, func(r Role) bool { return !slices.Contains(Roles, r) }):
		return fmt.Errorf("name the roles that need it: %s", join(Roles, "or"))
	}
	for i, q := range c.Questions {
		if q.Text == "" || len(q.Choices) < 2 || q.Answer < 0 || q.Answer >= len(q.Choices) {
			return fmt.Errorf("question %d needs a text, choices, and the number of the right one", i+1)
		}
	}
	return nil
}
