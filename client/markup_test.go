package client_test

import (
	"fmt"
	"testing"

	"letterlock/client"
)

func TestMarkup(t *testing.T) {
	for typed, want := range map[string]string{
		"plain":                   "plain []",
		"*bold*":                  "bold [0+4:1]",
		"a *bold* b":              "a bold b [2+4:1]",
		"2*3*4 = 24":              "2*3*4 = 24 []",
		"* a list":                "* a list []",
		"snake_case_name":         "snake_case_name []",
		"_so_ and ~no~":           "so and no [0+2:2 7+2:3]",
		"*a _b_ c*":               "a b c [0+5:1 2+1:2]",
		"`*raw*`":                 "*raw* [0+5:4]",
		"||who did it||":          "who did it [0+10:5]",
		"*open":                   "*open []",
		"*two\nlines*":            "*two\nlines* []",
		"**":                      "** []",
		"*é*!":                    "é! [0+2:1]",
		"(*in brackets*)":         "(in brackets) [1+11:1]",
		"*_both_*":                "both [0+4:1 0+4:2]",
		"price: 5*, and 6* again": "price: 5*, and 6* again []",
	} {
		w := client.Markup(typed)
		var style []string
		for _, s := range w.Style {
			style = append(style, fmt.Sprintf("%d+%d:%d", s.Start, s.Length, s.Look))
		}
		if got := fmt.Sprint(w.Text, " ", style); got != want {
			t.Errorf("%q: got %s, want %s", typed, got, want)
		}
		if again := client.Marked(w.Text, w.Style); typed != "*_both_*" && again != typed {
			t.Errorf("%q is marked %q", typed, again)
		}
	}
}

// Whatever is typed makes words that can be sent.
func FuzzMarkup(f *testing.F) {
	for _, s := range []string{"*bold*", "a _b *c* d_", "``", "||||", "|| ||*", "*\xff*", "é*é*é", "*a**b*", "__x__", "***", "*Ճ\xd5*\xb9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		w := client.Markup(typed)
		if len(w.Text) > len(typed) {
			t.Fatalf("%q grew to %q", typed, w.Text)
		}
		if err := client.CheckWords(w); err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		client.Marked(w.Text, w.Style)
	})
}
