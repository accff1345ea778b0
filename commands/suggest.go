package commands

import (
	"cmp"
	"context"
	"strings"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
	"progressbot/progressapi"
	"progressbot/progressapi/cache"
)

const maxSuggestions = 25

// suggest proposes the asker's own programs, whoever else the command may be
// about: those are the names they know.
func (p *progress) suggest(ctx context.Context, r Request) ([]*discordgo.ApplicationCommandOptionChoice, error) {
	if r.Focused != collectionOption {
		return nil, nil
	}
	s, err := atHand(ctx, p.Progress, r.User.ID)
	if err != nil {
		return nil, err
	}
	return choices(embeds.Rank(s.Programs, p.Now()), r.Options[r.Focused].Text), nil
}

// choices are those of programs whose names are like typed, as a list to
// choose from.
func choices(programs []progressapi.Program, typed string) []*discordgo.ApplicationCommandOptionChoice {
	found := search(programs, typed)
	choices := make([]*discordgo.ApplicationCommandOptionChoice, 0, min(len(found), maxSuggestions))
	room := make([]discordgo.ApplicationCommandOptionChoice, cap(choices))
	for _, m := range found {
		c, ok := suggestion(m.program)
		if !ok {
			continue
		}
		i := len(choices)
		room[i] = c
		if choices = append(choices, &room[i]); len(choices) == maxSuggestions {
			break
		}
	}
	return choices
}

// atHand returns what is at hand of a person's programs, or else asks the
// API.
func atHand(ctx context.Context, f Fetcher, user string) (cache.Snapshot, error) {
	if s, ok := f.Peek(ctx, user); ok {
		return s, nil
	}
	return f.Programs(ctx, user, cache.AnyAge)
}

// suggestion is a program as a choice. One without an ID is found again by its
// name; one that has neither cannot be chosen.
func suggestion(p *progressapi.Program) (discordgo.ApplicationCommandOptionChoice, bool) {
	value := p.ID
	if !isChoiceValue(value) {
		value = embeds.ProgramRef(value)
	}
	name := cmp.Or(embeds.Plain(p.Name, maxChoice), embeds.Plain(p.ID, maxChoice))
	return discordgo.ApplicationCommandOptionChoice{Name: name, Value: cmp.Or(value, name)}, name != ""
}

// isChoiceValue reports whether Discord sends s back as it is: not too long,
// whatever Discord counts, and without anything that it trims.
func isChoiceValue(s string) bool {
	return len(s) <= maxChoice && utf8.ValidString(s) && strings.TrimSpace(s) == s
}
