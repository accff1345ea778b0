package faulttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// TestHostilePerson walks through everything that the bot shows of somebody
// whose every name, number and picture could do harm.
func TestHostilePerson(t *testing.T) {
	t.Parallel()
	w := newHostileWorld(t)
	h := &visit{t: t, w: w, user: progressapitest.Hostile}
	page := h.sees(w.ask(h.user))
	pages := 0
	for more := true; more; pages++ {
		page = h.openAll(page)
		next, ok := page.Button("Next")
		if more = ok && !next.Disabled; more {
			page = h.sees(w.discord.Press(h.user, page.ID, "Next"))
		}
	}
	h.sees(w.discord.Press(h.user, page.ID, "Share"))
	h.sees(w.discord.Press(h.user, page.ID, "Refresh"))
	h.sees(w.discord.InvokeUser(discordsim.Invocation{Command: "View progress", User: w.person(), Target: h.user}))

	typed := slices.Sorted(maps.Values(progressapitest.HostileTexts()))
	typed = append(typed, "", "hostile", "odd", "..", "twin", "%", strings.Repeat("ab", 3000))
	picked := map[string]bool{}
	for _, text := range typed {
		for _, c := range h.suggested(text) {
			picked[fmt.Sprint(c.Value)] = true
		}
		picked[text] = true
	}
	for value := range picked {
		if strings.TrimSpace(value) != "" && utf8.ValidString(value) && utf8.RuneCountInString(value) <= 6000 {
			h.sees(w.discord.Invoke(discordsim.Invocation{
				Command: "progress", User: h.user, Options: map[string]any{"collection": value},
			}))
		}
	}
	t.Logf("%d pages, %d messages looked at, %d of them shared; Discord's OpenAPI document used: %v",
		pages, h.looked, h.shared, w.openAPI)
	if pages < 5 || h.shared < 20 {
		t.Error("that is not all there is")
	}
}

// hostileSetup is that of a world that is strict about what a bot sends.
func hostileSetup() setup {
	s := setup{Memory: true, Env: map[string]string{"WALLET_URL": "https://wallet.example.com/{user}"}}
	if path, found := discordsim.OpenAPIPath(); found {
		s.Discord.OpenAPI = path
	}
	return s
}

// newHostileWorld starts a bot in a world that is strict about what it sends.
func newHostileWorld(t *testing.T) *world {
	t.Helper()
	s := hostileSetup()
	w := newWorld(t, s)
	w.openAPI = s.Discord.OpenAPI != ""
	w.join(progressapitest.Hostile)
	w.start()
	return w
}

// visit is what one person looks at.
type visit struct {
	t              *testing.T
	w              *world
	user           string
	looked, shared int
}

// sees is looks where nothing may be wrong.
func (h *visit) sees(i *discordsim.Interaction, err error) discordsim.Message {
	h.t.Helper()
	m, err := h.looks(i, err)
	if err != nil {
		h.t.Error(err)
	}
	if m.ID == "" {
		h.t.FailNow()
	}
	return m
}

