// Package storetest is the conformance suite of package store: one set of
// tests that every driver passes, so that a bot behaves the same on each,
// and the benchmarks that compare them.
//
// A driver's own test calls [Run] with a way to open it. Only tests may
// import the package.
package storetest
