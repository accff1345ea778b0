// Package embeds turns data into what people see: pure builders, data and
// times in, Discord message parts out.
//
// Nothing here does I/O, reads a clock or knows a session. Every text of the
// package's own comes from [progressbot/embeds/catalog]; every text of the
// API's or a person's is escaped and bounded on its way through. Whatever
// goes in, the [Message] that comes out keeps Discord's limits.
//
// All functions are safe for concurrent use.
package embeds
