package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"progressbot/bot/discordsim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}

// options are what can be chosen on the command line.
type options struct {
	tour    bool
	prompt  bool
	open    bool
	addr    string
	color   bool
	verbose bool
	width   int
}

// run is the whole program; it returns the exit status.
func run(ctx context.Context, args []string, env func(string) (string, bool), in io.Reader, out, errs io.Writer) int {
	o, err := parseFlags(args, env, errs)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	if err := play(ctx, o, in, out, errs); err != nil {
		fmt.Fprintln(errs, "playground:", err)
		return 1
	}
	return 0
}

func parseFlags(args []string, env func(string) (string, bool), errs io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	flags.SetOutput(errs)
	_, plain := env("NO_COLOR")
	flags.BoolVar(&o.tour, "tour", false, "show every kind of reply in the terminal, then end")
	flags.BoolVar(&o.prompt, "prompt", true, "give a prompt in the terminal")
	flags.BoolVar(&o.open, "open", false, "open the page in the browser")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback address of the page; off for none")
	flags.BoolVar(&o.color, "color", !plain, "use colours; NO_COLOR turns them off")
	flags.BoolVar(&o.verbose, "v", false, "show the bot's log")
	flags.IntVar(&o.width, "width", columns(env), "columns of the terminal")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.width = min(max(o.width, 40), 200)
	return o, nil
}

// columns is the terminal's width as the shell tells it, else what reads
// well everywhere.
func columns(env func(string) (string, bool)) int {
	if text, ok := env("COLUMNS"); ok {
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	return 80
}

// play sets the stage and hands it to the tour or the prompt.
func play(ctx context.Context, o options, in io.Reader, out, errs io.Writer) (err error) {
	log := slog.New(slog.DiscardHandler)
	if o.verbose {
		log = slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	dir, err := os.MkdirTemp("", "progressbot-playground-")
	if err != nil {
		return fmt.Errorf("make a folder for the bot's data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	st, err := openStage(ctx, log, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.close()) }()

	paint := painter{w: out, width: o.width, color: o.color, now: time.Now, name: st.nameOf}
	if o.tour {
		return tour(ctx, st, paint, func(string, discordsim.Message) {})
	}
	return perform(ctx, o, st, paint, in)
}

// perform runs the page and the prompt side by side until one of them ends.
func perform(ctx context.Context, o options, st *stage, paint painter, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	if o.addr == "off" {
		served <- nil
	} else {
		told := make(chan string, 1)
		p := &page{stage: st}
		go func() {
			defer cancel()
			served <- p.serve(ctx, o.addr, func(url string) { told <- url })
		}()
		select {
		case url := <-told:
			paint.line("The playground is at " + url)
			if o.open {
				openBrowser(ctx, url)
			}
		case <-ctx.Done():
		}
	}
	if o.prompt {
		s := newSession(st, paint, readLines(in, ctx.Done()))
		s.loop(ctx)
		cancel()
	} else {
		<-ctx.Done()
	}
	return <-served
}

// openBrowser asks the desktop to show the page. Where there is none, the
// address was printed anyway.
func openBrowser(ctx context.Context, url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	// The browser may outlive the playground.
	command := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	if command.Start() == nil {
		_ = command.Process.Release() // nobody waits for it
	}
}
