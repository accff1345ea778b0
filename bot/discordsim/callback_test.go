package discordsim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot/discordsim"
)

func webhookPath(s *discordsim.Server, e event) string {
	return "/webhooks/" + s.ApplicationID() + "/" + e.Token
}

// controls is an answer with a button, a menu of each kind and a disabled button.
const controls = `{"type":4,"data":{"content":"c","components":[
	{"type":1,"components":[{"type":2,"style":1,"label":"Go","custom_id":"go"},{"type":2,"style":2,"label":"Off","custom_id":"off","disabled":true},{"type":2,"style":5,"label":"Web","url":"https://example.org"}]},
	{"type":1,"components":[{"type":3,"custom_id":"pick","options":[{"label":"One","value":"1"},{"label":"Two","value":"2"}],"max_values":2}]},
	{"type":1,"components":[{"type":5,"custom_id":"who"}]},
	{"type":1,"components":[{"type":6,"custom_id":"role"}]},
	{"type":1,"components":[{"type":8,"custom_id":"where","channel_types":[0]}]}]}}`

func TestCallbackTypes(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{RouteLimit: -1})
	registerRaw(t, s, `[{"name":"hi","description":"Says hi","options":[{"type":3,"name":"o","description":"d","autocomplete":true}]}]`)
	command := func() event {
		_, e := h.invoke(t, discordsim.Invocation{})
		return e
	}
	autocomplete := func() event {
		if _, err := s.Autocomplete(discordsim.Invocation{Command: "hi", Focus: "o"}); err != nil {
			t.Fatal(err)
		}
		return h.next(t)
	}
	component := func() event {
		e := command()
		do(t, s, http.MethodPost, e.callback(), controls).want(t, http.StatusNoContent, 0, "")
		m := do(t, s, http.MethodGet, webhookPath(s, e)+"/messages/@original", "")
		var id struct{ ID string }
		m.into(t, &id)
		if _, err := s.Press("", id.ID, "Go"); err != nil {
			t.Fatal(err)
		}
		return h.next(t)
	}
	const message, modal = `{"content":"c"}`, `{"custom_id":"m","title":"t","components":[{"type":18,"label":"l","component":{"type":4,"custom_id":"i","style":1}}]}`
	tests := []struct {
		name, body string
		from       func() event
		fault      string
	}{
		{"message to a command", `{"type":4,"data":` + message + `}`, command, ""},
		{"deferral", `{"type":5}`, command, ""},
		{"private deferral", `{"type":5,"data":{"flags":64}}`, command, ""},
		{"modal to a command", `{"type":9,"data":` + modal + `}`, command, ""},
		{"pong to a command", `{"type":1}`, command, "type"},
		{"unknown type", `{"type":3}`, command, "type"},
		{"no type", `{"data":{}}`, command, "type"},
		{"no data", `{"type":4}`, command, "data"},
		{"update to a command", `{"type":7,"data":` + message + `}`, command, "type"},
		{"deferred update to a command", `{"type":6}`, command, "type"},
		{"choices to a command", `{"type":8,"data":{"choices":[]}}`, command, "type"},
		{"choices", `{"type":8,"data":{"choices":[{"name":"n","value":"v"}]}}`, autocomplete, ""},
		{"no choices", `{"type":8,"data":{}}`, autocomplete, "data.choices"},
		{"26 choices", `{"type":8,"data":{"choices":` + numbered(26, `{"name":"n","value":"v"}`) + `}}`, autocomplete, "data.choices"},
		{"choice name", `{"type":8,"data":{"choices":[{"name":` + text(101) + `,"value":"v"}]}}`, autocomplete, "data.choices.0.name"},
		{"choice value", `{"type":8,"data":{"choices":[{"name":"n","value":` + text(101) + `}]}}`, autocomplete, "data.choices.0.value"},
		{"choice of another type", `{"type":8,"data":{"choices":[{"name":"n","value":5}]}}`, autocomplete, "data.choices.0.value"},
		{"message to autocomplete", `{"type":4,"data":` + message + `}`, autocomplete, "type"},
		{"deferral of autocomplete", `{"type":5}`, autocomplete, "type"},
		{"message to a component", `{"type":4,"data":` + message + `}`, component, ""},
		{"update", `{"type":7,"data":` + message + `}`, component, ""},
		{"update of nothing", `{"type":7,"data":{}}`, component, ""},
		{"deferred update", `{"type":6}`, component, ""},
		{"modal to a component", `{"type":9,"data":` + modal + `}`, component, ""},
		{"modal title", `{"type":9,"data":{"custom_id":"m","title":` + text(46) + `,"components":[{"type":10,"content":"c"}]}}`, command, "data.title"},
		{"modal without components", `{"type":9,"data":{"custom_id":"m","title":"t","components":[]}}`, command, "data.components"},
		{"modal of six", `{"type":9,"data":{"custom_id":"m","title":"t","components":` + repeat(6, `{"type":10,"content":"c"}`) + `}}`, command, "data.components"},
		{"modal with a button", `{"type":9,"data":{"custom_id":"m","title":"t","components":[{"type":1,"components":[{"type":2,"style":1,"label":"l","custom_id":"c"}]}]}}`, command, "data.components.0.components.0.type"},
		{"label too long", `{"type":9,"data":{"custom_id":"m","title":"t","components":[{"type":18,"label":` + text(46) + `,"component":{"type":4,"custom_id":"i","style":1}}]}}`, command, "data.components.0.label"},
		{"input placeholder", `{"type":9,"data":{"custom_id":"m","title":"t","components":[{"type":18,"label":"l","component":{"type":4,"custom_id":"i","style":1,"placeholder":` + text(101) + `}}]}}`, command, "data.components.0.component.placeholder"},
		{"disabled menu in a modal", `{"type":9,"data":{"custom_id":"m","title":"t","components":[{"type":18,"label":"l","component":{"type":5,"custom_id":"i","disabled":true}}]}}`, command, "data.components.0.component.disabled"},
		{"radio group of one", `{"type":9,"data":{"custom_id":"m","title":"t","components":[{"type":18,"label":"l","component":{"type":21,"custom_id":"i","options":[{"label":"l","value":"v"}]}}]}}`, command, "data.components.0.component.options"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := do(t, s, http.MethodPost, tt.from().callback(), tt.body)
			if tt.fault == "" {
				r.want(t, http.StatusNoContent, 0, "")
			} else {
				r.want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, tt.fault)
			}
		})
	}
}

