package catalog

// Key names one text. A comment lists the text's arguments in their order.
//
// The key says what rules a text is held to. One that ends in ".name" is the
// name of a slash command, an option or a subcommand, one in ".label" that of
// a context menu command, one in ".description" a description: all three go
// to Discord by [Localizations]. One that begins with "button.", "menu." or
// "state." is for a small place.
type Key string

// Commands and their options.
const (
	CommandProgress                Key = "command.progress.name"
	CommandProgressAbout           Key = "command.progress.description"
	CommandProgressCollection      Key = "command.progress.collection.name"
	CommandProgressCollectionAbout Key = "command.progress.collection.description"
	CommandProgressMember          Key = "command.progress.member.name"
	CommandProgressMemberAbout     Key = "command.progress.member.description"
	CommandProgressShare           Key = "command.progress.share.name"
	CommandProgressShareAbout      Key = "command.progress.share.description"
	CommandViewProgress            Key = "command.view_progress.label"
	CommandHelp                    Key = "command.help.name"
	CommandHelpAbout               Key = "command.help.description"

	CommandLeaderboard                Key = "command.leaderboard.name"
	CommandLeaderboardAbout           Key = "command.leaderboard.description"
	CommandLeaderboardCollection      Key = "command.leaderboard.collection.name"
	CommandLeaderboardCollectionAbout Key = "command.leaderboard.collection.description"
)

// Buttons and menus.
const (
	ButtonFirst    Key = "button.first"
	ButtonPrev     Key = "button.prev"
	ButtonNext     Key = "button.next"
	ButtonLast     Key = "button.last"
	ButtonRefresh  Key = "button.refresh"
	ButtonShare    Key = "button.share"
	ButtonBack     Key = "button.back"
	ButtonTryAgain Key = "button.try_again"
	ButtonClaim    Key = "button.claim"
	ButtonWallet   Key = "button.wallet"

	MenuOpen Key = "menu.open"
	// MenuCount describes a choice: state, collected, size.
	MenuCount Key = "menu.count"
	// MenuPercent describes a choice whose size is not known: state, percent.
	MenuPercent Key = "menu.percent"
)

// The state of a collection, in words.
const (
	StateRunning    Key = "state.running"
	StateNotStarted Key = "state.not_started"
	StateCompleted  Key = "state.completed"
	StateEnded      Key = "state.ended"
)

// Numbers and times of a collection. Times come as Discord timestamps.
const (
	Count        Key = "progress.count"         // collected, size, percent
	CountLoose   Key = "progress.count_loose"   // collected; the size is not known
	Percent      Key = "progress.percent"       // percent
	EndsSoon     Key = "progress.ends_soon"     // relative time
	EndedAgo     Key = "progress.ended_ago"     // relative time
	StartsSoon   Key = "progress.starts_soon"   // relative time
	Ends         Key = "progress.ends"          // time, relative time
	Ended        Key = "progress.ended"         // time, relative time
	Starts       Key = "progress.starts"        // time, relative time
	RewardWaits  Key = "progress.reward_waits"  // none
	NamelessItem Key = "progress.nameless"      // none
	NamelessCard Key = "progress.nameless_card" // none
	SomePerson   Key = "person.nameless"        // none
	Number       Key = "number"                 // number
)

// The overview.
const (
	OverviewOwn     Key = "overview.own"
	OverviewOf      Key = "overview.of"      // person
	OverviewSummary Key = "overview.summary" // completed, all
	OverviewRewards Key = "overview.rewards" // rewards to claim
)

// One collection.
const (
	DetailOf          Key = "detail.of" // person
	FieldCollected    Key = "detail.collected"
	FieldMissing      Key = "detail.missing"
	FieldReward       Key = "detail.reward"
	AndMore           Key = "detail.and_more"          // how many
	CardCopies        Key = "detail.copies"            // copies
	RewardOpen        Key = "detail.reward_open"       // none
	RewardClaimable   Key = "detail.reward_claimable"  // none
	RewardClaimed     Key = "detail.reward_claimed"    // none
	RewardClaimedAt   Key = "detail.reward_claimed_at" // relative time
	NoteContradictory Key = "detail.note_contradictory"
)

// How old the data is.
const (
	FooterPage    Key = "footer.page" // page, pages
	FooterUpdated Key = "footer.updated"
	FooterSaved   Key = "footer.saved"         // none; younger than a minute
	FooterMinutes Key = "footer.saved_minutes" // minutes
	FooterHours   Key = "footer.saved_hours"   // hours
	FooterDays    Key = "footer.saved_days"    // days
	NoteStandIn   Key = "note.stand_in"        // relative time
)

// Nothing collected yet.
const (
	EmptyTitle Key = "empty.title"
	EmptyOwn   Key = "empty.own"
	EmptyStart Key = "empty.start"
	EmptyOf    Key = "empty.of" // person
)

