package catalog

// Key names one text. A comment lists the text's arguments in their order.
//
// The key says what rules a text is held to. One that ends in ".name" is the
// name of a slash command, an option or a subcommand, one in ".label" that of
// a context menu command, one in ".description" a description: all three go
// to Discord by [Localizations], and so may one that begins with "choice.".
// That, "button.", "menu.", "state." and "form." are for small places.
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

	CommandAnnounce                     Key = "command.announce.name"
	CommandAnnounceAbout                Key = "command.announce.description"
	CommandAnnounceCompletion           Key = "command.announce.completion.name"
	CommandAnnounceCompletionAbout      Key = "command.announce.completion.description"
	CommandAnnounceMember               Key = "command.announce.completion.member.name"
	CommandAnnounceMemberAbout          Key = "command.announce.completion.member.description"
	CommandAnnounceCollection           Key = "command.announce.completion.collection.name"
	CommandAnnounceCollectionAbout      Key = "command.announce.completion.collection.description"
	CommandAnnounceMessage              Key = "command.announce.completion.message.name"
	CommandAnnounceMessageAbout         Key = "command.announce.completion.message.description"
	CommandAnnounceRecap                Key = "command.announce.recap.name"
	CommandAnnounceRecapAbout           Key = "command.announce.recap.description"
	CommandAnnounceRecapCollection      Key = "command.announce.recap.collection.name"
	CommandAnnounceRecapCollectionAbout Key = "command.announce.recap.collection.description"
)

// The subcommands and options of /privacy and /settings.
const (
	CommandPrivacy              Key = "command.privacy.name"
	CommandPrivacyAbout         Key = "command.privacy.description"
	CommandPrivacyShow          Key = "command.privacy.show.name"
	CommandPrivacyShowAbout     Key = "command.privacy.show.description"
	CommandPrivacySet           Key = "command.privacy.set.name"
	CommandPrivacySetAbout      Key = "command.privacy.set.description"
	CommandPrivacyVisible       Key = "command.privacy.set.visibility.name"
	CommandPrivacyVisibleAbout  Key = "command.privacy.set.visibility.description"
	CommandPrivacyAnnounce      Key = "command.privacy.set.announcements.name"
	CommandPrivacyAnnounceAbout Key = "command.privacy.set.announcements.description"
	CommandPrivacyForget        Key = "command.privacy.forget.name"
	CommandPrivacyForgetAbout   Key = "command.privacy.forget.description"

	CommandSettings                Key = "command.settings.name"
	CommandSettingsAbout           Key = "command.settings.description"
	CommandSettingsShow            Key = "command.settings.show.name"
	CommandSettingsShowAbout       Key = "command.settings.show.description"
	CommandSettingsAnnounce        Key = "command.settings.announcements.name"
	CommandSettingsAnnounceAbout   Key = "command.settings.announcements.description"
	CommandSettingsChannel         Key = "command.settings.announcements.channel.name"
	CommandSettingsChannelAbout    Key = "command.settings.announcements.channel.description"
	CommandSettingsEnabled         Key = "command.settings.announcements.enabled.name"
	CommandSettingsEnabledAbout    Key = "command.settings.announcements.enabled.description"
	CommandSettingsMilestones      Key = "command.settings.announcements.milestones.name"
	CommandSettingsMilestonesAbout Key = "command.settings.announcements.milestones.description"
	CommandSettingsPing            Key = "command.settings.announcements.ping.name"
	CommandSettingsPingAbout       Key = "command.settings.announcements.ping.description"
	CommandSettingsMessage         Key = "command.settings.announcements.message.name"
	CommandSettingsMessageAbout    Key = "command.settings.announcements.message.description"
	CommandSettingsReplies         Key = "command.settings.replies.name"
	CommandSettingsRepliesAbout    Key = "command.settings.replies.description"
	CommandSettingsPublic          Key = "command.settings.replies.public.name"
	CommandSettingsPublicAbout     Key = "command.settings.replies.public.description"
	CommandSettingsOthers          Key = "command.settings.replies.others.name"
	CommandSettingsOthersAbout     Key = "command.settings.replies.others.description"
	CommandSettingsPictures        Key = "command.settings.replies.pictures.name"
	CommandSettingsPicturesAbout   Key = "command.settings.replies.pictures.description"
	CommandSettingsReward          Key = "command.settings.reward_role.name"
	CommandSettingsRewardAbout     Key = "command.settings.reward_role.description"
	CommandSettingsCollection      Key = "command.settings.reward_role.collection.name"
	CommandSettingsCollectionAbout Key = "command.settings.reward_role.collection.description"
	CommandSettingsRole            Key = "command.settings.reward_role.role.name"
	CommandSettingsRoleAbout       Key = "command.settings.reward_role.role.description"
	CommandSettingsRemove          Key = "command.settings.reward_role.remove.name"
	CommandSettingsRemoveAbout     Key = "command.settings.reward_role.remove.description"
	CommandSettingsReset           Key = "command.settings.reset.name"
	CommandSettingsResetAbout      Key = "command.settings.reset.description"
)

