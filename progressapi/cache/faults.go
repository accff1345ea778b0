package cache

import (
	"errors"
	"log/slog"
	"time"

	"progressbot/progressapi"
	"progressbot/progressapi/outage"
)

// quiet is how long the API must not fail in one way for that to be over.
const quiet = 15 * time.Second

// faults tells the log how the API fails: a line when that begins and one
// when it is over, for each kind.
type faults struct{ kinds []kind }

type kind struct {
	err   error
	watch *outage.Watch
}

func newFaults(log *slog.Logger) *faults {
	watch := func(err error, level slog.Level, begun, ended string) kind {
		return kind{err, outage.New(outage.Options{Log: log, Level: level, Begun: begun, Ended: ended, Quiet: quiet})}
	}
	return &faults{[]kind{
		watch(progressapi.ErrKeyRefused, slog.LevelError, "the progress API refuses the key; set PROGRESS_API_KEY to one that is valid", "the progress API accepts the key again"),
		watch(progressapi.ErrPlanRefused, slog.LevelError, "the progress API refuses the account behind the key; settle it with the vendor", "the progress API accepts the account again"),
		watch(progressapi.ErrRateLimited, slog.LevelWarn, "the progress API's rate limit is reached", "the progress API's rate limit is kept again"),
		watch(progressapi.ErrUnreadable, slog.LevelWarn, "the progress API sends answers that cannot be read", "the progress API's answers can be read again"),
		watch(progressapi.ErrUnavailable, slog.LevelWarn, "the progress API fails, old answers stand in", "the progress API answers again"),
	}}
}

// note notes how one call ended.
func (f *faults) note(err error) {
	for _, k := range f.kinds {
		switch {
		case err == nil:
			k.watch.Worked()
		case errors.Is(err, k.err):
			k.watch.Failed(err)
			return
		}
	}
}
