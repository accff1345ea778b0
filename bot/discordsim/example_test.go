package discordsim_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"progressbot/bot/discordsim"
)

// A simulator needs nothing but a main: no test, no configuration.
func ExampleStart() {
	discord, err := discordsim.Start(discordsim.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer discord.Close()

	// A bot would be given discord.URL() and discord.Token(). This one posts
	// a message and is done.
	r, err := http.NewRequest(http.MethodPost, discord.URL()+"/api/v10/channels/"+discordsim.GeneralChannelID+"/messages",
		strings.NewReader(`{"content":"Hello!","allowed_mentions":{"parse":[]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Header.Set("Authorization", "Bot "+discord.Token())
	r.Header.Set("User-Agent", "DiscordBot (https://example.org, 1.0)")
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	res, err := client.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = res.Body.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := discord.AwaitMessage(ctx, discordsim.GeneralChannelID, func(discordsim.Message) bool { return true })
	fmt.Println(res.Status, m.Author.Name(), m.Content, err, len(discord.Violations()))
	// Output: 200 OK Progress Hello! <nil> 0
}
