package progressapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// invalidUTF8 is what no JSON encoder lets through, and invalidMark stands for
// it until all is encoded.
const (
	invalidUTF8 = "\xff\xc3\x28\xed\xa0\x80"
	invalidMark = "\ue000invalid\ue000"
)

// HostileTexts returns texts that do harm where they are shown as they are,
// by what they try.
func HostileTexts() map[string]string {
	return map[string]string{
		"long":         strings.Repeat("The Very Long Collection ", 200),
		"unbroken":     strings.Repeat("W", 5000),
		"markdown":     "**bold __under ~~strike *nested _deep_* strike~~ under__ bold** # head\n> quote\n- list",
		"masked link":  "[claim your prize](https://evil.example.com/login) <https://evil.example.com>",
		"mentions":     "@everyone @here <@341670021985402880> <@!1> <@&2> <#3> </progress:4> <id:guide>",
		"fence":        "```js\nalert(1)\n``` `` ` ``` ||spoiler||",
		"invite":       "discord.gg/not-a-party https://discord.com/invite/not-a-party",
		"emoji":        "<:fake:123456789012345678> <a:fake:123456789012345678> :smile: <t:0:R>",
		"bidi":         "\u202etxt.exe\u202c \u2066isolated\u2069 \u200fright",
		"zero width":   "in\u200bvis\u200cib\u200dle\u2060\ufeff\u00ad",
		"only unseen":  "\u200b\u2060\u200d\u3164",
		"control":      "bell\a null\x00 escape\x1b[31m back\b return\r\nnew\n\n\nlines\ttab",
		"zalgo":        "Z" + strings.Repeat("\u0335\u0322\u0361", 60) + "algo",
		"family emoji": strings.Repeat("👨‍👩‍👧‍👦🏳️‍🌈", 100),
		"surrogates":   strings.Repeat("𝔘", 2600),
		"invalid":      "broken " + invalidUTF8 + " bytes",
		"format":       "%s %d %!v(MISSING) %n {{.}} ${HOME} <script>alert(1)</script>",
		"blank":        " \t\n ",
	}
}

// hostile returns programs that hold everything that could do harm.
func hostile(now time.Time) []Program {
	texts := HostileTexts()
	programs := []Program{
		{Raw: json.RawMessage("null")},
		{Raw: json.RawMessage(`"not a program"`)},
		{Raw: json.RawMessage(`{}`)},
	}
	for i, name := range slices.Sorted(maps.Keys(texts)) {
		programs = append(programs, hostileText(fmt.Sprintf("hostile_%d", i), texts[name]))
	}
	for i, id := range []string{"", "", "twin", "twin", "a/b", "../../admin", "..", ".", "with space?&#%2F;=+", strings.Repeat("i", 600), "\x00\n\u202e"} {
		programs = append(programs, odd(id, fmt.Sprintf("Odd ID %d", i), nil))
	}
	for i, fields := range hostileFields(now) {
		programs = append(programs, odd(fmt.Sprintf("fields_%d", i), fmt.Sprintf("Odd fields %d", i), fields))
	}
	return programs
}

// hostileText returns a program where every text is the same harmful one.
func hostileText(id, text string) Program {
	text = strings.ReplaceAll(text, invalidUTF8, invalidMark)
	card := map[string]any{"id": text, "name": text, "image": text, "rarity": text, "ownedQuantity": 1, "isOwned": true}
	body := marshal(map[string]any{
		"id": id, "name": text, "image": text, "description": text, "environment": text, "status": text,
		"size": 3, "collectedCount": 2, "progressInPercentage": 66,
		"cards":  []any{card, card, map[string]any{"id": "", "name": text}, nil, 7},
		"reward": map[string]any{"id": text, "name": text, "image": text, "description": text, "value": RewardValue, "viewType": text, "canClaim": false},
	})
	body = bytes.ReplaceAll(body, []byte(invalidMark), []byte(invalidUTF8))
	return Program{ID: id, Raw: body}
}

// odd returns a small program with an odd ID or odd fields.
func odd(id, name string, fields map[string]any) Program {
	body := map[string]any{"id": id, "name": name, "size": 4, "collectedCount": 1, "progressInPercentage": 25, "status": "in_progress"}
	maps.Copy(body, fields)
	return Program{ID: id, Raw: marshal(body)}
}

// hostileFields returns what a program's fields may hold instead of what is
// documented.
func hostileFields(now time.Time) []map[string]any {
	number := func(s string) json.RawMessage { return json.RawMessage(s) }
	huge := number("1" + strings.Repeat("0", 400))
	return []map[string]any{
		{"progressInPercentage": 1e9, "collectedCount": 1_000_000, "size": 3},
		{"progressInPercentage": -5, "collectedCount": -7, "size": -9, "timeLeft": -604800000, "createdTimestamp": -1},
		{"progressInPercentage": "NaN", "collectedCount": "Infinity", "size": "many", "timeLeft": "soon"},
		{"progressInPercentage": number("1e400"), "collectedCount": huge, "size": number("-1e400"), "timeLeft": number("1e300"), "createdTimestamp": number("9e99")},
		{"progressInPercentage": "25.9", "collectedCount": "1.0", "size": number("4e0"), "timeLeft": "86400000"},
		{"name": nil, "size": nil, "cards": nil, "reward": nil, "duration": nil, "status": nil},
		{"name": []int{1}, "description": map[string]any{}, "status": []string{"x"}, "cards": "none", "reward": []int{}, "duration": true, "size": map[string]any{}},
		{"image": "javascript:alert(1)"}, {"image": "http://cdn.example.com/plain.png"}, {"image": "https://"},
		{"image": "https://user:pass@cdn.example.com/x.png"}, {"image": "data:image/png;base64,AAAA"}, {"image": "//cdn.example.com/x.png"},
		{"image": "https://cdn.example.com/" + strings.Repeat("x", 4000)}, {"image": "https://cdn.example.com/a b\n.png"},
		{"size": 2, "collectedCount": 2, "progressInPercentage": 10},
		{"size": 2, "collectedCount": 0, "progressInPercentage": 100, "reward": map[string]any{"canClaim": "true", "isClaimed": 0, "name": "Contradiction"}},
		{"reward": map[string]any{"name": "Claimed when?", "isClaimed": true, "claimedTimestamp": "yesterday"}},
		{"duration": map[string]any{"start": map[string]any{"date": now.Add(day).UnixMilli()}, "end": map[string]any{"date": now.Add(-day).UnixMilli()}}},
		{"duration": map[string]any{"start": map[string]any{"date": 0}, "end": map[string]any{"date": number("253402300800000")}}},
		{"status": "a_state_nobody_has_published_" + strings.Repeat("x", 300)},
		{"cards": Cards(5000), "size": 5000, "collectedCount": 1667},
	}
}
