package commands

import "log/slog"

// Credentials are what a transport needs to answer an interaction. The token
// lets anybody speak for the bot for 15 minutes, so it prints as
// "[redacted]" and never travels in a [Request].
type Credentials struct {
	ApplicationID string
	InteractionID string
	Token         string
}

// String implements fmt.Stringer without the token.
func (c Credentials) String() string { return "interaction " + c.InteractionID + " [redacted]" }

// GoString implements fmt.GoStringer without the token.
func (c Credentials) GoString() string { return c.String() }

// LogValue implements slog.LogValuer without the token.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.InteractionID) }