// Choices, in menus and as values of options, and what each means.
const (
	ChoiceVisibleAnyone        Key = "choice.visible_anyone"
	ChoiceVisibleAnyoneAbout   Key = "choice.visible_anyone_about"
	ChoiceVisibleManagers      Key = "choice.visible_managers"
	ChoiceVisibleManagersAbout Key = "choice.visible_managers_about"
	ChoiceVisibleSelf          Key = "choice.visible_self"
	ChoiceVisibleSelfAbout     Key = "choice.visible_self_about"

	ChoiceAsk           Key = "choice.ask"
	ChoiceAskAbout      Key = "choice.ask_about"
	ChoiceAlways        Key = "choice.always"
	ChoiceAlwaysAbout   Key = "choice.always_about"
	ChoiceNever         Key = "choice.never"
	ChoiceNeverAbout    Key = "choice.never_about"
	ChoiceNeverAnywhere Key = "choice.never_anywhere"

	ChoiceMilestonesNone          Key = "choice.milestones_none"
	ChoiceMilestonesNoneAbout     Key = "choice.milestones_none_about"
	ChoiceMilestonesHalf          Key = "choice.milestones_half"
	ChoiceMilestonesHalfAbout     Key = "choice.milestones_half_about"
	ChoiceMilestonesQuarters      Key = "choice.milestones_quarters"
	ChoiceMilestonesQuartersAbout Key = "choice.milestones_quarters_about"

	ChoicePicturesAll       Key = "choice.pictures_all"
	ChoicePicturesAllAbout  Key = "choice.pictures_all_about"
	ChoicePicturesMost      Key = "choice.pictures_most" // all but a private overview
	ChoicePicturesMostAbout Key = "choice.pictures_most_about"
	ChoicePicturesNone      Key = "choice.pictures_none"
	ChoicePicturesNoneAbout Key = "choice.pictures_none_about"

	ChoiceAnyCollection Key = "choice.any_collection"
)

