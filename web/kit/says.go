package kit

import "letterlock/internal/lang"

// passkeySays are the sentences of the passkey script, by the name of the data
// attribute that carries them: the script has none of its own in a language
// that is not English.
func passkeySays(t *lang.Tongue) map[string]string {
	if t.Code() == lang.English {
		return nil
	}
	return map[string]string{
		"none":      t.T("This browser has no passkeys, or the page did not come over a secure connection."),
		"cancelled": t.T("The passkey was not used: the request was cancelled or took too long. Try again."),
		"enrolled":  t.T("This passkey is enrolled here already."),
		"address":   t.T("This page's address does not fit its passkeys."),
		"failed":    t.T("The passkey could not be used. Try again."),
		"no-demo":   t.T("This browser holds no DEMO key that this page accepts. Enrol one first, with your link."),
	}
}
