package announce_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"

	"progressbot/bot/announce"
	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/embedstest"
)

// What is reached at one moment is one post, which shows of each program how
// far the person got.
func TestOneMomentIsOnePost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		asked []announce.Request
		want  []string // titles
	}{
		{"completion and its steps", []announce.Request{step(step(completed(alice, winter), winter, 75), winter, 50)}, []string{"winter"}},
		{"steps alone", []announce.Request{step(step(completed(alice), winter, 25), winter, 50)}, []string{`program\_winter`}},
		{"several programs", []announce.Request{step(completed(alice, winter, spring), "program_fall", 50)}, []string{"2 collections completed"}},
		{"steps of several programs", []announce.Request{step(step(completed(alice), winter, 25), spring, 50)}, []string{"2 milestones reached"}},
		{"two moments", []announce.Request{completed(alice, winter), completed(alice, spring)}, []string{"2 collections completed"}},
		{"a manager's is its own", []announce.Request{
			step(completed(alice, spring), winter, 50), by(store.ByManager, completed(alice, winter)),
		}, []string{"winter", "spring"}},
		{"two of a manager's", []announce.Request{
			by(store.ByManager, completed(alice, winter)), by(store.ByManager, completed(alice, spring)),
		}, []string{"winter", "spring"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.options.Wait = time.Nanosecond
				a := announce.New(w.options) // not running yet: everything is due at once
				var keys []store.EntryKey
				for _, r := range tt.asked {
					r.At = time.Now()
					w.announce(a, r)
					for _, reached := range r.Reached {
						key := store.EntryKey{Server: red, Person: alice, Program: reached.Program}
						if reached.Percent > 0 {
							key.Kind, key.Percent = store.Milestone, reached.Percent
						}
						keys = append(keys, key)
					}
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					a.Run(ctx)
				}()
				time.Sleep(time.Minute)
				cancel()
				<-done

				var got []string
				ids := map[string]bool{}
				for _, m := range w.discord.posts() {
					got = append(got, m.post.Embeds[0].Title)
					ids[m.ID] = true
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("posts (-want +got):\n%s", diff)
				}
				for _, key := range keys {
					e, err := w.store.Entry(t.Context(), key)
					w.ok(err)
					if e.State != store.Sent || !ids[e.Message] {
						t.Errorf("%s %d is %v in %q", e.Program, e.Percent, e.State, e.Message)
					}
				}
			})
		})
	}
}

func TestPostFollowsTheSettings(t *testing.T) {
	t.Parallel()
	draw := func(context.Context, announce.Drawing) (embeds.File, error) {
		return embeds.File{Name: "progress.png", Data: []byte("png")}, nil
	}
	tests := []struct {
		name   string
		change func(*world)
		ask    announce.Request
		check  func(*testing.T, announce.Post)
	}{
		{"pings nobody", func(*world) {}, completed(alice, winter), func(t *testing.T, p announce.Post) {
			if p.Ping != "" || !strings.Contains(p.Content, "<@"+alice+">") {
				t.Errorf("ping %q, content %q", p.Ping, p.Content)
			}
		}},
		{"pings the member", func(w *world) { w.settings(red, func(s *store.Settings) { s.PingMember = true }) }, completed(alice, winter),
			func(t *testing.T, p announce.Post) {
				if p.Ping != alice {
					t.Errorf("ping %q", p.Ping)
				}
			}},
		{"template", func(w *world) {
			w.settings(red, func(s *store.Settings) { s.Template = "{member} · {collection} · {reward} · {server}" })
		}, completed(alice, winter), func(t *testing.T, p announce.Post) {
			if want := "<@" + alice + `> · winter · Badge of program\_winter · Ice Club`; p.Content != want {
				t.Errorf("content %q, want %q", p.Content, want)
			}
		}},
		{"a template that is none", func(w *world) {
			w.settings(red, func(s *store.Settings) { s.Template = "{nobody}" })
		}, completed(alice, winter), func(t *testing.T, p announce.Post) {
			if !strings.HasPrefix(p.Content, "<@"+alice+"> completed **winter**") {
				t.Errorf("content %q", p.Content)
			}
		}},
		{"card", func(w *world) { w.options.Draw = draw }, completed(alice, winter), func(t *testing.T, p announce.Post) {
			if len(p.Files) != 1 || p.Embeds[0].Image.URL != "attachment://progress.png" {
				t.Errorf("files %v", p.Files)
			}
		}},
		{"no card where the server wants none", func(w *world) {
			w.options.Draw = draw
			w.settings(red, func(s *store.Settings) { s.Pictures = store.NoPictures })
		}, completed(alice, winter), noCard},
		{"no card where it cannot be attached", func(w *world) {
			w.options.Draw = draw
			w.discord.allow(general, allPermissions&^discordgo.PermissionAttachFiles)
		}, completed(alice, winter), noCard},
		{"no card for several", func(w *world) { w.options.Draw = draw }, completed(alice, winter, spring), noCard},
		{"a card that cannot be drawn", func(w *world) {
			w.options.Draw = func(context.Context, announce.Drawing) (embeds.File, error) {
				return embeds.File{}, errors.New("no ink")
			}
		}, completed(alice, winter), noCard},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.change(w)
				a := w.start()
				tt.ask.At = time.Now()
				w.announce(a, tt.ask)
				posts := w.discord.posts()
				if len(posts) != 1 {
					t.Fatalf("%d posts\n%s", len(posts), w.log)
				}
				if err := embedstest.Check(posts[0].post.Message); err != nil {
					t.Error(err)
				}
				tt.check(t, posts[0].post)
			})
		})
	}
}

func noCard(t *testing.T, p announce.Post) {
	t.Helper()
	if len(p.Files) != 0 {
		t.Errorf("files %v", p.Files)
	}
}

