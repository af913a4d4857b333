package casefile

// toldAs is what an agency reads of an event, as a format and its arguments:
// it is said in the officer's language. The console's words are says.
func toldAs(e Event) (format string, args []any) {
	switch e.Kind {
	case KFiled:
		return "filed the request (%s)", []any{e.Demand.Process}
	case KPaperAdded:
		return "added the paper %s", []any{e.Paper.Name}
	case KAsked:
		return "asked: %s", []any{e.Question.Text}
	case KAnswered:
		return "answered: %s", []any{e.Answer}
	case KPacked:
		return "made the package %s, until %s", []any{e.Package.Name, e.Package.Expires}
	}
	return "", nil
}
