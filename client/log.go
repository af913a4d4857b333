package client

// Log is told, by a *slog.Logger's methods, how the connection fares; never who
// speaks with whom. A browser has none, and does not link log/slog.
type Log interface {
	Info(msg string, attributes ...any)
	Warn(msg string, attributes ...any)
}

// silence is no log.
type silence struct{}

func (silence) Info(string, ...any) {}
func (silence) Warn(string, ...any) {}
