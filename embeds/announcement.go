package embeds

import (
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// AnnouncementView is what an announcement tells a channel about a member.
type AnnouncementView struct {
	// Template is the server's message, the zero value for the bot's own.
	// It is about completions; a step on the way is told in the bot's words.
	Template Template
	Server   string // its name
	Person   Person
	// Reached is what the member reached, completions first. There is at
	// least one.
	Reached []Reached
	// Note is what a manager wrote to go with it, "" for nothing.
	Note string
	// Mark is the short id by which the message is found again.
	Mark string
	// Card is a drawn card, nil for none.
	Card *File
}

// Reached is a program that was completed, or a step on the way there. The
// texts may be hostile.
type Reached struct {
	Name      string
	Image     string
	Reward    string // its name, "" if there is none
	Collected int    // 0 if not told
	Size      int    // 0 if not told
	Percent   int    // the step, in percent; 0 for a completion
}

// Bounds of what an announcement shows.
const (
	maxNote    = 1000 // UTF-16 code units
	maxReached = 8    // programs named one by one
	maxJoined  = 50   // a program's name in front of "and 3 more"
)

// Announcement is the message that tells a channel what a member reached. At
// most one person is mentioned in it, the member; whether that pings them is
// up to whoever sends it.
func Announcement(w *catalog.Words, v AnnouncementView) Message {
	e := &discordgo.MessageEmbed{
		Author: &discordgo.MessageEmbedAuthor{Name: plainPerson(w, v.Person.Name)},
		Color:  colorRunning,
		Footer: &discordgo.MessageEmbedFooter{Text: AnnouncementFooter(v.Mark)},
	}
	done := completions(v.Reached)
	if len(done) > 0 {
		e.Color = colorCompleted
	}
	if len(v.Reached) == 1 {
		describeOne(w, e, &v.Reached[0])
	} else {
		describeMany(w, e, v.Reached, len(done))
	}
	if note := quote(EscapeLines(v.Note, maxNote)); note != "" {
		e.Description = note + "\n" + e.Description
	}
	if rewards := rewardNames(v.Reached); rewards != "" {
		e.Fields = []*discordgo.MessageEmbedField{{Name: w.Text(catalog.FieldReward), Value: rewards}}
	}
	if picture := firstPicture(v.Reached); picture != "" {
		e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: picture}
	}
	m := Message{Content: announcementText(w, &v, done), Embeds: []*discordgo.MessageEmbed{e}}
	if v.Card != nil {
		e.Image = &discordgo.MessageEmbedImage{URL: "attachment://" + v.Card.Name}
		m.Files = []File{*v.Card}
	}
	return m
}

// AnnouncementFooter is the footer of the announcement with a mark: the one
// place in the message that is the announcement's alone.
func AnnouncementFooter(mark string) string { return "#" + mark }

// completions is the head of a list of what was reached that was completed.
func completions(reached []Reached) []Reached {
	for i := range reached {
		if reached[i].Percent != 0 {
			return reached[:i]
		}
	}
	return reached
}

// announcementText is the message's own text: the server's template about
// what was completed, else the bot's words about the step that was reached.
func announcementText(w *catalog.Words, v *AnnouncementView, done []Reached) string {
	who := (&TemplateValues{Member: v.Person.ID}).text(w, PlaceholderMember)
	if len(done) == 0 {
		return w.Text(catalog.AnnouncedStep, who, v.Reached[0].Percent, escapedName(w, v.Reached))
	}
	count, size := countOfAll(done)
	t := v.Template
	switch {
	case t.String() != "":
	case size == 0:
		return w.Text(catalog.AnnouncedBare, who, escapedName(w, done))
	default:
		t = DefaultTemplate(w)
	}
	return t.Render(w, TemplateValues{
		Member: v.Person.ID, Collection: nameOfAll(w, done), Count: count, Size: size,
		Reward: strings.ReplaceAll(joinRewards(done, Plain), "\n", ", "), Server: v.Server,
	})
}

