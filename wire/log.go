//go:build !js

package wire

import "log/slog"

// A browser has no log: there log/slog is not linked.

// LogValue hides the token.
func (Credential) LogValue() slog.Value { return slog.StringValue(redacted) }

// LogValue hides the token.
func (MediaToken) LogValue() slog.Value { return slog.StringValue(hidden) }
