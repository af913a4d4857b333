package disclosable

// Tongue says a text in a reader's language, or gives it back as it is.
type Tongue interface {
	T(english string, args ...any) string
}

// In is the field with its title and meaning in a language.
func (f Field) In(t Tongue) Field {
	f.Title, f.Meaning = t.T(f.Title), t.T(f.Meaning)
	return f
}

// In is what does not exist, in a language.
func (a Absent) In(t Tongue) Absent { return Absent{t.T(a.What), t.T(a.Why)} }
