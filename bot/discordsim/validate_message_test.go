package discordsim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"progressbot/bot/discordsim"
)

func repeat(n int, item string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

// text is a JSON string of n characters.
func text(n int) string { return `"` + strings.Repeat("ä", n) + `"` }

func numbered(n int, format string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(items, ",") + "]"
}

const (
	button = `{"type":2,"style":1,"label":"Go","custom_id":"c#"}`
	option = `{"label":"l#","value":"v#"}`
)

func row(components string) string { return `{"type":1,"components":` + components + `}` }

func rows(components ...string) string {
	list := make([]string, len(components))
	for i, c := range components {
		list[i] = row(c)
	}
	return `{"components":[` + strings.Join(list, ",") + `]}`
}

func v2(components string) string { return `{"flags":32768,"components":[` + components + `]}` }

func selectMenu(more string) string {
	return rows(`[{"type":3,"custom_id":"s","options":[` + strings.ReplaceAll(option, "#", "1") + `,` + strings.ReplaceAll(option, "#", "2") + `]` + more + `}]`)
}

// messageCases are message payloads and where Discord finds fault with them;
// "" is a valid one.
var messageCases = []struct {
	name, body, fault string
	code              int // 0 is 50035
}{
	{name: "content", body: `{"content":"hello"}`},
	{name: "longest content", body: `{"content":` + text(2000) + `}`},
	{name: "content too long", body: `{"content":` + text(2001) + `}`, fault: "content"},
	{name: "content is no text", body: `{"content":5}`, fault: "content"},
	{name: "white space only", body: `{"content":"  \n "}`, code: 50006},
	{name: "empty", body: `{}`, code: 50006},
	{name: "nulls", body: `{"content":null,"embeds":null,"components":null}`, code: 50006},
	{name: "no JSON", body: `{"content":`, code: 50109},
	{name: "two values", body: `{"content":"a"}{}`, code: 50109},
	{name: "invalid UTF-8", body: "{\"content\":\"\xff\"}", code: 50109},

	{name: "ten embeds", body: `{"embeds":` + numbered(10, `{"title":"t#"}`) + `}`},
	{name: "eleven embeds", body: `{"embeds":` + numbered(11, `{"title":"t#"}`) + `}`, fault: "embeds"},
	{name: "empty embed", body: `{"embeds":[{}]}`, fault: "embeds.0.description"},
	{name: "embed title", body: `{"embeds":[{"title":` + text(257) + `}]}`, fault: "embeds.0.title"},
	{name: "embed description", body: `{"embeds":[{"description":` + text(4097) + `}]}`, fault: "embeds.0.description"},
	{name: "26 fields", body: `{"embeds":[{"fields":` + repeat(26, `{"name":"n","value":"v"}`) + `}]}`, fault: "embeds.0.fields"},
	{name: "field name", body: `{"embeds":[{"fields":[{"name":` + text(257) + `,"value":"v"}]}]}`, fault: "embeds.0.fields.0.name"},
	{name: "field value", body: `{"embeds":[{"fields":[{"name":"n","value":` + text(1025) + `}]}]}`, fault: "embeds.0.fields.0.value"},
	{name: "empty field value", body: `{"embeds":[{"fields":[{"name":"n","value":" "}]}]}`, fault: "embeds.0.fields.0.value"},
	{name: "footer", body: `{"embeds":[{"footer":{"text":` + text(2049) + `}}]}`, fault: "embeds.0.footer.text"},
	{name: "author", body: `{"embeds":[{"author":{"name":` + text(257) + `}}]}`, fault: "embeds.0.author.name"},
	{name: "6000 in all", body: `{"embeds":[{"description":` + text(4096) + `},{"description":` + text(1904) + `}]}`},
	{name: "6001 in all", body: `{"embeds":[{"description":` + text(4096) + `},{"description":` + text(1905) + `}]}`, fault: "embeds"},
	{name: "colour", body: `{"embeds":[{"title":"t","color":16777216}]}`, fault: "embeds.0.color"},
	{name: "image is no URL", body: `{"embeds":[{"image":{"url":"notaurl"}}]}`, fault: "embeds.0.image.url"},
	{name: "image scheme", body: `{"embeds":[{"image":{"url":"javascript://x/y"}}]}`, fault: "embeds.0.image.url"},
	{name: "embed URL", body: `{"embeds":[{"title":"t","url":"attachment://a.png"}]}`, fault: "embeds.0.url"},
	{name: "timestamp", body: `{"embeds":[{"title":"t","timestamp":"yesterday"}]}`, fault: "embeds.0.timestamp"},
	{name: "embeds are no list", body: `{"embeds":{"title":"t"}}`, fault: "embeds"},
	{name: "embed is no object", body: `{"embeds":["t"]}`, fault: "embeds.0"},

	{name: "five rows", body: rows(numbered(5, button), `[{"type":2,"style":5,"label":"l","url":"https://example.org"}]`,
		`[{"type":5,"custom_id":"u"}]`, `[{"type":6,"custom_id":"r"}]`, `[{"type":8,"custom_id":"ch","channel_types":[0,5]}]`)},
	{name: "six rows", body: `{"components":[` + strings.TrimSuffix(strings.Repeat(row(`[{"type":2,"style":5,"label":"l","url":"https://example.org"}]`)+",", 6), ",") + `]}`, fault: "components"},
	{name: "empty row", body: rows(`[]`), fault: "components.0.components"},
	{name: "six buttons", body: rows(numbered(6, button)), fault: "components.0.components"},
	{name: "button outside a row", body: `{"components":` + numbered(1, button) + `}`, fault: "components.0.type"},
	{name: "same custom_id", body: rows(repeat(2, button)), fault: "components.0.components.1.custom_id"},
	{name: "custom_id too long", body: rows(`[{"type":2,"style":1,"label":"l","custom_id":` + text(101) + `}]`), fault: "components.0.components.0.custom_id"},
	{name: "button without custom_id", body: rows(`[{"type":2,"style":1,"label":"l"}]`), fault: "components.0.components.0.custom_id"},
	{name: "button label", body: rows(`[{"type":2,"style":1,"custom_id":"c","label":` + text(81) + `}]`), fault: "components.0.components.0.label"},
	{name: "button without label", body: rows(`[{"type":2,"style":1,"custom_id":"c"}]`), fault: "components.0.components.0.label"},
	{name: "button with emoji", body: rows(`[{"type":2,"style":1,"custom_id":"c","emoji":{"name":"🔄"}}]`)},
	{name: "button with a word for emoji", body: rows(`[{"type":2,"style":1,"custom_id":"c","emoji":{"name":"smile"}}]`), fault: "components.0.components.0.emoji"},
	{name: "link with custom_id", body: rows(`[{"type":2,"style":5,"label":"l","url":"https://example.org","custom_id":"c"}]`), fault: "components.0.components.0.custom_id"},
	{name: "link without url", body: rows(`[{"type":2,"style":5,"label":"l"}]`), fault: "components.0.components.0.url"},
	{name: "link too long", body: rows(`[{"type":2,"style":5,"label":"l","url":"https://example.org/` + strings.Repeat("a", 500) + `"}]`), fault: "components.0.components.0.url"},
	{name: "url on a plain button", body: rows(`[{"type":2,"style":1,"label":"l","custom_id":"c","url":"https://example.org"}]`), fault: "components.0.components.0.url"},
	{name: "select and button in a row", body: rows(`[{"type":5,"custom_id":"u"},{"type":2,"style":1,"label":"l","custom_id":"c"}]`), fault: "components.0.components"},
	{name: "unknown component", body: rows(`[{"type":99}]`), fault: "components.0.components.0.type"},
	{name: "text input in a message", body: rows(`[{"type":4,"custom_id":"t","style":1,"label":"l"}]`), fault: "components.0.components.0.type"},
	{name: "select", body: selectMenu(`,"placeholder":"p","min_values":0,"max_values":2`)},
	{name: "select placeholder", body: selectMenu(`,"placeholder":` + text(151)), fault: "components.0.components.0.placeholder"},
	{name: "select range", body: selectMenu(`,"min_values":2,"max_values":1`), fault: "components.0.components.0.min_values"},
	{name: "select more than there is", body: selectMenu(`,"max_values":3`), fault: "components.0.components.0.max_values"},
	{name: "select without options", body: rows(`[{"type":3,"custom_id":"s"}]`), fault: "components.0.components.0.options"},
	{name: "26 options", body: rows(`[{"type":3,"custom_id":"s","options":` + numbered(26, option) + `}]`), fault: "components.0.components.0.options"},
	{name: "option label", body: rows(`[{"type":3,"custom_id":"s","options":[{"label":` + text(101) + `,"value":"v"}]}]`), fault: "components.0.components.0.options.0.label"},
	{name: "same option twice", body: rows(`[{"type":3,"custom_id":"s","options":` + repeat(2, option) + `}]`), fault: "components.0.components.0.options.1.value"},
	{name: "default role in a channel menu", body: rows(`[{"type":8,"custom_id":"s","default_values":[{"id":"1","type":"role"}]}]`), fault: "components.0.components.0.default_values.0.type"},

	{name: "text display without the flag", body: `{"components":[{"type":10,"content":"c"}]}`, fault: "components.0.type"},
	{name: "text display", body: v2(`{"type":10,"content":"c"}`)},
	{name: "V2 with content", body: `{"flags":32768,"content":"c","components":[{"type":10,"content":"c"}]}`, fault: "content"},
	{name: "V2 with embeds", body: `{"flags":32768,"embeds":[{"title":"t"}],"components":[{"type":10,"content":"c"}]}`, fault: "embeds"},
	{name: "V2 text", body: v2(`{"type":10,"content":` + text(2001) + `},{"type":10,"content":` + text(2000) + `}`), fault: "components"},
	{name: "40 components", body: v2(`{"type":17,"components":` + repeat(39, `{"type":14}`) + `}`)},
	{name: "41 components", body: v2(`{"type":17,"components":` + repeat(40, `{"type":14}`) + `}`), fault: "components"},
	{name: "section", body: v2(`{"type":9,"components":[{"type":10,"content":"c"}],"accessory":{"type":2,"style":1,"label":"l","custom_id":"c"}}`)},
	{name: "section without accessory", body: v2(`{"type":9,"components":[{"type":10,"content":"c"}]}`), fault: "components.0.accessory"},
	{name: "section of four", body: v2(`{"type":9,"components":` + repeat(4, `{"type":10,"content":"c"}`) + `,"accessory":{"type":11,"media":{"url":"https://example.org/a.png"}}}`), fault: "components.0.components"},
	{name: "container in a container", body: v2(`{"type":17,"components":[{"type":17,"components":[{"type":14}]}]}`), fault: "components.0.components.0.type"},
	{name: "gallery of eleven", body: v2(`{"type":12,"items":` + repeat(11, `{"media":{"url":"https://example.org/a.png"}}`) + `}`), fault: "components.0.items"},
	{name: "gallery alt text", body: v2(`{"type":12,"items":[{"media":{"url":"https://example.org/a.png"},"description":` + text(1025) + `}]}`), fault: "components.0.items.0.description"},
	{name: "file from the web", body: v2(`{"type":13,"file":{"url":"https://example.org/a.png"}}`), fault: "components.0.file.url"},
	{name: "file that is not there", body: v2(`{"type":13,"file":{"url":"attachment://a.png"}}`), fault: "components.0.file.url"},
	{name: "same component id", body: v2(`{"type":14,"id":7},{"type":14,"id":7}`), fault: "components.1.id"},

	{name: "allowed mentions", body: `{"content":"c","allowed_mentions":{"parse":[]}}`},
	{name: "mentions of what", body: `{"content":"c","allowed_mentions":{"parse":["me"]}}`, fault: "allowed_mentions.parse.0"},
	{name: "mentions contradict", body: `{"content":"c","allowed_mentions":{"parse":["users"],"users":["1"]}}`, fault: "allowed_mentions.parse"},
	{name: "101 mentions", body: `{"content":"c","allowed_mentions":{"users":` + repeat(101, `"1"`) + `}}`, fault: "allowed_mentions.users"},
	{name: "flags are no number", body: `{"content":"c","flags":"x"}`, fault: "flags"},
	{name: "tts is no boolean", body: `{"content":"c","tts":"yes"}`, fault: "tts"},
	{name: "eleven attachments", body: `{"content":"c","attachments":` + numbered(11, `{"id":#}`) + `}`, fault: "attachments"},
	{name: "attachment without id", body: `{"content":"c","attachments":[{"filename":"a.png"}]}`, fault: "attachments.0.id"},
	{name: "attachment alt text", body: `{"content":"c","attachments":[{"id":0,"description":` + text(1025) + `}]}`, fault: "attachments.0.description"},
}

// channelCases exist for channel messages only.
var channelCases = []struct {
	name, body, fault string
}{
	{"nonce too long", `{"content":"c","nonce":` + text(26) + `}`, "nonce"},
	{"nonce of what", `{"content":"c","nonce":true}`, "nonce"},
	{"four stickers", `{"content":"c","sticker_ids":["1","2","3","4"]}`, "sticker_ids"},
	{"reference to nothing", `{"content":"c","message_reference":{"message_id":"1"}}`, "message_reference"},
	{"reference without message", `{"content":"c","message_reference":{}}`, "message_reference.message_id"},
}

func TestChannelMessageRules(t *testing.T) {
	t.Parallel()
	s := start(t, discordsim.Options{RouteLimit: -1, GlobalLimit: -1})
	path := "/channels/" + discordsim.GeneralChannelID + "/messages"
	for _, tt := range messageCases {
		t.Run(tt.name, func(t *testing.T) {
			checkMessageCase(t, do(t, s, http.MethodPost, path, tt.body), tt.fault, tt.code)
		})
	}
	for _, tt := range channelCases {
		t.Run(tt.name, func(t *testing.T) {
			checkMessageCase(t, do(t, s, http.MethodPost, path, tt.body), tt.fault, 0)
		})
	}
}

func checkMessageCase(t *testing.T, r result, fault string, code int) {
	t.Helper()
	switch {
	case code != 0:
		r.want(t, http.StatusBadRequest, code, "")
	case fault != "":
		r.want(t, http.StatusBadRequest, discordsim.CodeInvalidFormBody, fault)
	default:
		r.want(t, http.StatusOK, 0, "")
	}
}

// Every place that takes a message holds to the same rules.
func TestCallbackMessageRules(t *testing.T) {
	t.Parallel()
	s, h := hookWorld(t, discordsim.Options{RouteLimit: -1, GlobalLimit: -1})
	for _, tt := range messageCases {
		t.Run(tt.name, func(t *testing.T) {
			_, e := h.invoke(t, discordsim.Invocation{})
			fault := tt.fault
			if fault != "" {
				fault = "data." + fault
			}
			r := do(t, s, http.MethodPost, e.callback(), `{"type":4,"data":`+tt.body+`}`)
			if r.status == http.StatusNoContent {
				r.status = http.StatusOK
			}
			checkMessageCase(t, r, fault, tt.code)

			do(t, s, http.MethodPost, e.callback(), `{"type":5}`)
			followUp := do(t, s, http.MethodPost, "/webhooks/"+s.ApplicationID()+"/"+e.Token, tt.body)
			checkMessageCase(t, followUp, tt.fault, tt.code)
			if tt.code == 0 && tt.name != "file that is not there" { // an edit may keep a file it does not name
				edit := do(t, s, http.MethodPatch, "/webhooks/"+s.ApplicationID()+"/"+e.Token+"/messages/@original", tt.body)
				checkMessageCase(t, edit, tt.fault, 0)
			}
		})
	}
}
