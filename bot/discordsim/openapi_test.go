package discordsim_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"progressbot/bot/discordsim"
)

// miniature is an OpenAPI document of the shape of Discord's, small enough to
// keep here: what the simulator makes of a document does not depend on where
// the real one is.
const miniature = `{"openapi":"3.1.0","paths":{
	"/interactions/{interaction_id}/{interaction_token}/callback":{"post":{"requestBody":{"content":{"application/json":{"schema":{"anyOf":[{"properties":{"type":{"const":8}}},{"properties":{"type":{"const":4},"data":{"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/Message"}]}}}]}}}}}},
	"/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}":{"patch":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Message"}}}}}},
	"/webhooks/{webhook_id}/{webhook_token}":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Message"}}}}}},
	"/channels/{channel_id}/messages":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Message"}}}}}},
	"/channels/{channel_id}/messages/{message_id}":{"patch":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Message"}}}}}},
	"/applications/{application_id}/commands":{"put":{"requestBody":{"content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Command"}}}}}}}},
	"components":{"schemas":{
		"Command":{"type":"object","properties":{"default_member_permissions":{"type":["integer","null"]},"nsfw":{"const":false}}},
		"Message":{"type":"object","properties":{"content":{"type":["string","null"],"maxLength":5},"attachments":{"type":"array","items":{"$ref":"#/components/schemas/MessageAttachmentRequest"}}}},
		"MessageAttachmentRequest":{"type":"object","properties":{"id":{"type":"string"}}}}}}`

func TestOpenAPIViolations(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(path, []byte(miniature), 0o600); err != nil {
		t.Fatal(err)
	}
	s, h := hookWorld(t, discordsim.Options{OpenAPI: path})
	channel := messagesPath(discordsim.GeneralChannelID)
	registerRaw(t, s, `[{"name":"hi","description":"d","default_member_permissions":"0"}]`)
	registerRaw(t, s, `[{"name":"hi","description":"d"}]`)
	_, e := h.invoke(t, discordsim.Invocation{})
	kind, body := multipartBody(t, `{"type":4,"data":{"attachments":[{"id":0}]}}`, map[string]string{"a.txt": "a"})
	doWith(t, s, http.MethodPost, e.callback(), kind, body, nil).want(t, http.StatusNoContent, 0, "")
	message := send(t, s, discordsim.GeneralChannelID, `{"content":"short"}`)
	noViolations(t, s)

	registerRaw(t, s, `[{"name":"hi","description":"d","nsfw":true}]`)
	send(t, s, discordsim.GeneralChannelID, `{"content":"too long"}`)
	do(t, s, http.MethodPatch, channel+"/"+message, `{"content":"too long"}`).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPost, webhookPath(s, e), `{"content":"too long"}`).want(t, http.StatusOK, 0, "")
	do(t, s, http.MethodPatch, webhookPath(s, e)+"/messages/@original", `{"content":"too long"}`).want(t, http.StatusOK, 0, "")
	_, e = h.invoke(t, discordsim.Invocation{})
	do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":{"content":"too long"}}`).want(t, http.StatusNoContent, 0, "")
	v := s.Violations()
	if len(v) != 6 {
		t.Fatalf("%d violations, want one for each of six bodies: %v", len(v), v)
	}
	for _, v := range v {
		if v.Rule != discordsim.RuleOpenAPI || v.Detail == "" {
			t.Errorf("violation = %v", v)
		}
	}
	if want := "/data/content: maxLength: got 8, want 5"; v[5].Detail != want {
		t.Errorf("detail = %q, want %q", v[5].Detail, want)
	}
}

func TestOpenAPIDocumentThatIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"no JSON": "x", "no OpenAPI": `{"paths":{}}`} {
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", ""))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := discordsim.Start(discordsim.Options{OpenAPI: path}); err == nil {
			t.Errorf("%s: the simulator started", name)
		}
	}
	if _, err := discordsim.Start(discordsim.Options{OpenAPI: filepath.Join(dir, "missing")}); err == nil {
		t.Error("the simulator started without the document")
	}
}

// Discord's own document and the simulator agree on what is valid. The
// document is not part of the repository; where it is not found there is
// nothing to compare with.
func TestOpenAPIAgrees(t *testing.T) {
	t.Parallel()
	path, found := discordsim.OpenAPIPath()
	t.Logf("Discord's OpenAPI document: %v", found)
	if !found {
		return
	}
	s, h := hookWorld(t, discordsim.Options{OpenAPI: path, GlobalLimit: -1, RouteLimit: -1})
	for _, tt := range messageCases {
		if tt.fault != "" || tt.code != 0 {
			continue
		}
		send(t, s, discordsim.GeneralChannelID, tt.body)
		_, e := h.invoke(t, discordsim.Invocation{})
		do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":`+tt.body+`}`).want(t, http.StatusNoContent, 0, "")
		do(t, s, http.MethodPatch, webhookPath(s, e)+"/messages/@original", tt.body).want(t, http.StatusOK, 0, "")
	}
	registerRaw(t, s, everything)
	noViolations(t, s)
}

func TestOpenAPIPathFromEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "openapi.json")
	t.Setenv("DISCORD_OPENAPI", path)
	if got, found := discordsim.OpenAPIPath(); got != path || found {
		t.Errorf("path = %q, %v before it exists", got, found)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, found := discordsim.OpenAPIPath(); got != path || !found {
		t.Errorf("path = %q, %v", got, found)
	}
}
