// Package porttest claims ports for servers in tests and in the playground that
// go off and come back at the same address.
//
// What passes through it is port numbers of 127.0.0.1; it never serves on them
// itself. [Claim] is safe for concurrent use, a [Port] belongs to one owner.
package porttest
