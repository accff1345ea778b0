package discordsim

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// messageStore holds the messages of all channels, oldest first. It is
// guarded by Server.mu. A stored message's slices are replaced, never
// changed, so that copies stay as they were.
type messageStore struct {
	keep     int
	channels map[string][]*Message
	byID     map[string]*Message
	nonces   map[string]nonceEntry // channel and nonce
	files    fileStore
}

type nonceEntry struct {
	message *Message
	at      time.Time
}

// nonceWindow is how long enforce_nonce finds the earlier message. The
// documents say "the past few minutes".
const nonceWindow = 3 * time.Minute

func newMessageStore(o Options) messageStore {
	return messageStore{
		keep: o.KeepMessages, channels: make(map[string][]*Message), byID: make(map[string]*Message),
		nonces: make(map[string]nonceEntry), files: fileStore{keep: o.KeepAttachments, data: make(map[string][]byte)},
	}
}

func (st *messageStore) add(m *Message) {
	list := append(st.channels[m.ChannelID], m)
	if len(list) > st.keep+st.keep/4 {
		drop := len(list) - st.keep
		for _, old := range list[:drop] {
			delete(st.byID, old.ID)
		}
		list = slices.Clone(list[drop:])
	}
	st.channels[m.ChannelID] = list
	st.byID[m.ID] = m
}

func (st *messageStore) remove(m *Message) {
	delete(st.byID, m.ID)
	st.channels[m.ChannelID] = slices.DeleteFunc(st.channels[m.ChannelID], func(other *Message) bool { return other == m })
}

// byNonce finds a message of the last minutes by its nonce.
func (st *messageStore) byNonce(channelID, nonce string, now time.Time) *Message {
	if nonce == "" {
		return nil
	}
	if e, ok := st.nonces[channelID+" "+nonce]; ok && now.Sub(e.at) < nonceWindow {
		return e.message
	}
	return nil
}

func (st *messageStore) rememberNonce(m *Message, now time.Time) {
	if m.Nonce == "" {
		return
	}
	if len(st.nonces) > 2*st.keep {
		for key, e := range st.nonces {
			if now.Sub(e.at) >= nonceWindow {
				delete(st.nonces, key)
			}
		}
	}
	st.nonces[m.ChannelID+" "+m.Nonce] = nonceEntry{m, now}
}

// post makes a message of a draft and stores it. Server.mu is held.
func (s *Server) post(d *draft, p place, author User, finish func(*Message)) *Message {
	m := &Message{
		ID: s.newID(), ChannelID: p.channel.ID, GuildID: p.channel.GuildID, Author: author,
		Created: s.Now().UTC().Truncate(time.Millisecond), TTS: d.tts, Nonce: d.nonce,
		Embeds: []Embed{}, Components: []Component{}, Attachments: []Attachment{},
	}
	finish(m)
	s.apply(m, d)
	m.Flags |= d.flags
	m.Mentions, m.Pings = mentions(m, d.allowed, s.world.permissions(p, author.ID))
	s.messages.add(m)
	s.messages.rememberNonce(m, s.Now())
	s.stats.Messages++
	return m
}

// apply puts what a draft brings into a message; what it does not mention
// stays as it was. Server.mu is held.
func (s *Server) apply(m *Message, d *draft) {
	if d.content != nil {
		m.Content = *d.content
	}
	m.Attachments = s.storeFiles(m, d)
	if d.embeds != nil {
		m.Embeds = resolveEmbeds(*d.embeds, m.Attachments)
	}
	if d.components != nil {
		m.Components = resolveComponents(*d.components, m.Attachments)
	}
}

// edit changes a message. Server.mu is held.
func (s *Server) edit(m *Message, d *draft) {
	s.apply(m, d)
	if d.hasFlags {
		m.Flags = m.Flags&^FlagSuppressEmbeds | d.flags&(FlagSuppressEmbeds|FlagComponentsV2)
	}
	m.Edited = new(s.Now().UTC().Truncate(time.Millisecond))
	if p, ok := s.world.place(m.ChannelID); ok && d.content != nil {
		m.Mentions, _ = mentions(m, d.allowed, s.world.permissions(p, m.Author.ID)) // an edit pings nobody
	}
}

