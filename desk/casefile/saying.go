package casefile

import (
	"letterlock/internal/lang"
)

// toldAs is what an agency reads of an event, to be said in the officer's
// language. The console's words are says.
func toldAs(e Event) lang.Text {
	switch e.Kind {
	case KFiled:
		return lang.Say("filed the request (%s)", lang.Say(processName(e.Demand.Process, e.At)))
	case KCorrected:
		return lang.Say("corrected the request")
	case KPaperAdded:
		return lang.Say("added the paper %s", e.Paper.Name)
	case KWithdrawn:
		return lang.Say("withdrew the request")
	case KAsked:
		return lang.Say("asked:")
	case KAnswered:
		return lang.Say("answered:")
	case KReminded:
		return lang.Say("reminded of the open question")
	case KLapsed:
		return lang.Say("the question was not answered in time; the clock runs again")
	case KStood:
		if e.Stand.Stops {
			return lang.Say("began to wait for a notified authority, %s; the time to answer you stands still", e.Stand.What)
		}
		return lang.Say("began to wait for a notified authority, %s; the time to answer you runs on", e.Stand.What)
	case KRose:
		return lang.Say("ended the wait for the notified authority")
	case KPacked:
		return lang.Say("made the package %s, until %s", e.Package.Name, e.Package.Expires)
	case KDownloaded:
		return lang.Say("downloaded the package")
	case KDestroyed:
		return lang.Say("destroyed our copy of the package")
	case KViewed:
		return lang.Say("opened it as a colleague")
	case KHandedOver:
		return lang.Say("handed it to %s", e.Keeper.Name)
	}
	return toldMore(e)
}

// typed is what a person typed in an event that an agency reads. It stays in the
// language in which it was typed.
func typed(e Event) string {
	switch e.Kind {
	case KAsked:
		return e.Question.Text
	case KAnswered:
		return e.Answer
	}
	return ""
}

// toldMore is the events of preservations and emergencies.
func toldMore(e Event) lang.Text {
	switch e.Kind {
	case KKept:
		return lang.Say("had a snapshot kept until %s; nothing was disclosed", e.Kept.Until)
	case KProlonged:
		return lang.Say("renewed by case %s: the snapshot is kept until %s", string(e.Kept.RenewedBy), e.Kept.Until)
	case KKeepSoon:
		return lang.Say("reminded the officer that the preservation ends")
	case KKeepEnded:
		return lang.Say("the preservation ended: the snapshot is destroyed")
	case KAttested:
		if e.Urgent.Attestation.As == AsSupervisor {
			return lang.Say("signed the attestation as the supervisor, with their passkey")
		}
		return lang.Say("signed the attestation as the requesting officer, with their passkey")
	case KChased:
		if e.Urgent.Overdue {
			return lang.Say("asked again for the legal process, which is overdue")
		}
		return lang.Say("reminded the agency of the legal process it promised")
	}
	return lang.Text{}
}
