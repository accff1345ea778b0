// Package outage tells an operator about a fault in two lines: one when it
// begins and one when it is over, however many requests it hits.
//
// A [Watch] is told how each attempt went. It is safe for concurrent use, and
// costs one atomic load while all is well.
package outage
