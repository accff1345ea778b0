package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
	"progressbot/embeds"
)

// callbackPatience is how long one attempt at a first answer may take. Of
// the three seconds that Discord allows it leaves room for a second attempt
// on another connection.
const callbackPatience = 1200 * time.Millisecond

// editPatience is how long one attempt at what follows the first answer may
// take. The person sees "thinking…" meanwhile, and a connection that hangs
// must leave time for another.
const editPatience = 3 * time.Second

// callback sends a first answer to an interaction. An attempt whose outcome
// is unknown is repeated: if it had arrived after all, Discord says that the
// interaction was answered already. That is success where the call is the
// only one that can have answered it, and the caller's to judge otherwise;
// unsure says whether a call that failed may have answered it.
func (r *rest) callback(ctx context.Context, c *commands.Credentials, body []byte, contentType string, only bool) (unsure bool, err error) {
	_, unsure, err = r.try(ctx, &call{
		route:       routeCallback,
		method:      http.MethodPost,
		path:        "/interactions/" + url.PathEscape(c.InteractionID) + "/" + url.PathEscape(c.Token) + "/callback",
		body:        body,
		contentType: contentType,
		patience:    callbackPatience,
		carriedOut:  func(e *apiError) bool { return only && e.Code == codeAlreadyAcknowledged },
	})
	return unsure, interactionError(err)
}

// webhookPath is where everything after an interaction's first answer goes.
func webhookPath(c *commands.Credentials) string {
	return "/webhooks/" + url.PathEscape(c.ApplicationID) + "/" + url.PathEscape(c.Token)
}

// editOriginal replaces the first answer to an interaction.
func (r *rest) editOriginal(ctx context.Context, c *commands.Credentials, m messagePayload, files []embeds.File) error {
	body, contentType, err := encode(m, files)
	if err != nil {
		return err
	}
	return interactionError(r.do(ctx, call{
		route:       routeEditOriginal,
		method:      http.MethodPatch,
		path:        webhookPath(c) + "/messages/@original",
		body:        body,
		contentType: contentType,
		patience:    editPatience,
	}, nil))
}

// deleteOriginal deletes the first answer to an interaction.
func (r *rest) deleteOriginal(ctx context.Context, c *commands.Credentials) error {
	return interactionError(r.do(ctx, call{
		route:      routeDeleteOriginal,
		method:     http.MethodDelete,
		path:       webhookPath(c) + "/messages/@original",
		patience:   editPatience,
		carriedOut: func(e *apiError) bool { return e.Code == codeUnknownMessage },
	}, nil))
}

// followUp sends a further message for an interaction. Discord offers no way
// to recognise a repetition, so an attempt with an unknown outcome is not
// repeated: better none than two.
func (r *rest) followUp(ctx context.Context, c *commands.Credentials, m messagePayload, files []embeds.File) error {
	body, contentType, err := encode(m, files)
	if err != nil {
		return err
	}
	return interactionError(r.do(ctx, call{
		route:        routeFollowUp,
		method:       http.MethodPost,
		path:         webhookPath(c),
		body:         body,
		contentType:  contentType,
		unrepeatable: true,
	}, nil))
}

// gateway returns the gateway's URL, the recommended number of shards and the
// limits on session starts.
func (r *rest) gateway(ctx context.Context) (info discordgo.GatewayBotResponse, err error) {
	err = r.get(ctx, routeGateway, "/gateway/bot", &info)
	return info, err
}

// application is the part of an application that the bot needs to know.
type application struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	VerifyKey string `json:"verify_key"`
}

// application returns the application that the token belongs to. Proxies and
// simulators of Discord may not implement the first path, hence the others; the
// ID of the bot's user equals that of its application unless that was created
// before 2016.
func (r *rest) application(ctx context.Context) (app application, err error) {
	for _, path := range []string{"/applications/@me", "/oauth2/applications/@me", "/users/@me"} {
		err = r.get(ctx, routeApplication, path, &app)
		if refusal, ok := errors.AsType[*apiError](err); !ok || refusal.Status != http.StatusNotFound {
			break
		}
	}
	if err == nil && app.ID == "" {
		err = errors.New("discord application: answer has no id")
	}
	return app, err
}

func commandsPath(appID, guildID string) string {
	path := "/applications/" + url.PathEscape(appID)
	if guildID != "" {
		path += "/guilds/" + url.PathEscape(guildID)
	}
	return path + "/commands"
}

// registeredCommands returns what Discord has registered, as it tells it.
func (r *rest) registeredCommands(ctx context.Context, appID, guildID string) (registered []json.RawMessage, err error) {
	err = r.get(ctx, routeGetCommands, commandsPath(appID, guildID)+"?with_localizations=true", &registered)
	return registered, err
}

// overwriteCommands replaces all registered commands and returns the new.
func (r *rest) overwriteCommands(ctx context.Context, appID, guildID string, definitions []json.RawMessage) (registered []json.RawMessage, err error) {
	err = r.send(ctx, routePutCommands, http.MethodPut, commandsPath(appID, guildID), definitions, &registered)
	return registered, err
}
