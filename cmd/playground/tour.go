package main

import (
	"context"
	"fmt"

	"progressbot/bot/discordsim"
)

// step is one thing that the tour shows.
type step struct {
	title string
	as    string // who does it
	line  string // as typed at the prompt
}

// stepMended shows that the bot has recovered.
const stepMended = "Try again"

// steps are every kind of reply, in the order in which a new member would
// come across them.
func steps() []step {
	return []step{
		{"Everything at a glance", "mia", "/progress"},
		{"The next page", "mia", "[Next]"},
		{"And back", "mia", "[Prev]"},
		{"One collection, from the menu", "mia", "> 1"},
		{"Back to the overview", "mia", "[Back]"},
		{"Suggestions while typing, accents and case aside", "mia", "/progress collection:win?"},
		{"One collection, by its name", "mia", "/progress collection:winter"},
		{"Shared with the channel", "mia", "[Share]"},
		{"Share again at once", "mia", "[Share]"},
		{"A name that nothing has", "mia", "/progress collection:wintre market of dreams"},
		{"Somebody who is new here", "noah", "/progress"},
		{"A completed collection with a reward to claim", "finn", "/progress collection:lantern"},
		{"Somebody else's progress, by option", "mia", "/progress member:@finn"},
		{"Somebody else's progress, from their profile", "noah", "view @mia"},
		{"Three hundred collections", "maya", "/progress"},
		{"The last page", "maya", "[Last]"},
		{"Open to everyone from the start", "finn", "/progress share:yes"},
		{"An admin sets the bot up: what is missing", "ada", "/settings show"},
		{"Where completions are announced", "ada", "/settings announcements channel:announcements enabled:yes"},
		{"What replies look like", "ada", "/settings replies"},
		{"A role as a reward", "ada", "/settings reward-role role:Collector"},
		{"A member decides who sees what", "mia", "/privacy show"},
		{"Finn's own look offers to announce what he completed", "finn", "/progress"},
		{"A manager announces it by hand, after a preview", "maya", "/announce completion member:@finn collection:lantern"},
		{"Posted, exactly once", "maya", "[Post it]"},
		{"Asked again", "maya", "/announce completion member:@finn collection:lantern"},
		{"Who is furthest along", "mia", "/leaderboard"},
		{"Somebody wants to be forgotten", "mia", "/privacy forget"},
		{"What the bot can do", "mia", "/help"},
		{"Mia once more", "mia", "/progress"},
		{"The progress API fails; nothing is known yet about Ada", "ada", "break api-down"},
		{"Nothing to show", "ada", "/progress"},
		{"A little later", "mia", "wait 11s"},
		{"For Mia an older answer stands in, and says so", "mia", "[Refresh]"},
		{"The progress API works again", "ada", "mend"},
		{"The bot finds that out by itself", "mia", "wait api"},
		{stepMended, "mia", "[Refresh]"},
		{"The bot is restarted", "mia", "restart"},
		{"A button from before the restart", "mia", "[Next]"},
	}
}

// tour goes through all steps and fails at the first that does not work, or
// if Discord would have objected to anything. It calls seen with the title of
// a step and each reply.
func tour(ctx context.Context, st *stage, paint painter, seen func(title string, m discordsim.Message)) error {
	s := newSession(st, paint, nil)
	all := steps()
	for n, step := range all {
		paint.line("")
		paint.line(paint.sgr("1;4", fmt.Sprintf("%d/%d %s", n+1, len(all), step.title)))
		paint.line(paint.sgr("2", step.as+" › ") + step.line)
		s.me, _ = st.find(step.as)
		s.seen = func(m discordsim.Message) { seen(step.title, m) }
		if err := s.do(ctx, step.line); err != nil {
			return fmt.Errorf("step %d (%s): %w", n+1, step.line, err)
		}
	}
	if found := st.discord.Violations(); len(found) > 0 {
		return fmt.Errorf("the replies broke %d of Discord's rules, first: %v", len(found), found[0])
	}
	paint.line("")
	paint.line(fmt.Sprintf("The tour is over: %d replies, none that Discord would have refused.", interactions(st.discord)))
	return nil
}

func interactions(d *discordsim.Server) int { return d.Stats().Interactions }
