//go:build !linux

package faulttest

import "syscall"

// dieWithParent has no equal outside Linux.
func dieWithParent() *syscall.SysProcAttr { return nil }
