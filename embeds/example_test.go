package embeds_test

import (
	"fmt"
	"time"

	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

func ExampleOverview() {
	now := time.Date(2025, time.December, 24, 12, 0, 0, 0, time.UTC)
	programs := []progressapi.Program{
		{ID: "program_ocean", Name: "Ocean Explorers", Size: 8, Collected: 8, Percent: 100, CountTold: true, PercentTold: true},
		{ID: "program_winter", Name: "Winter Challenge", Size: 10, Collected: 7, Percent: 70, CountTold: true, PercentTold: true, Ends: now.AddDate(0, 0, 8)},
	}
	v := embeds.View{
		Words: catalog.For("en-US"), Now: now, Fetched: now,
		Asker: "123456789012345678", Person: embeds.Person{ID: "123456789012345678", Name: "Mara"},
	}
	m := embeds.Overview(v, embeds.Rank(programs, now), 0)
	fmt.Println(m.Embeds[0].Title)
	for _, f := range m.Embeds[0].Fields {
		fmt.Printf("\n%s\n%s\n", f.Name, f.Value)
	}
	// Output:
	// Your progress
	//
	// Winter Challenge
	// 7 of 10 · 70% · In progress
	// `███████░░░` ends <t:1767268800:R>
	//
	// Ocean Explorers
	// 8 of 8 · 100% · Completed
	// `██████████`
}

func ExampleEscape() {
	fmt.Println(embeds.Escape("**Free** stuff at https://evil.example, @everyone", 80))
	fmt.Println(embeds.Escape("Sci-Fi: Part 1", 80))
	fmt.Println(embeds.Escape("A name that goes on for longer than there is room", 24))
	// Output:
	// \*\*Free\*\* stuff at https\://evil.example, ＠everyone
	// Sci-Fi: Part 1
	// A name that goes on for…
}

func ExampleParseAction() {
	id := embeds.Action{Name: embeds.ActionNext, Owner: "123456789012345678", Page: 2}.Encode()
	fmt.Println(id)
	a, err := embeds.ParseAction(id)
	fmt.Println(a.Name, a.Page, err)
	_, err = embeds.ParseAction("something else")
	fmt.Println(err)
	// Output:
	// p1:next:123456789012345678::2:
	// next 2 <nil>
	// not an action's custom id
}
