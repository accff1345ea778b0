// Package card draws progress as a picture: a PNG to attach to a message,
// and the alt text that says the same in words.
//
// A model goes in — [Overview], [Detail], [Completion] or [Leaderboard],
// the first two built from the API's programs by [NewOverview] and
// [NewDetail] — and two things come out: [Renderer.PNG] its picture and
// [Alt] its alt text. An integrator attaches both as one file and shows the
// picture inside the embed:
//
//	picture, err := renderer.PNG(ctx, model)
//	if err != nil { … } // the text embed stands alone
//	file := embeds.File{
//		Name:        card.FileName,
//		ContentType: card.ContentType,
//		Description: card.Alt(model),
//		Data:        picture,
//	}
//	message.Files = append(message.Files, file)
//	embed.Image = &discordgo.MessageEmbedImage{URL: "attachment://" + card.FileName}
//
// where the bot may attach files; an edit that is to keep the picture must
// list it among its attachments.
//
// Every word comes in through [Labels]; every name is hostile until it was
// cleaned, bounded and measured here. What the font cannot show is left out
// or replaced by the stand-in that came with the name, never by a box.
//
// The picture is [Width] logical pixels wide at twice the resolution, its
// own dark panel with rounded corners on transparency, so that it reads
// the same on Discord's dark and light themes. It uses one palette of at
// most 256 colours, drawn into directly: each step of an anti-aliased edge
// is an entry, which keeps files small and encoding fast. No file is larger
// than [MaxFile]: pictures with very many different letters have fewer steps
// at their edges.
//
// A [Renderer] is safe for concurrent use; models are plain values that are
// only read. The package never does I/O, never reads a clock and never
// fetches a picture.
package card
