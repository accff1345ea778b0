package main

import (
	"io"
	"sync"
)

// journal is where the log is written until it is closed. What comes later is
// dropped: a goroutine of a library may outlive its session by a moment, and
// the last line of the process is to be the reason for its end. It is safe for
// concurrent use.
type journal struct {
	mu sync.Mutex
	to io.Writer // nil once closed
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.to == nil {
		return len(p), nil
	}
	return j.to.Write(p)
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.to = nil
}