func escapedName(w *catalog.Words, reached []Reached) string {
	return orElse(Escape(nameOfAll(w, reached), maxName), w, catalog.NamelessItem)
}

// countOfAll adds up the cards of what was completed; size is 0 if that of
// any is not known.
func countOfAll(done []Reached) (count, size int) {
	known := true
	for i := range done {
		c, s := done[i].count()
		count, size = saturatedAdd(count, c), saturatedAdd(size, s)
		known = known && s > 0
	}
	if !known {
		size = 0
	}
	return count, size
}

// nameOfAll names the first of what was reached, and how many more there are.
func nameOfAll(w *catalog.Words, reached []Reached) string {
	if len(reached) == 1 {
		return reached[0].Name
	}
	return w.Text(catalog.AnnouncedWith, orElse(Plain(reached[0].Name, maxJoined), w, catalog.NamelessItem), len(reached)-1)
}

// count is how many cards of how many, 0 for what is not told. Who completed
// a program has all of its cards.
func (r *Reached) count() (collected, size int) {
	size = max(r.Size, 0)
	switch {
	case size == 0:
		return max(r.Collected, 0), 0
	case r.Percent == 0:
		return size, size
	}
	return min(max(r.Collected, 0), size), size
}

// program is what was reached, as the other builders know it.
func (r *Reached) program() *progressapi.Program {
	collected, size := r.count()
	p := &progressapi.Program{Name: r.Name, Collected: collected, Size: size, CountTold: size > 0 && collected > 0}
	switch {
	case r.Percent == 0:
		p.Percent, p.PercentTold = 100, true
	case !p.CountTold:
		p.Percent, p.PercentTold = r.Percent, true
	}
	return p
}

func describeOne(w *catalog.Words, e *discordgo.MessageEmbed, r *Reached) {
	p := r.program()
	e.Title = programName(w, p)
	if r.Percent == 0 {
		e.Description = string(appendHeadline(nil, &View{Words: w}, p, progressapi.Completed))
		return
	}
	b := appendHeadline(nil, &View{Words: w}, p, progressapi.Running)
	e.Description = string(appendBar(append(b, '\n'), p))
}

// describeMany lists what was reached, done of which was completed.
func describeMany(w *catalog.Words, e *discordgo.MessageEmbed, reached []Reached, done int) {
	e.Title = w.Text(catalog.AnnouncedMany, done)
	if done == 0 {
		e.Title = w.Text(catalog.AnnouncedSteps, len(reached))
	}
	var b []byte
	for i := range reached[:min(len(reached), maxReached)] {
		if i > 0 {
			b = append(b, '\n')
		}
		p := reached[i].program()
		b = append(b, "**"...)
		b = append(b, programName(w, p)...)
		b = append(b, "**"...)
		b = append(b, separator...)
		b = appendFigures(b, w, p)
	}
	if more := len(reached) - maxReached; more > 0 {
		b = append(b, '\n')
		b = w.Append(b, catalog.AndMore, more)
	}
	e.Description = string(b)
}

// rewardNames lists the rewards of what was completed, fit for markdown.
func rewardNames(reached []Reached) string {
	return joinRewards(completions(reached), Escape)
}

// joinRewards lists the names of rewards, each once, on lines of their own.
func joinRewards(done []Reached, fit func(string, int) string) string {
	var names []string
	seen := map[string]bool{}
	for i := range done[:min(len(done), maxReached)] {
		name := fit(done[i].Reward, maxName)
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		names = append(names, name)
	}
	return strings.Join(names, "\n")
}

// firstPicture is the first picture that can be shown, "" if there is none.
func firstPicture(reached []Reached) string {
	for i := range reached {
		if picture := link(reached[i].Image, LimitURL); picture != "" {
			return picture
		}
	}
	return ""
}

// quote sets lines off as somebody's words.
func quote(lines string) string {
	if lines == "" {
		return ""
	}
	return "> " + strings.ReplaceAll(lines, "\n", "\n> ")
}

func saturatedAdd(a, b int) int {
	const most = 1 << 50
	return min(a, most) + min(b, most)
}
