// Package commands is what the bot does when somebody uses it: one file per
// command, each with its definition, its handler and the one- or two-method
// interface it needs, and a [Router] that brings requests to them.
//
// A request goes one way: a transport (gateway, HTTP endpoint, test) decodes
// an interaction into a [Request], [Router.Serve] finds the handler, applies
// its policy and deadline, and hands the handler's [Reply] to the
// transport's [Responder]. Handlers never see a session or a token, which is
// why every transport gives the same answer.
//
// Everything here is safe for concurrent use once built. Nothing here talks
// to Discord or keeps state between requests that a restart would lose
// people's buttons over.
package commands
