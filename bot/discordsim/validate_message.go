package discordsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Discord's limits of messages and embeds.
const (
	maxContent      = 2000
	maxEmbeds       = 10
	maxEmbedTotal   = 6000
	maxEmbedTitle   = 256
	maxEmbedText    = 4096
	maxEmbedFields  = 25
	maxFieldName    = 256
	maxFieldValue   = 1024
	maxEmbedFooter  = 2048
	maxEmbedAuthor  = 256
	maxURL          = 2048
	maxAttachments  = 10
	maxAltText      = 1024
	maxEmbedAltText = 4096
	maxMentionIDs   = 100
	maxNonce        = 25
	maxColor        = 0xFFFFFF
	maxStickers     = 3
)

// draft is a message as a bot sends it, checked. A nil field was not sent.
type draft struct {
	content     *string
	embeds      *[]Embed
	components  *[]Component
	attachments *[]attachmentRef
	flags       int
	hasFlags    bool
	allowed     *allowedMentions
	tts         bool
	poll        bool
	stickers    int
	nonce       string
	enforce     bool
	reference   *messageReference
	files       []upload
}

// attachmentRef is an element of a message's attachments list: a file to
// upload, by its number, or one to keep, by its ID.
type attachmentRef struct {
	id          string
	filename    string
	description *string
	at          *node
}

type messageReference struct {
	messageID string
	channelID string
	failIfNot bool
}

// allowedMentions says who a message may ping.
type allowedMentions struct {
	parse []string
	users []string
	roles []string
	reply bool
}

// messageRules are the differences between the places a message is sent to.
type messageRules struct {
	edit  bool // PATCH: what is not sent stays as it was
	flags int  // those that may be set
	fresh bool // POST to a channel: nonce, message_reference and stickers exist
	v2    bool // the message edited has IS_COMPONENTS_V2, which stays
	limit int64
}

// readDraft reads a message payload.
func readDraft(o object, files []upload, rules messageRules) *draft {
	d := &draft{files: files}
	f := o.form
	fields := []string{"content", "embeds", "components", "attachments", "flags", "allowed_mentions", "tts", "poll", "sticker_ids"}
	if rules.fresh {
		fields = append(fields, "nonce", "enforce_nonce", "message_reference", "shared_client_theme")
		d.readChannelFields(o)
	}
	o.only(fields...)
	d.flags, d.hasFlags = readFlags(o, rules.flags)
	if o.present("content") {
		d.content = new(o.text("content", 0, maxContent))
	}
	if o.present("attachments") {
		d.attachments = new(readAttachments(o, files))
	}
	f.fileFor = d.hasFile(rules.edit)
	if o.present("embeds") {
		d.embeds = new(readEmbeds(o))
	}
	if o.present("components") {
		d.components = new(readMessageComponents(o, rules.v2 || d.flags&FlagComponentsV2 != 0))
	}
	if a, ok := o.object("allowed_mentions"); ok {
		d.allowed = readAllowedMentions(a)
	}
	d.tts = o.boolean("tts")
	d.poll = o.has("poll")
	if rules.v2 || d.flags&FlagComponentsV2 != 0 {
		d.checkV2(o)
	}
	d.checkFiles(o, rules.limit)
	return d
}

func (d *draft) readChannelFields(o object) {
	if v, ok := o.m["nonce"]; ok && v != nil {
		if _, isText := v.(string); isText {
			d.nonce = o.text("nonce", 0, maxNonce)
		} else if n, ok := o.integer("nonce", -1<<63, 1<<63-1); ok {
			d.nonce = itoa64(n)
		}
	}
	d.enforce = o.boolean("enforce_nonce")
	d.stickers = len(o.list("sticker_ids", 0, maxStickers))
	if r, ok := o.object("message_reference"); ok {
		ref := &messageReference{messageID: r.id("message_id"), channelID: r.id("channel_id"), failIfNot: true}
		if r.has("fail_if_not_exists") {
			ref.failIfNot = r.boolean("fail_if_not_exists")
		}
		if ref.messageID == "" {
			r.required("message_id")
		}
		d.reference = ref
	}
}

