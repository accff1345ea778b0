package discordsim

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The request bodies that are checked against the OpenAPI document, by
// their place in it.
const (
	schemaCallback    = "/interactions/{interaction_id}/{interaction_token}/callback post"
	schemaWebhookEdit = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id} patch"
	schemaFollowUp    = "/webhooks/{webhook_id}/{webhook_token} post"
	schemaMessage     = "/channels/{channel_id}/messages post"
	schemaMessageEdit = "/channels/{channel_id}/messages/{message_id} patch"
	schemaCommandsPut = "/applications/{application_id}/commands put"
)

// schemas are the compiled body schemas of the OpenAPI document.
type schemas struct{ byPlace map[string]*jsonschema.Schema }

const schemaURL = "discord-openapi.json"

// loadSchemas reads and compiles the document. Two schemas that refuse what
// Discord's documents and examples send are widened first:
// default_member_permissions may be a string, attachment IDs a number.
func loadSchemas(path string) (*schemas, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		return nil, err
	}
	widenSchemas(doc)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaURL, doc); err != nil {
		return nil, err
	}
	s := &schemas{byPlace: make(map[string]*jsonschema.Schema)}
	for _, place := range []string{schemaCallback, schemaWebhookEdit, schemaFollowUp, schemaMessage, schemaMessageEdit, schemaCommandsPut} {
		if s.byPlace[place], err = compiler.Compile(schemaURL + schemaPointer(place)); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", place, err)
		}
	}
	return s, nil
}

// schemaPointer is the JSON pointer, as a URL fragment, of a body's schema.
func schemaPointer(place string) string {
	var path, method string
	for i := len(place) - 1; i >= 0; i-- {
		if place[i] == ' ' {
			path, method = place[:i], place[i+1:]
			break
		}
	}
	var escaped []byte
	for _, b := range []byte(path) {
		switch b {
		case '/':
			escaped = append(escaped, "~1"...)
		case '{':
			escaped = append(escaped, "%7B"...)
		case '}':
			escaped = append(escaped, "%7D"...)
		default:
			escaped = append(escaped, b)
		}
	}
	return "#/paths/" + string(escaped) + "/" + method + "/requestBody/content/application~1json/schema"
}

func widenSchemas(v any) {
	switch v := v.(type) {
	case map[string]any:
		if p, ok := v["properties"].(map[string]any); ok {
			if permissions, ok := p["default_member_permissions"].(map[string]any); ok {
				p["default_member_permissions"] = map[string]any{"anyOf": []any{
					permissions, map[string]any{"type": "string", "pattern": "^[0-9]+$"},
				}}
			}
		}
		for key, sub := range v {
			if key == "MessageAttachmentRequest" {
				widenAttachmentID(sub)
			}
			widenSchemas(sub)
		}
	case []any:
		for _, sub := range v {
			widenSchemas(sub)
		}
	}
}

func widenAttachmentID(v any) {
	schema, _ := v.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	if id, ok := properties["id"]; ok {
		properties["id"] = map[string]any{"anyOf": []any{id, map[string]any{"type": "integer", "minimum": 0}}}
	}
}

// check returns what the document has against a body.
func (s *schemas) check(place string, body any) error {
	if s == nil {
		return nil
	}
	return s.byPlace[place].Validate(body)
}

func (s *Server) checkSchema(c *call, place string, body any) {
	if s.schemas == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checkSchemaLocked(c, place, body)
}

// checkSchemaLocked is checkSchema with Server.mu held.
func (s *Server) checkSchemaLocked(c *call, place string, body any) {
	if err := s.schemas.check(place, body); err != nil {
		s.violateLocked(Violation{Rule: RuleOpenAPI, Route: c.route.name(), Detail: explain(err), Interaction: c.arg("interaction")})
	}
}

// OpenAPIPath finds Discord's OpenAPI document: where the environment
// variable DISCORD_OPENAPI says, else at ../shared/discord/openapi.json from
// the module's root, which is looked for upwards from the working directory.
func OpenAPIPath() (string, bool) {
	if path := os.Getenv("DISCORD_OPENAPI"); path != "" {
		return path, isFile(path)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for !isFile(filepath.Join(dir, "go.mod")) {
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
	path := filepath.Join(filepath.Dir(dir), "shared", "discord", "openapi.json")
	return path, isFile(path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
