package tui

// newHelp shows every key of the page that is seen, and what holds everywhere.
func newHelp(m *Model) page {
	p := m.top()
	h := &help{}
	h.name, h.still = m.t.T("Help"), true
	h.fill = func(x *scope) ([]item, error) {
		t := x.t
		items := []item{heading(t.T("Keys of this page"))}
		for _, b := range p.keys(m) {
			items = append(items, keyItem(b))
		}
		items = append(items, gap(), heading(t.T("Keys of every page")))
		for _, b := range []binding{{key: "F1", does: t.T("help")}, {key: "Ctrl-L", does: t.T("draw the screen anew")}, {key: "Ctrl-C", does: t.T("quit")}} {
			items = append(items, keyItem(b))
		}
		items = append(items, gap(), heading(t.T("What you type")),
			reading(t.T("*bold*, _italic_, ~struck~, ||hidden|| and `code` are styled.")),
			reading(t.T("In a group, @ and the beginning of a name find a member; Tab takes it.")),
			gap(), heading(t.T("Marks")),
			reading(t.T("✓ sent   ✓✓ delivered   ✓✓ read: read   … waits   ✗ not sent")),
			reading(t.T("✔ you compared the safety number   ! it changed   ◷ messages disappear   # group")),
			gap(), reading(t.T("For screen readers and scripts there are 'letter open --plain' and the commands of 'letter --help'.")))
		return items, nil
	}
	return h
}

type help struct{ sheet }

func keyItem(b binding) item {
	return item{rows: []row{{{"  ", pen{}}, {padded(b.key, 16), pen{bold: true}}, {b.does, pen{}}}}}
}

func padded(s string, wide int) string { return plainRow(s).fill(wide).text() }
