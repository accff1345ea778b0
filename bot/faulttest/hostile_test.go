package faulttest

import (
	"context"
	"encoding/json"
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

// newHostileWorld starts a bot in a world that is strict about what it sends.
func newHostileWorld(t *testing.T) *world {
	t.Helper()
	s := setup{Memory: true, Env: map[string]string{"WALLET_URL": "https://wallet.example.com/{user}"}}
	path, found := discordsim.OpenAPIPath()
	if found {
		s.Discord.OpenAPI = path
	}
	w := newWorld(t, s)
	w.openAPI = found
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

// sees waits for a message and holds it against the rules.
func (h *visit) sees(i *discordsim.Interaction, err error) discordsim.Message {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	m, err := i.AwaitMessage(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	h.looked++
	if what := describe(m); what == seenUnreachable || what == seenNotSetUp || strings.Contains(m.Text(), "Something went wrong") {
		h.t.Errorf("the member saw: %s", m.Text())
	}
	for _, problem := range h.harm(m) {
		h.t.Errorf("%s in:\n%q", problem, m.Text())
	}
	return m
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

// suggested returns the suggestions for a text.
func (h *visit) suggested(text string) []discordsim.Choice {
	h.t.Helper()
	i, err := h.w.discord.Autocomplete(discordsim.Invocation{
		Command: "progress", User: h.user, Focus: "collection", Options: map[string]any{"collection": text},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	a, err := i.Await(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range a.Choices {
		for _, problem := range unseen(c.Name) {
			h.t.Errorf("%s in the suggestion %q", problem, c.Name)
		}
	}
	return a.Choices
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
	w := newHostileWorld(t)
	person := w.person()
	programs := make([]progressapitest.Program, n)
	for i := range programs {
		id := fmt.Sprintf("program_%d", i)
		programs[i] = progressapitest.Program{ID: id, Raw: json.RawMessage(fmt.Sprintf(
			`{"id":%q,"name":"Collection %d","size":10,"collectedCount":%d,"progressInPercentage":%d}`, id, i, i%10, 10*(i%10)))}
	}
	w.api.SetPrograms(person, programs...)
	h := &visit{t: t, w: w, user: person}
	page := h.sees(w.ask(person))
	page = h.sees(w.discord.Press(person, page.ID, "Last"))
	h.sees(w.discord.Press(person, page.ID, "Prev"))
	steadily(t, func(t *testing.T) error {
		began := time.Now()
		if got := h.suggested("Collection 9999"); len(got) == 0 || got[0].Name != "Collection 9999" {
			return fmt.Errorf("suggestions = %v, want Collection 9999 first", got)
		}
		t.Logf("a suggestion among %d programs took %s", n, ms(time.Since(began)))
		return nil
	})
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
