package logtest_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"progressbot/bot/logtest"
)

func TestAwait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := logtest.New()
		fmt.Fprintln(b, "port=1")
		b.Forget()
		go func() {
			time.Sleep(time.Second)
			fmt.Fprintln(b, "port=2")
		}()
		port := regexp.MustCompile(`port=(\d)`)
		if got, err := b.Await(t.Context(), port); got != "2" || err != nil {
			t.Errorf("got %q, %v; want what came after Forget", got, err)
		}
		if got := b.String(); got != "port=1\nport=2\n" {
			t.Errorf("the log is %q", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.Await(ctx, regexp.MustCompile("never")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting in vain ends with %v", err)
		}
	})
}
