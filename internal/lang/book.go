package lang

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/language"
)

//go:embed catalog
var own embed.FS

// Book is all languages that can be chosen, English first.
type Book struct {
	tongues    []*Tongue
	matcher    language.Matcher
	vocabulary vocabulary
}

// Default is the languages that the program brings with it.
func Default() *Book { return defaults }

var defaults = must(Load(nil))

func must(b *Book, err error) *Book {
	if err != nil {
		panic(err) // the catalogues are part of the program, and tested
	}
	return b
}

// Load reads the program's catalogues, and over them an operator's folder, if
// there is one: it adds languages and overrides messages.
func Load(extra fs.FS) (*Book, error) {
	all := map[string]*Tongue{}
	inner, err := fs.Sub(own, "catalog")
	if err != nil {
		return nil, err
	}
	for _, f := range []fs.FS{inner, extra} {
		if f == nil {
			continue
		}
		if err := read(f, all); err != nil {
			return nil, err
		}
	}
	b, err := bind(all)
	if err != nil {
		return nil, err
	}
	return b.finish(), nil
}

// bind puts the languages in order: English first, then by name.
func bind(all map[string]*Tongue) (*Book, error) {
	b := &Book{}
	for code, t := range all {
		if t.face.Name == "" {
			return nil, fmt.Errorf("lang: language %q has no file language.%s.toml with its name", code, code)
		}
		b.tongues = append(b.tongues, t)
	}
	slices.SortFunc(b.tongues, func(x, y *Tongue) int {
		if e := rank(x) - rank(y); e != 0 {
			return e
		}
		return strings.Compare(x.code, y.code)
	})
	if len(b.tongues) == 0 || b.tongues[0].code != English {
		return nil, errors.New("lang: English is missing")
	}
	var tags []language.Tag
	for _, t := range b.tongues {
		tags = append(tags, t.tag)
	}
	b.matcher = language.NewMatcher(tags)
	return b, nil
}

// rank puts English first and then what the program brings.
func rank(t *Tongue) int {
	switch t.code {
	case English:
		return 0
	case "es", "ar":
		return 1
	}
	return 2
}

// read takes every <area>.<tag>.toml of a folder, at any depth. Within one
// folder a message may stand once only.
func read(f fs.FS, all map[string]*Tongue) error {
	seen := map[string]string{}
	return fs.WalkDir(f, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".toml" {
			return err
		}
		parts := strings.Split(path.Base(p), ".")
		if len(parts) != 3 {
			return fmt.Errorf("lang: %s: a catalogue is called <area>.<language>.toml", p)
		}
		tag, err := language.Parse(parts[1])
		if err != nil {
			return fmt.Errorf("lang: %s: %q is no language tag (BCP 47)", p, parts[1])
		}
		code := tag.String()
		t := all[code]
		if t == nil {
			t = &Tongue{code: code, tag: tag, messages: map[string]message{}}
			all[code] = t
		}
		b, err := fs.ReadFile(f, p)
		if err != nil {
			return err
		}
		if parts[0] == "language" {
			return t.describe(p, string(b))
		}
		return t.learn(p, string(b), seen)
	})
}

func (t *Tongue) describe(p, text string) error {
	var x face
	if _, err := toml.Decode(text, &x); err != nil {
		return fmt.Errorf("lang: %s: %w", p, err)
	}
	if x.Name == "" || len(x.Months) != 12 || x.Day == "" || x.Direction != "ltr" && x.Direction != "rtl" {
		return fmt.Errorf("lang: %s: name, direction (ltr or rtl), twelve months and day must be given", p)
	}
	t.face, t.direction = x, x.Direction
	return nil
}

func (t *Tongue) learn(p, text string, seen map[string]string) error {
	var raw map[string]any
	if _, err := toml.Decode(text, &raw); err != nil {
		return fmt.Errorf("lang: %s: %w", p, err)
	}
	for k, v := range raw {
		if before, dup := seen[t.code+"\x00"+k]; dup {
			return fmt.Errorf("lang: %s: %q stands in %s already", p, k, before)
		}
		seen[t.code+"\x00"+k] = p
		m, err := messageOf(v)
		if err != nil {
			return fmt.Errorf("lang: %s: %q: %w", p, k, err)
		}
		t.messages[k] = m
	}
	return nil
}

func messageOf(v any) (message, error) {
	switch x := v.(type) {
	case string:
		return message{text: x}, nil
	case map[string]any:
		m := message{forms: map[string]string{}}
		for k, v := range x {
			s, ok := v.(string)
			if !ok || !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, k) {
				return m, fmt.Errorf("%q is no form of number (zero, one, two, few, many, other) with a text", k)
			}
			m.forms[k] = s
		}
		return m, nil
	}
	return message{}, errors.New("neither a text nor forms by number")
}

// finish marks what must not turn a right-to-left text around.
func (b *Book) finish() *Book {
	for _, t := range b.tongues {
		t.book = b
		if !t.rtl() {
			continue
		}
		for k, m := range t.messages {
			m.text = markRuns(m.text)
			for f, s := range m.forms {
				m.forms[f] = markRuns(s)
			}
			t.messages[k] = m
		}
	}
	return b
}

// Tongues are the languages, English first.
func (b *Book) Tongues() []*Tongue {
	if b == nil {
		return nil
	}
	return slices.Clone(b.tongues)
}

// Tongue is the language of a code, nil if there is none of it.
func (b *Book) Tongue(code string) *Tongue {
	if b == nil {
		return nil
	}
	for _, t := range b.tongues {
		if t.code == code {
			return t
		}
	}
	return nil
}

// Match is the language for an Accept-Language header; English if none fits.
func (b *Book) Match(accept string) *Tongue {
	if b == nil {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return b.tongues[0]
	}
	_, i, sure := b.matcher.Match(tags...)
	if sure == language.No {
		return b.tongues[0]
	}
	return b.tongues[i]
}
