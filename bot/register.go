package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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

// registrar registers the commands with Discord. It compares them with what is
// registered first, and overwrites only on a difference: Discord allows 200 new
// commands a day, which restarts must not use up.
type registrar struct {
	rest        *rest
	appID       string
	guildID     string // "" for everywhere
	definitions []*discordgo.ApplicationCommand
	mentions    *commands.Mentions
	log         *slog.Logger
}

// run registers the commands. If the first attempt fails, it leaves further
// ones, until one succeeds or ctx ends, to the background. The bot works
// meanwhile, with the commands that were registered before.
func (r *registrar) run(ctx context.Context, background func(func())) {
	if r.attempt(ctx, minRegisterWait) {
		return
	}
	background(func() {
		for wait := minRegisterWait; sleep(ctx, wait) == nil; {
			wait = min(2*wait, maxRegisterWait)
			if r.attempt(ctx, wait) {
				return
			}
		}
	})
}

// attempt registers the commands and reports whether that worked. If it did
// not, it logs why, and that it is tried again after wait.
func (r *registrar) attempt(ctx context.Context, wait time.Duration) bool {
	_, err := r.sync(ctx)
	if err == nil || ctx.Err() != nil {
		return err == nil
	}
	log := r.log
	if refusal, ok := errors.AsType[*apiError](err); ok && (refusal.Status == http.StatusForbidden || refusal.Status == http.StatusNotFound) {
		log = log.With("check", "DISCORD_APPLICATION_ID, DISCORD_GUILD_ID")
	}
	log.Error("commands are not registered", "err", err, "again_in", wait)
	return false
}

// sync registers the commands if they differ from what is registered, and
// reports whether they did.
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
		all := slices.Concat(wanted, entryPoints(registered))
		if registered, err = r.rest.overwriteCommands(ctx, r.appID, r.guildID, all); err != nil {
			return false, err
		}
	}
	r.remember(registered)
	r.log.Info("commands registered", "count", len(wanted), "changed", !same, "guild", r.guildID)
	return !same, nil
}

// wanted returns the definitions to register: without the nulls that discordgo's
// types encode to and, for a single server, without contexts and integration
// types, which only global commands have.
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

// remember passes the IDs of the slash commands on, for mentioning them.
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

// entryPoints returns the registered commands that Discord itself has added.
// They have to be part of what overwrites the commands, or Discord refuses it.
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

// canonical decodes commands into a form that can be compared, sorted by type
// and name.
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

// simplify normalizes a JSON value for comparison: members that Discord adds are
// removed, and so are empty values and false, which mean the same as a missing
// member; sets are sorted. It returns nil if nothing is left. key is the name of
// the member that holds the value.
func simplify(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		return simplifyObject(key, v)
	case []any:
		return simplifyList(key, v)
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	case float64:
		if key == "default_member_permissions" {
			return strconv.FormatFloat(v, 'f', 0, 64) // a string, usually
		}
	}
	return v
}

func simplifyObject(key string, object map[string]any) any {
	isTranslation := strings.HasSuffix(key, "_localizations")
	kept := make(map[string]any, len(object))
	for k, child := range object {
		if !isTranslation && !counts(k) {
			continue
		}
		if s := simplify(k, child); s != nil {
			kept[k] = s
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

func simplifyList(key string, list []any) any {
	var kept []any
	for _, child := range list {
		if s := simplify("", child); s != nil {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	if key == "contexts" || key == "integration_types" || key == "channel_types" {
		slices.SortFunc(kept, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return kept
}

// counts reports whether a member is part of a command's definition. All others
// are added by Discord.
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
