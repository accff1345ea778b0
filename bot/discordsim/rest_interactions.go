package discordsim

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"time"
)

// The flags that can be set where.
const (
	callbackFlags = FlagSuppressEmbeds | FlagEphemeral | FlagComponentsV2 | FlagVoiceMessage | FlagSuppressNotifications
	editFlags     = FlagSuppressEmbeds | FlagComponentsV2
	channelFlags  = FlagSuppressEmbeds | FlagSuppressNotifications | FlagVoiceMessage | FlagComponentsV2
)

// callback is a first answer, read and checked.
type callback struct {
	kind    int
	draft   *draft
	modal   *Modal
	choices []Choice
	digest  [sha256.Size]byte // of what was sent
}

// postCallback is the first answer to an interaction.
func (s *Server) postCallback(c *call) (reply, *apiError) {
	s.mu.Lock()
	i := s.interactions.byToken[c.arg("token")]
	s.mu.Unlock()
	if i == nil || i.ID != c.arg("interaction") {
		s.count(func(st *Stats) { st.LateOrDouble++ })
		return failed(notFound(CodeUnknownInteraction, "interaction"))
	}
	cb, err := s.readCallback(c, i)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := i.answer(cb, s.Now()); err != nil {
		i.refused++
		if err.repeated {
			s.stats.Repeated++
		} else {
			s.stats.LateOrDouble++
		}
		i.touch()
		return failed(err)
	}
	if queryBool(c.r, "with_response") {
		return ok(i.callbackResponse(cb))
	}
	return noContent()
}

// answer accepts a first answer if it comes in time and is the first. One that
// is sent again as it was is refused, too, but no violation: the answer to the
// first attempt may not have reached the bot. Server.mu is held.
func (i *Interaction) answer(cb *callback, now time.Time) *apiError {
	switch {
	case i.callback != 0:
		err := refuse(http.StatusBadRequest, CodeAlreadyAcknowledged, "Interaction has already been acknowledged.")
		err.repeated = cb.digest == i.accepted
		return err
	case i.state != StateWaiting || now.Sub(i.Started) >= AnswerWithin:
		return notFound(CodeUnknownInteraction, "interaction")
	}
	i.callback, i.accepted = cb.kind, cb.digest
	i.answeredIn = time.Since(i.began)
	i.s.stats.Answered++
	i.state = StateAnswered
	switch cb.kind {
	case CallbackMessage:
		i.original = i.post(cb.draft)
	case CallbackDefer:
		i.original = i.post(cb.draft)
		i.original.Flags |= FlagLoading
		i.deferredPost = true
		i.think()
	case CallbackDeferUpdate:
		i.original = i.source
	case CallbackUpdate:
		i.original = i.source
		i.s.edit(i.source, cb.draft)
	}
	i.choices, i.modal = cb.choices, cb.modal
	i.touch()
	return nil
}

// think waits for the message within the token's life.
func (i *Interaction) think() {
	i.state = StateThinking
	st := &i.s.interactions
	st.pending = append(st.pending, i)
	if len(st.pending) == 1 {
		st.nudge()
	}
}

// post makes a message of the interaction's. Server.mu is held.
func (i *Interaction) post(d *draft) *Message {
	s := i.s
	p, _ := s.world.place(i.Channel)
	if p.channel == nil { // deleted meanwhile: the message goes where nobody looks
		p.channel = &Channel{ID: i.Channel, GuildID: i.Guild}
	}
	d.allowed = defaultMentions(d.allowed)
	return s.post(d, p, s.world.self, func(m *Message) {
		m.Interaction, m.Asker, m.interactionType, m.owners = i.ID, i.User, i.Type, i.owners
		if i.source == nil {
			m.Command = i.Command
		} else {
			m.Reference = i.source.ID
		}
		if i.private {
			m.Flags |= FlagEphemeral
		}
	})
}

// callbackResponse is what with_response asks for. Server.mu is held.
func (i *Interaction) callbackResponse(cb *callback) any {
	about := map[string]any{"id": i.ID, "type": i.Type}
	resource := map[string]any{"type": cb.kind}
	if i.original != nil {
		about["response_message_id"] = i.original.ID
		about["response_message_loading"] = i.original.Thinking()
		about["response_message_ephemeral"] = i.original.Ephemeral()
		if cb.kind == CallbackMessage || cb.kind == CallbackUpdate {
			resource["message"] = i.s.messageObject(i.original)
		}
	}
	return map[string]any{"interaction": about, "resource": resource}
}

