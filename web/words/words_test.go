package words_test

import (
	"testing"

	"letterlock/law"
	"letterlock/web/words"
)

// Every class that a row of the law reaches has words: a short name of the
// table on a page would tell an officer nothing.
func TestEveryClassHasWords(t *testing.T) {
	n := 0
	for _, row := range law.Default().Rows() {
		for _, x := range row.Reach {
			if n++; words.Class(x.Class) == string(x.Class) {
				t.Errorf("%s reaches %s, which has no words", row.ID, x.Class)
			}
		}
	}
	if n == 0 {
		t.Fatal("no row reaches anything")
	}
	if words.Class("ELSE") != "ELSE" {
		t.Error("what is no class is not left as it is written")
	}
}

func TestEveryOfficeHasWords(t *testing.T) {
	for _, row := range law.Default().Rows() {
		for _, i := range row.Issuers {
			for _, r := range append([]law.Role{i.Role}, i.ValidatedBy...) {
				if r != law.RoleAny && words.Role(r) == "" {
					t.Errorf("%s is issued or validated by %s, which has no words", row.ID, r)
				}
			}
		}
	}
}

func TestAPlaceOfARowIsNamed(t *testing.T) {
	for _, row := range law.Default().Rows() {
		if s := words.Place(row.Jurisdiction); s == "" || s == string(row.Jurisdiction) {
			t.Errorf("%s comes from %q", row.ID, s)
		}
	}
}

func TestWordsInASentence(t *testing.T) {
	for in, want := range map[string]string{"": "", "Content": "content", "non": "non"} {
		if got := words.Lower(in); got != want {
			t.Errorf("%q reads %q in a sentence", in, got)
		}
	}
	if got := words.Citations([]law.Citation{"18 USC 2703(d)", "18 USC 2705(b)"}); got != "18 USC 2703(d); 18 USC 2705(b)" {
		t.Errorf("two texts read %q", got)
	}
	if got := words.Citations(nil); got != "no text of law" {
		t.Errorf("none reads %q", got)
	}
}