// checkEdit refuses an edit that would break the message. Server.mu is held.
func checkEdit(m *Message, d *draft, o object) *apiError {
	wasV2, isV2 := m.Flags&FlagComponentsV2 != 0, d.flags&FlagComponentsV2 != 0
	if d.hasFlags && wasV2 && !isV2 {
		o.fail("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The IS_COMPONENTS_V2 flag cannot be removed")
	}
	if !wasV2 && isV2 && (m.Content != "" && d.content == nil || len(m.Embeds) > 0 && d.embeds == nil) {
		o.fail("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "content and embeds must be set to null when editing a message to IS_COMPONENTS_V2")
	}
	if err := o.form.err(); err != nil {
		return err
	}
	if wasEmptied(m, d) {
		return emptyMessage()
	}
	return nil
}

func wasEmptied(m *Message, d *draft) bool {
	content, embeds, components, files := m.Content != "", len(m.Embeds) > 0, len(m.Components) > 0, len(m.Attachments) > 0
	if d.content != nil {
		content = *d.content != ""
	}
	if d.embeds != nil {
		embeds = len(*d.embeds) > 0
	}
	if d.components != nil {
		components = len(*d.components) > 0
	}
	if d.attachments != nil {
		files = len(*d.attachments) > 0
	}
	return !content && !embeds && !components && !files && len(d.files) == 0
}

var mentionPattern = regexp.MustCompile(`<@(!|&)?(\d+)>|@everyone|@here`)

// mentions finds whom a message names and whom it notifies. Text in embeds
// notifies nobody.
func mentions(m *Message, allowed *allowedMentions, permissions Permissions) (named, pinged []string) {
	text := m.Content
	walkComponents(m.Components, func(c Component) { text += "\n" + c.Content })
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	for _, match := range mentionPattern.FindAllStringSubmatch(text, -1) {
		kind, id := "users", match[2]
		switch {
		case id == "":
			kind, id = "everyone", "everyone"
		case match[1] == "&":
			kind = "roles"
		}
		if kind == "users" && !slices.Contains(named, id) {
			named = append(named, id)
		}
		if allowed.allows(kind, id) && (kind != "everyone" || permissions.Has(PermMentionEveryone)) && !slices.Contains(pinged, id) {
			pinged = append(pinged, id)
		}
	}
	return named, pinged
}

// allows reports whether a mention may notify. Without allowed_mentions all
// may; see defaultMentions for interactions.
func (a *allowedMentions) allows(kind, id string) bool {
	switch {
	case a == nil || slices.Contains(a.parse, kind):
		return true
	case kind == "users":
		return slices.Contains(a.users, id)
	case kind == "roles":
		return slices.Contains(a.roles, id)
	}
	return false
}

// defaultMentions is what holds for messages of interactions that do not
// say: users only.
func defaultMentions(a *allowedMentions) *allowedMentions {
	if a == nil {
		return &allowedMentions{parse: []string{"users"}}
	}
	return a
}

// Messages lists what a user sees of a channel, oldest first: nothing if
// they cannot view it, and of the ephemeral messages only their own. The
// user "" sees everything.
func (s *Server) Messages(channelID, userID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.world.place(channelID)
	if !ok || userID != "" && !s.canView(p, userID) {
		return nil
	}
	seen := []Message{}
	for _, m := range s.messages.channels[channelID] {
		if userID == "" || m.VisibleTo(userID) {
			seen = append(seen, *m)
		}
	}
	return seen
}

func (s *Server) canView(p place, userID string) bool {
	if p.guild == nil {
		return slices.Contains(p.channel.Recipients, userID)
	}
	return s.world.permissions(p, userID).Has(PermViewChannel)
}

// Message finds a message by its ID.
func (s *Server) Message(id string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.messages.byID[id]; m != nil {
		return *m, true
	}
	return Message{}, false
}

// AwaitMessage waits for a message in a channel, there already or to come,
// that fulfils the condition.
func (s *Server) AwaitMessage(ctx context.Context, channelID string, want func(Message) bool) (found Message, err error) {
	err = s.await(ctx, func() bool {
		messages := s.Messages(channelID, "")
		i := slices.IndexFunc(messages, want)
		if i >= 0 {
			found = messages[i]
		}
		return i >= 0
	})
	return found, err
}

// Say posts a person's own message to a channel.
func (s *Server) Say(userID, channelID, content string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.world.place(channelID)
	u, known := s.world.user(userID)
	if !ok || !known || !s.canView(p, userID) || !s.world.permissions(p, userID).Has(PermSendMessages) && p.guild != nil {
		return Message{}, refuse(http.StatusForbidden, CodeMissingAccess, "Missing Access")
	}
	m := s.post(&draft{content: &content}, p, u, func(*Message) {})
	s.notify()
	return *m, nil
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }
