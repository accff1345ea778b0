package discordsim

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Discord's limits of commands.
const (
	maxCommandName    = 32
	maxCommandText    = 100
	maxCommandOptions = 25
	maxChoices        = 25
	maxChoiceName     = 100
	maxChoiceValue    = 100
	maxOptionLength   = 6000
	maxCommandTotal   = 8000
	maxChatCommands   = 100
	maxMenuCommands   = 15
	maxDailyCreates   = 200
	maxSafeInteger    = 1<<53 - 1
	maxSafeNumber     = 1 << 53
)

// The interaction contexts and installation types.
const (
	ContextGuild          = 0
	ContextBotDM          = 1
	ContextPrivateChannel = 2

	InstallGuild = 0
	InstallUser  = 1
)

// commandName is Discord's documented pattern in Go's spelling.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// locales are those that Discord documents.
var locales = strings.Fields("id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko")

// commandReader reads one command and adds its size up.
type commandReader struct{ size int }

// readCommand reads a definition for a scope, "" for global.
func readCommand(o object, scope string) *Command {
	o.only("id", "application_id", "version", "guild_id", "type", "name", "name_localizations", "description", "description_localizations",
		"options", "default_member_permissions", "default_permission", "dm_permission", "nsfw", "contexts", "integration_types", "handler")
	c := &Command{GuildID: scope, Type: CommandChatInput, NSFW: o.boolean("nsfw")}
	if o.has("type") {
		c.Type = o.oneOf("type", CommandChatInput, CommandUser, CommandMessage)
	}
	r := &commandReader{}
	c.Name, c.NameLocalizations = r.name(o, c.Type == CommandChatInput)
	if c.Type == CommandChatInput {
		c.Description, c.DescriptionLocalizations = r.description(o)
		c.Options = r.options(o, 0)
	} else {
		r.menuOnly(o)
	}
	if p, ok := o.bits("default_member_permissions"); ok {
		c.DefaultMemberPermissions = &p
	}
	readCommandContexts(o, c)
	if r.size > maxCommandTotal {
		o.form.fail(o.at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
	}
	return c
}

// menuOnly refuses what USER and MESSAGE commands cannot have.
func (r *commandReader) menuOnly(o object) {
	if s, _ := o.m["description"].(string); s != "" {
		o.fail("description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", "Context menu commands cannot have description")
	}
	if len(o.list("options", 0, maxCommandOptions)) > 0 {
		o.fail("options", "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", "Context menu commands cannot have options")
	}
}

// readCommandContexts reads where the command can be used. The fields exist
// for global commands only.
func readCommandContexts(o object, c *Command) {
	if o.has("dm_permission") {
		c.DMPermission = new(o.boolean("dm_permission"))
	}
	if o.has("contexts") {
		c.Contexts = readChoiceList(o, "contexts", ContextGuild, ContextBotDM, ContextPrivateChannel)
	}
	c.IntegrationTypes = []int{InstallGuild}
	if o.has("integration_types") {
		c.IntegrationTypes = readChoiceList(o, "integration_types", InstallGuild, InstallUser)
	}
	if c.GuildID == "" {
		return
	}
	for _, key := range []string{"contexts", "integration_types"} {
		if o.has(key) {
			o.form.note("%s of a guild command: only for globally-scoped commands", key)
		}
	}
	c.DMPermission, c.Contexts, c.IntegrationTypes = nil, nil, nil
}

func readChoiceList(o object, key string, allowed ...int) []int {
	list := []int{}
	for _, i := range o.list(key, 1, len(allowed)) {
		n := i.integer()
		if !slices.Contains(allowed, n) {
			i.fail("BASE_TYPE_CHOICES", "Value must be one of %s.", choiceList(allowed))
		}
		if slices.Contains(list, n) {
			i.fail("SET_TYPE_CONTAINS_DUPLICATES", "The set already contains this value")
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// name reads a name and its localizations. Names of chat commands and
// options have a pattern and are lower case.
func (r *commandReader) name(o object, strict bool) (string, map[string]string) {
	name := o.text("name", 1, maxCommandName)
	if strict {
		checkName(o, "name", name)
	}
	localized := r.localizations(o, "name_localizations", maxCommandName, strict)
	r.size += longest(name, localized)
	return name, localized
}

func checkName(o object, key, name string) {
	if name == "" {
		return // reported already
	}
	if !commandName.MatchString(name) || strings.ToLower(name) != name {
		o.fail(key, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	}
}

func (r *commandReader) description(o object) (string, map[string]string) {
	text := o.text("description", 1, maxCommandText)
	localized := r.localizations(o, "description_localizations", maxCommandText, false)
	r.size += longest(text, localized)
	return text, localized
}

// longest is the size a field counts for: that of its longest localization.
func longest(text string, localized map[string]string) int {
	n := utf8.RuneCountInString(text)
	for _, s := range localized {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}

func (r *commandReader) localizations(o object, key string, limit int, names bool) map[string]string {
	l, ok := o.object(key)
	if !ok {
		return nil
	}
	m := make(map[string]string, len(l.m))
	for locale := range l.m {
		if !slices.Contains(locales, locale) {
			l.fail(locale, "BASE_TYPE_CHOICES", "Value must be one of the available locales.")
			continue
		}
		m[locale] = l.text(locale, 1, limit)
		if names {
			checkName(l, locale, m[locale])
		}
	}
	return m
}

// options reads the options of a command (depth 0), a group or a subcommand.
func (r *commandReader) options(o object, depth int) []Option {
	objects := o.objects("options", 0, maxCommandOptions)
	options := make([]Option, 0, len(objects))
	names := map[string]bool{}
	optional, grouping := false, false
	for i, opt := range objects {
		option := r.option(opt, depth)
		if names[option.Name] && option.Name != "" {
			opt.fail("name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
		}
		names[option.Name] = true
		checkLocalizedNames(opt, option, options)
		if option.Required && optional {
			opt.fail("required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || !option.Required
		if i > 0 && option.grouping() != grouping {
			opt.fail("type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and sub-command group option types are mutually exclusive to all other types")
		}
		grouping = option.grouping()
		options = append(options, option)
	}
	return options
}

// checkLocalizedNames refuses a localized name that another option has in
// the same language.
func checkLocalizedNames(o object, option Option, earlier []Option) {
	for locale, name := range option.NameLocalizations {
		for _, other := range earlier {
			if other.NameLocalizations[locale] == name {
				o.fail("name_localizations", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists (%s)", locale)
			}
		}
	}
}

func (r *commandReader) option(o object, depth int) Option {
	o.only("type", "name", "name_localizations", "description", "description_localizations", "required", "choices", "options",
		"channel_types", "min_value", "max_value", "min_length", "max_length", "autocomplete", "file_types")
	allowed := []int{OptionString, OptionInteger, OptionBoolean, OptionUser, OptionChannel, OptionRole, OptionMentionable, OptionNumber, OptionAttachment}
	switch depth {
	case 0:
		allowed = append(allowed, OptionSubCommand, OptionSubCommandGroup)
	case 1:
		allowed = []int{OptionSubCommand} // of a group
	}
	opt := Option{Type: o.oneOf("type", allowed...), Required: o.boolean("required"), Autocomplete: o.boolean("autocomplete")}
	opt.Name, opt.NameLocalizations = r.name(o, true)
	opt.Description, opt.DescriptionLocalizations = r.description(o)
	switch opt.Type {
	case OptionSubCommandGroup:
		opt.Options = r.options(o, 1)
	case OptionSubCommand:
		opt.Options = r.options(o, 2)
	}
	opt.Choices = r.choices(o, opt)
	r.bounds(o, &opt)
	r.exclusions(o, opt)
	return opt
}

// bounds reads what limits a value.
func (r *commandReader) bounds(o object, opt *Option) {
	limit := float64(maxSafeNumber)
	if opt.Type == OptionInteger {
		limit = maxSafeInteger
	}
	if n, ok := o.number("min_value", -limit, limit); ok {
		opt.MinValue = &n
	}
	if n, ok := o.number("max_value", -limit, limit); ok {
		opt.MaxValue = &n
	}
	if n, ok := o.integer("min_length", 0, maxOptionLength); ok {
		opt.MinLength = new(int(n))
	}
	if n, ok := o.integer("max_length", 1, maxOptionLength); ok {
		opt.MaxLength = new(int(n))
	}
	if opt.MinValue != nil && opt.MaxValue != nil && *opt.MinValue > *opt.MaxValue {
		o.fail("min_value", "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID", "min_value cannot be larger than max_value")
	}
	if opt.MinLength != nil && opt.MaxLength != nil && *opt.MinLength > *opt.MaxLength {
		o.fail("min_length", "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID", "min_length cannot be larger than max_length")
	}
	for _, i := range o.list("channel_types", 0, maxCommandOptions) {
		opt.ChannelTypes = append(opt.ChannelTypes, i.integer())
	}
}

// exclusions refuses fields that the option's type cannot have.
func (r *commandReader) exclusions(o object, opt Option) {
	valid := map[string][]int{
		"choices":       {OptionString, OptionInteger, OptionNumber},
		"autocomplete":  {OptionString, OptionInteger, OptionNumber},
		"min_value":     {OptionInteger, OptionNumber},
		"max_value":     {OptionInteger, OptionNumber},
		"min_length":    {OptionString},
		"max_length":    {OptionString},
		"channel_types": {OptionChannel},
		"options":       {OptionSubCommand, OptionSubCommandGroup},
	}
	for key, types := range valid {
		if !saysNothing(o.m[key]) && !slices.Contains(types, opt.Type) {
			o.fail(key, "APPLICATION_COMMAND_OPTION_TYPE_INVALID_FIELD", "%s cannot be set for this option type", key)
		}
	}
	if opt.grouping() && opt.Required {
		o.fail("required", "APPLICATION_COMMAND_OPTION_TYPE_INVALID_FIELD", "required cannot be set for this option type")
	}
	if opt.Autocomplete && len(opt.Choices) > 0 {
		o.fail("autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", "autocomplete may not be set to true if choices are present")
	}
}

func (r *commandReader) choices(o object, opt Option) []Choice {
	var choices []Choice
	names, values := map[string]bool{}, map[any]bool{}
	for _, c := range o.objects("choices", 0, maxChoices) {
		choice := readChoice(c, opt.Type)
		choice.NameLocalizations = r.localizations(c, "name_localizations", maxChoiceName, false)
		r.size += longest(choice.Name, choice.NameLocalizations)
		if s, ok := choice.Value.(string); ok {
			r.size += utf8.RuneCountInString(s)
		}
		if names[choice.Name] || values[choice.Value] {
			c.fail("name", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", "Option choice name already exists")
		}
		names[choice.Name], values[choice.Value] = true, true
		choices = append(choices, choice)
	}
	return choices
}

// readChoice reads a choice of an option of a type, as a definition and an
// autocomplete result have it.
func readChoice(o object, optionType int) Choice {
	o.only("name", "name_localizations", "value")
	c := Choice{Name: o.text("name", 1, maxChoiceName)}
	switch optionType {
	case OptionInteger:
		n, ok := o.integer("value", -maxSafeInteger, maxSafeInteger)
		if !ok {
			o.required("value")
		}
		c.Value = n
	case OptionNumber:
		n, ok := o.number("value", -maxSafeNumber, maxSafeNumber)
		if !ok {
			o.required("value")
		}
		c.Value = n
	default:
		c.Value = o.text("value", 1, maxChoiceValue)
	}
	return c
}
