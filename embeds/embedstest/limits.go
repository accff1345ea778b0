package embedstest

// What Discord takes in one message
// (https://discord.com/developers/docs/resources/message#embed-object-embed-limits,
// https://discord.com/developers/docs/components/reference), stated apart
// from what the builders keep to, so that a slip there shows.
const (
	limitContent = 2000

	limitEmbeds      = 10
	limitEmbedTotal  = 6000 // all texts of all embeds of a message together
	limitTitle       = 256
	limitDescription = 4096
	limitFields      = 25
	limitFieldName   = 256
	limitFieldValue  = 1024
	limitFooter      = 2048
	limitAuthor      = 256
	limitURL         = 2048
	limitColor       = 0xffffff

	limitRows        = 5
	limitRowButtons  = 5
	limitCustomID    = 100
	limitLabel       = 80
	limitButtonURL   = 512
	limitOptions     = 25
	limitOptionText  = 100 // an option's label, value and description, each
	limitPlaceholder = 150

	limitFiles       = 10
	limitFileAltText = 1024
)
