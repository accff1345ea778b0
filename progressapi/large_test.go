package progressapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"progressbot/progressapi"
)

// TestFewLargeBodiesAtOnce has more large bodies under way than there are
// places: the others wait, small ones do not, and a place is given back.
func TestFewLargeBodiesAtOnce(t *testing.T) {
	t.Parallel()
	const places = 4
	began := make(chan struct{}, 3*places)
	end := make(chan struct{})
	large := "[" + strings.Repeat(" ", 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "large") {
			fmt.Fprint(w, "[]")
			return
		}
		fmt.Fprint(w, large)
		_ = http.NewResponseController(w).Flush()
		began <- struct{}{}
		select {
		case <-end:
			fmt.Fprint(w, "]")
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	c, err := progressapi.NewClient(server.URL, "key", progressapi.WithAttempts(1), progressapi.WithTimeouts(time.Minute, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()

	var asking sync.WaitGroup
	for range places {
		asking.Go(func() {
			if _, err := c.ListPrograms(t.Context(), "large"); err != nil {
				t.Error(err)
			}
		})
	}
	for range places {
		<-began
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.ListPrograms(short, "large"); !errors.Is(err, progressapi.ErrUnavailable) {
		t.Errorf("one too many: error = %v, want %v", err, progressapi.ErrUnavailable)
	}
	if _, err := c.ListPrograms(t.Context(), "small"); err != nil {
		t.Errorf("a small one: %v", err)
	}
	close(end)
	asking.Wait()
	for range 2 * places {
		if _, err := c.ListPrograms(t.Context(), "large"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}
}
