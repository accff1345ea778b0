// Package commands is what the bot does when somebody uses it: one file per
// command, each with its definition, its handlers and the small interfaces
// it needs, one list of them all in [All], and a [Router] that brings
// requests to them.
//
// A request goes one way: a transport (gateway, HTTP endpoint, test) has
// [Decode] turn an interaction into a [Request]; [Router.Serve] finds the
// handler, applies its [Policy], the person's [Limits] and a deadline, and
// hands the handler's [Reply] to the transport's [Responder], after an
// acknowledgement if that takes long. Buttons, menus, modals and suggestions
// come the same way. Handlers never see a session or a token, which is why
// every transport gives the same answer.
//
// Handlers return errors, not sentences; one function puts them into words
// for people and decides what the operator hears of them. What hits everybody
// at once is logged once, by a [FaultLog].
//
// Whether somebody may look at another's progress is decided by what that
// person and the server chose, before anything is looked up, and the answer
// is no where that is not known. Panels of settings and privacy show what is
// stored, never what was merely asked for.
//
// Everything here is safe for concurrent use once built. Nothing here talks
// to Discord or keeps state between requests that a restart would lose
// people's buttons over: what is kept (cooldowns, limits, names) is bounded
// and can be forgotten at any time.
package commands