func readFlags(o object, allowed int) (int, bool) {
	flags, ok := o.integer("flags", 0, 1<<31-1)
	if int(flags)&^allowed != 0 {
		o.form.note("flags %d are not among those that can be set here (%d)", flags, allowed)
	}
	return int(flags) & allowed, ok
}

// hasFile tells which names "attachment://" may refer to. An edit may keep
// files that the payload does not name, so any name will do there.
func (d *draft) hasFile(edit bool) func(string) bool {
	return func(name string) bool {
		return edit && d.attachments == nil ||
			slices.ContainsFunc(d.files, func(u upload) bool { return u.filename == name }) ||
			d.attachments != nil && slices.ContainsFunc(*d.attachments, func(a attachmentRef) bool { return edit || a.filename == name })
	}
}

func readAttachments(o object, files []upload) []attachmentRef {
	var refs []attachmentRef
	for _, a := range o.objects("attachments", 0, maxAttachments) {
		a.only("id", "filename", "description", "title", "duration_secs", "waveform", "is_remix", "uploaded_filename",
			"content_type", "size", "url", "proxy_url", "height", "width", "ephemeral", "flags")
		ref := attachmentRef{id: a.id("id"), filename: a.text("filename", 0, maxAltText), at: a.at}
		if a.present("description") {
			ref.description = new(a.text("description", 0, maxAltText))
		}
		a.required("id")
		refs = append(refs, ref)
	}
	for _, f := range files {
		if o.present("attachments") && !slices.ContainsFunc(refs, func(r attachmentRef) bool { return r.id == itoa64(int64(f.index)) }) {
			o.form.note("file %q is not in the attachments list", f.filename)
		}
	}
	return refs
}

// checkFiles refuses too many or too large files.
func (d *draft) checkFiles(o object, limit int64) {
	if len(d.files) > maxAttachments {
		o.fail("attachments", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxAttachments)
	}
	for _, f := range d.files {
		if limit > 0 && int64(len(f.data)) > limit {
			o.form.refusal = tooLarge()
		}
	}
}