func TestSecondAnswerIsRefused(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodPost, e.callback(), `{"type":5,"data":{"flags":64}}`).want(t, http.StatusBadRequest, discordsim.CodeAlreadyAcknowledged, "")
	if diff := cmp.Diff(discordsim.Outcome{Answers: 1, Refused: 1}, i.Outcome()); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if got := s.Stats(); got.LateOrDouble != 1 || got.Repeated != 0 {
		t.Errorf("stats = %+v", got)
	}
	if got := s.Violations(); len(got) != 1 || got[0].Code != discordsim.CodeAlreadyAcknowledged {
		t.Errorf("violations = %v, want the second answer", got)
	}
}

// The same answer once more is what a bot sends that does not know whether the
// first attempt arrived.
func TestRepeatedAnswerIsRefusedButNoViolation(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusBadRequest, discordsim.CodeAlreadyAcknowledged, "")
	if diff := cmp.Diff(discordsim.Outcome{Answers: 1, Refused: 1}, i.Outcome()); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if got := s.Stats(); got.LateOrDouble != 0 || got.Repeated != 1 {
		t.Errorf("stats = %+v", got)
	}
	if got := s.Violations(); len(got) != 0 {
		t.Errorf("violations = %v", got)
	}
}

func TestLateAnswerIsRefused(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	s.Advance(discordsim.AnswerWithin)
	if _, err := i.Await(within(t)); !errors.Is(err, discordsim.ErrTimedOut) {
		t.Errorf("await = %v, want ErrTimedOut", err)
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusNotFound, discordsim.CodeUnknownInteraction, "")
	do(t, s, http.MethodPost, webhookPath(s, e), `{"content":"c"}`).want(t, http.StatusNotFound, discordsim.CodeUnknownWebhook, "")
	do(t, s, http.MethodPost, "/interactions/1/x/callback", `{"type":5}`).want(t, http.StatusNotFound, discordsim.CodeUnknownInteraction, "")
	if got := s.Stats(); got.TimedOut != 1 || got.LateOrDouble != 2 {
		t.Errorf("stats = %+v", got)
	}
}

func TestTokenLivesForFifteenMinutes(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusNoContent, 0, "")
	if i.State() != discordsim.StateThinking {
		t.Errorf("state = %s", i.State())
	}
	s.Advance(discordsim.TokenLife - time.Minute)
	original := webhookPath(s, e) + "/messages/@original"
	do(t, s, http.MethodGet, original, "").want(t, http.StatusOK, 0, "")
	s.Advance(time.Minute)
	do(t, s, http.MethodPatch, original, `{"content":"c"}`).want(t, http.StatusUnauthorized, discordsim.CodeInvalidWebhookToken, "")
	if _, err := i.AwaitMessage(within(t)); !errors.Is(err, discordsim.ErrTimedOut) {
		t.Errorf("await = %v, want ErrTimedOut", err)
	}
}

