package faulttest

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
	"time"
)

// logBuffer collects a log that many goroutines write to, and can be waited
// for.
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
func (b *logBuffer) await(pattern string) (string, error) {
	re := regexp.MustCompile(pattern)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		b.mu.Lock()
		found, change := re.FindStringSubmatch(b.text.String()), b.change
		b.mu.Unlock()
		if found != nil {
			return found[len(found)-1], nil
		}
		select {
		case <-change:
		case <-timer.C:
			return "", fmt.Errorf("the log has no line like %s:\n%s", pattern, b)
		}
	}
}

// complaints returns the lines of the log that an operator is to notice.
func (b *logBuffer) complaints() []string {
	return regexp.MustCompile(`(?m)^.*level=(?:WARN|ERROR).*$`).FindAllString(b.String(), -1)
}
