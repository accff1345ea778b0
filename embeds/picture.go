package embeds

import (
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/card"
	"progressbot/embeds/catalog"
)

// CardLabels are the words of drawn cards in a language.
func CardLabels(w *catalog.Words) card.Labels {
	return card.Labels{
		Member:        w.Text(catalog.SomePerson),
		Collection:    w.Text(catalog.CardCollection),
		Card:          w.Text(catalog.CardCard),
		Reward:        w.Text(catalog.FieldReward),
		Running:       w.Text(catalog.StateRunning),
		NotStarted:    w.Text(catalog.StateNotStarted),
		Completed:     w.Text(catalog.StateCompleted),
		Ended:         w.Text(catalog.StateEnded),
		Owned:         w.Text(catalog.FieldCollected),
		Missing:       w.Text(catalog.FieldMissing),
		RewardLocked:  w.Text(catalog.CardRewardLocked),
		RewardReady:   w.Text(catalog.CardRewardReady),
		RewardClaimed: w.Text(catalog.CardRewardClaimed),
		You:           w.Text(catalog.CardYou),
		Celebration:   w.Text(catalog.CardCelebration),
		Count:         func(have, size int) string { return w.Text(catalog.CardCount, have, size) },
		Percent:       func(n int) string { return w.Text(catalog.Percent, n) },
		Left:          func(d time.Duration) string { return timeLeft(w, d) },
		Done:          func(done, all int) string { return w.Text(catalog.OverviewSummary, done, all) },
		More:          func(n int) string { return w.Text(catalog.AndMore, n) },
		Spare:         func(n int) string { return w.Text(catalog.CardSpare, n) },
		Rarity:        func(value string) string { return humanize(value, maxRarity, Plain) },
	}
}

// timeLeft says roughly how long there is still time: a picture cannot count
// down, so it does not pretend to know the minute.
func timeLeft(w *catalog.Words, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return w.Text(catalog.CardDaysLeft, int(d/day))
	case d >= time.Hour:
		return w.Text(catalog.CardHoursLeft, int(d/time.Hour))
	default:
		return w.Text(catalog.CardMinutesLeft)
	}
}

// AttachCard shows a drawn card in the message's first embed. alt says the
// same in words, at most 1024 characters.
func AttachCard(m *Message, png []byte, alt string) {
	m.Files = append(m.Files, CardFile(png, alt))
	m.Embeds[0].Image = &discordgo.MessageEmbedImage{URL: "attachment://" + card.FileName}
}

// CardFile is a drawn card as an attachment, with its alt text.
func CardFile(png []byte, alt string) File {
	return File{Name: card.FileName, Description: alt, ContentType: card.ContentType, Data: png}
}
