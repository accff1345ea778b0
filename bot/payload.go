package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
	"progressbot/embeds"
)

// messagePayload is a message to send to Discord. Unlike discordgo's types it
// always encodes every field, so that an edit replaces the whole message.
type messagePayload struct {
	Content         string                       `json:"content"`
	Embeds          []*discordgo.MessageEmbed    `json:"embeds"`
	Components      []discordgo.MessageComponent `json:"components"`
	Attachments     []attachment                 `json:"attachments"`
	AllowedMentions allowedMentions              `json:"allowed_mentions"`
	Flags           discordgo.MessageFlags       `json:"flags,omitempty"`
}

// attachment describes one of the files that travel with a message.
type attachment struct {
	ID          string `json:"id"` // its place among the files
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"`
}

// allowedMentions says which users a message may ping. Parse is always sent and
// always empty, so that no text can ping anybody by itself.
type allowedMentions struct {
	Parse []string `json:"parse"`
	Users []string `json:"users,omitempty"`
}

// maxMentions is Discord's bound on the users of allowedMentions.
const maxMentions = 100

func newMessagePayload(r *commands.Reply) messagePayload {
	p := messagePayload{
		Content:     r.Content,
		Embeds:      r.Embeds,
		Components:  r.Components,
		Attachments: make([]attachment, len(r.Files)),
		AllowedMentions: allowedMentions{
			Parse: []string{},
			Users: r.Mention[:min(len(r.Mention), maxMentions)],
		},
	}
	if p.Embeds == nil {
		p.Embeds = []*discordgo.MessageEmbed{}
	}
	if p.Components == nil {
		p.Components = []discordgo.MessageComponent{}
	}
	for i, f := range r.Files {
		p.Attachments[i] = attachment{ID: strconv.Itoa(i), Filename: f.Name, Description: f.Description}
	}
	if r.Private {
		p.Flags |= discordgo.MessageFlagsEphemeral
	}
	return p
}

// newEdit returns r in place of a message that is there already. Whether that
// one is private was settled when it was sent.
func newEdit(r *commands.Reply) messagePayload {
	p := newMessagePayload(r)
	p.Flags = 0
	return p
}

// modalPayload asks for text.
type modalPayload struct {
	CustomID   string                       `json:"custom_id"`
	Title      string                       `json:"title"`
	Components []discordgo.MessageComponent `json:"components"`
}

// choicesPayload answers an autocompletion. Choices is sent even if empty.
type choicesPayload struct {
	Choices []*discordgo.ApplicationCommandOptionChoice `json:"choices"`
}

// deferPayload acknowledges without an answer. Nothing but the flag that
// makes the coming message private is allowed in it.
type deferPayload struct {
	Flags discordgo.MessageFlags `json:"flags"`
}

// callbackPayload is the first answer to an interaction.
type callbackPayload struct {
	Type discordgo.InteractionResponseType `json:"type"`
	Data any                               `json:"data,omitempty"`
}

// newCallback returns r as the first answer to an interaction.
func newCallback(r *commands.Reply, autocomplete bool) callbackPayload {
	switch {
	case autocomplete:
		choices := r.Choices
		if choices == nil {
			choices = []*discordgo.ApplicationCommandOptionChoice{}
		}
		return callbackPayload{discordgo.InteractionApplicationCommandAutocompleteResult, choicesPayload{choices}}
	case r.Modal != nil:
		return callbackPayload{discordgo.InteractionResponseModal,
			modalPayload{r.Modal.CustomID, r.Modal.Title, r.Modal.Components}}
	case r.Update:
		return callbackPayload{discordgo.InteractionResponseUpdateMessage, newEdit(r)}
	default:
		return callbackPayload{discordgo.InteractionResponseChannelMessageWithSource, newMessagePayload(r)}
	}
}

// newDeferral returns d as the first answer to an interaction.
func newDeferral(d commands.Deferral) callbackPayload {
	switch {
	case d.Update:
		return callbackPayload{Type: discordgo.InteractionResponseDeferredMessageUpdate}
	case d.Private:
		return callbackPayload{discordgo.InteractionResponseDeferredChannelMessageWithSource,
			deferPayload{discordgo.MessageFlagsEphemeral}}
	default:
		return callbackPayload{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}
	}
}

// encode turns a payload and the files that go with it into a body and its
// content type: JSON, or a form where there are files.
func encode(payload any, files []embeds.File) (body []byte, contentType string, err error) {
	var buf bytes.Buffer
	if len(files) == 0 {
		if err := encodeJSON(&buf, payload); err != nil {
			return nil, "", err
		}
		return buf.Bytes(), "application/json", nil
	}
	form := multipart.NewWriter(&buf)
	part, err := form.CreatePart(partHeader("payload_json", "", "application/json"))
	if err != nil {
		return nil, "", fmt.Errorf("encode form: %w", err)
	}
	var jsonPart bytes.Buffer
	if err := encodeJSON(&jsonPart, payload); err != nil {
		return nil, "", err
	}
	_, _ = part.Write(jsonPart.Bytes()) // into memory: cannot fail
	for i, f := range files {
		part, err := form.CreatePart(partHeader("files["+strconv.Itoa(i)+"]", f.Name, f.ContentType))
		if err != nil {
			return nil, "", fmt.Errorf("encode form: %w", err)
		}
		_, _ = part.Write(f.Data)
	}
	if err := form.Close(); err != nil {
		return nil, "", fmt.Errorf("encode form: %w", err)
	}
	return buf.Bytes(), form.FormDataContentType(), nil
}

// encodeJSON does not escape <, > and &, of which mentions and timestamps are
// full: the JSON is never embedded in HTML.
func encodeJSON(buf *bytes.Buffer, v any) error {
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode payload: %w", err)
	}
	return nil
}

func partHeader(name, filename, contentType string) textproto.MIMEHeader {
	disposition := `form-data; name="` + name + `"`
	if filename != "" {
		quoted := strings.NewReplacer("\\", "", `"`, "", "\r", "", "\n", "").Replace(filename)
		disposition += `; filename="` + quoted + `"`
	}
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	return textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {contentType}}
}
