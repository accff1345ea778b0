package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"progressbot/bot/store"
)

func watchStates() []store.WatchState {
	ms := func(n int64) time.Time { return time.UnixMilli(n).UTC() }
	return []store.WatchState{
		{},
		{Checked: ms(1), Changed: ms(-1), Every: time.Second, Usual: 300 * time.Hour, Failed: 7},
		{Checked: ms(1_800_000_000_000), Seen: []store.Seen{
			{Program: store.KeyOf("a"), Collected: 12, Percent: 100, Milestone: 75, Complete: true},
			{Program: store.KeyOf("b"), Collected: 2_000_000_000, Percent: 0},
			{Program: store.KeyOf("c"), Percent: 99, Milestone: 25},
		}},
	}
}

func TestWatchState(t *testing.T) {
	t.Parallel()
	for _, want := range watchStates() {
		got, err := store.UnpackWatch(store.PackWatch(want))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("state (-want +got):\n%s", d)
		}
	}
	out := store.WatchState{Every: -1, Seen: []store.Seen{{Collected: -1, Percent: 101, Milestone: -1}}}
	got, err := store.UnpackWatch(store.PackWatch(out))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(store.WatchState{Seen: []store.Seen{{Percent: 100}}}, got); d != "" {
		t.Errorf("a state out of bounds (-want +got):\n%s", d)
	}
	many := store.WatchState{Seen: make([]store.Seen, 8)}
	if n := len(store.PackWatch(many)); n > 32+8*18 {
		t.Errorf("a state with 8 programs takes %d bytes", n)
	}
}

// What earlier versions stored about pictures keeps its meaning, and what
// this one stores means the nearest to an earlier one.
func TestStoredPictures(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]store.Pictures{
		`{}`:                 store.MostPictures,
		`{"public":true}`:    store.MostPictures,
		`{"no_cards":true}`:  store.NoPictures,
		`{"no_cards":false}`: store.MostPictures,
		`{"all_cards":true}`: store.AllPictures,
	} {
		got, err := store.DecodeSettings([]byte("\x01" + stored))
		if err != nil || got.Pictures != want {
			t.Errorf("%s is read as %d, %v; want %d", stored, got.Pictures, err, want)
		}
	}
}

func FuzzUnpackWatch(f *testing.F) {
	for _, w := range watchStates() {
		data := store.PackWatch(w)
		f.Add(data)
		f.Add(data[:len(data)-1])
		f.Add(append(slices.Clone(data), 0))
	}
	f.Add([]byte{})
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := store.UnpackWatch(data)
		if err != nil {
			if !errors.Is(err, store.ErrDamaged) {
				t.Errorf("got error %v", err)
			}
			return
		}
		again, err := store.UnpackWatch(store.PackWatch(w))
		if err != nil {
			t.Fatal(err)
		}
		third, err := store.UnpackWatch(store.PackWatch(again))
		if d := cmp.Diff(again, third); d != "" || err != nil {
			t.Errorf("packing is not stable: %v\n%s", err, d)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "program_123", "\xff\xfe\x00", "base64:", "base64:AAAA", "ÅÄÖ 🎉", "\"quoted\"\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		data, err := store.EncodeText(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.DecodeText(data)
		if err != nil || got != s {
			t.Errorf("%q comes back as %q, %v", s, got, err)
		}
	})
}
