package outage_test

import (
	"bytes"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/progressapi/outage"
)

func TestWatchSaysItTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		w := outage.New(outage.Options{Log: log, Level: slog.LevelError, Begun: "broken", Ended: "mended", Quiet: 10 * time.Second})

		w.Worked() // Nothing to tell.
		var hits sync.WaitGroup
		for range 100 {
			hits.Go(func() { w.Failed(errors.New("why")) })
		}
		hits.Wait()
		time.Sleep(9 * time.Second)
		w.Worked() // Too early to say.
		w.Failed(errors.New("again"))
		time.Sleep(3 * time.Second)
		w.Worked() // It is over; that is told once it stays so.
		time.Sleep(7 * time.Second)
		w.Worked()
		w.Worked()
		w.Failed(errors.New("anew"))

		want := `level=ERROR msg=broken err=why
level=INFO msg=mended lasted=12s failures=101
level=ERROR msg=broken err=anew
`
		if d := cmp.Diff(want, b.String()); d != "" {
			t.Errorf("log (-want +got):\n%s", d)
		}
	})
}
