package embeds

import "github.com/bwmarrin/discordgo"

// Message is a whole message as Discord is to show it.
type Message struct {
	Content    string
	Embeds     []*discordgo.MessageEmbed
	Components []discordgo.MessageComponent
	Files      []File
}

// File is an attachment, held in memory.
type File struct {
	Name        string // refer to it as "attachment://" + Name
	Description string // alt text, at most 1024 characters
	ContentType string
	Data        []byte
}
