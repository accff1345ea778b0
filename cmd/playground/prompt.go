package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/embeds/catalog"
)

// answerTime bounds how long the prompt waits for a reply.
const answerTime = 20 * time.Second

// errUsage marks a line that the prompt did not understand; its text is for
// the person who typed it.
var errUsage = errors.New("not understood")

// session is one person at the prompt.
type session struct {
	stage *stage
	paint painter
	lines <-chan string // what is typed, closed at its end
	me    person
	// last are the messages that buttons and menus are used on, by person.
	last map[string]discordsim.Message
	// seen is called with every reply that is drawn; it may be nil.
	seen func(discordsim.Message)
}

func newSession(st *stage, paint painter, lines <-chan string) *session {
	return &session{stage: st, paint: paint, lines: lines, me: st.people[0], last: map[string]discordsim.Message{}}
}

const manual = `Type as you would in Discord:
  /progress                        your collections
  /progress collection:lantern     one of them, by name
  /progress collection:win?        what autocomplete suggests for "win"
  /progress member:@finn share:yes somebody else's, for everyone to see
  view @finn                       Apps > View progress
  [Next]                           press a button of the last message
  > 2                              pick from its menu, by number or name
And off stage:
  as finn       be somebody else      people     who there is
  advance N     collect N more cards  restart    restart the bot
  break         what can be broken    mend       everything works again
  help   quit`

// loop reads lines until the input or ctx ends.
func (s *session) loop(ctx context.Context) {
	s.paint.line(manual)
	for {
		fmt.Fprintf(s.paint.w, "\n%s ", s.paint.sgr("1", s.me.Name+" ›"))
		line, ok := s.read(ctx)
		if !ok || line == "quit" || line == "exit" {
			s.paint.line("")
			return
		}
		err := s.do(ctx, line)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.paint.line("  " + s.paint.sgr("31", err.Error()))
		}
	}
}

// read returns the next line, or false at the end of the input or of ctx.
func (s *session) read(ctx context.Context) (string, bool) {
	select {
	case line, ok := <-s.lines:
		return strings.TrimSpace(line), ok
	case <-ctx.Done():
		return "", false
	}
}

// readLines sends what is read, line by line. Its goroutine ends with the
// input, or once done is closed and the line that it waits for has come: a
// read from a terminal cannot be interrupted.
func readLines(in io.Reader, done <-chan struct{}) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(in)
		for scan.Scan() {
			select {
			case lines <- scan.Text():
			case <-done:
				return
			}
		}
	}()
	return lines
}

// do carries out one line.
func (s *session) do(ctx context.Context, line string) error {
	switch first, rest, _ := strings.Cut(line, " "); {
	case line == "":
		return nil
	case strings.HasPrefix(line, "/"):
		return s.slash(ctx, line[1:])
	case strings.HasPrefix(line, "["):
		return s.press(ctx, strings.Trim(line, "[] "))
	case strings.HasPrefix(line, ">"):
		return s.pick(ctx, strings.TrimSpace(line[1:]))
	case first == "view":
		return s.view(ctx, rest)
	default:
		return s.offStage(ctx, first, rest)
	}
}

// offStage does what no member of a server could.
func (s *session) offStage(ctx context.Context, verb, rest string) error {
	switch verb {
	case "help":
		s.paint.line(manual)
	case "people":
		for _, p := range s.stage.people {
			s.paint.line(fmt.Sprintf("  %-6s %s", p.Name, p.About))
		}
	case "as":
		p, ok := s.stage.find(rest)
		if !ok {
			return fmt.Errorf("there is nobody called %q; try: people", rest)
		}
		s.me = p
	case "break":
		return s.breakPart(rest)
	case "mend":
		if err := s.stage.mend(); err != nil {
			return err
		}
		s.paint.line("  Everything works again.")
	case "advance":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 {
			return fmt.Errorf("%w: advance wants a number of cards", errUsage)
		}
		told, err := s.stage.advance(s.me.ID, n)
		if err != nil {
			return err
		}
		s.paint.line("  " + told)
	case "wait":
		if rest == "api" {
			return s.awaitAPI(ctx)
		}
		return wait(ctx, rest)
	case "restart":
		if err := s.stage.restart(ctx); err != nil {
			return err
		}
		s.paint.line("  The bot was restarted. Old buttons still work.")
	default:
		return fmt.Errorf("%w: %q; try: help", errUsage, verb)
	}
	return nil
}

