package commands

import (
	"context"
	"time"

	"progressbot/bot/store"
)

// noAnnouncements stands in for everything around announcements where nobody
// gave it.
type noAnnouncements struct{}

func (noAnnouncements) Preview(context.Context, Announcement) (AnnouncementPreview, error) {
	return AnnouncementPreview{}, errNoStore
}

func (noAnnouncements) Announce(context.Context, Announcement) (Fate, error) {
	return Fate{}, errNoStore
}

func (noAnnouncements) Entries(context.Context, ...store.EntryKey) (map[store.EntryKey]store.Entry, error) {
	return nil, errNoStore
}

func (noAnnouncements) AddDraft(context.Context, store.Draft) (store.Draft, error) {
	return store.Draft{}, errNoStore
}

func (noAnnouncements) Draft(context.Context, string, string, string, time.Time) (store.Draft, error) {
	return store.Draft{}, errNoStore
}

func (noAnnouncements) DropDraft(context.Context, string, string, string) error { return errNoStore }

func (noAnnouncements) Completions(context.Context, store.Recap, int, int) ([]store.Completed, int, error) {
	return nil, 0, errNoStore
}

func (noAnnouncements) RecapState(context.Context, string, string) (store.RecapState, error) {
	return store.RecapState{}, errNoStore
}

func (noAnnouncements) AddRecap(context.Context, store.RecapDraft) (store.RecapDraft, error) {
	return store.RecapDraft{}, errNoStore
}

func (noAnnouncements) Recap(context.Context, string, string, time.Time) (store.RecapDraft, string, error) {
	return store.RecapDraft{}, "", errNoStore
}

func (noAnnouncements) BeginRecap(context.Context, string, string, time.Time) (store.RecapDraft, bool, error) {
	return store.RecapDraft{}, false, errNoStore
}

func (noAnnouncements) EndRecap(context.Context, store.RecapDraft, string, time.Time) error {
	return errNoStore
}

func (noAnnouncements) PostOnce(context.Context, OncePost) (string, error) { return "", errNoDiscord }

func (noAnnouncements) FindPost(context.Context, OncePost) (string, error) { return "", errNoDiscord }