// looks waits for a message and holds it against the rules.
func (h *visit) looks(i *discordsim.Interaction, err error) (discordsim.Message, error) {
	if err != nil {
		return discordsim.Message{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := i.AwaitMessage(ctx)
	if err != nil {
		return discordsim.Message{}, err
	}
	h.looked++
	var wrong []error
	if what := describe(m); what == seenUnreachable || what == seenNotSetUp || strings.Contains(m.Text(), "Something went wrong") {
		wrong = append(wrong, fmt.Errorf("the member saw: %s", m.Text()))
	}
	for _, problem := range h.harm(m) {
		wrong = append(wrong, fmt.Errorf("%s in:\n%q", problem, m.Text()))
	}
	return m, errors.Join(wrong...)
}

// openAll opens every collection of a page, shares it, and goes back.
func (h *visit) openAll(page discordsim.Message) discordsim.Message {
	h.t.Helper()
	for _, c := range page.Controls() {
		for _, o := range c.Options {
			detail := h.sees(h.w.discord.Choose(h.user, page.ID, "", o.Value))
			if _, ok := detail.Button("Share"); ok {
				if shared := h.sees(h.w.discord.Press(h.user, detail.ID, "Share")); !shared.Ephemeral() {
					h.shared++
				}
			}
			page = h.sees(h.w.discord.Press(h.user, detail.ID, "Back"))
		}
	}
	return page
}

// suggested is suggestions where nothing may be wrong.
func (h *visit) suggested(text string) []discordsim.Choice {
	h.t.Helper()
	choices, err := h.suggestions(text)
	if err != nil {
		h.t.Fatal(err)
	}
	return choices
}

// suggestions returns what is suggested for a text.
func (h *visit) suggestions(text string) ([]discordsim.Choice, error) {
	i, err := h.w.discord.Autocomplete(discordsim.Invocation{
		Command: "progress", User: h.user, Focus: "collection", Options: map[string]any{"collection": text},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := i.Await(ctx)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, c := range a.Choices {
		for _, problem := range unseen(c.Name) {
			wrong = append(wrong, fmt.Errorf("%s in the suggestion %q", problem, c.Name))
		}
	}
	return a.Choices, errors.Join(wrong...)
}

// harm returns what a message could do to those who see it.
func (h *visit) harm(m discordsim.Message) []string {
	var found []string
	if len(m.Pings) > 0 {
		found = append(found, fmt.Sprintf("a ping of %v", m.Pings))
	}
	if strings.Contains(m.Text(), progressapitest.RewardValue) {
		found = append(found, "the value of a reward")
	}
	found = append(found, unseen(m.Text())...)
	for _, e := range m.Embeds {
		found = append(found, marked(e.Title)...)
		found = append(found, marked(e.Description)...)
		for _, f := range e.Fields {
			found = append(found, marked(f.Name)...)
			found = append(found, marked(f.Value)...)
		}
		for _, media := range []*discordsim.EmbedMedia{e.Image, e.Thumbnail} {
			if media != nil && !strings.HasPrefix(media.URL, "https://cdn.example.com/") && !strings.HasPrefix(media.URL, h.w.discord.URL()) {
				found = append(found, "a picture from "+media.URL)
			}
		}
	}
	for _, c := range m.Controls() {
		if c.URL != "" && !strings.HasPrefix(c.URL, "https://wallet.example.com/") {
			found = append(found, "a link to "+c.URL)
		}
	}
	return found
}

// unseen returns the characters of a text that change how the rest is read,
// or cannot be seen.
func unseen(s string) []string {
	var found []string
	if !utf8.ValidString(s) {
		found = append(found, "broken UTF-8")
	}
	for _, r := range s {
		switch {
		case r == '\n', r == '\u200d': // which joins emoji
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u3164', r == '\u2028', r == '\u2029':
			found = append(found, fmt.Sprintf("%U", r))
		}
	}
	return found
}

// marked returns the markup of a text that the bot would not write itself.
func marked(s string) []string {
	s = regexp.MustCompile(`\\[[:punct:]]`).ReplaceAllString(s, "") // escaped
	s = regexp.MustCompile(`<t:\d+:[fR]>`).ReplaceAllString(s, "")  // the bot's own
	s = regexp.MustCompile(`</progress:\d+>`).ReplaceAllString(s, "")
	var found []string
	for _, bad := range []string{
		"](", "<@", "<#", "</", "<:", "<a:", "<t:", "<id:", "@everyone", "@here", "```", "||", "~~",
		"discord.gg/", "https://", "http://", "discord.com/invite",
	} {
		if strings.Contains(s, bad) {
			found = append(found, bad)
		}
	}
	return found
}

// TestTenThousandPrograms has somebody with as many as the client takes.
func TestTenThousandPrograms(t *testing.T) {
	t.Parallel()
	const n = 10_000
	programs := make([]progressapitest.Program, n)
	for i := range programs {
		id := fmt.Sprintf("program_%d", i)
		programs[i] = progressapitest.Program{ID: id, Raw: json.RawMessage(fmt.Sprintf(
			`{"id":%q,"name":"Collection %d","size":10,"collectedCount":%d,"progressInPercentage":%d}`, id, i, i%10, 10*(i%10)))}
	}
	steadilyIn(t, hostileSetup(), func(w *world) error {
		w.start()
		person := w.person()
		w.api.SetPrograms(person, programs...)
		h := &visit{t: t, w: w, user: person}
		page, err := h.looks(w.ask(person))
		for _, button := range []string{"Last", "Prev"} {
			if err == nil {
				page, err = h.looks(w.discord.Press(person, page.ID, button))
			}
		}
		if err != nil {
			return err
		}
		return h.finds("Collection 9999")
	})
}

// finds types the name of a collection until it is suggested first. A bot that
// is busy suggests nothing rather than too late; then, as a person would, it
// types on.
func (h *visit) finds(name string) error {
	var got []discordsim.Choice
	for deadline := time.Now().Add(patience); len(got) == 0 && time.Now().Before(deadline); {
		began := time.Now()
		var err error
		if got, err = h.suggestions(name); err != nil {
			return err
		}
		h.t.Logf("%d suggestions took %s", len(got), ms(time.Since(began)))
	}
	if len(got) == 0 || got[0].Name != name {
		return fmt.Errorf("suggestions = %v, want %s first", got, name)
	}
	return nil
}

// TestHostileBodies has a crowd ask for what is too large, unpacks to too
// much or never ends, and looks at what that takes of the bot's memory.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	crowd := 200
	if underRace {
		crowd = 20
	}
	w := newWorld(t, setup{Memory: true})
	w.late = true              // hundreds of MB cross this machine
	p := w.exec("GOGC", "100") // by default the bot lets garbage grow up to 512 MB
	if err := w.awaitReady(); err != nil {
		t.Fatalf("%v; log:\n%s", err, p.log)
	}
	if err := w.awaitGood(); err != nil {
		t.Fatal(err)
	}
	var peak float64
	for _, f := range []progressapitest.Fault{
		progressapitest.Huge(50 << 20), progressapitest.GzipBomb(32 << 20), progressapitest.Drip(10 * time.Millisecond),
	} {
		w.api.Break(f)
		var asking sync.WaitGroup
		for range crowd {
			asking.Go(func() {
				s, err := w.tries(w.person())
				if err != nil || s.What != seenUnreachable {
					t.Errorf("%s: the member saw: %s, %v", f, s.What, err)
				}
			})
		}
		asking.Wait()
		w.api.Mend()
		if err := w.awaitGood(); err != nil {
			t.Fatal(err)
		}
		m, err := p.metrics()
		if err != nil {
			t.Fatal(err)
		}
		peak = m["process_resident_memory_peak_bytes"]
		t.Logf("%s: memory of the bot at its peak so far: %s", f, mb(peak))
	}
	if limit := 400.0 * (1 << 20); peak > limit && !underRace {
		t.Errorf("that is more than %s", mb(limit))
	}
}
