package budget

import "sync"

const (
	// retryShare is how much of a repetition each first attempt earns.
	retryShare = 0.1
	// maxRetries bounds what is saved up, and is there at the start.
	maxRetries = 10
)

// retries is the budget of repeated attempts.
type retries struct {
	mu   sync.Mutex
	left float64
}

func newRetries() *retries { return &retries{left: maxRetries} }

// earn notes a first attempt.
func (r *retries) earn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = min(maxRetries, r.left+retryShare)
}

// spend pays for a repetition, if there is enough.
func (r *retries) spend() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left < 1 {
		return false
	}
	r.left--
	return true
}