// Permissions, as Discord's own settings call them.
const (
	PermissionViewChannel  Key = "permission.view_channel"
	PermissionSendMessages Key = "permission.send_messages"
	PermissionEmbedLinks   Key = "permission.embed_links"
	PermissionAttachFiles  Key = "permission.attach_files"
	PermissionReadHistory  Key = "permission.read_message_history"
	PermissionManageRoles  Key = "permission.manage_roles"
	PermissionManageServer Key = "permission.manage_server"
	PermissionManageEvents Key = "permission.manage_events"
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

	ButtonAnnouncements Key = "button.announcements"
	ButtonReplies       Key = "button.replies"
	ButtonRewardRoles   Key = "button.reward_roles"
	ButtonReset         Key = "button.reset"
	ButtonResetAll      Key = "button.reset_all"
	ButtonCancel        Key = "button.cancel"
	ButtonTurnOn        Key = "button.turn_on"
	ButtonTurnOff       Key = "button.turn_off"
	ButtonEditMessage   Key = "button.edit_message"
	ButtonEditAgain     Key = "button.edit_again"
	ButtonStandard      Key = "button.standard_message"
	ButtonPingOn        Key = "button.ping_on"
	ButtonPingOff       Key = "button.ping_off"
	ButtonTest          Key = "button.test"
	ButtonPublicOn      Key = "button.public_on"
	ButtonPublicOff     Key = "button.public_off"
	ButtonOthersOn      Key = "button.others_on"
	ButtonOthersOff     Key = "button.others_off"
	ButtonRemoveRole    Key = "button.remove_role"
	ButtonNeverAnywhere Key = "button.never_anywhere"
	ButtonNeverNoMore   Key = "button.never_no_more"
	ButtonForget        Key = "button.forget"
	ButtonForgetAll     Key = "button.forget_all"
	ButtonPrivacy       Key = "button.privacy"

	MenuChannel    Key = "menu.channel"
	MenuMilestones Key = "menu.milestones"
	MenuPictures   Key = "menu.pictures"
	MenuAnyRole    Key = "menu.any_role"
	MenuOneRole    Key = "menu.one_role"
	MenuCollection Key = "menu.collection"
	MenuRemove     Key = "menu.remove"
	MenuVisible    Key = "menu.visible"
	MenuAnnounce   Key = "menu.announce"

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

// Words on drawn cards, where room is short.
const (
	CardCollection    Key = "card.collection" // stands in for a name that cannot be drawn
	CardCard          Key = "card.card"       // likewise
	CardCount         Key = "card.count"      // collected, size
	CardSpare         Key = "card.spare"      // copies beyond the first
	CardMember        Key = "card.member"     // one whose name nobody knows
	CardYou           Key = "card.you"
	CardCelebration   Key = "card.celebration"
	CardRewardLocked  Key = "card.reward_locked"
	CardRewardReady   Key = "card.reward_ready"
	CardRewardClaimed Key = "card.reward_claimed"
	CardDaysLeft      Key = "card.days_left"  // days
	CardHoursLeft     Key = "card.hours_left" // hours
	CardMinutesLeft   Key = "card.minutes_left"
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
	NoteUnshared  Key = "note.unshared"        // person
	NoteWithheld  Key = "note.withheld"        // the button that shares
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

// Previews, and the question under somebody's own progress.
const (
	ButtonPost     Key = "button.post"
	ButtonAnnounce Key = "button.announce"
	ButtonAlways   Key = "button.always"
	ButtonNotThis  Key = "button.not_this"

	PreviewNote    Key = "preview.note" // channel
	PreviewPing    Key = "preview.ping" // member
	PreviewChanged Key = "preview.changed"
	OfferTitle     Key = "offer.title" // collection
	OfferText      Key = "offer.text"  // channel
	AlwaysTitle    Key = "always.title"
	AlwaysText     Key = "always.text" // /privacy set
)

// What became of something that was to be announced.
const (
	OutcomePosted            Key = "outcome.posted"
	OutcomePostedText        Key = "outcome.posted_text" // channel
	OutcomeSeeIt             Key = "outcome.see_it"      // link
	OutcomeBefore            Key = "outcome.before"
	OutcomeBeforeText        Key = "outcome.before_text"
	OutcomeLastRecap         Key = "outcome.last_recap" // time, relative time
	OutcomeQueued            Key = "outcome.queued"
	OutcomeQueuedText        Key = "outcome.queued_text" // channel
	OutcomeWaits             Key = "outcome.waits"
	OutcomeWaitsText         Key = "outcome.waits_text"
	OutcomeWaitsOwn          Key = "outcome.waits_own"
	OutcomeNotPosted         Key = "outcome.not_posted"
	OutcomeNotPostedText     Key = "outcome.not_posted_text"
	OutcomeLaterText         Key = "outcome.later_text"
	OutcomeUnsure            Key = "outcome.unsure"
	OutcomeUnsureText        Key = "outcome.unsure_text" // channel
	OutcomePosting           Key = "outcome.posting"
	OutcomePostingText       Key = "outcome.posting_text" // channel
	OutcomeOff               Key = "outcome.off"
	OutcomeOffText           Key = "outcome.off_text" // /settings announcements
	OutcomeOffOwn            Key = "outcome.off_own"
	OutcomeRefused           Key = "outcome.refused"
	OutcomeRefusedText       Key = "outcome.refused_text" // person
	OutcomeRefusedOwn        Key = "outcome.refused_own"
	OutcomeLeftText          Key = "outcome.left_text" // person
	OutcomeExpired           Key = "outcome.expired"
	OutcomeExpiredText       Key = "outcome.expired_text"
	OutcomeIncomplete        Key = "outcome.incomplete"
	OutcomeIncompleteText    Key = "outcome.incomplete_text"    // whose progress, collection, how far
	OutcomeContradictoryText Key = "outcome.contradictory_text" // whose progress, collection, how far
	OutcomeLost              Key = "outcome.lost"
	OutcomeLostText          Key = "outcome.lost_text" // command
	OutcomeDeclined          Key = "outcome.declined"
	OutcomeDeclinedText      Key = "outcome.declined_text"
	OutcomeDropped           Key = "outcome.dropped"
	OutcomeDroppedText       Key = "outcome.dropped_text"
	OutcomeNever             Key = "outcome.never"
	OutcomeNeverText         Key = "outcome.never_text"  // /privacy set
	OutcomeHiddenText        Key = "outcome.hidden_text" // /privacy set
	OutcomeNothing           Key = "outcome.nothing"
	OutcomeNothingText       Key = "outcome.nothing_text"
)

// A recap.
const (
	RecapTitle       Key = "recap.title"
	RecapTitleOf     Key = "recap.title_of"    // collection
	RecapCompletions Key = "recap.completions" // how many
	RecapSince       Key = "recap.since"       // time
	RecapMore        Key = "recap.more"        // how many collections
)

// What can go wrong.
const (
	ProblemSetup            Key = "problem.setup"
	ProblemSetupText        Key = "problem.setup_text"
	ProblemUnreachable      Key = "problem.unreachable"
	ProblemUnreachableText  Key = "problem.unreachable_text"
	ProblemUnreachableUntil Key = "problem.unreachable_until" // relative time
	ProblemNoCollection     Key = "problem.no_collection"
	ProblemNoCollectionText Key = "problem.no_collection_text" // what was typed
	ProblemNoCollectionBare Key = "problem.no_collection_bare"
	ProblemNearest          Key = "problem.nearest"
	ProblemNoCollectionOf   Key = "problem.no_collection_of" // person, what was typed
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
	ProblemDiscordText      Key = "problem.discord_text"
	ProblemStore            Key = "problem.store"
	ProblemStoreText        Key = "problem.store_text"
	ProblemInternal         Key = "problem.internal"
	ProblemInternalText     Key = "problem.internal_text"
	ProblemReference        Key = "problem.reference" // reference

	ProblemServerPrivate     Key = "problem.server_private"
	ProblemServerPrivateText Key = "problem.server_private_text"
	ProblemNotTogether       Key = "problem.not_together"
	ProblemNotTogetherText   Key = "problem.not_together_text"
	ProblemUnsaved           Key = "problem.unsaved"
	ProblemUnsavedText       Key = "problem.unsaved_text"
	ProblemUnfinished        Key = "problem.unfinished"
	ProblemUnfinishedText    Key = "problem.unfinished_text"
	ProblemForgetting        Key = "problem.forgetting"
	ProblemForgettingText    Key = "problem.forgetting_text"
)

// Help.
const (
	HelpTitle   Key = "help.title"
	HelpContext Key = "help.context" // name of the context menu command
	HelpPrivacy Key = "help.privacy"
)

// The panels of /settings.
const (
	SettingsTitle          Key = "settings.title"
	SettingsNextChannel    Key = "settings.next_channel" // button
	SettingsNextTurnOn     Key = "settings.next_turn_on" // channel, button
	SettingsRolesStuck     Key = "settings.roles_stuck"  // button
	SettingsAllSet         Key = "settings.all_set"
	SettingsKeptWaiting    Key = "settings.kept_waiting"
	SettingsExpired        Key = "settings.expired"         // relative time
	SettingsChannelMissing Key = "settings.channel_missing" // channel, permissions
	SettingsPermissionPath Key = "settings.permission_path"
	SettingsNoPictures     Key = "settings.no_pictures"  // channel, permission
	SettingsChannelGone    Key = "settings.channel_gone" // channel
	SettingsUnchecked      Key = "settings.unchecked"    // channel

	SettingsAnnouncements  Key = "settings.announcements"
	SettingsConsentNote    Key = "settings.consent_note"
	SettingsOnIn           Key = "settings.on_in"  // channel
	SettingsOffIn          Key = "settings.off_in" // channel
	SettingsOff            Key = "settings.off"
	SettingsMilestones     Key = "settings.milestones" // choice
	SettingsMilestonesName Key = "settings.milestones_name"
	SettingsMention        Key = "settings.mention"
	SettingsPing           Key = "settings.ping"
	SettingsNoPing         Key = "settings.no_ping"
	SettingsNoMention      Key = "settings.no_mention"
	SettingsStandard       Key = "settings.standard"
	SettingsOwn            Key = "settings.own"
	SettingsPreview        Key = "settings.preview"
	SettingsPlaceholders   Key = "settings.placeholders" // list

	SettingsReplies     Key = "settings.replies"
	SettingsRepliesNote Key = "settings.replies_note"
	SettingsPublic      Key = "settings.public"
	SettingsPrivate     Key = "settings.private"
	SettingsBoardNote   Key = "settings.board_note"
	SettingsOthers      Key = "settings.others"
	SettingsNoOthers    Key = "settings.no_others"
	SettingsPictures    Key = "settings.pictures" // choice

	SettingsRewardRoles Key = "settings.reward_roles"
	SettingsRoleCount   Key = "settings.role_count" // roles

	SettingsSaved         Key = "settings.saved"
	SettingsSavedChannel  Key = "settings.saved_channel" // channel
	SettingsSavedTarget   Key = "settings.saved_target"  // channel
	SettingsSavedOn       Key = "settings.saved_on"      // channel
	SettingsSavedStuck    Key = "settings.saved_stuck"
	SettingsSavedOff      Key = "settings.saved_off"
	SettingsSavedMessage  Key = "settings.saved_message"
	SettingsSavedStandard Key = "settings.saved_standard"
	SettingsSavedRest     Key = "settings.saved_rest"
	SettingsKeptChannel   Key = "settings.kept_channel" // channel
	SettingsKeptOff       Key = "settings.kept_off"
	SettingsPickChannel   Key = "settings.pick_channel"

	SampleCollection Key = "sample.collection"
	SampleReward     Key = "sample.reward"
	TestNote         Key = "test.note"   // member
	TestPosted       Key = "test.posted" // channel
	TestSeeIt        Key = "test.see_it"
	TestFailed       Key = "test.failed" // channel

	FormMessage      Key = "form.message"
	FormMessageLabel Key = "form.message_label"
	MessageRefused   Key = "message.refused"
	MessageNothing   Key = "settings.message_nothing"
	MessageTyped     Key = "message.typed"
)

// Reward roles.
const (
	RewardAbout      Key = "reward.about" // the choice
	RewardOff        Key = "reward.off"   // the choice
	RewardNone       Key = "reward.none"
	RewardLine       Key = "reward.line"   // collection, role
	RewardOthers     Key = "reward.others" // /settings reward-role, its option
	RewardTitle      Key = "reward.title"  // collection
	RewardOneNone    Key = "reward.one_none"
	RewardOneSet     Key = "reward.one_set"   // role
	RewardSaved      Key = "reward.saved"     // role, collection
	RewardRemoved    Key = "reward.removed"   // collection
	RewardNotThere   Key = "reward.not_there" // collection
	RewardFull       Key = "reward.full"      // how many
	RewardTypedID    Key = "reward.typed_id"  // what was typed
	RewardUnsureID   Key = "reward.unsure_id" // what was typed
	RoleGone         Key = "reward.role_gone"
	RoleEveryone     Key = "reward.role_everyone"
	RoleManaged      Key = "reward.role_managed"    // role
	RoleNoPermission Key = "reward.role_permission" // role, permission
	RoleTooHigh      Key = "reward.role_too_high"   // role
	RoleUnchecked    Key = "reward.role_unchecked"
	RoleTrusted      Key = "reward.role_trusted" // role, permission
)

// Reset of the settings.
const (
	ResetTitle   Key = "reset.title"
	ResetAsk     Key = "reset.ask"
	ResetKept    Key = "reset.kept"
	ResetDone    Key = "reset.done"
	ResetNothing Key = "reset.nothing"
)

// The panels of /privacy.
const (
	PrivacyTitle        Key = "privacy.title"
	PrivacyVisible      Key = "privacy.visible"
	PrivacyHere         Key = "privacy.here"
	PrivacyAnnounce     Key = "privacy.announce"
	PrivacyNever        Key = "privacy.never"
	PrivacyNeverFirst   Key = "privacy.never_first" // choice
	PrivacyPerServer    Key = "privacy.per_server"
	PrivacyAlwaysIn     Key = "privacy.always_in" // servers
	PrivacyNeverIn      Key = "privacy.never_in"  // servers
	PrivacyHiddenAlways Key = "privacy.hidden_always"
	PrivacyHiddenAsk    Key = "privacy.hidden_ask"
	PrivacyManagersAsk  Key = "privacy.managers_ask"
	PrivacyQuiet        Key = "privacy.quiet"
	PrivacyStillEarns   Key = "privacy.still_earns"
	PrivacyStored       Key = "privacy.stored"
	PrivacySaved        Key = "privacy.saved"
	PrivacyOnlyServer   Key = "privacy.only_server"
	ChoiceLine          Key = "privacy.choice" // choice, what it means

	StoredUnknown       Key = "stored.unknown"
	StoredChoices       Key = "stored.choices"       // how many
	StoredAnnouncements Key = "stored.announcements" // how many
	StoredStandings     Key = "stored.standings"     // how many
	StoredCompletions   Key = "stored.completions"   // how many
	StoredFollow        Key = "stored.follow"
	StoredCopy          Key = "stored.copy"
	StoredLooked        Key = "stored.looked" // where it is not known whether there is a copy

	ForgetTitle    Key = "forget.title"
	ForgetAsk      Key = "forget.ask"
	ForgetDefaults Key = "forget.defaults"
	ForgetStays    Key = "forget.stays"
	ForgetDone     Key = "forget.done"
	ForgetDeleted  Key = "forget.deleted"
	ForgetCopyLeft Key = "forget.copy_left"
	ForgetAfter    Key = "forget.after"
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
