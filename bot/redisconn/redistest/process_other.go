//go:build !linux

package redistest

import "syscall"

// dieWithParent has no equal outside Linux: there a server outlives a test
// binary that was killed.
func dieWithParent() *syscall.SysProcAttr { return nil }
