package embeds

import (
	"cmp"
	"slices"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// Bounds of what a recap shows: that many collections one by one, with that
// many members each, or of a single collection that many members. They fit
// into the limits however long the names are.
const (
	maxRecapFields  = 10
	maxRecapMembers = 12
	maxRecapOne     = 60
)

// RecapView is what a recap tells a channel.
type RecapView struct {
	// Since is when the last recap was, zero if there was none.
	Since time.Time
	// One says that it is about one collection, by name; else it is about
	// all of them.
	One        bool
	Collection string
	// Done is what was completed, oldest first.
	Done []RecapItem
	// Mark is the short id by which the message is found again.
	Mark string
}

// RecapItem is a completion. The texts may be hostile.
type RecapItem struct {
	Person  string // Discord user ID
	Program string // ID of the collection
	Name    string // its name
}

// Recap is the message that tells a channel what its members completed.
// Members are mentioned, so that their names are always those of today; the
// message must not ping them.
func Recap(w *catalog.Words, v RecapView) Message {
	groups := recapGroups(v.Done)
	e := &discordgo.MessageEmbed{
		Title:       w.Text(catalog.RecapTitle),
		Description: recapSummary(w, &v),
		Color:       colorCompleted,
		Footer:      &discordgo.MessageEmbedFooter{Text: AnnouncementFooter(v.Mark)},
	}
	if v.One {
		e.Title = w.Text(catalog.RecapTitleOf, programName(w, &progressapi.Program{Name: v.Collection}))
		if len(groups) > 0 {
			e.Description += "\n\n" + recapMembers(w, groups[0].members, maxRecapOne)
		}
		return Message{Embeds: []*discordgo.MessageEmbed{e}}
	}
	for _, g := range groups[:min(len(groups), maxRecapFields)] {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{
			Name: programName(w, &progressapi.Program{Name: g.name}), Value: recapMembers(w, g.members, maxRecapMembers),
		})
	}
	if more := len(groups) - maxRecapFields; more > 0 {
		e.Description = string(appendNote([]byte(e.Description), w.Text(catalog.RecapMore, more)))
	}
	return Message{Embeds: []*discordgo.MessageEmbed{e}}
}

// recapGroup is who completed one collection.
type recapGroup struct {
	name    string
	members []string
}

// recapGroups sorts completions by collection, those of most members first.
func recapGroups(done []RecapItem) []recapGroup {
	var groups []recapGroup
	at := map[string]int{}
	for _, d := range done {
		i, known := at[d.Program]
		if !known {
			i = len(groups)
			at[d.Program] = i
			groups = append(groups, recapGroup{})
		}
		g := &groups[i]
		g.name = cmp.Or(d.Name, g.name) // as it is called by now
		if !slices.Contains(g.members, d.Person) {
			g.members = append(g.members, d.Person)
		}
	}
	slices.SortStableFunc(groups, func(a, b recapGroup) int { return cmp.Compare(len(b.members), len(a.members)) })
	return groups
}

// recapSummary counts what was completed, by how many, since when.
func recapSummary(w *catalog.Words, v *RecapView) string {
	people := map[string]bool{}
	for _, d := range v.Done {
		people[d.Person] = true
	}
	b := w.Append(nil, catalog.RecapCompletions, len(v.Done))
	b = append(b, separator...)
	b = w.Append(b, catalog.BoardMembers, len(people))
	if isShowable(v.Since) {
		b = append(b, separator...)
		b = w.Append(b, catalog.RecapSince, stamp(v.Since, styleFull))
	}
	return string(b)
}

// recapMembers mentions members, up to most of them. One more is mentioned
// rather than counted, which takes the same room.
func recapMembers(w *catalog.Words, members []string, most int) string {
	if len(members) == most+1 {
		most++
	}
	var b []byte
	for i, person := range members[:min(len(members), most)] {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, mention(w, person)...)
	}
	if more := len(members) - most; more > 0 {
		b = append(b, ' ')
		b = w.Append(b, catalog.AndMore, more)
	}
	return string(b)
}
