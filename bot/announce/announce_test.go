package announce_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/bot/store"
)

func TestAnnounceByHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := w.start()

		got := w.announce(a, completed(alice, winter))
		posts := w.discord.posts()
		if len(posts) != 1 {
			t.Fatalf("%d posts\n%s", len(posts), w.log)
		}
		link := "https://discord.com/channels/" + red + "/" + general + "/" + posts[0].ID
		if diff := cmp.Diff([]announce.Result{{Outcome: announce.Announced, Link: link}}, got); diff != "" {
			t.Errorf("first (-want +got):\n%s", diff)
		}
		got = w.announce(a, by(store.ByManager, completed(alice, winter)))
		if diff := cmp.Diff([]announce.Result{{Outcome: announce.AnnouncedBefore, Link: link}}, got); diff != "" {
			t.Errorf("again (-want +got):\n%s", diff)
		}
		e := w.entry(alice, winter)
		if e.Message != posts[0].ID || e.Channel != general || e.Attempt != 1 || posts[0].post.Nonce != e.Nonce || posts[0].Footers[0] != "#"+e.Mark {
			t.Errorf("entry %+v and post %+v do not agree", e, posts[0])
		}
		if len(w.discord.posts()) != 1 || w.counter("completion", "sent") != 1 {
			t.Errorf("%d posts, counted %d", len(w.discord.posts()), w.counter("completion", "sent"))
		}
	})
}
