// Package pdf sets text in a page and writes it as a PDF: paragraphs, headings
// and tables in any script its fonts can show, right to left as well as left to
// right, with the text behind every glyph kept so that the page can be searched
// and read aloud. It knows letters and lines; it must not know what they say.
package pdf

// Library is the fonts that text may be set in.
type Library struct{}
