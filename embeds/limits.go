package embeds

// How much Discord takes in one message, as far as builders come near it
// (https://discord.com/developers/docs/resources/message#embed-object-embed-limits,
// https://discord.com/developers/docs/components/reference). Discord does not
// say what a character is; this package counts UTF-16 code units, of which
// there are never fewer than of anything else it could mean.
const (
	LimitDescription = 4096
	LimitURL         = 2048

	LimitRowButtons = 5
	LimitCustomID   = 100
	LimitButtonURL  = 512
	LimitOptions    = 25
	LimitOptionText = 100 // an option's label, value and description, each
)
