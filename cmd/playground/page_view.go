package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"progressbot/bot/discordsim"
)

// shown is everything the page draws for one person in one channel.
type shown struct {
	Revision uint64               `json:"revision"`
	People   []shownPerson        `json:"people"`
	Me       string               `json:"me"`
	Server   string               `json:"server"`
	Channels []shownChannel       `json:"channels"`
	Channel  string               `json:"channel"`
	Roles    []shownRole          `json:"roles"`
	Commands []discordsim.Command `json:"commands"`
	Messages []shownMessage       `json:"messages"`
	Stage    stageState           `json:"stage"`
}

type shownPerson struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	About string `json:"about"`
}

type shownChannel struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Topic   string `json:"topic"`
	Type    int    `json:"type"`
	Visible bool   `json:"visible"`
}

type shownRole struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Color int    `json:"color"`
}

// shownMessage is a message with what its object does not tell.
type shownMessage struct {
	discordsim.Message
	Asker    string   `json:"asker"`
	Invoked  string   `json:"invoked"`
	Thinking bool     `json:"thinking"`
	Pings    []string `json:"pings"`
}

// maxShown is how many messages of a channel the page draws.
const maxShown = 60

func (p *page) view(w http.ResponseWriter, r *http.Request) {
	d := p.stage.discord
	q := r.URL.Query()
	me, ok := p.stage.find(q.Get("person"))
	if !ok {
		me = p.stage.people[0]
	}
	guild := d.Guilds()[0]
	channel := q.Get("channel")
	if !slices.ContainsFunc(guild.Channels, func(c discordsim.Channel) bool { return c.ID == channel }) {
		channel = discordsim.GeneralChannelID
	}
	commands, err := d.VisibleCommands(me.ID, channel)
	if err != nil || commands == nil {
		commands = []discordsim.Command{} // who cannot see the channel is offered nothing there
	}
	out := shown{
		Revision: d.Revision(), Me: me.ID, Server: guild.Name, Channel: channel,
		Commands: commands, Stage: p.stage.state(),
	}
	for _, s := range p.stage.people {
		out.People = append(out.People, shownPerson{ID: s.ID, Name: s.Name, About: s.About})
	}
	for _, c := range guild.Channels {
		visible := d.PermissionsIn(c.ID, me.ID)&discordsim.PermViewChannel != 0
		out.Channels = append(out.Channels, shownChannel{ID: c.ID, Name: c.Name, Topic: c.Topic, Type: c.Type, Visible: visible})
	}
	for _, role := range guild.Roles {
		out.Roles = append(out.Roles, shownRole{ID: role.ID, Name: role.Name, Color: role.Color})
	}
	messages := d.Messages(channel, me.ID)
	for _, m := range messages[max(0, len(messages)-maxShown):] {
		out.Messages = append(out.Messages, shownMessage{
			Message: m, Asker: m.Asker, Invoked: m.Command, Thinking: m.Thinking(), Pings: m.Pings,
		})
	}
	writeJSON(w, out)
}

// attachment serves a picture of a message: the page may load nothing from
// elsewhere.
func (p *page) attachment(w http.ResponseWriter, r *http.Request) {
	m, ok := p.stage.discord.Message(r.PathValue("message"))
	n, err := strconv.Atoi(r.PathValue("index"))
	if !ok || err != nil || n < 0 || n >= len(m.Attachments) {
		http.NotFound(w, r)
		return
	}
	data := p.stage.discord.AttachmentData(m.Attachments[n])
	if data == nil || m.Attachments[n].ContentType != "image/png" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(data) // the browser may have gone
}

// events tells the page that something changed, and what went over the wire.
func (p *page) events(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	feed := p.stage.discord.Exchanges(exchangesBehind)
	defer feed.Stop()
	changes := make(chan uint64)
	go p.follow(r, changes)
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case revision := <-changes:
			_, err = fmt.Fprintf(w, "event: change\ndata: %d\n\n", revision)
		case x, ok := <-feed.C:
			if !ok {
				return
			}
			data, _ := json.Marshal(x) // strings and numbers: cannot fail
			_, err = fmt.Fprintf(w, "event: exchange\ndata: %s\n\n", data)
		}
		if err != nil || control.Flush() != nil {
			return
		}
	}
}

// follow sends every change until the request ends.
func (p *page) follow(r *http.Request, changes chan<- uint64) {
	var seen uint64
	for {
		revision, err := p.stage.discord.AwaitChange(r.Context(), seen)
		if err != nil {
			return
		}
		seen = revision
		select {
		case changes <- revision:
		case <-r.Context().Done():
			return
		}
	}
}
