package bot

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/announce"
	"progressbot/commands"
	"progressbot/embeds"
)

// announcePort implements the announcer's interfaces with Discord's REST API. It
// is safe for concurrent use.
type announcePort struct {
	rest   *rest
	guilds *guilds
}

var (
	_ announce.Poster   = (*announcePort)(nil)
	_ announce.Members  = (*announcePort)(nil)
	_ announce.Managers = (*announcePort)(nil)
)

// Place implements [announce.Poster]. Nothing of it is remembered.
func (p *announcePort) Place(ctx context.Context, server, channel string) (announce.Place, error) {
	self, err := p.guilds.self(ctx)
	if err != nil {
		return announce.Place{}, failure(err)
	}
	guild, err := p.rest.guild(ctx, server)
	if err != nil {
		return announce.Place{}, inServer(err)
	}
	place := announce.Place{Server: guild.Name, Locale: guild.Locale}
	me, err := p.rest.member(ctx, server, self)
	if err != nil {
		return place, ownMember(err)
	}
	c, overwrites, err := p.channelIn(ctx, server, channel)
	if err != nil {
		return place, failure(err)
	}
	place.Permissions = channelPermissions(&guild, self, me.Roles, overwrites)
	if isThread(c) {
		place.Permissions = inThread(place.Permissions)
	}
	return place, nil
}

func isThread(c channelInfo) bool {
	switch c.Type {
	case discordgo.ChannelTypeGuildNewsThread, discordgo.ChannelTypeGuildPublicThread, discordgo.ChannelTypeGuildPrivateThread:
		return true
	}
	return false
}

// inThread is what permissions in a channel are worth in its threads, where
// sending takes another one.
func inThread(p int64) int64 {
	p &^= discordgo.PermissionSendMessages
	if p&discordgo.PermissionSendMessagesInThreads != 0 {
		p |= discordgo.PermissionSendMessages
	}
	return p
}

// channelIn finds a channel of a server, and the overwrites that hold in it.
func (p *announcePort) channelIn(ctx context.Context, server, channel string) (channelInfo, []overwriteInfo, error) {
	if channel == "" {
		return channelInfo{}, nil, noChannel()
	}
	c, err := p.rest.channel(ctx, channel)
	if err == nil && c.GuildID != server {
		err = noChannel()
	}
	if err != nil || !isThread(c) {
		return c, c.Overwrites, err
	}
	parent, err := p.rest.channel(ctx, c.ParentID)
	return c, parent.Overwrites, err
}

func noChannel() error {
	return &announce.Failure{Cause: announce.NotFound, Err: errors.New("the server has no such channel")}
}

// Post implements [announce.Poster].
func (p *announcePort) Post(ctx context.Context, channel string, post announce.Post) (string, error) {
	reply := commands.Reply{Message: post.Message}
	if post.Ping != "" {
		reply.Mention = []string{post.Ping}
	}
	m := channelMessage{messagePayload: newMessagePayload(&reply), Nonce: post.Nonce, EnforceNonce: post.Nonce != ""}
	id, err := p.rest.createMessage(ctx, channel, m, post.Files)
	return id, failure(err)
}

// History implements [announce.Poster].
func (p *announcePort) History(ctx context.Context, channel, after string) ([]announce.Posted, error) {
	self, err := p.guilds.self(ctx)
	if err != nil {
		return nil, failure(err)
	}
	list, err := p.rest.messagesAfter(ctx, channel, after, announce.PageSize)
	if err != nil {
		return nil, failure(err)
	}
	slices.SortFunc(list, func(a, b messageInfo) int { return compareIDs(a.ID, b.ID) })
	out := make([]announce.Posted, len(list))
	for i, m := range list {
		out[i] = announce.Posted{ID: m.ID, Own: m.Author.ID == self && m.WebhookID == ""}
		for _, e := range m.Embeds {
			out[i].Footers = append(out[i].Footers, e.Footer.Text)
		}
	}
	return out, nil
}

func compareIDs(a, b string) int {
	x, _ := strconv.ParseUint(a, 10, 64)
	y, _ := strconv.ParseUint(b, 10, 64)
	return cmp.Compare(x, y)
}

// Member implements [announce.Members].
func (p *announcePort) Member(ctx context.Context, server, person string) (announce.Member, error) {
	m, err := p.rest.member(ctx, server, person)
	if err != nil {
		return announce.Member{}, inServer(err)
	}
	return announce.Member{Name: m.name()}, nil
}

// AddRole implements [announce.Members].
func (p *announcePort) AddRole(ctx context.Context, server, person, role string) error {
	return failure(p.rest.addMemberRole(ctx, server, person, role))
}

// Tell implements [announce.Managers]. A community server has a channel for
// notices to those who manage it. Elsewhere, and where the bot may not write
// there, the owner gets a direct message: they answer for the bot being in
// the server, it is about what the server asked of the bot, and there is one
// for each thing that has to be fixed.
func (p *announcePort) Tell(ctx context.Context, server string, m embeds.Message) error {
	guild, err := p.rest.guild(ctx, server)
	if err != nil {
		return err
	}
	notice := channelMessage{messagePayload: newMessagePayload(&commands.Reply{Message: m})}
	if guild.UpdatesChannel != "" {
		_, err := p.rest.createMessage(ctx, guild.UpdatesChannel, notice, nil)
		if refusal, ok := errors.AsType[*apiError](err); !ok || refusal.Status >= 500 {
			return err // done, or perhaps done
		}
	}
	dm, err := p.rest.openDM(ctx, guild.OwnerID)
	if err != nil {
		return err
	}
	_, err = p.rest.createMessage(ctx, dm, notice, nil)
	return err
}

// inServer is failure for calls that the bot may make in every server that
// it is in.
func inServer(err error) error {
	f := sortFailure(err)
	if f.Cause == announce.NotAllowed || f.Cause == announce.NotFound {
		f.Cause = announce.NoServer
	}
	return f
}

// ownMember is inServer for the bot as a member.
func ownMember(err error) error {
	f := sortFailure(err)
	if f.Cause == announce.NotAllowed || f.Cause == announce.NoMember {
		f.Cause = announce.NoServer
	}
	return f
}

// failure gives an error of the REST client the meaning that the announcer's
// interfaces promise. A nil error is none.
func failure(err error) error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*announce.Failure](err); ok {
		return f
	}
	return sortFailure(err)
}

// sortFailure classifies an error of the REST client by whether, and why, the
// call was not carried out.
func sortFailure(err error) *announce.Failure {
	f := &announce.Failure{Cause: announce.Unknown, Err: err}
	refusal, answered := errors.AsType[*apiError](err)
	switch {
	case answered:
		f.Cause, f.RetryAfter = causeOf(refusal), refusal.RetryAfter
	case errors.Is(err, errRateLimited), errors.Is(err, errTooManyRefusals), neverSent(err):
		f.Cause = announce.NotSent
	}
	return f
}

// causeOf classifies a refusal. One without one of Discord's error codes is from
// a proxy, and says nothing about the call.
func causeOf(refusal *apiError) announce.Cause {
	switch refusal.Code {
	case codeUnknownGuild:
		return announce.NoServer
	case codeUnknownMember, codeUnknownUser:
		return announce.NoMember
	case codeUnknownChannel, codeUnknownRole:
		return announce.NotFound
	}
	switch status := refusal.Status; {
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		return announce.Unknown
	case refusal.Code == 0, status == http.StatusTooManyRequests, status == http.StatusUnauthorized, refusal.Code == codeCloudflare:
		return announce.NotSent
	case status == http.StatusForbidden:
		return announce.NotAllowed
	}
	return announce.NotAccepted
}