// checkV2 refuses what cannot go together with IS_COMPONENTS_V2.
func (d *draft) checkV2(o object) {
	if d.content != nil && *d.content != "" {
		o.fail("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
	}
	if d.embeds != nil && len(*d.embeds) > 0 {
		o.fail("embeds", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The 'embeds' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
	}
	for key, used := range map[string]bool{"poll": d.poll, "sticker_ids": d.stickers > 0} {
		if used {
			o.fail(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The '%s' field cannot be used when using MessageFlags.IS_COMPONENTS_V2", key)
		}
	}
}

// empty reports whether a message made of the draft alone would show nothing.
func (d *draft) empty() bool {
	return (d.content == nil || *d.content == "") && (d.embeds == nil || len(*d.embeds) == 0) &&
		(d.components == nil || len(*d.components) == 0) && len(d.files) == 0 && !d.poll && d.stickers == 0
}

func emptyMessage() *apiError {
	return refuse(http.StatusBadRequest, CodeEmptyMessage, "Cannot send an empty message")
}

func readAllowedMentions(o object) *allowedMentions {
	o.only("parse", "users", "roles", "replied_user")
	a := &allowedMentions{reply: o.boolean("replied_user")}
	for _, i := range o.list("parse", 0, 3) {
		kind, _ := i.v.(string)
		if !slices.Contains([]string{"users", "roles", "everyone"}, kind) {
			i.fail("BASE_TYPE_CHOICES", "Value must be one of {'users', 'roles', 'everyone'}.")
		}
		a.parse = append(a.parse, kind)
	}
	for _, i := range o.list("users", 0, maxMentionIDs) {
		a.users = append(a.users, i.id())
	}
	for _, i := range o.list("roles", 0, maxMentionIDs) {
		a.roles = append(a.roles, i.id())
	}
	for key, listed := range map[string]bool{"users": len(a.users) > 0, "roles": len(a.roles) > 0} {
		if listed && slices.Contains(a.parse, key) {
			o.fail("parse", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[%q] and %s: [ids...] are mutually exclusive.", key, key)
		}
	}
	return a
}

func readEmbeds(o object) []Embed {
	objects := o.objects("embeds", 0, maxEmbeds)
	embeds := make([]Embed, 0, len(objects))
	total := 0
	for _, e := range objects {
		embed := readEmbed(e)
		embeds = append(embeds, embed)
		total += embed.length()
	}
	if total > maxEmbedTotal {
		o.fail("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of %d", maxEmbedTotal)
	}
	return mergeEmbeds(embeds)
}

// mergeEmbeds drops embeds that repeat the URL of an earlier one.
func mergeEmbeds(embeds []Embed) []Embed {
	seen := map[string]bool{}
	return slices.DeleteFunc(embeds, func(e Embed) bool {
		repeated := e.URL != "" && seen[e.URL]
		seen[e.URL] = true
		return repeated
	})
}

func readEmbed(o object) Embed {
	o.only("title", "type", "description", "url", "timestamp", "color", "footer", "image", "thumbnail", "video", "provider", "author", "fields", "flags")
	e := Embed{
		Type:        "rich",
		Title:       o.text("title", 0, maxEmbedTitle),
		Description: o.text("description", 0, maxEmbedText),
		URL:         o.url("url", maxURL, "http", "https"),
		Timestamp:   readTimestamp(o),
		Image:       readEmbedMedia(o, "image"),
		Thumbnail:   readEmbedMedia(o, "thumbnail"),
	}
	if n, ok := o.integer("color", 0, maxColor); ok {
		e.Color = new(int(n))
	}
	if f, ok := o.object("footer"); ok {
		f.only("text", "icon_url", "proxy_icon_url")
		e.Footer = &EmbedFooter{Text: f.text("text", 1, maxEmbedFooter), IconURL: f.url("icon_url", maxURL, "http", "https", "attachment")}
	}
	if a, ok := o.object("author"); ok {
		a.only("name", "url", "icon_url", "proxy_icon_url")
		e.Author = &EmbedAuthor{
			Name: a.text("name", 1, maxEmbedAuthor), URL: a.url("url", maxURL, "http", "https"),
			IconURL: a.url("icon_url", maxURL, "http", "https", "attachment"),
		}
	}
	for _, f := range o.objects("fields", 0, maxEmbedFields) {
		f.only("name", "value", "inline")
		e.Fields = append(e.Fields, EmbedField{
			Name: f.text("name", 1, maxFieldName), Value: f.text("value", 1, maxFieldValue), Inline: f.boolean("inline"),
		})
	}
	if e.length() == 0 && e.Image == nil && e.Thumbnail == nil {
		o.required("description")
	}
	return e
}

func readTimestamp(o object) string {
	s := o.text("timestamp", 0, maxURL)
	if s == "" {
		return ""
	}
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		if _, err := time.Parse("2006-01-02T15:04:05.999999999", s); err != nil {
			o.fail("timestamp", "DATE_TIME_TYPE_PARSE", "Could not parse %s. Should be ISO8601.", s)
		}
	}
	return s
}

func readEmbedMedia(o object, key string) *EmbedMedia {
	m, ok := o.object(key)
	if !ok {
		return nil
	}
	m.only("url", "description", "proxy_url", "width", "height", "content_type", "placeholder", "placeholder_version", "flags")
	m.required("url")
	return &EmbedMedia{URL: m.url("url", maxURL, "http", "https", "attachment"), Description: m.text("description", 0, maxEmbedAltText)}
}

// length is what the embed counts towards the total over all embeds.
func (e Embed) length() int {
	n := utf8.RuneCountInString(e.Title) + utf8.RuneCountInString(e.Description)
	for _, f := range e.Fields {
		n += utf8.RuneCountInString(f.Name) + utf8.RuneCountInString(f.Value)
	}
	if e.Footer != nil {
		n += utf8.RuneCountInString(e.Footer.Text)
	}
	if e.Author != nil {
		n += utf8.RuneCountInString(e.Author.Name)
	}
	return n
}

// attachmentName is the name an "attachment://" address refers to.
func attachmentName(url string) (string, bool) { return strings.CutPrefix(url, "attachment://") }
