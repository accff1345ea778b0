package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"progressbot/bot/presence"
	"progressbot/commands"
	"progressbot/embeds"
)

// guilds looks up servers, channels and the bot's permissions in them, and posts
// messages. It is safe for concurrent use. It caches nothing but the bot's user
// ID, because it is asked by people who have just changed something in Discord.
type guilds struct {
	rest *rest
	own  atomic.Pointer[string] // the bot's user ID
}

var (
	_ commands.Guilds  = (*guilds)(nil)
	_ commands.Members = (*guilds)(nil)
	_ commands.Poster  = (*guilds)(nil)
	_ presence.Discord = (*guilds)(nil)
)

// self returns the bot's user ID. That of its application is another one for
// old bots.
func (g *guilds) self(ctx context.Context) (string, error) {
	if id := g.own.Load(); id != nil {
		return *id, nil
	}
	user, err := g.rest.self(ctx)
	if err != nil {
		return "", err
	}
	if user.ID == "" {
		return "", errors.New("discord self: answer has no id")
	}
	g.own.Store(&user.ID)
	return user.ID, nil
}

// standing is a server and the bot's membership in it.
type standing struct {
	guild guildInfo
	self  string
	roles []string
}

func (g *guilds) standing(ctx context.Context, guild string) (standing, error) {
	var s standing
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		s.guild, err = g.rest.guild(ctx, guild)
		return err
	})
	group.Go(func() error {
		self, err := g.self(ctx)
		if err != nil {
			return err
		}
		member, err := g.rest.member(ctx, guild, self)
		s.self, s.roles = self, member.Roles
		return err
	})
	err := group.Wait()
	return s, err
}

// Guild implements [commands.Guilds].
func (g *guilds) Guild(ctx context.Context, guild string) (commands.GuildInfo, error) {
	s, err := g.standing(ctx, guild)
	if err != nil {
		return commands.GuildInfo{}, err
	}
	info := commands.GuildInfo{ID: s.guild.ID, Name: s.guild.Name, Owner: s.guild.OwnerID, Own: s.roles}
	for _, r := range s.guild.Roles {
		info.Roles = append(info.Roles, commands.GuildRole{
			ID: r.ID, Position: r.Position, Permissions: int64(r.Permissions), Managed: r.Managed,
		})
	}
	return info, nil
}

// BotPermissions implements [commands.Guilds].
func (g *guilds) BotPermissions(ctx context.Context, guild, channel string) (int64, error) {
	var (
		at channelInfo
		s  standing
	)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		at, err = g.channel(ctx, guild, channel)
		return err
	})
	group.Go(func() (err error) {
		s, err = g.standing(ctx, guild)
		return err
	})
	if err := group.Wait(); err != nil {
		return 0, err
	}
	return channelPermissions(&s.guild, s.self, s.roles, at.Overwrites), nil
}

// MemberName implements [commands.Members].
func (g *guilds) MemberName(ctx context.Context, guild, person string) (string, error) {
	m, err := g.rest.member(ctx, guild, person)
	if refusal, ok := errors.AsType[*apiError](err); ok && (refusal.Code == codeUnknownMember || refusal.Code == codeUnknownUser) {
		return "", commands.ErrNoMember
	}
	return m.name(), err
}

// channel reads a channel of a server. Discord does not let the bot ask for
// one that it cannot see, but lists it among the others.
func (g *guilds) channel(ctx context.Context, guild, channel string) (channelInfo, error) {
	c, err := g.rest.channel(ctx, channel)
	refusal, refused := errors.AsType[*apiError](err)
	switch {
	case err == nil && c.GuildID == guild:
		return c, nil
	case err == nil, refused && refusal.Status == http.StatusNotFound:
		return channelInfo{}, commands.ErrNoChannel
	case !refused || refusal.Status != http.StatusForbidden:
		return channelInfo{}, err
	}
	all, err := g.rest.guildChannels(ctx, guild)
	if err != nil {
		return channelInfo{}, err
	}
	if i := slices.IndexFunc(all, func(c channelInfo) bool { return c.ID == channel }); i >= 0 {
		return all[i], nil
	}
	return channelInfo{}, commands.ErrNoChannel
}

// Post implements [commands.Poster].
func (g *guilds) Post(ctx context.Context, channel string, m embeds.Message) (string, error) {
	r := commands.Reply{Message: m}
	return g.rest.createMessage(ctx, channel, channelMessage{messagePayload: newMessagePayload(&r)}, m.Files)
}

// Servers implements [presence.Discord].
func (g *guilds) Servers(ctx context.Context) ([]string, error) {
	var all []string
	last := uint64(0)
	for {
		page, err := g.rest.ownGuilds(ctx, strconv.FormatUint(last, 10))
		if err != nil {
			return nil, err
		}
		for _, guild := range page {
			id, err := strconv.ParseUint(guild.ID, 10, 64)
			if err != nil || id <= last {
				return nil, fmt.Errorf("discord %s: the list is out of order", routeOwnGuilds)
			}
			last = id
			all = append(all, guild.ID)
		}
		if len(page) < ownGuildsPage {
			return all, nil
		}
	}
}

// Knows implements [presence.Discord]. For a server that the bot is not in,
// Discord answers "Unknown Guild" or "Missing Access".
func (g *guilds) Knows(ctx context.Context, server string) (bool, error) {
	_, err := g.rest.guild(ctx, server)
	refusal, refused := errors.AsType[*apiError](err)
	if refused && (refusal.Code == codeUnknownGuild || refusal.Code == codeMissingAccess) {
		return false, nil
	}
	return err == nil, err
}
