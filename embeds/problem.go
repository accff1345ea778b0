package embeds

import (
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds/catalog"
)

// ProblemKind is what kept the bot from doing what was asked.
type ProblemKind int

const (
	// InternalFault: the bot's own fault, and whatever is not known to be
	// anything else.
	InternalFault    ProblemKind = iota
	NotSetUp                     // the API refuses the operator's key or account
	Unreachable                  // the API does not answer, and nothing is cached
	NoSuchCollection             // what was typed is no collection of this person
	CollectionGone               // a button's or a menu's program is not there any more
	ForeignButton                // a button of somebody else's message
	OutdatedButton               // a button that this version of the bot cannot read
	OutdatedCommand              // a command that this version of the bot does not have
	SlowDown                     // the person asks too often
	Busy                         // the bot has no capacity left
	NotAllowed                   // the person lacks a permission
	PrivateProgress              // the other person does not show their progress
	GuildOnly                    // the command does not work in direct messages
	BotMember                    // the chosen member is a bot
	StoreUnreachable             // what the bot has stored cannot be reached
	ServerPrivate                // members cannot look at each other in this server
	NotTogether                  // asker and person share no server here
	Unsaved                      // what was asked for could not be stored
	Unfinished                   // a deletion may have begun, and is completed later
	BeingDeleted                 // data is being deleted, and nothing is stored until then
	DiscordSilent                // Discord could not be asked for something that was needed
)

// ProblemView is what a problem's message may tell. Every text in it may be
// hostile, and every field may be left out.
type ProblemView struct {
	Kind ProblemKind
	// Reference is what a person can tell the operator to find the fault in
	// the log. It is shown for faults, but not for NotSetUp, which the
	// operator sees without it.
	Reference string
	// Retry is the custom ID of a Try again button, Back of a Back button;
	// "" for none.
	Retry string
	Back  string
	// Typed is what no collection was found for, Nearest the names of some
	// that come near, best first.
	Typed   string
	Nearest []string
	// Person is the display name of the one who keeps their progress private,
	// or who does not have the collection, if that is another.
	Person string
	// Command is the [CommandMention] of what to use instead.
	Command string
	// Permission names what the person lacks, in the reader's language.
	Permission string
	// Until is when a person who was too quick may go on, or when the API is
	// worth asking again.
	Until time.Time
}

// Problem says in plain words what went wrong and what to do about it.
func Problem(w *catalog.Words, p ProblemView) Message {
	var b strings.Builder
	title, text := problemWords(w, &p)
	b.WriteString(text)
	if p.Kind == NoSuchCollection {
		writeNearest(&b, w, p.Nearest)
	}
	if p.Kind.isFault() && p.Kind != NotSetUp {
		writeReference(&b, w, p.Reference)
	}
	e := &discordgo.MessageEmbed{Title: title, Description: b.String(), Color: problemColor(p.Kind)}
	return Message{Embeds: []*discordgo.MessageEmbed{e}, Components: problemButtons(w, &p)}
}

func problemWords(w *catalog.Words, p *ProblemView) (title, text string) {
	switch p.Kind {
	case NotSetUp:
		return w.Text(catalog.ProblemSetup), w.Text(catalog.ProblemSetupText)
	case Unreachable:
		return w.Text(catalog.ProblemUnreachable), textUntil(w, p.Until, catalog.ProblemUnreachableText, catalog.ProblemUnreachableUntil)
	case NoSuchCollection:
		return w.Text(catalog.ProblemNoCollection), noCollectionText(w, p.Typed, p.Person)
	case CollectionGone:
		return w.Text(catalog.ProblemVanished), w.Text(catalog.ProblemVanishedText)
	case ForeignButton:
		return w.Text(catalog.ProblemForeign), withCommand(w, p.Command, catalog.ProblemForeignText, catalog.ProblemForeignHint)
	case OutdatedButton:
		return w.Text(catalog.ProblemOutdated), withCommand(w, p.Command, catalog.ProblemOutdatedText, catalog.ProblemOutdatedHint)
	case OutdatedCommand:
		return w.Text(catalog.ProblemNoCommand), w.Text(catalog.ProblemNoCommandText)
	case SlowDown:
		return w.Text(catalog.ProblemSlowDown), textUntil(w, p.Until, catalog.ProblemSlowDownText, catalog.ProblemSlowDownUntil)
	case Busy:
		return w.Text(catalog.ProblemBusy), w.Text(catalog.ProblemBusyText)
	case NotAllowed:
		return w.Text(catalog.ProblemNotAllowed), notAllowedText(w, p.Permission)
	case PrivateProgress:
		return w.Text(catalog.ProblemPrivate), w.Text(catalog.ProblemPrivateText, someone(w, p.Person))
	case GuildOnly:
		return w.Text(catalog.ProblemGuildOnly), w.Text(catalog.ProblemGuildOnlyText)
	case ServerPrivate:
		return w.Text(catalog.ProblemServerPrivate), w.Text(catalog.ProblemServerPrivateText)
	case NotTogether:
		return w.Text(catalog.ProblemNotTogether), w.Text(catalog.ProblemNotTogetherText)
	case Unsaved:
		return w.Text(catalog.ProblemUnsaved), w.Text(catalog.ProblemUnsavedText)
	case Unfinished:
		return w.Text(catalog.ProblemUnfinished), w.Text(catalog.ProblemUnfinishedText)
	case BeingDeleted:
		return w.Text(catalog.ProblemForgetting), w.Text(catalog.ProblemForgettingText)
	case BotMember:
		return w.Text(catalog.ProblemBot), w.Text(catalog.ProblemBotText)
	case DiscordSilent:
		return w.Text(catalog.ProblemUnreachable), w.Text(catalog.ProblemDiscordText)
	case StoreUnreachable:
		return w.Text(catalog.ProblemStore), w.Text(catalog.ProblemStoreText)
	default:
		return w.Text(catalog.ProblemInternal), w.Text(catalog.ProblemInternalText)
	}
}

