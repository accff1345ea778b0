package bot

import (
	"time"

	"progressbot/commands"
)

// The bounds of what one person may ask for, for tests.
const (
	MaxPerPerson     = maxPerPerson
	MaxPersonWaiting = maxPersonWaiting
)

// FairQueue opens fairQueue to tests, with requests as their IDs.
type FairQueue struct{ q fairQueue }

func asked(id, person string, at time.Time) job {
	return job{request: commands.Request{ID: id, User: commands.User{ID: person}, Received: at}}
}

func (f *FairQueue) Begin(person string) bool { return f.q.begin(asked("", person, time.Time{})) }
func (f *FairQueue) End(person string)        { f.q.end(asked("", person, time.Time{})) }
func (f *FairQueue) Waiting() int             { return f.q.waiting }
func (f *FairQueue) Lines() int               { return len(f.q.lines) }

func (f *FairQueue) Push(id, person string, at time.Time) bool {
	return f.q.push(asked(id, person, at))
}

func (f *FairQueue) Pop() (string, bool) {
	j, ok := f.q.pop()
	return j.request.ID, ok
}

func (f *FairQueue) PopOlder(than time.Time) []string {
	var ids []string
	for _, j := range f.q.popOlder(than) {
		ids = append(ids, j.request.ID)
	}
	return ids
}
