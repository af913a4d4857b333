//go:build !js

package signal

import "log/slog"

// What a log shows of each type. A browser has no such log: there the package
// that writes them, which brings a good part of the library, is not linked.

func (veil) LogValue() slog.Value           { return slog.StringValue(redacted) }
func (k PublicKey) LogValue() slog.Value    { return slog.StringValue(k.mark()) }
func (k KEMPublicKey) LogValue() slog.Value { return slog.StringValue(kemMark) }
func (m Message) LogValue() slog.Value      { return slog.StringValue(m.mark()) }
