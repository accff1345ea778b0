package commands

import (
	"strings"
	"time"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
)

type problemKind int

const (
	problemInternal problemKind = iota
	problemSetup
	problemUnreachable
	problemForeign
	problemOutdated
	problemSlowDown
	problemNotAllowed
	problemGuildOnly
	problemBusy
)

// problem is what somebody is told instead of what they asked for.
type problem struct {
	Kind      problemKind
	Reference string
	Retry     embeds.Action
	Until     time.Time
	Command   string
}

func (p problem) message(w *catalog.Words) embeds.Message {
	keys := [...][2]catalog.Key{
		problemInternal:    {catalog.ProblemInternal, catalog.ProblemInternalText},
		problemSetup:       {catalog.ProblemSetup, catalog.ProblemSetupText},
		problemUnreachable: {catalog.ProblemUnreachable, catalog.ProblemUnreachableText},
		problemForeign:     {catalog.ProblemForeign, catalog.ProblemForeignText},
		problemOutdated:    {catalog.ProblemOutdated, catalog.ProblemOutdatedText},
		problemSlowDown:    {catalog.ProblemSlowDown, catalog.ProblemSlowDownText},
		problemNotAllowed:  {catalog.ProblemNotAllowed, catalog.ProblemNotAllowedText},
		problemGuildOnly:   {catalog.ProblemGuildOnly, catalog.ProblemGuildOnlyText},
		problemBusy:        {catalog.ProblemBusy, catalog.ProblemBusyText},
	}[p.Kind]
	lines := []string{"**" + w.Text(keys[0]) + "**", w.Text(keys[1], p.Command)}
	if p.Reference != "" {
		lines = append(lines, w.Text(catalog.ProblemReference, p.Reference))
	}
	return embeds.Message{Content: strings.Join(lines, "\n")}
}
