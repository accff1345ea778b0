// Package catalog holds every word that people read, by language, and nothing
// else does. A language is added here and nowhere else: one file with a
// [Language] like english.go, and its line in [Translations].
//
// [For] picks the [Words] for an interaction's locale and [Localizations]
// gives Discord the names and descriptions of commands in every language
// that has them. Both read one [Catalog], which [New] builds and checks: a
// translation with a text that English lacks, other arguments than English,
// a plural form that its language does not have, or a command name that
// Discord would refuse is an error there, not a surprise for a reader. What
// a language leaves out is said in English.
//
// Plural rules and the writing of numbers come from golang.org/x/text; the
// texts are parsed once, so that looking one up costs one allocation and no
// lock. Arguments are put in as they are: a name must have been escaped
// before it gets here.
//
// Everything here is immutable once built and safe for concurrent use. The
// package never formats a time, escapes a text or does I/O.
package catalog
