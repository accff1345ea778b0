package bot

import (
	"context"
	"time"
)

// TestLink is a connection to a gateway without a session that reads it.
type TestLink struct{ l *link }

// DialLink connects to the gateway at url.
func DialLink(ctx context.Context, url string) (*TestLink, error) {
	l, err := dialLink(ctx, url, &gatewayOptions{}, func(time.Duration) {})
	return &TestLink{l}, err
}

// Read reads what discordgo would.
func (t *TestLink) Read(b []byte) (int, error) { return t.l.Read(b) }

// Close ends the connection.
func (t *TestLink) Close() error { return t.l.Close() }

// Deadline is by when Discord has to do what is expected next.
func (t *TestLink) Deadline() time.Time { return t.l.deadline() }