func TestDeferralFixesWhoSees(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5,"data":{"flags":64}}`).want(t, http.StatusNoContent, 0, "")
	a, err := i.Await(within(t))
	if err != nil || !a.Message.Thinking() || !a.Message.Ephemeral() {
		t.Fatalf("answer = %+v, %v", a, err)
	}
	do(t, s, http.MethodPatch, webhookPath(s, e)+"/messages/@original", `{"content":"done"}`).want(t, http.StatusOK, 0, "")
	m, err := i.AwaitMessage(within(t))
	if err != nil || m.Content != "done" || !m.Ephemeral() || m.Thinking() || m.Edited != nil {
		t.Errorf("message = %+v, %v", m, err)
	}
	noViolations(t, s)
}

func TestDeferralTakesTheEphemeralFlagOnly(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	_, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5,"data":{"flags":32768,"content":"c"}}`).want(t, http.StatusNoContent, 0, "")
	if n := len(s.Violations()); n != 2 {
		t.Errorf("violations = %v, want one for the flag and one for the content", s.Violations())
	}
}

func TestFollowUps(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`).want(t, http.StatusNoContent, 0, "")
	base := webhookPath(s, e)

	// Directly after a deferral a follow-up stands in for it.
	do(t, s, http.MethodPost, base, `{"content":"first","flags":64}`).want(t, http.StatusOK, 0, "")
	m, err := i.AwaitMessage(within(t))
	if err != nil || m.Content != "first" || m.Ephemeral() {
		t.Errorf("message = %+v, %v", m, err)
	}

	var second struct{ ID string }
	do(t, s, http.MethodPost, base, `{"content":"second","flags":64}`).into(t, &second)
	f, err := i.AwaitFollowUp(within(t), 1)
	if err != nil || f.ID != second.ID || !f.Ephemeral() {
		t.Errorf("follow-up = %+v, %v", f, err)
	}
	one := base + "/messages/" + second.ID
	do(t, s, http.MethodPatch, one, `{"content":"changed"}`).want(t, http.StatusOK, 0, "")
	if r := do(t, s, http.MethodGet, one, ""); !strings.Contains(r.body, "changed") {
		t.Errorf("follow-up is %s", r.body)
	}
	do(t, s, http.MethodDelete, one, "").want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodGet, one, "").want(t, http.StatusNotFound, discordsim.CodeUnknownMessage, "")
	do(t, s, http.MethodDelete, base+"/messages/@original", "").want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodPatch, base+"/messages/@original", `{"content":"c"}`).want(t, http.StatusNotFound, discordsim.CodeUnknownMessage, "")
	if n := len(i.Messages()); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	noViolations(t, s)
}

func TestPublicDeferralDeletedAndFollowedPrivately(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":5}`)
	do(t, s, http.MethodDelete, webhookPath(s, e)+"/messages/@original", "").want(t, http.StatusNoContent, 0, "")
	do(t, s, http.MethodPost, webhookPath(s, e), `{"content":"for you","flags":64}`).want(t, http.StatusOK, 0, "")
	m, err := i.AwaitMessage(within(t))
	if err != nil || m.Content != "for you" || !m.Ephemeral() {
		t.Errorf("message = %+v, %v", m, err)
	}
}

func TestUserInstalledFollowUpsAreFive(t *testing.T) {
	t.Parallel()
	p := discordsim.Options{Guilds: []discordsim.Guild{{
		ID: discordsim.GuildID, WithoutBot: true, Channels: []discordsim.Channel{{ID: discordsim.GeneralChannelID}},
		Members: []discordsim.Member{{UserID: discordsim.DefaultMember}},
	}}}
	s, h := hookWorld(t, p)
	if _, err := s.Invoke(discordsim.Invocation{Command: "hi"}); !errors.Is(err, discordsim.ErrNoCommand) {
		t.Fatalf("without the bot and without installation: %v", err)
	}
	if err := s.SetInstalled(discordsim.DefaultMember, true); err != nil {
		t.Fatal(err)
	}
	_, e := h.invoke(t, discordsim.Invocation{})
	if diff := cmp.Diff(map[string]any{"1": discordsim.DefaultMember}, e.raw["authorizing_integration_owners"]); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c"}}`)
	for range 5 {
		do(t, s, http.MethodPost, webhookPath(s, e), `{"content":"c"}`).want(t, http.StatusOK, 0, "")
	}
	do(t, s, http.MethodPost, webhookPath(s, e), `{"content":"c"}`).want(t, http.StatusBadRequest, discordsim.CodeMaxFollowUps, "")
}

func TestExternalAppsOffMakesAnswersPrivate(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{Guilds: []discordsim.Guild{{
		ID: discordsim.GuildID, WithoutBot: true, Channels: []discordsim.Channel{{ID: discordsim.GeneralChannelID}},
		Roles:   []discordsim.Role{{ID: discordsim.GuildID, Permissions: discordsim.PermDefault &^ discordsim.PermUseExternalApps}},
		Members: []discordsim.Member{{UserID: discordsim.DefaultMember}},
	}}})
	if err := s.SetInstalled(discordsim.DefaultMember, true); err != nil {
		t.Fatal(err)
	}
	i, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c"}}`)
	if m, err := i.AwaitMessage(within(t)); err != nil || !m.Ephemeral() {
		t.Errorf("message = %+v, %v", m, err)
	}
}

