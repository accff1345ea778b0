package main

import (
	"io"
	"strings"
	"sync"
	"testing"
)

// pipe returns an input on which nothing is typed until the returned
// function ends it.
func pipe(t *testing.T) (io.Reader, func()) {
	t.Helper()
	r, w := io.Pipe()
	return r, func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// signalWriter calls seen as soon as want was written.
type signalWriter struct {
	want string
	seen func()

	mu  sync.Mutex
	all strings.Builder
}

func (w *signalWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.Write(p)
	if strings.Contains(w.all.String(), w.want) {
		w.seen()
	}
	return len(p), nil
}