// isFault reports what the person can do nothing about.
func (k ProblemKind) isFault() bool {
	switch k {
	case InternalFault, NotSetUp, Unreachable, StoreUnreachable, Unsaved, Unfinished:
		return true
	default:
		return false
	}
}

// problemColor is red for faults and amber for what the person can fix.
func problemColor(k ProblemKind) int {
	if k.isFault() {
		return colorProblem
	}
	return colorNote
}

func noCollectionText(w *catalog.Words, typed, person string) string {
	switch typed = Escape(typed, maxName); {
	case typed == "":
		return w.Text(catalog.ProblemNoCollectionBare)
	case person != "":
		return w.Text(catalog.ProblemNoCollectionOf, someone(w, person), typed)
	default:
		return w.Text(catalog.ProblemNoCollectionText, typed)
	}
}

// withCommand adds to a text what to use instead, if that is known.
func withCommand(w *catalog.Words, command string, text, hint catalog.Key) string {
	if command == "" {
		return w.Text(text)
	}
	return w.Text(text) + " " + w.Text(hint, command)
}

// textUntil tells when to go on, if that is known.
func textUntil(w *catalog.Words, until time.Time, soon, later catalog.Key) string {
	if !isShowable(until) {
		return w.Text(soon)
	}
	return w.Text(later, stamp(until, styleRelative))
}

func notAllowedText(w *catalog.Words, permission string) string {
	if permission == "" {
		return w.Text(catalog.ProblemNotAllowedText)
	}
	return w.Text(catalog.ProblemNotAllowedNeeds, Escape(permission, maxName))
}

// maxNearest is how many names are offered for one that was not found.
const maxNearest = 5

func writeNearest(b *strings.Builder, w *catalog.Words, names []string) {
	if len(names) == 0 {
		return
	}
	b.WriteString("\n\n")
	b.WriteString(w.Text(catalog.ProblemNearest))
	for _, name := range names[:min(len(names), maxNearest)] {
		if name = Escape(name, maxName); name != "" {
			b.WriteString("\n- ")
			b.WriteString(name)
		}
	}
}

// maxReference bounds a reference, which is made by the bot.
const maxReference = 40

func writeReference(b *strings.Builder, w *catalog.Words, reference string) {
	if reference = Escape(reference, maxReference); reference != "" {
		b.WriteString("\n-# ")
		b.WriteString(w.Text(catalog.ProblemReference, reference))
	}
}

func problemButtons(w *catalog.Words, p *ProblemView) []discordgo.MessageComponent {
	var buttons []discordgo.MessageComponent
	if isCustomID(p.Back) && p.Back != p.Retry {
		buttons = append(buttons, discordgo.Button{Label: w.Text(catalog.ButtonBack), Style: discordgo.SecondaryButton, CustomID: p.Back})
	}
	if isCustomID(p.Retry) {
		buttons = append(buttons, discordgo.Button{Label: w.Text(catalog.ButtonTryAgain), Style: discordgo.PrimaryButton, CustomID: p.Retry})
	}
	if len(buttons) == 0 {
		return nil
	}
	return []discordgo.MessageComponent{row(buttons...)}
}

func isCustomID(id string) bool { return id != "" && units(id) <= LimitCustomID }
