// Package logtest gives tests of the running bot a log that they can wait
// for.
//
// A [Buffer] is written to by a logger or a process and read by a test. It is
// safe for concurrent use. Only tests may import the package.
package logtest

import (
	"bytes"
	"context"
	"regexp"
	"sync"
)

// Buffer collects a log. Make one with [New].
type Buffer struct {
	mu     sync.Mutex
	text   bytes.Buffer
	mark   int           // where Await begins to look
	change chan struct{} // closed by the next write
}

// New returns an empty log.
func New() *Buffer { return &Buffer{change: make(chan struct{})} }

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.change)
	b.change = make(chan struct{})
	return b.text.Write(p)
}

// String returns all of the log.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Forget makes Await look only at what is written from now on.
func (b *Buffer) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mark = b.text.Len()
}

// Await waits until the log matches and returns the last group of the match.
// Its error is that of ctx.
func (b *Buffer) Await(ctx context.Context, pattern *regexp.Regexp) (string, error) {
	for {
		b.mu.Lock()
		found, change := pattern.FindStringSubmatch(b.text.String()[b.mark:]), b.change
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
