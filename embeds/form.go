package embeds

import (
	"encoding/json"

	"github.com/bwmarrin/discordgo"
)

// Form is a modal: what it is called and the inputs in it.
type Form struct {
	Title      string
	Components []discordgo.MessageComponent
}

// formLabel is a label around one input of a form. The library knows labels
// in no version that can be depended on, and Discord has deprecated the rows
// that it does know.
type formLabel struct {
	label, description string
	input              formText
}

// formText is an input for a text of several lines.
type formText struct {
	CustomID  string `json:"custom_id"`
	Value     string `json:"value,omitempty"`
	MaxLength int    `json:"max_length"`
}

const (
	componentLabel discordgo.ComponentType = 18

	// Discord's limits of a form.
	limitFormTitle       = 45
	limitFormLabel       = 45
	limitFormDescription = 100
)

// Type implements [discordgo.MessageComponent].
func (formLabel) Type() discordgo.ComponentType { return componentLabel }

// MarshalJSON implements [json.Marshaler].
func (l formLabel) MarshalJSON() ([]byte, error) {
	type text struct {
		Type     discordgo.ComponentType  `json:"type"`
		Style    discordgo.TextInputStyle `json:"style"`
		Required bool                     `json:"required"`
		formText
	}
	return json.Marshal(struct {
		Type        discordgo.ComponentType `json:"type"`
		Label       string                  `json:"label"`
		Description string                  `json:"description,omitempty"`
		Component   text                    `json:"component"`
	}{
		Type: componentLabel, Label: l.label, Description: l.description,
		Component: text{Type: discordgo.TextInputComponent, Style: discordgo.TextInputParagraph, Required: true, formText: l.input},
	})
}
