package embedstest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/bwmarrin/discordgo"

	"progressbot/embeds"
)

// Check reports everything for which Discord would refuse m, by the limits
// and rules it documents. It says nothing about flags or mentions, which are
// not a message's own.
func Check(m embeds.Message) error {
	var c checker
	c.text("content", m.Content, 0, limitContent)
	c.embeds(m)
	c.components(m.Components)
	c.files(m.Files)
	if m.Content == "" && len(m.Embeds) == 0 && len(m.Components) == 0 && len(m.Files) == 0 {
		c.complain("the message is empty")
	}
	return errors.Join(c.problems...)
}

// checker collects what is wrong.
type checker struct {
	problems []error
	ids      []string // custom IDs seen
}

func (c *checker) complain(format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf(format, args...))
}

// text reports a text that is too short or too long.
func (c *checker) text(what, s string, least, most int) {
	if n := units(s); n < least || n > most {
		c.complain("%s: %d characters, %d to %d can be", what, n, least, most)
	}
}

// count reports a list that is too short or too long.
func (c *checker) count(what string, n, least, most int) {
	if n < least || n > most {
		c.complain("%s: %d of them, %d to %d can be", what, n, least, most)
	}
}

func (c *checker) embeds(m embeds.Message) {
	c.count("embeds", len(m.Embeds), 0, limitEmbeds)
	total := 0
	for i, e := range m.Embeds {
		if e == nil {
			c.complain("embed %d: nil", i)
			continue
		}
		total += embedUnits(e)
		c.embed(fmt.Sprintf("embed %d", i), e, m.Files)
	}
	c.count("characters of all embeds", total, 0, limitEmbedTotal)
}

func (c *checker) embed(at string, e *discordgo.MessageEmbed, files []embeds.File) {
	c.text(at+" title", e.Title, 0, limitTitle)
	c.text(at+" description", e.Description, 0, limitDescription)
	c.count(at+" fields", len(e.Fields), 0, limitFields)
	for i, f := range e.Fields {
		if f == nil {
			c.complain("%s field %d: nil", at, i)
			continue
		}
		c.text(fmt.Sprintf("%s field %d name", at, i), strings.TrimSpace(f.Name), 1, limitFieldName)
		c.text(fmt.Sprintf("%s field %d value", at, i), strings.TrimSpace(f.Value), 1, limitFieldValue)
	}
	if e.Footer != nil {
		c.text(at+" footer", e.Footer.Text, 1, limitFooter)
		c.picture(at+" footer icon", e.Footer.IconURL, files)
	}
	if e.Author != nil {
		c.text(at+" author", e.Author.Name, 1, limitAuthor)
		c.link(at+" author link", e.Author.URL, limitURL)
		c.picture(at+" author icon", e.Author.IconURL, files)
	}
	if e.Image != nil {
		c.picture(at+" image", e.Image.URL, files)
	}
	if e.Thumbnail != nil {
		c.picture(at+" thumbnail", e.Thumbnail.URL, files)
	}
	c.link(at+" link", e.URL, limitURL)
	if e.Color < 0 || e.Color > limitColor {
		c.complain("%s colour: %#x", at, e.Color)
	}
	if _, err := time.Parse(time.RFC3339, e.Timestamp); e.Timestamp != "" && err != nil {
		c.complain("%s timestamp: not RFC 3339", at)
	}
	if embedUnits(e) == 0 && e.Image == nil && e.Thumbnail == nil {
		c.complain("%s: empty", at)
	}
}

// embedUnits is what an embed counts towards [limitEmbedTotal].
func embedUnits(e *discordgo.MessageEmbed) int {
	n := units(e.Title) + units(e.Description)
	for _, f := range e.Fields {
		if f != nil {
			n += units(f.Name) + units(f.Value)
		}
	}
	if e.Footer != nil {
		n += units(e.Footer.Text)
	}
	if e.Author != nil {
		n += units(e.Author.Name)
	}
	return n
}

// link reports a link that is there and not an https one.
func (c *checker) link(what, link string, most int) {
	if link != "" && !isLink(link, most) {
		c.complain("%s: not an https URL of up to %d characters", what, most)
	}
}

