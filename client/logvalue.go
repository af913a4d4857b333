//go:build !js

package client

import "log/slog"

// LogValue hides it.
func (Secret) LogValue() slog.Value { return slog.StringValue(hiddenSecret) }

func (self) LogValue() slog.Value { return slog.StringValue(notShown) }
