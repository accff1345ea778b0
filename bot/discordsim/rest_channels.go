package discordsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// channelFor finds a channel that the bot can see. Server.mu is held.
func (s *Server) channelFor(c *call) (place, *apiError) {
	p, ok := s.world.place(c.arg("channel"))
	switch {
	case !ok:
		return p, notFound(CodeUnknownChannel, "Channel")
	case p.guild == nil && s.context(p) != ContextBotDM:
		return p, missingAccess()
	case !s.world.botPermissions(p).Has(PermViewChannel):
		return p, missingAccess()
	}
	return p, nil
}

func (s *Server) getChannel(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.channelFor(c)
	if err != nil {
		return failed(err)
	}
	return ok(s.fullChannel(p.channel))
}

// postMessage sends a message to a channel.
func (s *Server) postMessage(c *call) (reply, *apiError) {
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.channelFor(c)
	if err != nil {
		return failed(err)
	}
	d := readDraft(o, c.files, messageRules{fresh: true, flags: channelFlags, limit: p.guild.attachmentLimit()})
	s.checkReference(o, d, p)
	s.noteFormLocked(c, f)
	if err := f.err(); err != nil {
		return failed(err)
	}
	if d.empty() {
		return failed(emptyMessage())
	}
	if err := s.maySend(p, d); err != nil {
		return failed(err)
	}
	s.checkSchemaLocked(c, schemaMessage, o.m)
	s.houseRules(c, d, "")
	if earlier := s.messages.byNonce(p.channel.ID, d.nonce, s.Now()); d.enforce && earlier != nil {
		return ok(s.messageObject(earlier))
	}
	m := s.post(d, p, s.world.self, func(m *Message) {
		if d.reference != nil {
			m.Reference = d.reference.messageID
		}
	})
	s.notify()
	return ok(s.messageObject(m))
}

// maySend checks the permissions that a message needs.
func (s *Server) maySend(p place, d *draft) *apiError {
	if p.guild == nil {
		if u, _ := s.world.user(p.channel.Recipients[0]); u.DMsClosed {
			return refuse(http.StatusForbidden, CodeCannotMessageUser, "Cannot send messages to this user")
		}
		return nil
	}
	if !slices.Contains([]int{ChannelText, ChannelAnnouncement, ChannelVoice}, p.channel.Type) {
		return refuse(http.StatusBadRequest, CodeNotTextChannel, "Cannot send messages in a non-text channel")
	}
	need := PermSendMessages
	for permission, used := range map[Permissions]bool{
		PermEmbedLinks:  d.embeds != nil && len(*d.embeds) > 0,
		PermAttachFiles: len(d.files) > 0,
		PermSendTTS:     d.tts,
		PermReadHistory: d.reference != nil,
	} {
		if used {
			need |= permission
		}
	}
	if !s.world.botPermissions(p).Has(need) {
		return missingPermissions()
	}
	return nil
}

