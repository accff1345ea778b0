package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/bwmarrin/discordgo"
)

// What Discord takes as names and descriptions of commands
// (https://discord.com/developers/docs/interactions/application-commands).
const (
	maxCommandName        = 32
	maxCommandDescription = 100
)

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
	ok, err := regexp.MatchString(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]+$`, name)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("a name holds letters, digits, - _ and ' only")
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
