package killtest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"progressbot/bot"
)

const (
	// childEnv makes the test's binary a bot whose announcer has leases of
	// this length.
	childEnv = "KILLTEST_LEASE"
	// builtEnv is where the program is.
	builtEnv = "KILLTEST_PROGRAM"
)

var kills = flag.Int("kills", 12, "at how many random moments a process is killed, for each store; from 100 on nothing is cut short")

// full reports whether the tests may take minutes.
func full() bool { return *kills >= 100 }

func TestMain(m *testing.M) {
	if lease := os.Getenv(childEnv); lease != "" {
		os.Exit(child(lease))
	}
	flag.Parse()
	os.Exit(testProgram(m))
}

// testProgram builds the program and runs the tests.
func testProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "killtest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "progressbot")
	if out, err := exec.Command("go", "build", "-o", program, "progressbot/cmd/progressbot").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	if err := os.Setenv(builtEnv, program); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := m.Run()
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

// child is the program with other leases.
func child(lease string) int {
	d, err := time.ParseDuration(lease)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	config, err := bot.ConfigFromEnv(os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	b, err := bot.New(config, bot.Deps{Log: bot.NewLogger(config, os.Stderr), Lease: d})
	if err == nil {
		err = b.Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
