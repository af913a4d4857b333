package demand

import (
	"strings"

	"letterlock/web/kit"
)

// The sections speak to the officer who asks. A member of the team who enters
// a paper is told the same of the agency and its paper.

// toTeam is what is said to the team, longest first where one is in another.
var toTeam = strings.NewReplacer(
	"We put it on everything we send you.", "It stands on everything that we send them.",
	"Your number for the case, exactly as on the paper.", "The agency's number for the case, exactly as on the paper.",
	"Where we reach you or a colleague, at night too if it is urgent.", "Where the agency is reached about this request, at night too if it is urgent.",
	"We call your agency's published switchboard, and ask for you by this name.", "The call-back goes to the agency's published switchboard and asks for the officer by this name.",
	"Do you ask us not to tell the person?", "Does the paper ask us not to tell the person?",
	"A letter alone does not bind us; we tell you what we do.", "A letter alone does not bind us; the answer says what we do.",
	"You may ask if your paper does. The truthful answer is part of our duty", "Tick what the paper asks for. The truthful answer is part of our duty",
	"Copy the passage. It spares you a question.", "Copy the passage: whoever decides reads it here.",
	"Only if records were preserved for you before: our case number of it.", "Only if records were preserved for this agency before: our case number of it.",
	"Which of it you need most.", "Which of it is needed most.",
	"You can ask that they are told later; counsel decides", "The agency may ask that they are told later; counsel decides",
	"Tick this to ask that the person is told later than that. If you do not, the person is told once the danger has passed.", "Tick this if the request asks that the person is told later than that.",
	"How we reach you", "How the agency is reached", "Your agency and you", "The agency and its officer", "Your supervisor", "The supervisor", "of your supervisor", "of the supervisor",
	"Your own reference", "The agency's own reference", "What you ask for", "What is asked for", "What you need", "What is needed",
	"Your rank", "The officer's rank", "Your badge", "The officer's badge", "of your agency", "of the agency", "your agency's", "the agency's", "your agency’s", "the agency’s", "your agency", "the agency",
	"You get a ", "The agency gets a ", "Your answers are ", "The answers are ",
	"Declaration of your state", "Declaration of the state that asks", "What your state declared", "What the state that asks declared",
	"your process", "the process", "Your process", "The process",
)

// ForTeam says the sections to a member of the team.
func ForTeam(in []Section) []Section {
	for i := range in {
		s := &in[i]
		s.Title, s.Intro = toTeam.Replace(s.Title), toTeam.Replace(s.Intro)
		if s.Callout != nil {
			c := *s.Callout
			c.Title, c.Text = toTeam.Replace(c.Title), toTeam.Replace(c.Text)
			s.Callout = &c
		}
		for _, all := range [][]kit.Field{s.Fields, s.If, s.More} {
			for j := range all {
				teamField(&all[j])
			}
		}
	}
	return in
}

func teamField(x *kit.Field) {
	x.Label, x.Hint = toTeam.Replace(x.Label), toTeam.Replace(x.Hint)
	for k := range x.Options {
		o := &x.Options[k]
		o.Text, o.Hint = toTeam.Replace(o.Text), toTeam.Replace(o.Hint)
	}
}
