package main

import (
	"bytes"
	"math"
	"os"
	"runtime/debug"
	"strconv"
)

const (
	// gcPercent lets the heap grow to five times what is live before it is
	// collected. The live heap of the bot is small and its garbage is JSON:
	// collecting it a quarter as often saves about a tenth of the CPU and
	// costs some tens of megabytes.
	gcPercent = 400
	// memoryLimit is where that generosity ends, whatever is live.
	memoryLimit = 512 << 20
	// cgroupMemory is where a container's memory limit stands.
	cgroupMemory = "/sys/fs/cgroup/memory.max"
)

// tuneGC sets up the garbage collector, as far as the operator has not done
// so with GOGC and GOMEMLIMIT.
func tuneGC(lookup func(string) (string, bool)) {
	if _, set := lookup("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	if _, set := lookup("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(softLimit(os.ReadFile(cgroupMemory)))
	}
}

// softLimit is memoryLimit, or four fifths of the container's limit where
// that is less: the rest is for what is not Go's heap.
func softLimit(limit []byte, err error) int64 {
	if err != nil {
		return memoryLimit
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(limit)), 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/4 { // "max"
		return memoryLimit
	}
	return min(n/5*4, memoryLimit)
}
