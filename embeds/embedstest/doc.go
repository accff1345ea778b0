// Package embedstest helps to test what is made by package embeds: [Check]
// holds a finished message to the limits and rules that Discord documents.
//
// Everything here is for tests and safe for concurrent use; it changes
// nothing it is given, and production code never imports it.
package embedstest
