package embeds

// What Discord takes in one message
// (https://discord.com/developers/docs/resources/message#embed-object-embed-limits,
// https://discord.com/developers/docs/components/reference). Discord does not
// say what a character is; this package counts UTF-16 code units, of which
// there are never fewer than of anything else it could mean.
const (
	limitCustomID = 100
)
