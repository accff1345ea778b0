package embeds

import (
	"progressbot/embeds/card"
	"progressbot/embeds/catalog"
)

// CompletionCard is the drawn card of a completion, to go with
// [Announcement]. person is the member's name, which may be hostile.
func CompletionCard(w *catalog.Words, person string, r Reached) *card.Completion {
	labels := CardLabels(w)
	c := &card.Completion{
		Person:  card.Name{Text: person, Instead: labels.Member},
		Program: card.Name{Text: r.Name, Instead: labels.Collection},
		Labels:  labels,
	}
	if collected, size := r.count(); size > 0 {
		c.Count = labels.Count(collected, size)
	}
	if r.Reward != "" {
		c.Reward = &card.Prize{Name: card.Name{Text: r.Reward, Instead: labels.Reward}, State: card.Ready}
	}
	return c
}
