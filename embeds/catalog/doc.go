// Package catalog holds every word that people read, by locale, and nothing
// else does. A language is added here and nowhere else.
//
// [For] picks the [Words] of an interaction's locale; they are immutable and
// safe for concurrent use.
package catalog