// checkReference refuses an answer to a message that is not there, unless
// the bot said that it does not mind.
func (s *Server) checkReference(o object, d *draft, p place) {
	if d.reference == nil {
		return
	}
	m := s.messages.byID[d.reference.messageID]
	if m != nil && m.ChannelID == p.channel.ID && !m.Ephemeral() {
		return
	}
	if d.reference.failIfNot {
		o.fail("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
	}
	d.reference = nil
}

// getMessages lists a channel's messages, newest first.
func (s *Server) getMessages(c *call) (reply, *apiError) {
	q, err := readPage(c.r, 50, 100, "before", "after", "around")
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.channelFor(c)
	if err != nil {
		return failed(err)
	}
	list := []*messageObject{}
	if p.guild != nil && !s.world.botPermissions(p).Has(PermReadHistory) {
		return ok(list) // documented: nothing instead of an error
	}
	public := slices.DeleteFunc(slices.Clone(s.messages.channels[p.channel.ID]), func(m *Message) bool { return m.Ephemeral() })
	for _, m := range slices.Backward(q.cut(public)) {
		list = append(list, s.readable(m))
	}
	return ok(list)
}

// readable is a message as a bot without the message content intent may
// read it: of others' only what mentions it or is in direct messages.
func (s *Server) readable(m *Message) *messageObject {
	o := s.messageObject(m)
	free := m.Author.ID == s.world.self.ID || m.GuildID == "" || slices.Contains(m.Mentions, s.world.self.ID)
	if !free && s.o.Gateway.PrivilegedIntents&IntentMessageContent == 0 {
		o.Content, o.Embeds, o.Components, o.Attachments = "", []Embed{}, []Component{}, []Attachment{}
	}
	return o
}

// page is a part of a list by IDs.
type page struct {
	limit                 int
	before, after, around string
}

// readPage reads limit and the ID parameters that an endpoint has, of which
// one at most may be given.
func readPage(r *http.Request, fallback, most int, ids ...string) (page, *apiError) {
	f := &form{}
	o := object{form: f, at: &node{}, m: map[string]any{}}
	q := r.URL.Query()
	p := page{limit: fallback}
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		switch {
		case err != nil:
			o.fail("limit", "NUMBER_TYPE_COERCE", "Value %q is not int.", v)
		case n < 1:
			o.fail("limit", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.")
		case n > most:
			o.fail("limit", "NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", most)
		}
		p.limit = n
	}
	given := 0
	for key, id := range map[string]*string{"before": &p.before, "after": &p.after, "around": &p.around} {
		v := q.Get(key)
		if v == "" || !slices.Contains(ids, key) {
			continue
		}
		if _, ok := snowflake(v); !ok {
			o.fail(key, "NUMBER_TYPE_COERCE", "Value %q is not snowflake.", v)
		}
		*id = v
		given++
	}
	if given > 1 {
		f.note("%v are mutually exclusive", ids)
	}
	return p, f.err()
}

// cut takes the page from messages sorted by ID, oldest first.
func (p page) cut(list []*Message) []*Message {
	search := func(id string) int {
		i, _ := slices.BinarySearchFunc(list, id, func(m *Message, id string) int {
			if m.ID == id {
				return 0
			}
			if olderID(m.ID, id) {
				return -1
			}
			return 1
		})
		return i
	}
	lo, hi := max(0, len(list)-p.limit), len(list)
	switch {
	case p.around != "":
		lo = max(0, search(p.around)-p.limit/2)
		hi = min(len(list), lo+p.limit)
	case p.after != "":
		lo = search(p.after)
		if lo < len(list) && list[lo].ID == p.after {
			lo++
		}
		hi = min(len(list), lo+p.limit)
	case p.before != "":
		hi = search(p.before)
		lo = max(0, hi-p.limit)
	}
	return list[lo:hi]
}

// messageFor finds a message of a channel that the bot can read. Server.mu
// is held.
func (s *Server) messageFor(c *call) (place, *Message, *apiError) {
	p, err := s.channelFor(c)
	if err != nil {
		return p, nil, err
	}
	if p.guild != nil && !s.world.botPermissions(p).Has(PermReadHistory) {
		return p, nil, missingPermissions()
	}
	m := s.messages.byID[c.arg("message")]
	if m == nil || m.ChannelID != p.channel.ID || m.Ephemeral() {
		return p, nil, notFound(CodeUnknownMessage, "Message")
	}
	return p, m, nil
}

func (s *Server) getMessage(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.messageFor(c)
	if err != nil {
		return failed(err)
	}
	return ok(s.readable(m))
}

// The documents limit edits of messages older than an hour without a number.
const (
	oldMessage  = time.Hour
	maxOldEdits = 10 // per hour and message
)

func (s *Server) patchMessage(c *call) (reply, *apiError) {
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, m, err := s.messageFor(c)
	if err != nil {
		return failed(err)
	}
	if m.Author.ID != s.world.self.ID {
		return failed(refuse(http.StatusForbidden, CodeNotAuthor, "Cannot edit a message authored by another user"))
	}
	d := readDraft(o, c.files, editRules(m, p.guild))
	s.noteFormLocked(c, f)
	if err := checkEdit(m, d, o); err != nil {
		return failed(err)
	}
	now := s.Now()
	if now.Sub(m.Created) > oldMessage && m.oldEdits.take(now, time.Hour) > maxOldEdits {
		return failed(refuse(http.StatusTooManyRequests, CodeMaxOldEdits, "Maximum number of edits to messages older than 1 hour reached. Try again later"))
	}
	s.checkSchemaLocked(c, schemaMessageEdit, o.m)
	s.houseRules(c, d, "")
	s.edit(m, d)
	s.notify()
	return ok(s.messageObject(m))
}

// editRules are those of an edit of a message.
func editRules(m *Message, g *Guild) messageRules {
	return messageRules{edit: true, flags: editFlags, v2: m.Flags&FlagComponentsV2 != 0, limit: g.attachmentLimit()}
}

func (s *Server) deleteMessage(c *call) (reply, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, m, err := s.messageFor(c)
	if err != nil {
		return failed(err)
	}
	if m.Author.ID != s.world.self.ID && !s.world.botPermissions(p).Has(PermManageMessages) {
		return failed(missingPermissions())
	}
	s.messages.remove(m)
	s.notify()
	return noContent()
}

// postDM opens direct messages with a user.
func (s *Server) postDM(c *call) (reply, *apiError) {
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return failed(err)
	}
	o.required("recipient_id")
	id := o.id("recipient_id")
	if err := f.err(); err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, known := s.world.user(id)
	if !known {
		return failed(refuse(http.StatusBadRequest, CodeUnknownUser, "Unknown User"))
	}
	if u.Bot {
		return failed(refuse(http.StatusForbidden, CodeCannotMessageUser, "Cannot send messages to this user"))
	}
	return ok(s.fullChannel(s.dmWith(id)))
}

// dmWith finds or opens the direct messages between the bot and a user.
// Server.mu is held.
func (s *Server) dmWith(userID string) *Channel {
	if id := s.world.dmWith[userID]; id != "" {
		return s.world.dms[id]
	}
	c := &Channel{ID: s.newID(), Type: ChannelDM, Recipients: []string{userID}}
	s.world.dms[c.ID] = c
	s.world.dmWith[userID] = c.ID
	return c
}

// OpenDM opens the direct messages between a person and the bot and returns
// their channel's ID.
func (s *Server) OpenDM(userID string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.world.user(userID); !ok || u.Bot {
		return "", fmt.Errorf("no such person %q", userID)
	}
	return s.dmWith(userID).ID, nil
}

// OpenPrivateChannel opens direct messages between people, without the bot:
// a place where only user-installed commands exist. It returns the channel's
// ID.
func (s *Server) OpenPrivateChannel(userIDs ...string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range userIDs {
		if u, ok := s.world.user(id); !ok || u.Bot {
			return "", fmt.Errorf("no such person %q", id)
		}
	}
	if len(userIDs) < 2 {
		return "", fmt.Errorf("a private channel needs two people")
	}
	c := &Channel{ID: s.newID(), Type: ChannelDM, Recipients: slices.Clone(userIDs)}
	if len(userIDs) > 2 {
		c.Type = ChannelGroupDM
	}
	s.world.dms[c.ID] = c
	return c.ID, nil
}
