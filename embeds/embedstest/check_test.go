package embedstest_test

import (
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
	"progressbot/embeds/embedstest"
)

func long(n int) string { return strings.Repeat("x", n) }

func embedded(e *discordgo.MessageEmbed) embeds.Message {
	return embeds.Message{Embeds: []*discordgo.MessageEmbed{e}}
}

func rows(parts ...[]discordgo.MessageComponent) embeds.Message {
	m := embeds.Message{Content: "x"}
	for _, p := range parts {
		m.Components = append(m.Components, discordgo.ActionsRow{Components: p})
	}
	return m
}

func button(id string) discordgo.MessageComponent {
	return discordgo.Button{Label: "x", Style: discordgo.SecondaryButton, CustomID: id}
}

func one(c discordgo.MessageComponent) embeds.Message {
	return rows([]discordgo.MessageComponent{c})
}

func repeat[T any](x T, n int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = x
	}
	return s
}

func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	field := &discordgo.MessageEmbedField{Name: "n", Value: "v"}
	tests := []struct {
		name string
		m    embeds.Message
	}{
		{"content", embeds.Message{Content: long(2000)}},
		{"a full embed", embedded(&discordgo.MessageEmbed{
			Title: long(256), Description: long(4096), Fields: repeat(field, 25), Color: 0xffffff, Timestamp: "2025-12-24T12:00:00Z",
			Footer: &discordgo.MessageEmbedFooter{Text: "f", IconURL: "https://a.example/i"},
			Author: &discordgo.MessageEmbedAuthor{Name: long(256), URL: "https://a.example/"}, URL: "https://a.example/",
			Image: &discordgo.MessageEmbedImage{URL: "https://a.example/i.png"},
		})},
		{"an attached picture", embeds.Message{
			Embeds: []*discordgo.MessageEmbed{{Image: &discordgo.MessageEmbedImage{URL: "attachment://card.png"}}},
			Files:  []embeds.File{{Name: "card.png", Description: long(1024)}},
		}},
		{"pointers", embeds.Message{Content: "x", Components: []discordgo.MessageComponent{
			&discordgo.ActionsRow{Components: []discordgo.MessageComponent{&discordgo.Button{Label: "x", CustomID: "a"}}},
			&discordgo.ActionsRow{Components: []discordgo.MessageComponent{&discordgo.SelectMenu{MenuType: discordgo.ChannelSelectMenu, CustomID: "b"}}},
		}}},
		{"a picture as label", one(discordgo.Button{Emoji: &discordgo.ComponentEmoji{Name: "😀"}, CustomID: "a"})},
		{"a link", one(discordgo.Button{Label: "x", Style: discordgo.LinkButton, URL: "https://a.example/"})},
	}
	for _, tt := range tests {
		if err := embedstest.Check(tt.m); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	field := func(name, value string) *discordgo.MessageEmbed {
		return &discordgo.MessageEmbed{Fields: []*discordgo.MessageEmbedField{{Name: name, Value: value}}}
	}
	menu := func(options ...discordgo.SelectMenuOption) discordgo.SelectMenu {
		return discordgo.SelectMenu{CustomID: "m", Options: options}
	}
	option := discordgo.SelectMenuOption{Label: "l", Value: "v"}
	tests := []struct {
		name string
		m    embeds.Message
		want string
	}{
		{"nothing", embeds.Message{}, "empty"},
		{"content", embeds.Message{Content: long(2001)}, "content: 2001"},
		{"content in code units", embeds.Message{Content: strings.Repeat("😀", 1001)}, "content: 2002"},
		{"embeds", embeds.Message{Embeds: repeat(&discordgo.MessageEmbed{Title: "x"}, 11)}, "embeds: 11"},
		{"a nil embed", embedded(nil), "embed 0: nil"},
		{"an empty embed", embedded(&discordgo.MessageEmbed{}), "embed 0: empty"},
		{"the total", embeds.Message{Embeds: []*discordgo.MessageEmbed{{Description: long(4000)}, {Description: long(2001)}}}, "all embeds: 6001"},
		{"a title", embedded(&discordgo.MessageEmbed{Title: long(257)}), "title: 257"},
		{"a description", embedded(&discordgo.MessageEmbed{Description: long(4097)}), "description: 4097"},
		{"fields", embedded(&discordgo.MessageEmbed{Fields: repeat(&discordgo.MessageEmbedField{Name: "n", Value: "v"}, 26)}), "fields: 26"},
		{"a nil field", embedded(&discordgo.MessageEmbed{Fields: []*discordgo.MessageEmbedField{nil}}), "field 0: nil"},
		{"a field's name", embedded(field(long(257), "v")), "name: 257"},
		{"no field name", embedded(field(" ", "v")), "name: 0"},
		{"a field's value", embedded(field("n", long(1025))), "value: 1025"},
		{"no field value", embedded(field("n", "\n")), "value: 0"},
		{"a footer", embedded(&discordgo.MessageEmbed{Footer: &discordgo.MessageEmbedFooter{Text: long(2049)}}), "footer: 2049"},
		{"no footer", embedded(&discordgo.MessageEmbed{Title: "x", Footer: &discordgo.MessageEmbedFooter{}}), "footer: 0"},
		{"an author", embedded(&discordgo.MessageEmbed{Author: &discordgo.MessageEmbedAuthor{Name: long(257)}}), "author: 257"},
		{"an author's link", embedded(&discordgo.MessageEmbed{Author: &discordgo.MessageEmbedAuthor{Name: "x", URL: "x"}}), "author link"},
		{"a picture", embedded(&discordgo.MessageEmbed{Image: &discordgo.MessageEmbedImage{URL: "http://a.example/"}}), "image: not an https"},
		{"a thumbnail", embedded(&discordgo.MessageEmbed{Thumbnail: &discordgo.MessageEmbedThumbnail{URL: "https://a.example/" + long(2048)}}), "thumbnail: not an https"},
		{"a missing attachment", embedded(&discordgo.MessageEmbed{Image: &discordgo.MessageEmbedImage{URL: "attachment://a.png"}}), "no such attachment"},
		{"a colour", embedded(&discordgo.MessageEmbed{Title: "x", Color: 0x1000000}), "colour"},
		{"a timestamp", embedded(&discordgo.MessageEmbed{Title: "x", Timestamp: "yesterday"}), "timestamp"},
		{"files", embeds.Message{Files: repeat(embeds.File{Name: "x"}, 11)}, "files: 11"},
		{"a file's alt text", embeds.Message{Files: []embeds.File{{Name: "x", Description: long(1025)}}}, "description: 1025"},
		{"rows", rows(repeat([]discordgo.MessageComponent{button("x")}, 6)...), "rows: 6"},
		{"no row", embeds.Message{Content: "x", Components: []discordgo.MessageComponent{button("x")}}, "instead of a row"},
		{"an empty row", rows(nil), "row 0: 0"},
		{"a full row", rows(repeat(button("x"), 6)), "row 0: 6"},
		{"a row in a row", one(discordgo.ActionsRow{}), "in a row"},
		{"custom ids", rows([]discordgo.MessageComponent{button("x")}, []discordgo.MessageComponent{button("x")}), "twice"},
		{"a custom id", one(button(long(101))), "custom id: 101"},
		{"no custom id", one(button("")), "custom id: 0"},
		{"a label", one(discordgo.Button{Label: long(81), CustomID: "x"}), "label: 81"},
		{"no label", one(discordgo.Button{CustomID: "x"}), "label: 0"},
		{"a link on a button", one(discordgo.Button{Label: "x", CustomID: "x", URL: "https://a.example/"}), "a link on a button"},
		{"a custom id on a link", one(discordgo.Button{Label: "x", Style: discordgo.LinkButton, CustomID: "x", URL: "https://a.example/"}), "a custom id on a link"},
		{"a long link", one(discordgo.Button{Label: "x", Style: discordgo.LinkButton, URL: "https://a.example/" + long(512)}), "not an https URL"},
		{"a menu beside a button", rows([]discordgo.MessageComponent{menu(option), button("x")}), "beside something else"},
		{"no options", one(menu()), "options: 0"},
		{"options", one(menu(repeat(option, 26)...)), "options: 26"},
		{"an option twice", one(menu(option, option)), "value is there twice"},
		{"an option's label", one(menu(discordgo.SelectMenuOption{Label: long(101), Value: "v"})), "label: 101"},
		{"an option's value", one(menu(discordgo.SelectMenuOption{Label: "l", Value: long(101)})), "value: 101"},
		{"an option's description", one(menu(discordgo.SelectMenuOption{Label: "l", Value: "v", Description: long(101)})), "description: 101"},
		{"a placeholder", one(discordgo.SelectMenu{CustomID: "m", Placeholder: long(151), Options: []discordgo.SelectMenuOption{option}}), "placeholder: 151"},
	}
	for _, tt := range tests {
		if err := embedstest.Check(tt.m); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}
