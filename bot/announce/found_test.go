package announce_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/bot/watch"
)

// found is what a look at alice finds.
func found(servers ...string) watch.Found {
	return watch.Found{Person: alice, Servers: servers, At: time.Now(), Completions: []watch.Completion{
		{Program: winter, Facts: store.Facts{Name: "winter", Size: 12, Collected: 12}},
		{Program: spring, Milestones: []int{25, 50}, Facts: store.Facts{Name: "spring", Size: 12, Collected: 7}},
	}}
}

func TestTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.choose(alice, store.Always)
		a := w.start()
		// In the blue server, nothing was chosen.
		for range 3 {
			if err := a.Take(t.Context(), found(red, blue)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		var got []string
		for _, m := range w.discord.posts() {
			got = append(got, m.post.Embeds[0].Description)
		}
		want := []string{"**winter** · 12 of 12 · 100%\n**spring** · 7 of 12 · 58%"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("posts (-want +got):\n%s\n%s", diff, w.log)
		}
	})
}

func TestTakeLetsGoOfWhatCannotBeStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.choose(alice, store.Always)
		f := found(red)
		f.Completions[0].Program = strings.Repeat("x", 5000)
		if err := announce.New(w.options).Take(t.Context(), f); err != nil {
			t.Error(err)
		}
		if !strings.Contains(w.log.String(), "let go") {
			t.Error("it is not logged")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w, f := newFlakyWorld(t)
		w.choose(alice, store.Always)
		f.down.Store(true)
		if err := announce.New(w.options).Take(t.Context(), found(red)); err == nil {
			t.Error("a find was lost without an error")
		}
	})
}
