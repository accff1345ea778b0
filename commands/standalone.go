package commands

import (
	"context"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
)

// noStore stands in for a store that nobody gave.
type noStore struct{}

func (noStore) Settings(context.Context, string) (store.Settings, error) {
	return store.Settings{}, errNoStore
}

func (noStore) UpdateSettings(context.Context, string, func(*store.Settings) error) (store.Settings, error) {
	return store.Settings{}, errNoStore
}

func (noStore) ResetSettings(context.Context, string) (store.Settings, error) {
	return store.Settings{}, errNoStore
}

func (noStore) Wake(context.Context, string, time.Time) (int, error) { return 0, errNoStore }

func (noStore) Consent(context.Context, string, string) (store.Consent, error) {
	return store.Consent{}, errNoStore
}

func (noStore) UpdateConsent(context.Context, string, string, func(*store.Consent) error) (store.Consent, error) {
	return store.Consent{}, errNoStore
}

func (noStore) Choices(context.Context, string) (map[string]store.Choice, error) {
	return nil, errNoStore
}

func (noStore) Stored(context.Context, string) (store.Erased, error) {
	return store.Erased{}, errNoStore
}

func (noStore) Forget(context.Context, string, time.Time) (store.Erased, error) {
	return store.Erased{}, errNoStore
}

// noCopies stands in for a cache that nobody gave.
type noCopies struct{}

func (noCopies) Forget(context.Context, string) error { return nil }

// noDiscord stands in for a Discord that cannot be asked.
type noDiscord struct{}

func (noDiscord) Guild(context.Context, string) (GuildInfo, error) {
	return GuildInfo{}, errNoDiscord
}

func (noDiscord) BotPermissions(context.Context, string, string) (int64, error) {
	return 0, errNoDiscord
}

func (noDiscord) MemberName(context.Context, string, string) (string, error) {
	return "", errNoDiscord
}

func (noDiscord) Post(context.Context, string, embeds.Message) (string, error) {
	return "", errNoDiscord
}
