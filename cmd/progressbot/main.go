// Command progressbot is a Discord bot that shows people their collections.
//
// It is configured by environment variables, which .env.example lists, and
// runs until SIGTERM or SIGINT. Its flags are for operators:
//
//	-version      print what this program is
//	-check        look whether everything is set up, and say what is not
//	-sync         register the commands with Discord and exit
//	-healthcheck  ask the bot that runs here whether it is alive
//
// Exit status: 0 after a clean end, 1 if the bot could not go on, 2 if it is
// not configured.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/VictoriaMetrics/metrics"
	"github.com/joho/godotenv"

	"progressbot/bot"
)

// Set by the linker: -X main.version=… -X main.commit=….
var version, commit string

// Exit statuses.
const (
	exitOK       = 0
	exitFatal    = 1
	exitNotSetUp = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	// Some supervisors repeat themselves. Stopping ends in time by itself, so
	// SIGTERM stays taken after stop.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM)
	status := run(ctx, stop, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

type flags struct {
	version, check, sync, healthcheck bool
}

func parse(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("progressbot", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.version, "version", false, "print what this program is, and exit")
	set.BoolVar(&f.check, "check", false, "look whether everything is set up, say what is not, and exit")
	set.BoolVar(&f.sync, "sync", false, "register the commands with Discord, and exit")
	set.BoolVar(&f.healthcheck, "healthcheck", false, "ask the bot that runs here whether it is alive, and exit")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		err := fmt.Errorf("unexpected argument %q", set.Arg(0))
		_, _ = fmt.Fprintln(stderr, err)
		return f, err
	}
	return f, nil
}

// run is the program without the process around it. Once ctx has ended it
// calls stop, after which an interrupt from the keyboard ends the process at
// once.
func run(ctx context.Context, stop func(), args []string, lookup func(string) (string, bool), stdout, stderr io.Writer) int {
	f, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitNotSetUp
	case f.version:
		_, _ = fmt.Fprintln(stdout, describe(debug.ReadBuildInfo()))
		return exitOK
	}
	config, err := configure(lookup, ".env")
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "progressbot: "+err.Error())
		return exitNotSetUp
	}
	if f.healthcheck {
		return report(bot.Healthcheck(ctx, config), stderr)
	}
	lines := &journal{to: stderr}
	log := bot.NewLogger(config, lines)
	bot.BridgeLogs(log)
	tuneGC(lookup)
	metrics.ExposeMetadata(true) // a choice for the whole process, so it is made here
	b, err := bot.New(config, bot.Deps{Log: log, Version: describeVersion(debug.ReadBuildInfo())})
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "progressbot: "+err.Error())
		return exitNotSetUp
	}
	switch {
	case f.check:
		return report(b.Check(ctx, stdout), stderr)
	case f.sync:
		return report(b.Sync(ctx), stderr)
	default:
		defer context.AfterFunc(ctx, stop)()
		err := b.Run(ctx)
		lines.close()
		return report(err, stderr)
	}
}

// report prints why something failed.
func report(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintln(stderr, "progressbot: "+err.Error())
	return exitFatal
}

// configure reads the configuration from the environment and, below it, from
// a file. What is wrong with either comes back as one error.
func configure(lookup func(string) (string, bool), file string) (bot.Config, error) {
	values, fileProblem := readEnvFile(file)
	config, err := bot.ConfigFromEnv(func(name string) (string, bool) {
		if v, ok := lookup(name); ok {
			return v, true
		}
		v, ok := values[name]
		return v, ok
	})
	if fileProblem == "" {
		return config, err
	}
	problems := new(bot.ConfigError)
	problems.Add(file, fileProblem)
	if others, ok := errors.AsType[*bot.ConfigError](err); ok {
		problems.Problems = append(problems.Problems, others.Problems...)
	}
	return bot.Config{}, problems
}

// readEnvFile reads NAME=value lines. The errors of the parser quote the
// file, which holds secrets, so the problem names the line instead.
func readEnvFile(file string) (values map[string]string, problem string) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ""
	}
	if err != nil {
		return nil, "cannot be read: " + errors.Unwrap(err).Error()
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // as some editors on Windows begin a file
	if values, err = godotenv.UnmarshalBytes(text); err == nil {
		return values, ""
	}
	for i, line := range strings.Split(string(text), "\n") {
		if _, err := godotenv.Unmarshal(line + "\n"); err != nil {
			return nil, fmt.Sprintf("line %d is not NAME=value, # comment or empty", i+1)
		}
	}
	return nil, "holds more than NAME=value lines, # comments and empty lines"
}

// describe says what the program is.
func describe(info *debug.BuildInfo, ok bool) string {
	v, c, goVersion := describeVersion(info, ok), commit, "unknown"
	if ok {
		goVersion = info.GoVersion
		if c == "" {
			c = setting(info, "vcs.revision")
		}
	}
	if c == "" {
		c = "unknown"
	}
	return fmt.Sprintf("progressbot %s, commit %s, %s", v, c, goVersion)
}

func describeVersion(info *debug.BuildInfo, ok bool) string {
	switch {
	case version != "":
		return version
	case ok && info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	default:
		return "dev"
	}
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