// isLink reports whether s is an https URL as Discord takes it, and hides
// nothing behind a user name.
func isLink(s string, most int) bool {
	u, err := url.Parse(s)
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(s) <= most && !strings.ContainsFunc(s, outside)
}

// picture reports a picture that is neither on the web nor attached.
func (c *checker) picture(what, link string, files []embeds.File) {
	if name, attached := strings.CutPrefix(link, "attachment://"); attached {
		if !slices.ContainsFunc(files, func(f embeds.File) bool { return f.Name == name }) {
			c.complain("%s: no such attachment", what)
		}
		return
	}
	c.link(what, link, limitURL)
}

func (c *checker) files(files []embeds.File) {
	c.count("files", len(files), 0, limitFiles)
	for i, f := range files {
		c.text(fmt.Sprintf("file %d name", i), f.Name, 1, limitURL)
		c.text(fmt.Sprintf("file %d description", i), f.Description, 0, limitFileAltText)
	}
}

func (c *checker) components(rows []discordgo.MessageComponent) {
	c.count("rows", len(rows), 0, limitRows)
	for i, row := range rows {
		at := fmt.Sprintf("row %d", i)
		switch row := row.(type) {
		case discordgo.ActionsRow:
			c.row(at, row.Components)
		case *discordgo.ActionsRow:
			c.row(at, row.Components)
		default:
			c.complain("%s: a %T instead of a row", at, row)
		}
	}
}

func (c *checker) row(at string, parts []discordgo.MessageComponent) {
	c.count(at, len(parts), 1, limitRowButtons)
	for i, part := range parts {
		at := fmt.Sprintf("%s component %d", at, i)
		switch part := part.(type) {
		case discordgo.Button:
			c.button(at, part)
		case *discordgo.Button:
			c.button(at, *part)
		case discordgo.SelectMenu:
			c.menu(at, part, len(parts))
		case *discordgo.SelectMenu:
			c.menu(at, *part, len(parts))
		default:
			c.complain("%s: a %T in a row", at, part)
		}
	}
}

func (c *checker) button(at string, b discordgo.Button) {
	least := 1
	if b.Emoji != nil {
		least = 0
	}
	c.text(at+" label", b.Label, least, limitLabel)
	if b.Style != discordgo.LinkButton {
		c.customID(at, b.CustomID)
		if b.URL != "" {
			c.complain("%s: a link on a button that is none", at)
		}
		return
	}
	if b.CustomID != "" {
		c.complain("%s: a custom id on a link", at)
	}
	if !isLink(b.URL, limitButtonURL) {
		c.complain("%s: not an https URL of up to %d characters", at, limitButtonURL)
	}
}

func (c *checker) menu(at string, m discordgo.SelectMenu, inRow int) {
	if inRow != 1 {
		c.complain("%s: a menu beside something else", at)
	}
	c.customID(at, m.CustomID)
	c.text(at+" placeholder", m.Placeholder, 0, limitPlaceholder)
	if m.Type() != discordgo.SelectMenuComponent {
		return // Discord fills it in.
	}
	c.count(at+" options", len(m.Options), 1, limitOptions)
	var values []string
	for i, o := range m.Options {
		at := fmt.Sprintf("%s option %d", at, i)
		c.text(at+" label", o.Label, 1, limitOptionText)
		c.text(at+" value", o.Value, 1, limitOptionText)
		c.text(at+" description", o.Description, 0, limitOptionText)
		if slices.Contains(values, o.Value) {
			c.complain("%s: its value is there twice", at)
		}
		values = append(values, o.Value)
	}
}

func (c *checker) customID(at, id string) {
	c.text(at+" custom id", id, 1, limitCustomID)
	if slices.Contains(c.ids, id) {
		c.complain("%s: its custom id is there twice", at)
	}
	c.ids = append(c.ids, id)
}

// units counts UTF-16 code units. Discord does not say what a character is;
// of nothing else that it could mean are there ever more.
func units(s string) int { return len(utf16.Encode([]rune(s))) }
