package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/commands"
)

const (
	// registerTime bounds one attempt to register.
	registerTime = 20 * time.Second
	// The wait between attempts doubles within these bounds.
	minRegisterWait = 5 * time.Second
	maxRegisterWait = 10 * time.Minute
	// entryPoint is the type of the command that Discord itself adds to
	// applications with an Activity.
	entryPoint = 4
)

// registrar makes Discord know the commands. It asks what is registered
// first and writes only on a difference: Discord allows 200 new commands a
// day, and a restart is no reason to spend them.
type registrar struct {
	rest        *rest
	appID       string
	guildID     string // "" for everywhere
	definitions []*discordgo.ApplicationCommand
	mentions    *commands.Mentions
	log         *slog.Logger
}

// run registers the commands and tries again until that has succeeded or ctx
// ends. The bot answers meanwhile: what was registered before still is.
func (r *registrar) run(ctx context.Context) {
	for wait := minRegisterWait; ; wait = min(2*wait, maxRegisterWait) {
		_, err := r.sync(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		r.log.Error("commands are not registered", "err", err, "again_in", wait)
		if sleep(ctx, wait) != nil {
			return
		}
	}
}

// sync registers the commands unless they are already, and reports whether
// they had to be.
func (r *registrar) sync(ctx context.Context) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, registerTime)
	defer cancel()
	registered, err := r.rest.registeredCommands(ctx, r.appID, r.guildID)
	if err != nil {
		return false, err
	}
	wanted, err := r.wanted()
	if err != nil {
		return false, err
	}
	same, err := sameCommands(wanted, registered)
	if err != nil {
		return false, err
	}
	if !same {
		body, err := json.Marshal(append(wanted, entryPoints(registered)...))
		if err != nil {
			return false, fmt.Errorf("encode commands: %w", err)
		}
		if registered, err = r.rest.overwriteCommands(ctx, r.appID, r.guildID, body); err != nil {
			return false, err
		}
	}
	r.remember(registered)
	r.log.Info("commands registered", "count", len(wanted), "changed", !same, "guild", r.guildID)
	return !same, nil
}

// wanted returns the definitions as Discord is to have them: without the
// nulls that the library's types are full of and, in a single server, without
// a choice of where a command can be used.
func (r *registrar) wanted() ([]json.RawMessage, error) {
	var all []json.RawMessage
	for _, d := range r.definitions {
		if r.guildID != "" {
			inGuild := *d
			inGuild.Contexts, inGuild.IntegrationTypes = nil, nil
			d = &inGuild
		}
		raw, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("encode command: %w", err)
		}
		lean, err := canonicalOne(raw)
		if err != nil {
			return nil, err
		}
		if raw, err = json.Marshal(lean); err != nil {
			return nil, fmt.Errorf("encode command: %w", err)
		}
		all = append(all, raw)
	}
	return all, nil
}

// remember tells the mentions which ID each slash command has.
func (r *registrar) remember(registered []json.RawMessage) {
	ids := make(map[string]string)
	for _, raw := range registered {
		var c struct {
			ID   string `json:"id"`
			Name string `json:"name"`
			Type int    `json:"type"`
		}
		if json.Unmarshal(raw, &c) == nil && c.Type <= int(discordgo.ChatApplicationCommand) {
			ids[c.Name] = c.ID
		}
	}
	r.mentions.Set(ids)
}

// entryPoints returns the commands of Discord's own among those registered,
// which overwriting must not lose.
func entryPoints(registered []json.RawMessage) []json.RawMessage {
	return slices.DeleteFunc(slices.Clone(registered), func(raw json.RawMessage) bool {
		var c struct {
			Type int `json:"type"`
		}
		return json.Unmarshal(raw, &c) != nil || c.Type != entryPoint
	})
}

// sameCommands reports whether what is registered amounts to what is wanted.
// Discord returns more than it was sent, and in another order.
func sameCommands(wanted, registered []json.RawMessage) (bool, error) {
	want, err := canonical(wanted)
	if err != nil {
		return false, err
	}
	have, err := canonical(registered)
	if err != nil {
		return false, err
	}
	have = slices.DeleteFunc(have, func(c map[string]any) bool { return c["type"] == float64(entryPoint) })
	return slices.EqualFunc(want, have, sameCommand), nil
}

// sameCommand compares two commands in canonical form. Where a wanted
// command leaves Discord the choice of where it can be used, every choice is
// as good.
func sameCommand(want, have map[string]any) bool {
	for _, key := range []string{"contexts", "integration_types"} {
		if want[key] == nil {
			delete(have, key)
		}
	}
	a, err1 := json.Marshal(want) // in order of the keys
	b, err2 := json.Marshal(have)
	return err1 == nil && err2 == nil && bytes.Equal(a, b)
}

// canonical brings commands into a form in which equal ones are equal.
func canonical(raw []json.RawMessage) ([]map[string]any, error) {
	all := make([]map[string]any, 0, len(raw))
	for _, r := range raw {
		c, err := canonicalOne(r)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b map[string]any) int {
		return cmp.Or(cmp.Compare(fmt.Sprint(a["type"]), fmt.Sprint(b["type"])),
			cmp.Compare(fmt.Sprint(a["name"]), fmt.Sprint(b["name"])))
	})
	return all, nil
}

func canonicalOne(raw json.RawMessage) (map[string]any, error) {
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, errors.New("read command: not a JSON object")
	}
	c, ok := simplify("", tree).(map[string]any)
	if !ok {
		return nil, errors.New("read command: empty")
	}
	if c["type"] == nil {
		c["type"] = float64(discordgo.ChatApplicationCommand)
	}
	return c, nil
}

// simplify returns a value as it counts: without what Discord adds, without
// what is empty or false, which is the same as missing, and with sets in
// order. It returns nil for what does not count at all.
func simplify(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		isTranslation := strings.HasSuffix(key, "_localizations")
		kept := make(map[string]any, len(v))
		for k, child := range v {
			if !isTranslation && !counts(k) {
				continue
			}
			if s := simplify(k, child); s != nil {
				kept[k] = s
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		var kept []any
		for _, child := range v {
			if s := simplify("", child); s != nil {
				kept = append(kept, s)
			}
		}
		if key == "contexts" || key == "integration_types" || key == "channel_types" {
			slices.SortFunc(kept, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		if len(kept) > 0 {
			return kept
		}
	case string:
		if v != "" {
			return v
		}
	case bool:
		if v {
			return v
		}
	case float64:
		if key == "default_member_permissions" {
			return strconv.FormatFloat(v, 'f', 0, 64) // a string, usually
		}
		return v
	}
	return nil
}

// counts reports whether a member is part of a command's definition.
// Everything else is of Discord's making, or yet to be invented.
func counts(key string) bool {
	switch key {
	case "type", "name", "name_localizations", "description", "description_localizations",
		"options", "default_member_permissions", "nsfw", "contexts", "integration_types",
		"required", "choices", "value", "channel_types", "min_value", "max_value",
		"min_length", "max_length", "autocomplete":
		return true
	default:
		return false
	}
}