// wait lets time pass, so that answers grow old.
func wait(ctx context.Context, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > time.Hour {
		return fmt.Errorf("%w: wait wants a time such as 10s", errUsage)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitAPI asks until the bot answers from the progress API. After failures it
// asks there only now and then.
func (s *session) awaitAPI(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		i, err := s.stage.discord.Invoke(discordsim.Invocation{Command: "progress", User: s.me.ID})
		if err != nil {
			return err
		}
		m, err := i.AwaitMessage(ctx)
		if err != nil || upToDate(m) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the progress API: %w", ctx.Err())
		}
	}
}

// upToDate reports whether a reply says that the progress API has just been
// asked.
func upToDate(m discordsim.Message) bool {
	return slices.ContainsFunc(m.Embeds, func(e discordsim.Embed) bool {
		return e.Footer != nil && strings.Contains(e.Footer.Text, catalog.For("").Text(catalog.FooterUpdated))
	})
}

// breakPart switches a fault on, or lists those there are.
func (s *session) breakPart(name string) error {
	if name != "" {
		return s.stage.setFault(name, true)
	}
	for _, f := range s.stage.state().Faults {
		s.paint.line(fmt.Sprintf("  break %-14s %s", f.Name, f.About))
	}
	return nil
}

// slash uses a slash command, or shows what autocomplete suggests where an
// option ends in a question mark.
func (s *session) slash(ctx context.Context, line string) error {
	in, err := s.parse(line)
	if err != nil {
		return err
	}
	if in.Focus != "" {
		return s.suggest(ctx, in)
	}
	return s.show(ctx)(s.stage.discord.Invoke(in))
}

func (s *session) view(ctx context.Context, name string) error {
	target, ok := s.stage.find(name)
	if !ok {
		return fmt.Errorf("there is nobody called %q; try: people", name)
	}
	return s.show(ctx)(s.stage.discord.InvokeUser(discordsim.Invocation{Command: "View progress", User: s.me.ID, Target: target.ID}))
}

func (s *session) press(ctx context.Context, button string) error {
	return s.show(ctx)(s.stage.discord.Press(s.me.ID, s.last[s.me.ID].ID, button))
}

// pick chooses from the last message's menu by number or by name.
func (s *session) pick(ctx context.Context, choice string) error {
	value, menu, err := s.choose(choice)
	if err != nil {
		return err
	}
	return s.show(ctx)(s.stage.discord.Choose(s.me.ID, s.last[s.me.ID].ID, menu, value))
}

func (s *session) choose(choice string) (value, menu string, err error) {
	for _, c := range s.last[s.me.ID].Controls() {
		if !c.Select() {
			continue
		}
		if n, err := strconv.Atoi(choice); err == nil && n >= 1 && n <= len(c.Options) {
			return c.Options[n-1].Value, c.CustomID, nil
		}
		for _, o := range c.Options {
			if strings.Contains(strings.ToLower(o.Label), strings.ToLower(choice)) {
				return o.Value, c.CustomID, nil
			}
		}
		if c.Type != discordsim.TypeStringSelect {
			return s.idOf(choice), c.CustomID, nil
		}
	}
	return "", "", fmt.Errorf("the last message has no menu with %q", choice)
}

// idOf finds the ID that a native menu is to send.
func (s *session) idOf(name string) string {
	if p, ok := s.stage.find(name); ok {
		return p.ID
	}
	for id, known := range s.stage.places() {
		if strings.EqualFold(known, strings.TrimLeft(name, "#@")) {
			return id
		}
	}
	return name
}

// suggest prints the suggestions for the focused option.
func (s *session) suggest(ctx context.Context, in discordsim.Invocation) error {
	i, err := s.stage.discord.Autocomplete(in)
	if err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := i.Await(wait)
	if err != nil {
		return err
	}
	if len(answer.Choices) == 0 {
		s.paint.line("  " + s.paint.sgr("2", "no suggestions"))
	}
	for _, c := range answer.Choices {
		s.paint.line(fmt.Sprintf("  %s  %s", c.Name, s.paint.sgr("2", fmt.Sprint(c.Value))))
	}
	return nil
}

