// Package embeds turns data into what people see: pure builders, data and
// times in, Discord message parts out.
//
// Nothing here does I/O, reads a clock or knows a session. Every text of the
// package's own comes from [progressbot/embeds/catalog]; every text of the
// API's or a person's is escaped and bounded on its way through. Whatever
// goes in, the [Message] that comes out keeps Discord's limits.
//
// A person's programs come in the API's order. [Rank] puts them into the one
// people want; [Overview] shows a page of them, [Detail] one, [Empty] what to
// do when there are none; [Problem] says what went wrong and [Help] what there
// is. The [View] says for whom, in which language and how old the data is.
// Buttons and menus carry an [Action] in their custom IDs, so that they work
// after a restart. [Escape] and its kin are the only way for foreign text into
// a message.
//
// All functions are safe for concurrent use and leave what they are given as
// it was.
package embeds