// callbackTypes are those that an interaction may be answered with.
func (i *Interaction) callbackTypes() []int {
	switch i.Type {
	case InteractionAutocomplete:
		return []int{CallbackAutocomplete}
	case InteractionComponent:
		return []int{CallbackMessage, CallbackDefer, CallbackDeferUpdate, CallbackUpdate, CallbackModal}
	case InteractionModalSubmit:
		if i.source != nil {
			return []int{CallbackMessage, CallbackDefer, CallbackDeferUpdate, CallbackUpdate}
		}
		return []int{CallbackMessage, CallbackDefer}
	}
	return []int{CallbackMessage, CallbackDefer, CallbackModal}
}

// readCallback reads the body of a first answer.
func (s *Server) readCallback(c *call, i *Interaction) (*callback, *apiError) {
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return nil, err
	}
	o.only("type", "data")
	cb := &callback{kind: o.oneOf("type", i.callbackTypes()...), digest: c.digest()}
	if !slices.Contains(i.callbackTypes(), cb.kind) {
		return nil, f.err()
	}
	data, hasData := o.object("data")
	if !hasData {
		if data, err = cb.withoutData(o); err != nil {
			return nil, err
		}
	}
	err = s.readCallbackData(c, i, cb, data)
	s.noteForm(c, f)
	if err != nil {
		return nil, err
	}
	s.checkSchema(c, schemaCallback, o.m)
	return cb, nil
}

// withoutData stands in for data where it may be left out.
func (cb *callback) withoutData(o object) (object, *apiError) {
	if cb.kind != CallbackDefer && cb.kind != CallbackDeferUpdate && cb.kind != CallbackUpdate {
		o.required("data")
	}
	return object{form: o.form, at: o.child("data"), m: map[string]any{}}, o.form.err()
}

func (s *Server) readCallbackData(c *call, i *Interaction, cb *callback, data object) *apiError {
	switch cb.kind {
	case CallbackMessage, CallbackUpdate:
		return s.readCallbackMessage(c, i, cb, data)
	case CallbackDefer:
		cb.draft = &draft{}
		cb.draft.flags, _ = readFlags(data, FlagEphemeral)
		for key := range data.m {
			if key != "flags" && !saysNothing(data.m[key]) {
				data.form.note("%s with a deferred answer: only the EPHEMERAL flag can be set", key)
			}
		}
	case CallbackAutocomplete:
		data.only("choices")
		data.required("choices")
		for _, choice := range data.objects("choices", 0, maxChoices) {
			cb.choices = append(cb.choices, readChoice(choice, i.choiceType))
		}
	case CallbackModal:
		cb.modal = readModal(data)
	}
	return data.form.err()
}

func (s *Server) readCallbackMessage(c *call, i *Interaction, cb *callback, data object) *apiError {
	s.mu.Lock()
	defer s.mu.Unlock()
	update := cb.kind == CallbackUpdate
	rules := messageRules{flags: callbackFlags, limit: s.world.guilds[i.Guild].attachmentLimit()}
	if update {
		rules = editRules(i.source, s.world.guilds[i.Guild])
		rules.flags |= FlagEphemeral // allowed, but it changes nothing
	}
	cb.draft = readDraft(data, c.files, rules)
	if !update {
		if err := data.form.err(); err != nil {
			return err
		}
		if cb.draft.empty() {
			return emptyMessage()
		}
	} else if err := checkEdit(i.source, cb.draft, data); err != nil {
		return err
	}
	s.houseRules(c, cb.draft, i.ID)
	return nil
}

// houseRules notes what Discord allows but Options forbid. Server.mu is held.
func (s *Server) houseRules(c *call, d *draft, interaction string) {
	if s.o.RequireAllowedMentions && d.allowed == nil {
		s.violateLocked(Violation{Rule: RuleAllowedMentions, Route: c.route.name(), Detail: "allowed_mentions is not set", Interaction: interaction})
	}
}
