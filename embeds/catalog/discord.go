package catalog

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/bwmarrin/discordgo"
)

// How long texts may be, in UTF-16 code units. The first two are Discord's
// (https://discord.com/developers/docs/interactions/application-commands), the
// third is its advice for buttons; the rest keeps every message within
// Discord's limits in every language.
const (
	maxCommandName        = 32
	maxCommandDescription = 100
	maxButton             = 38
	maxMenu               = 30
	maxState              = 30
	maxChoice             = 100 // of an option or a menu, Discord's
	maxForm               = 45  // Discord's
	maxText               = 180
)

// checkRules holds a text to what Discord asks of the place it is for.
func checkRules(id Key, text string) error {
	s := string(id)
	switch {
	case strings.HasSuffix(s, ".name"):
		return checkName(text)
	case strings.HasSuffix(s, ".label"):
		return checkLength(text, maxCommandName)
	case strings.HasSuffix(s, ".description"):
		return checkLength(text, maxCommandDescription)
	case strings.HasPrefix(s, "button."):
		return checkLength(text, maxButton)
	case strings.HasPrefix(s, "menu."):
		return checkLength(text, maxMenu)
	case strings.HasPrefix(s, "state."):
		return checkLength(text, maxState)
	case strings.HasPrefix(s, "choice."):
		return checkLength(text, maxChoice)
	case strings.HasPrefix(s, "form."):
		return checkLength(text, maxForm)
	}
	return checkLength(text, maxText)
}

// Locales lists the locales that Discord has, as its documents do.
func Locales() []discordgo.Locale {
	return []discordgo.Locale{
		"id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
		"ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
	}
}

// checkName reports what Discord has against name as the name of a slash
// command, a subcommand or an option.
func checkName(name string) error {
	for _, r := range name {
		if !strings.ContainsRune("-_'", r) && !unicode.In(r, unicode.L, unicode.N, unicode.Devanagari, unicode.Thai) {
			return errors.New("a name holds letters, digits, - _ and ' only")
		}
	}
	if strings.ToLower(name) != name {
		return errors.New("a name is in lower case")
	}
	return checkLength(name, maxCommandName)
}

func checkLength(text string, limit int) error {
	if n := len(utf16.Encode([]rune(text))); n < 1 || n > limit {
		return fmt.Errorf("%d characters long, 1 to %d can be", n, limit)
	}
	return nil
}
