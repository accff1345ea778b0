package faulttest

import (
	"fmt"
	"testing"

	"progressbot/bot/discordsim"
	"progressbot/bot/redisconn/redistest"
)

// TestNobodyIsShownWithoutTheStore takes Redis away, which knows what people
// chose. Their own progress people see as ever; others' they do not, until it
// is known again that they may.
func TestNobodyIsShownWithoutTheStore(t *testing.T) {
	t.Parallel()
	steadilyIn(t, setup{}, func(w *world) error {
		w.late = true
		w.start()
		person, fellow := w.person(), w.person()
		look := func(want string) error {
			i, err := w.discord.InvokeUser(discordsim.Invocation{Command: "View progress", User: fellow, Target: person})
			if err != nil {
				return err
			}
			if saw, err := w.see(i); err != nil || saw.What != want {
				return fmt.Errorf("a fellow member saw: %s, %v; want %s", saw.What, err, want)
			}
			return nil
		}
		if err := look(seenFresh); err != nil {
			return err
		}
		if err := w.redis.Set(redistest.Refuse); err != nil {
			return err
		}
		if err := look(seenNotNow); err != nil {
			return err
		}
		if saw, err := w.tries(person); err != nil || !saw.good() {
			return fmt.Errorf("the member saw: %s, %v", saw.What, err)
		}
		if err := w.redis.Set(redistest.Pass); err != nil {
			return err
		}
		if err := w.awaitShared(); err != nil {
			return err
		}
		return look(seenFresh)
	})
}
