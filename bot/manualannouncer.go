package bot

import (
	"context"
	"errors"

	"progressbot/bot/announce"
	"progressbot/commands"
	"progressbot/embeds"
)

// manualAnnouncer passes manual announcements on to the announcer.
type manualAnnouncer struct{ announcer *announce.Announcer }

var _ commands.Announcer = manualAnnouncer{}

// Preview implements [commands.Announcer].
func (m manualAnnouncer) Preview(ctx context.Context, a commands.Announcement) (commands.AnnouncementPreview, error) {
	p, err := m.announcer.Preview(ctx, requestOf(a))
	return commands.AnnouncementPreview{
		Fate: fateOf(p.Result), Channel: p.Channel, Message: p.Message, Ping: p.Ping,
	}, discordError(err)
}

// Announce implements [commands.Announcer].
func (m manualAnnouncer) Announce(ctx context.Context, a commands.Announcement) (commands.Fate, error) {
	results, err := m.announcer.Announce(ctx, requestOf(a))
	if err != nil {
		return commands.Fate{}, err
	}
	return fateOf(results[0]), nil
}

func requestOf(a commands.Announcement) announce.Request {
	return announce.Request{
		Server: a.Server, Person: a.Person, By: a.By, At: a.At, Note: a.Note,
		Reached: []announce.Reached{{Program: a.Program, Facts: a.Facts}},
	}
}

// discordError tells faults of Discord from those of the store.
func discordError(err error) error {
	if _, ok := errors.AsType[*announce.Failure](err); ok {
		return errors.Join(commands.ErrDiscord, err)
	}
	return err
}

func fateOf(r announce.Result) commands.Fate {
	f := commands.Fate{Link: r.Link, Trouble: embeds.Trouble(r.Hindrance)}
	switch r.Outcome {
	case announce.Queued:
		f.Outcome = embeds.OutcomeQueued
	case announce.Announced:
		f.Outcome = embeds.OutcomePosted
	case announce.AnnouncedBefore:
		f.Outcome = embeds.OutcomePostedBefore
	case announce.Waits:
		f.Outcome = embeds.OutcomeWaits
	case announce.Off:
		f.Outcome = embeds.OutcomeOff
	case announce.Left:
		f.Outcome = embeds.OutcomeLeft
	case announce.Expired:
		f.Outcome = embeds.OutcomeExpired
	case announce.Refused:
		f.Outcome = embeds.OutcomeRefused
	}
	return f
}
