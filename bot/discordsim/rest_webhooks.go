package discordsim

import "net/http"

// webhookInteraction finds the interaction that a token stands for. A token
// lives for 15 minutes, and only after a first answer in time.
func (s *Server) webhookInteraction(c *call) (*Interaction, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.interactions.byToken[c.arg("token")]
	switch {
	case i == nil || c.arg("application") != s.o.ApplicationID || i.callback == 0:
		return nil, notFound(CodeUnknownWebhook, "Webhook")
	case s.Now().Sub(i.Started) >= TokenLife:
		return nil, refuse(http.StatusUnauthorized, CodeInvalidWebhookToken, "Invalid Webhook Token")
	}
	return i, nil
}

// message finds one of the interaction's messages. Server.mu is held.
func (i *Interaction) message(id string) *Message {
	if id == "@original" || i.original != nil && id == i.original.ID {
		return i.original
	}
	for _, m := range i.followUps {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func (s *Server) getWebhookMessage(c *call) (reply, *apiError) {
	i, err := s.webhookInteraction(c)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := i.message(c.arg("message")); m != nil {
		return ok(s.messageObject(m))
	}
	return failed(notFound(CodeUnknownMessage, "Message"))
}

// patchWebhookMessage edits @original or a follow-up.
func (s *Server) patchWebhookMessage(c *call) (reply, *apiError) {
	i, err := s.webhookInteraction(c)
	if err != nil {
		return failed(err)
	}
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := i.message(c.arg("message"))
	if m == nil {
		return failed(notFound(CodeUnknownMessage, "Message"))
	}
	d := readDraft(o, c.files, editRules(m, s.world.guilds[i.Guild]))
	s.noteFormLocked(c, f)
	if err := f.err(); err != nil {
		return failed(err)
	}
	if err := i.editMessage(m, d, o); err != nil {
		return failed(err)
	}
	s.checkSchemaLocked(c, schemaWebhookEdit, o.m)
	s.houseRules(c, d, i.ID)
	return ok(s.messageObject(m))
}

// editMessage applies an edit and ends "thinking". Server.mu is held.
func (i *Interaction) editMessage(m *Message, d *draft, o object) *apiError {
	if err := checkEdit(m, d, o); err != nil {
		return err
	}
	d.allowed = defaultMentions(d.allowed)
	if m.Thinking() {
		i.fulfil(m, d)
	} else {
		i.s.edit(m, d)
	}
	i.edits++
	i.touch()
	return nil
}

// fulfil turns "thinking" into the message. Unlike a later edit it can ping
// and does not mark the message as edited; whether it is ephemeral was
// settled by the deferral.
func (i *Interaction) fulfil(m *Message, d *draft) {
	i.s.apply(m, d)
	m.Flags = m.Flags&^FlagLoading | d.flags&editFlags
	if p, ok := i.s.world.place(m.ChannelID); ok {
		m.Mentions, m.Pings = mentions(m, d.allowed, i.s.world.permissions(p, m.Author.ID))
	}
	i.state = StateAnswered
	i.deferredPost = false
}

// postFollowUp sends a further message. Directly after a deferral it
// fulfils that instead, a deprecated courtesy of Discord's.
func (s *Server) postFollowUp(c *call) (reply, *apiError) {
	i, err := s.webhookInteraction(c)
	if err != nil {
		return failed(err)
	}
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := readDraft(o, c.files, messageRules{flags: callbackFlags, limit: s.world.guilds[i.Guild].attachmentLimit()})
	s.noteFormLocked(c, f)
	if err := f.err(); err != nil {
		return failed(err)
	}
	if d.empty() {
		return failed(emptyMessage())
	}
	if i.followUpsN >= maxUserFollowUps && i.userInstallOnly() {
		return failed(refuse(http.StatusBadRequest, CodeMaxFollowUps, "This interaction has hit the maximum number of follow up messages"))
	}
	s.checkSchemaLocked(c, schemaFollowUp, o.m)
	s.houseRules(c, d, i.ID)
	return ok(s.messageObject(i.followUp(d)))
}

const maxUserFollowUps = 5

// userInstallOnly reports whether only its user brought the application here.
func (i *Interaction) userInstallOnly() bool { return i.owners["0"] == "" }

// followUp makes the message, or fulfils the deferral. Server.mu is held.
func (i *Interaction) followUp(d *draft) *Message {
	defer i.touch()
	if i.deferredPost && i.original != nil && i.original.Thinking() {
		i.fulfil(i.original, d)
		return i.original
	}
	m := i.post(d)
	i.followUps = append(i.followUps, m)
	i.followUpsN++
	return m
}

func (s *Server) deleteWebhookMessage(c *call) (reply, *apiError) {
	i, err := s.webhookInteraction(c)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := i.message(c.arg("message"))
	if m == nil {
		return failed(notFound(CodeUnknownMessage, "Message"))
	}
	s.messages.remove(m)
	if m == i.original {
		i.original = nil
		i.deferredPost = false
		if i.state == StateThinking {
			i.state = StateAnswered
		}
	}
	for n, other := range i.followUps {
		if other == m {
			i.followUps = append(i.followUps[:n:n], i.followUps[n+1:]...)
			break
		}
	}
	i.touch()
	return noContent()
}
