package embeds

// What Discord takes in one message
// (https://discord.com/developers/docs/resources/message#embed-object-embed-limits,
// https://discord.com/developers/docs/components/reference). Discord does not
// say what a character is; this package counts UTF-16 code units, of which
// there are never fewer than of anything else it could mean.
const (
	LimitContent = 2000

	LimitEmbeds      = 10
	LimitEmbedTotal  = 6000 // all texts of all embeds of a message together
	LimitTitle       = 256
	LimitDescription = 4096
	LimitFields      = 25
	LimitFieldName   = 256
	LimitFieldValue  = 1024
	LimitFooter      = 2048
	LimitAuthor      = 256
	LimitURL         = 2048
	LimitColor       = 0xffffff

	LimitRows        = 5
	LimitRowButtons  = 5
	LimitCustomID    = 100
	LimitLabel       = 80
	LimitButtonURL   = 512
	LimitOptions     = 25
	LimitOptionText  = 100 // an option's label, value and description, each
	LimitPlaceholder = 150

	LimitFiles       = 10
	LimitFileAltText = 1024
)
