package bot_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
)

func TestFairQueueTakesTurns(t *testing.T) {
	t.Parallel()
	q := new(bot.FairQueue)
	for n := range 5 {
		q.Push(fmt.Sprintf("loud %d", n), "loud", time.Time{})
	}
	q.Push("quiet 0", "quiet", time.Time{})
	q.Push("calm 0", "calm", time.Time{})
	var got []string
	for id, ok := q.Pop(); ok; id, ok = q.Pop() {
		got = append(got, id)
	}
	want := []string{"loud 0", "quiet 0", "calm 0", "loud 1", "loud 2", "loud 3", "loud 4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order of service (-want +got):\n%s", diff)
	}
	if n := q.Waiting(); n != 0 {
		t.Errorf("%d wait after all were served", n)
	}
}

func TestFairQueueBoundsOnePerson(t *testing.T) {
	t.Parallel()
	q := new(bot.FairQueue)
	for n := range bot.MaxPerPerson {
		if !q.Begin("loud") {
			t.Fatalf("request %d of one person has to wait", n)
		}
	}
	if q.Begin("loud") {
		t.Errorf("more than %d requests of one person are worked on", bot.MaxPerPerson)
	}
	if !q.Begin("quiet") {
		t.Error("a loud person keeps another out")
	}
	q.Push("one more", "loud", time.Time{})
	if id, ok := q.Pop(); ok {
		t.Errorf("popped %q although its person has no room", id)
	}
	q.End("loud")
	if id, ok := q.Pop(); !ok || id != "one more" {
		t.Errorf("popped %q, %t after room was made", id, ok)
	}
}

func TestFairQueueBoundsOneLine(t *testing.T) {
	t.Parallel()
	q := new(bot.FairQueue)
	for n := range bot.MaxPersonWaiting {
		if !q.Push("", "loud", time.Time{}) {
			t.Fatalf("request %d of one person may not wait", n)
		}
	}
	if q.Push("", "loud", time.Time{}) {
		t.Errorf("more than %d requests of one person wait", bot.MaxPersonWaiting)
	}
	if !q.Push("", "quiet", time.Time{}) {
		t.Error("a loud person keeps another out")
	}
	if n := q.Waiting(); n != bot.MaxPersonWaiting+1 {
		t.Errorf("%d wait", n)
	}
}

func TestFairQueuePopOlder(t *testing.T) {
	t.Parallel()
	q := new(bot.FairQueue)
	start := time.Unix(1_800_000_000, 0)
	for n := range 3 {
		at := start.Add(time.Duration(n) * time.Second)
		q.Push(fmt.Sprintf("a%d", n), "a", at)
		q.Push(fmt.Sprintf("b%d", n), "b", at)
	}
	got := q.PopOlder(start.Add(1500 * time.Millisecond))
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a0", "a1", "b0", "b1"}, got); diff != "" {
		t.Errorf("too old (-want +got):\n%s", diff)
	}
	if n := q.Waiting(); n != 2 {
		t.Errorf("%d wait, want 2", n)
	}
	if got := q.PopOlder(start.Add(time.Hour)); len(got) != 2 || q.Lines() != 0 {
		t.Errorf("popped %v and left %d lines behind", got, q.Lines())
	}
}
