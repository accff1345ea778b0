package killtest

import (
	"bytes"
	"context"
	"regexp"
	"sync"
)

// logBuffer collects a log that can be waited for.
type logBuffer struct {
	mu     sync.Mutex
	text   bytes.Buffer
	change chan struct{} // closed by the next write
}

func newLogBuffer() *logBuffer { return &logBuffer{change: make(chan struct{})} }

// Write implements io.Writer.
func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.change)
	b.change = make(chan struct{})
	return b.text.Write(p)
}

// String returns all of the log.
func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// await waits until the log matches and returns the last group of the match.
func (b *logBuffer) await(ctx context.Context, pattern *regexp.Regexp) (string, error) {
	for {
		b.mu.Lock()
		found, change := pattern.FindStringSubmatch(b.text.String()), b.change
		b.mu.Unlock()
		if found != nil {
			return found[len(found)-1], nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