func TestPreviewIsThePost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.options.Draw = func(_ context.Context, d announce.Drawing) (embeds.File, error) {
			return embeds.File{Name: "progress.png", Description: d.Person + d.Reached.Name, Data: []byte("png")}, nil
		}
		w.settings(red, func(s *store.Settings) { s.Template, s.PingMember = "{member}!", true })
		a := w.start()
		r := by(store.ByManager, completed(alice, winter))
		r.Note = "Well *done*, @everyone"

		before, err := a.Preview(t.Context(), r)
		w.ok(err)
		if before.Outcome != announce.Queued || before.Channel != general || !before.Ping {
			t.Errorf("preview %+v", before)
		}
		time.Sleep(time.Hour)
		r.At = time.Now()
		w.announce(a, r)
		post := w.discord.posts()[0].post
		if diff := cmp.Diff(before.Message, post.Message); diff != "" {
			t.Errorf("(-preview +post):\n%s", diff)
		}
		after, err := a.Preview(t.Context(), r)
		w.ok(err)
		if after.Outcome != announce.AnnouncedBefore || after.Link == "" {
			t.Errorf("preview afterwards: %+v", after)
		}
	})
}

func TestPreviewSaysWhyNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*world)
		want   announce.Result
		err    bool
	}{
		{"off", func(w *world) { w.settings(red, func(s *store.Settings) { s.Announcements = false }) }, announce.Result{Outcome: announce.Off}, false},
		{"no channel", func(w *world) { w.settings(red, func(s *store.Settings) { s.Channel = "" }) }, announce.Result{Outcome: announce.Off}, false},
		{"never", func(w *world) { w.choose(alice, store.Never) }, announce.Result{Outcome: announce.Refused}, false},
		{"declined", declined, announce.Result{Outcome: announce.Refused}, false},
		{"left", func(w *world) { w.discord.leave(alice) }, announce.Result{Outcome: announce.Left}, false},
		{"channel gone", func(w *world) { w.discord.remove(general) }, announce.Result{Outcome: announce.Waits, Hindrance: store.NoChannel}, false},
		{"permission", func(w *world) { w.discord.allow(general, discordgo.PermissionViewChannel) },
			announce.Result{Outcome: announce.Waits, Hindrance: store.NoPermission}, false},
		{"not seen", func(w *world) { w.discord.breaks("place", fault{err: failed(announce.NotAllowed)}) },
			announce.Result{Outcome: announce.Waits, Hindrance: store.NoPermission}, false},
		{"discord down", func(w *world) { w.discord.breaks("place", fault{err: errLost}) }, announce.Result{}, true},
		{"member unknown", func(w *world) { w.discord.breaks("member", fault{err: errLost}) }, announce.Result{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.change(w)
				got, err := announce.New(w.options).Preview(t.Context(), by(store.ByManager, completed(alice, winter)))
				if (err != nil) != tt.err {
					t.Fatalf("error %v", err)
				}
				if diff := cmp.Diff(tt.want, got.Result); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if w.discord.count("post") != 0 {
					t.Error("a preview was posted")
				}
			})
		})
	}
	t.Run("waiting", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.discord.remove(general)
			a := w.start()
			w.announce(a, completed(alice, winter))
			got, err := a.Preview(t.Context(), by(store.ByManager, completed(alice, winter)))
			w.ok(err)
			if got.Outcome != announce.Waits || got.Hindrance != store.NoChannel {
				t.Errorf("got %+v", got.Result)
			}
		})
	})
}

// The mark is short, unmistakable, and each thing's own.
func TestMarks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := announce.New(w.options)
		seen := map[string]bool{}
		for _, person := range []string{alice, bob} {
			for _, program := range []string{winter, spring, "\xff", strings.Repeat("x", 4096)} {
				p, err := a.Preview(t.Context(), by(store.ByManager, completed(person, program)))
				w.ok(err)
				mark, ok := strings.CutPrefix(p.Message.Embeds[0].Footer.Text, "#")
				if !ok || len(mark) != 6 || strings.ContainsAny(mark, "01IO") || strings.ToUpper(mark) != mark || seen[mark] {
					t.Errorf("mark %q", mark)
				}
				seen[mark] = true
			}
		}
	})
}

// A process finds what one of another version began only by the same mark and
// nonce.
func TestMarksOutliveVersions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := w.start()
		w.announce(a, completed(alice, winter))
		e := w.entry(alice, winter)
		if diff := cmp.Diff([]string{"4MBHZ3", "R2MNNU6FF6NVRY2HQK73Y4AA"}, []string{e.Mark, e.Nonce}); diff != "" {
			t.Errorf("mark and nonce (-want +got):\n%s", diff)
		}
	})
}

// A step is not news any more once the person got further.
func TestOvertakenStep(t *testing.T) {
	t.Parallel()
	for _, further := range []int{0, 75} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			a := w.start()
			w.discord.breaks("place", fault{err: &announce.Failure{Cause: announce.NotSent, RetryAfter: time.Hour, Err: errLost}})
			w.announce(a, step(completed(alice), winter, 50))
			if further == 0 {
				w.announce(a, completed(alice, winter))
			} else {
				w.announce(a, step(completed(alice), winter, further))
			}
			time.Sleep(2 * time.Hour)
			e, err := w.store.Entry(t.Context(), store.EntryKey{Server: red, Person: alice, Program: winter, Kind: store.Milestone, Percent: 50})
			w.ok(err)
			if e.State != store.Refused || len(w.discord.posts()) != 1 {
				t.Errorf("the step is %v, %d posts", e.State, len(w.discord.posts()))
			}
		})
	}
}
