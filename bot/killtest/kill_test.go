package killtest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"progressbot/bot/discordsim"
)

// Every step of announcing on which a process can die.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{
		"bbolt": {processes: 1},
		"Redis": {processes: 1, redis: true, short: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, s, 64)
			died, known := 0, map[string]bool{}
			for _, byHand := range []bool{false, true} {
				for _, step := range w.rehearse(byHand) {
					if known[step] && step != postMessage && !full() {
						continue
					}
					known[step] = true
					for _, m := range []moment{before, stored, answered} {
						w.dieAt(step, m, byHand)
						died++
					}
				}
			}
			// What died around its post is now looked for.
			for _, m := range []moment{before, stored, answered} {
				sprung := w.seats[0].gate.set(readHistory, m)
				if _, err := w.seats[0].launch(); err != nil {
					t.Fatal(err)
				}
				w.within(sprung, readHistory+" "+string(m))
				died++
			}
			w.settle()
			w.check()
			if got := w.seats[0].deaths(); got != died {
				t.Errorf("%d deaths, want %d", got, died)
			}
			t.Logf("%d deaths, %d completions", died, len(w.members))
		})
	}
}

// rehearse announces something without anybody dying, and returns the steps
// that it took.
func (w *world) rehearse(byHand bool) []string {
	w.t.Helper()
	w.stop()
	w.start() // knows nothing yet
	gate := w.seats[0].gate
	gate.forget()
	m := w.completesBy(byHand)
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	for len(w.posts()[m.id]) == 0 {
		w.tells(m)
		w.acts.Wait()
		if !w.awaitPost(ctx, m) {
			w.t.Fatal("nothing is posted although nobody died")
		}
	}
	for {
		n, change := gate.count(giveRole)
		if n > 0 {
			break
		}
		w.within(change, "a role")
	}
	steps := gate.steps()
	if !slices.Contains(steps, postMessage) || len(steps) < 5 {
		w.t.Fatalf("announcing took the steps %q", steps)
	}
	w.t.Logf("steps: %q", steps)
	return steps
}

// dieAt announces something and kills the process at a step: of that, or of
// what those before it have left behind.
func (w *world) dieAt(step string, m moment, byHand bool) {
	w.t.Helper()
	seat := w.seats[0]
	if err := seat.stop(); err != nil {
		w.t.Fatal(err)
	}
	sprung := seat.gate.set(step, m)
	member := w.completesBy(byHand)
	what := step + " " + string(m)
	if err := seat.start(); err != nil {
		w.within(sprung, what)
		return
	}
	w.tellsUntil(sprung, member, what)
}

// Random moments, with a Discord that sometimes stores a post and says that
// it did not, or says nothing.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{
		"bbolt":                   {processes: 1},
		"two processes one Redis": {processes: 2, redis: true, short: !full()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, s, 2**kills+2)
			for _, f := range []discordsim.RESTFault{
				{AfterWork: true, Status: http.StatusInternalServerError, Probability: 0.2},
				{AfterWork: true, Reset: true, Probability: 0.2},
				{AfterWork: true, Hang: true, Probability: 0.05},
				{Status: http.StatusServiceUnavailable, Probability: 0.1},
			} {
				f.Route = discordsim.RoutePost
				w.discord.InjectREST(f)
			}
			for i := range *kills {
				w.round(w.seats[i%len(w.seats)])
			}
			w.settle()
			w.check()
			died := 0
			for _, s := range w.seats {
				died += s.deaths()
			}
			if died != *kills {
				t.Errorf("%d deaths, want %d", died, *kills)
			}
			t.Logf("%d deaths, %d completions", died, len(w.members))
		})
	}
}

// lifetime is how long a process lives at most once people use it.
const lifetime = 400 * time.Millisecond

// round lets two members complete their collection and one who did so before
// try again, kills a process, and puts another in its place.
func (w *world) round(s *seat) {
	w.t.Helper()
	if missing := w.missing(); len(missing) > 0 {
		w.tells(missing[rand.IntN(len(missing))])
	}
	w.tells(w.completes())
	w.tells(w.completes())
	timer := time.NewTimer(rand.N(lifetime))
	defer timer.Stop()
	<-timer.C
	s.kill()
	if rand.IntN(4) == 0 { // another dies while it starts
		if _, err := s.launch(); err != nil {
			w.t.Fatal(err)
		}
	}
	w.start()
}