// show returns a function that draws what came of an interaction.
func (s *session) show(ctx context.Context) func(*discordsim.Interaction, error) error {
	return func(i *discordsim.Interaction, err error) error {
		if err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		answer, err := i.Await(wait)
		if err != nil {
			return err
		}
		if answer.Modal != nil {
			return s.fill(ctx, i, *answer.Modal)
		}
		m, err := i.AwaitMessage(wait)
		if err != nil {
			return err
		}
		s.paint.message(m)
		if s.seen != nil {
			s.seen(m)
		}
		// A hint has nothing to press; what was there before stays at hand.
		if len(m.Controls()) > 0 {
			s.last[s.me.ID] = m
		}
		return nil
	}
}

// fill asks for a modal's texts and submits them.
func (s *session) fill(ctx context.Context, i *discordsim.Interaction, m discordsim.Modal) error {
	s.paint.line("  " + s.paint.sgr("1", m.Title))
	fields := map[string]string{}
	for _, c := range m.Inputs() {
		fmt.Fprintf(s.paint.w, "  %s ", c.Label+":")
		text, ok := s.read(ctx)
		if !ok {
			return io.ErrUnexpectedEOF
		}
		if text != "" {
			fields[c.CustomID] = text
		}
	}
	return s.show(ctx)(s.stage.discord.Submit(i, fields))
}

// parse reads "progress collection:winter share:yes". A value runs up to the
// next option of the command, so that it may hold spaces.
func (s *session) parse(line string) (discordsim.Invocation, error) {
	in := discordsim.Invocation{User: s.me.ID, Options: map[string]any{}}
	words := strings.Fields(line)
	path, options := s.command(words)
	if path == "" {
		return in, fmt.Errorf("there is no command %q here; try: /help", "/"+strings.Join(words, " "))
	}
	in.Command = path
	var name string
	for _, word := range words[strings.Count(path, " ")+1:] {
		if key, value, ok := strings.Cut(word, ":"); ok && slices.ContainsFunc(options, func(o discordsim.Option) bool { return o.Name == key }) {
			name = key
			in.Options[name] = value
			continue
		}
		if name == "" {
			return in, fmt.Errorf("%w: write options as name:value, such as %s", errUsage, example(path, options))
		}
		in.Options[name] = fmt.Sprint(in.Options[name], " ", word)
	}
	for _, o := range options {
		if typed, ok := in.Options[o.Name].(string); ok {
			in.Options[o.Name] = s.typed(o, typed)
			if o.Autocomplete && strings.HasSuffix(typed, "?") {
				in.Focus, in.Options[o.Name] = o.Name, strings.TrimSuffix(typed, "?")
			}
		}
	}
	return in, nil
}

// typed turns what was written for an option into its value.
func (s *session) typed(o discordsim.Option, text string) any {
	switch o.Type {
	case discordsim.OptionBoolean:
		return slices.Contains([]string{"yes", "true", "on", "1"}, strings.ToLower(text))
	case discordsim.OptionInteger:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
		return text
	case discordsim.OptionUser, discordsim.OptionChannel, discordsim.OptionRole:
		return s.idOf(text)
	}
	for _, c := range o.Choices {
		if strings.EqualFold(c.Name, text) {
			return c.Value
		}
	}
	return text
}

// command finds the registered command, or subcommand, that words begin with.
func (s *session) command(words []string) (path string, options []discordsim.Option) {
	if len(words) == 0 {
		return "", nil
	}
	for _, c := range s.stage.discord.Commands() {
		if c.Type != discordsim.CommandChatInput || c.Name != words[0] {
			continue
		}
		for _, o := range c.Options {
			if o.Type == discordsim.OptionSubCommand && len(words) > 1 && o.Name == words[1] {
				return c.Name + " " + o.Name, o.Options
			}
		}
		if len(c.Options) > 0 && c.Options[0].Type == discordsim.OptionSubCommand {
			return "", nil
		}
		return c.Name, c.Options
	}
	return "", nil
}

func example(path string, options []discordsim.Option) string {
	if len(options) == 0 {
		return "/" + path
	}
	return "/" + path + " " + options[0].Name + ":…"
}