func TestWithResponse(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	r := do(t, s, http.MethodPost, e.callback()+"?with_response=true", `{"type":4,"data":{"content":"c","flags":64}}`)
	r.want(t, http.StatusOK, 0, "")
	var got struct {
		Interaction struct {
			ID                string
			ResponseMessageID string `json:"response_message_id"`
			Ephemeral         bool   `json:"response_message_ephemeral"`
		}
		Resource struct {
			Type    int
			Message struct{ ID, Content string }
		}
	}
	r.into(t, &got)
	if got.Interaction.ID != i.ID || !got.Interaction.Ephemeral || got.Resource.Message.Content != "c" ||
		got.Resource.Message.ID != got.Interaction.ResponseMessageID {
		t.Errorf("response = %s", r.body)
	}
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	i, e := h.invoke(t, discordsim.Invocation{})
	kind, body := multipartBody(t, `{"type":4,"data":{"embeds":[{"title":"t","image":{"url":"attachment://card.png"}}],
		"attachments":[{"id":0,"filename":"card.png","description":"31 of 50"}]}}`, map[string]string{"card.png": "PNG"})
	doWith(t, s, http.MethodPost, e.callback(), kind, body, nil).want(t, http.StatusNoContent, 0, "")
	m, err := i.AwaitMessage(within(t))
	if err != nil {
		t.Fatal(err)
	}
	a := m.Attachments[0]
	if a.Description != "31 of 50" || a.Size != 3 || string(s.AttachmentData(a)) != "PNG" || m.Embeds[0].Image.URL != a.URL {
		t.Errorf("attachment = %+v, image %+v", a, m.Embeds[0].Image)
	}
	res, err := httpClient(t).Get(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("attachment: status %d", res.StatusCode)
	}

	// An edit keeps the files that it lists, or all if it lists none.
	original := webhookPath(s, e) + "/messages/@original"
	do(t, s, http.MethodPatch, original, `{"content":"c"}`).want(t, http.StatusOK, 0, "")
	if n := len(i.Messages()[0].Attachments); n != 1 {
		t.Errorf("%d attachments after an edit without a list", n)
	}
	do(t, s, http.MethodPatch, original, `{"attachments":[]}`).want(t, http.StatusOK, 0, "")
	if n := len(i.Messages()[0].Attachments); n != 0 {
		t.Errorf("%d attachments after an edit with an empty list", n)
	}
	noViolations(t, s)
}

func TestMissingAttachmentIsNoted(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	_, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"embeds":[{"title":"t","image":{"url":"attachment://card.png"}}]}}`).want(t, http.StatusNoContent, 0, "")
	if v := s.Violations(); len(v) != 1 || v[0].Rule != discordsim.RuleUndocumented {
		t.Errorf("violations = %v", v)
	}
}

func TestMisspeltFieldIsNoted(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	_, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c","embedz":[{}]}}`).want(t, http.StatusNoContent, 0, "")
	v := s.Violations()
	if len(v) != 1 || !strings.Contains(v[0].Detail, "data.embedz") || v[0].Interaction != e.ID {
		t.Errorf("violations = %v", v)
	}
	if s.ForgetViolations() != 1 || len(s.Violations()) != 0 {
		t.Error("violations were not forgotten")
	}
}

func TestAllowedMentionsHouseRule(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{RequireAllowedMentions: true})
	_, e := h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c","allowed_mentions":{"parse":[]}}}`)
	noViolations(t, s)
	do(t, s, http.MethodPost, webhookPath(s, e), `{"content":"c"}`)
	if v := s.Violations(); len(v) != 1 || v[0].Rule != discordsim.RuleAllowedMentions {
		t.Errorf("violations = %v", v)
	}
}

func TestV2CannotBeUndone(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{})
	_, e := h.invoke(t, discordsim.Invocation{})
	original := webhookPath(s, e) + "/messages/@original"
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"c"}}`)
	const text = `"components":[{"type":10,"content":"c"}]`
	do(t, s, http.MethodPatch, original, `{"flags":32768,`+text+`}`).want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "content")
	do(t, s, http.MethodPatch, original, `{"flags":32768,"content":null,`+text+`}`).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPatch, original, `{"flags":0,`+text+`}`).want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, "flags")
	do(t, s, http.MethodPatch, original, `{"components":[]}`).want(t, http.StatusBadRequest, discordsim.CodeEmptyMessage, "")
}
