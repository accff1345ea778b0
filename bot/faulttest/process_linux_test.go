package faulttest

import "syscall"

// dieWithParent makes a process end with the test binary, even when that is
// killed for running too long and stops nothing.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
