package embeds

import (
	"slices"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// PageSize is how many programs a page of the overview shows.
const PageSize = 6

// Overview shows all of a person's programs, which [Rank] has put in order,
// a page at a time. A page beyond the last is the last, one before the first
// the first. Without programs it is [Empty].
func Overview(v View, programs []progressapi.Program, page int) Message {
	if len(programs) == 0 {
		return Empty(v)
	}
	page, pages := pageOf(programs, page)
	shown := OverviewPage(programs, page)

	completed, claimable := tally(programs)
	e := &discordgo.MessageEmbed{
		Title:       overviewTitle(&v),
		Description: overviewSummary(&v, completed, len(programs), claimable),
		Color:       overviewColor(&v, completed == len(programs)),
		Fields:      overviewFields(&v, shown),
	}
	setFreshness(e, &v, page, pages)
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: overviewComponents(&v, shown, page, pages)}
}

// OverviewPage returns those of programs that a page of the overview shows.
func OverviewPage(programs []progressapi.Program, page int) []progressapi.Program {
	page, _ = pageOf(programs, page)
	return programs[page*PageSize : min((page+1)*PageSize, len(programs))]
}

// pageOf returns the nearest page that there is, and how many there are.
func pageOf(programs []progressapi.Program, page int) (nearest, pages int) {
	pages = max(min((len(programs)+PageSize-1)/PageSize, MaxPage+1), 1)
	return min(max(page, 0), pages-1), pages
}

// tally counts completed programs, and rewards that wait to be claimed.
func tally(programs []progressapi.Program) (completed, claimable int) {
	for i := range programs {
		if programs[i].Completion() == progressapi.Complete {
			completed++
		}
		if programs[i].Reward.Claimable() {
			claimable++
		}
	}
	return completed, claimable
}

func overviewTitle(v *View) string {
	if v.Own() && !v.Public {
		return v.Words.Text(catalog.OverviewOwn)
	}
	return v.Words.Text(catalog.OverviewOf, someone(v.Words, v.Person.Name))
}

func overviewSummary(v *View, completed, all, claimable int) string {
	var room [256]byte
	b := v.Words.Append(room[:0], catalog.OverviewSummary, completed, all)
	if claimable > 0 && v.showsRewards() {
		b = append(b, separator...)
		b = v.Words.Append(b, catalog.OverviewRewards, claimable)
	}
	return string(appendNotes(b, v))
}

func overviewColor(v *View, allCompleted bool) int {
	switch {
	case v.StandIn:
		return colorNote
	case allCompleted:
		return colorCompleted
	default:
		return colorRunning
	}
}

// showsRewards reports whether the reader may know about rewards that wait
// or were claimed: only the person themselves.
func (v *View) showsRewards() bool { return v.Own() && !v.Public }

func overviewFields(v *View, programs []progressapi.Program) []*discordgo.MessageEmbedField {
	fields := make([]discordgo.MessageEmbedField, len(programs))
	list := make([]*discordgo.MessageEmbedField, len(programs))
	var room [512]byte
	for i := range programs {
		p := &programs[i]
		fields[i].Name = programName(v.Words, p)
		fields[i].Value = string(appendGlance(room[:0], v, p))
		list[i] = &fields[i]
	}
	return list
}

// appendGlance writes a program in two lines: the numbers and the state in
// words, then the bar and what is next.
func appendGlance(b []byte, v *View, p *progressapi.Program) []byte {
	phase := p.Phase(v.Now)
	if b = appendFigures(b, v.Words, p); len(b) > 0 {
		b = append(b, separator...)
	}
	b = v.Words.Append(b, phaseWord(phase))
	lineEnd := byte('\n')
	if hasFigures(p) {
		b = append(b, lineEnd)
		b = appendBar(b, p)
		lineEnd = ' '
	}
	if next := nextThing(v, p, phase); next != "" {
		b = append(b, lineEnd)
		b = append(b, next...)
	}
	return b
}

// nextThing is the one thing to know about a program beside its progress,
// "" if there is none.
func nextThing(v *View, p *progressapi.Program, phase progressapi.Phase) string {
	switch {
	case p.Reward.Claimable() && v.showsRewards():
		return v.Words.Text(catalog.RewardWaits)
	case phase == progressapi.Completed:
		return ""
	case isShowable(p.Starts) && p.Starts.After(v.Now):
		return v.Words.Text(catalog.StartsSoon, stamp(p.Starts, styleRelative))
	case !isShowable(p.Ends):
		return ""
	case phase == progressapi.Ended:
		return v.Words.Text(catalog.EndedAgo, stamp(p.Ends, styleRelative))
	default:
		return v.Words.Text(catalog.EndsSoon, stamp(p.Ends, styleRelative))
	}
}

func overviewPager() pager {
	return pager{first: ActionFirst, prev: ActionPrev, next: ActionNext, last: ActionLast}
}

func overviewComponents(v *View, shown []progressapi.Program, page, pages int) []discordgo.MessageComponent {
	rows := make([]discordgo.MessageComponent, 0, 3)
	if menu, ok := programMenu(v, shown, page); ok {
		rows = append(rows, row(menu))
	}
	buttons := make([]discordgo.MessageComponent, 0, LimitRowButtons)
	buttons = overviewPager().append(buttons, v, page, pages, "")
	if pages >= manyPages {
		rows = append(rows, discordgo.ActionsRow{Components: buttons})
		buttons = make([]discordgo.MessageComponent, 0, 2)
	}
	buttons = append(buttons, v.button(catalog.ButtonRefresh, ActionRefresh, page, ""))
	if v.mayShare() {
		buttons = append(buttons, v.button(catalog.ButtonShare, ActionShare, page, ""))
	}
	return append(rows, discordgo.ActionsRow{Components: buttons})
}

// programMenu offers the programs on show that can be asked for by ID, each
// once.
func programMenu(v *View, programs []progressapi.Program, page int) (discordgo.SelectMenu, bool) {
	options := make([]discordgo.SelectMenuOption, 0, len(programs))
	for i := range programs {
		p := &programs[i]
		ref := ProgramRef(p.ID)
		if ref == "" || slices.ContainsFunc(options, func(o discordgo.SelectMenuOption) bool { return o.Value == ref }) {
			continue
		}
		options = append(options, discordgo.SelectMenuOption{
			Label:       plainProgramName(v.Words, p),
			Value:       ref,
			Description: glance(v.Words, p, p.Phase(v.Now)),
		})
	}
	return discordgo.SelectMenu{
		MenuType:    discordgo.StringSelectMenu,
		CustomID:    v.action(ActionOpen, page, ""),
		Placeholder: v.Words.Text(catalog.MenuOpen),
		Options:     options,
	}, len(options) > 0
}

// glance is a program's state and progress on a line without markdown.
func glance(w *catalog.Words, p *progressapi.Program, phase progressapi.Phase) string {
	state := w.Text(phaseWord(phase))
	if p.Counted() {
		return w.Text(catalog.MenuCount, state, p.Collected, p.Size)
	}
	if percent, known := p.Percentage(); known {
		return w.Text(catalog.MenuPercent, state, percent)
	}
	return state
}
