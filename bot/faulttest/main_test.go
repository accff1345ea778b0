package faulttest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// workDir is where the bot is built. It is set before any test runs.
var workDir string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "faulttest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workDir = dir
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		_ = os.RemoveAll(dir)
		os.Exit(status)
	}))
}

// buildBot builds the bot as it is delivered, or with the race detector if
// that watches the tests, and returns the path of the program.
var buildBot = sync.OnceValues(func() (string, error) {
	program := filepath.Join(workDir, "progressbot")
	args := []string{"build", "-o", program}
	if underRace {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "progressbot/cmd/progressbot")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the bot: %w\n%s", err, out)
	}
	return program, nil
})
