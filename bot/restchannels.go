package bot

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
	"progressbot/embeds"
)

// What the bot reads of Discord's objects. The library's types are not used:
// they fail on a whole message for one component that they do not know.
type (
	guildInfo struct {
		ID      string     `json:"id"`
		Name    string     `json:"name"`
		OwnerID string     `json:"owner_id"`
		Locale  string     `json:"preferred_locale"`
		Roles   []roleInfo `json:"roles"`
		// UpdatesChannel is where those who manage a community server get
		// Discord's own notices.
		UpdatesChannel string `json:"public_updates_channel_id"`
	}
	roleInfo struct {
		ID          string        `json:"id"`
		Position    int           `json:"position"`
		Managed     bool          `json:"managed"`
		Permissions commands.Bits `json:"permissions"`
	}
	channelInfo struct {
		ID         string                `json:"id"`
		Type       discordgo.ChannelType `json:"type"`
		GuildID    string                `json:"guild_id"`
		ParentID   string                `json:"parent_id"`
		Overwrites []overwriteInfo       `json:"permission_overwrites"`
	}
	overwriteInfo struct {
		ID    string                            `json:"id"`
		Type  discordgo.PermissionOverwriteType `json:"type"`
		Allow commands.Bits                     `json:"allow"`
		Deny  commands.Bits                     `json:"deny"`
	}
	memberInfo struct {
		User  userInfo `json:"user"`
		Nick  string   `json:"nick"`
		Roles []string `json:"roles"`
	}
	userInfo struct {
		ID         string `json:"id"`
		Username   string `json:"username"`
		GlobalName string `json:"global_name"`
	}
	messageInfo struct {
		ID        string      `json:"id"`
		Author    userInfo    `json:"author"`
		WebhookID string      `json:"webhook_id"`
		Embeds    []embedInfo `json:"embeds"`
	}
	embedInfo struct {
		Footer struct {
			Text string `json:"text"`
		} `json:"footer"`
	}
)

// name is what the member is called in the server.
func (m memberInfo) name() string {
	return cmp.Or(m.Nick, m.User.GlobalName, m.User.Username)
}

// self asks which user the bot is.
func (r *rest) self(ctx context.Context) (user userInfo, err error) {
	err = r.get(ctx, routeSelf, "/users/@me", &user)
	return user, err
}

func (r *rest) guild(ctx context.Context, id string) (g guildInfo, err error) {
	path := "/guilds/" + url.PathEscape(id)
	err = r.get(ctx, routeGuild, path, &g)
	return g, err
}

// guildChannels lists the channels of a server, those that the bot cannot
// see included.
func (r *rest) guildChannels(ctx context.Context, guild string) (list []channelInfo, err error) {
	path := "/guilds/" + url.PathEscape(guild) + "/channels"
	err = r.get(ctx, routeGuildChannels, path, &list)
	return list, err
}

// ownGuildsPage is the page size of ownGuilds; Discord allows no more.
const ownGuildsPage = 200

// ownGuilds returns one page of the servers that the bot is in, ordered by ID,
// beginning after an ID.
func (r *rest) ownGuilds(ctx context.Context, after string) (list []guildInfo, err error) {
	const path = "/users/@me/guilds"
	query := url.Values{"after": {after}, "limit": {strconv.Itoa(ownGuildsPage)}}
	err = r.get(ctx, routeOwnGuilds, path+"?"+query.Encode(), &list)
	return list, err
}

func (r *rest) channel(ctx context.Context, id string) (c channelInfo, err error) {
	path := "/channels/" + url.PathEscape(id)
	err = r.get(ctx, routeChannel, path, &c)
	return c, err
}

func (r *rest) member(ctx context.Context, guild, user string) (m memberInfo, err error) {
	bucket := "/guilds/" + url.PathEscape(guild) + "/members"
	err = r.do(ctx, call{
		route:  routeMember,
		method: http.MethodGet,
		path:   bucket + "/" + url.PathEscape(user),
		bucket: "GET " + bucket,
	}, &m)
	return m, err
}

// messagesAfter reads up to limit messages of a channel that come after an
// ID, which are the oldest of those; in Discord's order.
func (r *rest) messagesAfter(ctx context.Context, channel, after string, limit int) (list []messageInfo, err error) {
	path := "/channels/" + url.PathEscape(channel) + "/messages"
	query := url.Values{"after": {after}, "limit": {strconv.Itoa(limit)}}
	err = r.get(ctx, routeHistory, path+"?"+query.Encode(), &list)
	return list, err
}

// channelMessage is a message to a channel. Discord drops one whose nonce it
// has seen in that channel within the last minutes.
type channelMessage struct {
	messagePayload
	Nonce        string `json:"nonce,omitempty"`
	EnforceNonce bool   `json:"enforce_nonce,omitempty"`
}

// createMessage posts to a channel and returns the message's ID. An attempt
// whose outcome is not known is not repeated.
func (r *rest) createMessage(ctx context.Context, channel string, m channelMessage, files []embeds.File) (string, error) {
	body, contentType, err := encode(m, files)
	if err != nil {
		return "", err
	}
	path := "/channels/" + url.PathEscape(channel) + "/messages"
	var made messageInfo
	err = r.do(ctx, call{
		route:        routeCreateMessage,
		method:       http.MethodPost,
		path:         path,
		bucket:       "POST " + path,
		body:         body,
		contentType:  contentType,
		unrepeatable: true,
	}, &made)
	if err == nil && made.ID == "" {
		err = fmt.Errorf("discord %s: answer has no id", routeCreateMessage)
	}
	return made.ID, err
}

// openDM returns the channel of the direct messages with a user.
func (r *rest) openDM(ctx context.Context, user string) (string, error) {
	var c channelInfo
	err := r.send(ctx, routeOpenDM, http.MethodPost, "/users/@me/channels", map[string]string{"recipient_id": user}, &c)
	return c.ID, err
}

// addMemberRole gives a member a role. Giving it again changes nothing.
func (r *rest) addMemberRole(ctx context.Context, guild, user, role string) error {
	bucket := "/guilds/" + url.PathEscape(guild) + "/members/roles"
	return r.do(ctx, call{
		route:  routeAddRole,
		method: http.MethodPut,
		path:   "/guilds/" + url.PathEscape(guild) + "/members/" + url.PathEscape(user) + "/roles/" + url.PathEscape(role),
		bucket: "PUT " + bucket,
	}, nil)
}