// A leaderboard. Commands come as mentions.
const (
	BoardTitle        Key = "board.title"
	BoardTitleOf      Key = "board.title_of" // collection
	BoardRank         Key = "board.rank"     // rank
	BoardYou          Key = "board.you"
	BoardCompleted    Key = "board.completed" // how many collections
	BoardMembers      Key = "board.members"   // how many
	BoardOwn          Key = "board.own"
	BoardPlace        Key = "board.place" // rank, members
	BoardEmpty        Key = "board.empty"
	BoardBegin        Key = "board.begin"         // /progress
	BoardRules        Key = "board.rules"         // /progress
	BoardAbsentYet    Key = "board.absent_yet"    // /progress
	BoardAbsentHere   Key = "board.absent_here"   // /progress
	BoardAbsentNever  Key = "board.absent_never"  // /privacy set
	BoardAbsentHidden Key = "board.absent_hidden" // /privacy set
)

// What can go wrong.
const (
	ProblemSetup            Key = "problem.setup"
	ProblemSetupText        Key = "problem.setup_text"
	ProblemUnreachable      Key = "problem.unreachable"
	ProblemUnreachableText  Key = "problem.unreachable_text"
	ProblemNoCollection     Key = "problem.no_collection"
	ProblemNoCollectionText Key = "problem.no_collection_text" // what was typed
	ProblemNoCollectionBare Key = "problem.no_collection_bare"
	ProblemNearest          Key = "problem.nearest"
	ProblemVanished         Key = "problem.vanished"
	ProblemVanishedText     Key = "problem.vanished_text"
	ProblemForeign          Key = "problem.foreign"
	ProblemForeignText      Key = "problem.foreign_text"
	ProblemForeignHint      Key = "problem.foreign_hint" // command
	ProblemOutdated         Key = "problem.outdated"
	ProblemOutdatedText     Key = "problem.outdated_text"
	ProblemOutdatedHint     Key = "problem.outdated_hint" // command
	ProblemNoCommand        Key = "problem.no_command"
	ProblemNoCommandText    Key = "problem.no_command_text"
	ProblemSlowDown         Key = "problem.slow_down"
	ProblemSlowDownText     Key = "problem.slow_down_text"
	ProblemSlowDownUntil    Key = "problem.slow_down_until" // relative time
	ProblemBusy             Key = "problem.busy"
	ProblemBusyText         Key = "problem.busy_text"
	ProblemNotAllowed       Key = "problem.not_allowed"
	ProblemNotAllowedText   Key = "problem.not_allowed_text"
	ProblemNotAllowedNeeds  Key = "problem.not_allowed_needs" // permission
	ProblemPrivate          Key = "problem.private"
	ProblemPrivateText      Key = "problem.private_text" // person
	ProblemGuildOnly        Key = "problem.guild_only"
	ProblemGuildOnlyText    Key = "problem.guild_only_text"
	ProblemBot              Key = "problem.bot"
	ProblemBotText          Key = "problem.bot_text"
	ProblemStore            Key = "problem.store"
	ProblemStoreText        Key = "problem.store_text"
	ProblemInternal         Key = "problem.internal"
	ProblemInternalText     Key = "problem.internal_text"
	ProblemReference        Key = "problem.reference" // reference
)

// Help.
const (
	HelpTitle   Key = "help.title"
	HelpContext Key = "help.context" // name of the context menu command
	HelpPrivacy Key = "help.privacy"
)

// The message of an announcement. The default holds placeholders in braces,
// which stay as they are in every language.
const (
	TemplateDefault     Key = "template.default"
	TemplateNoReward    Key = "template.no_reward"    // stands for the reward where there is none
	TemplateNoServer    Key = "template.no_server"    // stands for the server's name
	TemplateUnknownName Key = "template.unknown_name" // what was written, what may be meant
	TemplateOpenBrace   Key = "template.open_brace"
	TemplateTooLong     Key = "template.too_long" // characters
	TemplateEmpty       Key = "template.empty"
)

// Announcements.
const (
	AnnouncedBare  Key = "announced.bare"  // member, name; in place of the default where there are no numbers
	AnnouncedStep  Key = "announced.step"  // member, percent, name
	AnnouncedWith  Key = "announced.with"  // name, how many more
	AnnouncedMany  Key = "announced.many"  // completed
	AnnouncedSteps Key = "announced.steps" // steps reached
)

// What keeps announcements from being posted.
const (
	TroubleTitle        Key = "trouble.title"         // server
	TroubleRoleTitle    Key = "trouble.role_title"    // server
	TroubleKept         Key = "trouble.kept"          // none
	TroubleOutOfReach   Key = "trouble.out_of_reach"  // none
	TroubleNoChannel    Key = "trouble.no_channel"    // none
	TroubleNoPermission Key = "trouble.no_permission" // channel
	TroubleSomeChannel  Key = "trouble.some_channel"  // stands for the channel
	TroubleNotAccepted  Key = "trouble.not_accepted"  // none
	TroubleNoRole       Key = "trouble.no_role"       // none
	TroubleRole         Key = "trouble.role"          // none
)
