package redistest

import "syscall"

// dieWithParent makes a server end with the test binary, even when that is
// killed for running too long and stops nothing.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
