package watch

import (
	"log/slog"
	"time"

	"progressbot/progressapi/outage"
)

const (
	// quiet is how long a fault must not have been seen to be over.
	quiet = time.Minute
	// unseen is the same for records that cannot be read. Whoever has one is
	// met again no sooner than a lease ends, and later where many are due.
	unseen = time.Hour
)

// faults tell the log of each kind of fault when it begins and when it is
// over, however many looks it spoils.
type faults struct {
	api     *outage.Watch // the API keeps looks from being made
	sink    *outage.Watch // what was found is not taken over
	store   *outage.Watch
	damaged *outage.Watch // what is stored of somebody cannot be read
}

func newFaults(log *slog.Logger) *faults {
	return &faults{
		api: outage.New(outage.Options{
			Log: log, Level: slog.LevelWarn, Quiet: quiet,
			Begun: "the progress API fails, so looking for completions pauses", Ended: "looking for completions goes on",
		}),
		sink: outage.New(outage.Options{
			Log: log, Level: slog.LevelError, Quiet: quiet,
			Begun: "what was found cannot be handed to the ledger, it will be found again", Ended: "what is found can be handed to the ledger again",
		}),
		store: outage.New(outage.Options{
			Log: log, Level: slog.LevelError, Quiet: quiet,
			Begun: "the store fails, so looking for completions pauses", Ended: "the store works again",
		}),
		damaged: outage.New(outage.Options{
			Log: log, Level: slog.LevelError, Quiet: unseen,
			Begun: "what is stored about somebody who is followed is damaged, so they are left out", Ended: "what is stored about those who are followed can be read again",
		}),
	}
}
