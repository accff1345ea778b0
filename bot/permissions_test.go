package bot_test

import (
	"testing"

	"progressbot/bot"
)

func TestChannelPermissions(t *testing.T) {
	t.Parallel()
	const (
		view, send, embed, admin = 1 << 10, 1 << 11, 1 << 14, 1 << 3

		guild, red, blue, me, owner = "1", "2", "3", "4", "5"
	)
	roles := []bot.TestRole{{ID: guild, Permissions: view | send}, {ID: red, Permissions: embed}, {ID: blue}, {ID: "9", Permissions: admin}}
	tests := []struct {
		name       string
		member     string
		roles      []string
		overwrites []bot.TestOverwrite
		want       int64
	}{
		{"everyone's", me, nil, nil, view | send},
		{"a role's", me, []string{red}, nil, view | send | embed},
		{"an unknown role's", me, []string{"8"}, nil, view | send},
		{"an administrator's", me, []string{"9"}, []bot.TestOverwrite{{ID: guild, Deny: view}}, bot.Everything},
		{"the owner's", owner, nil, []bot.TestOverwrite{{ID: owner, Member: true, Deny: view}}, bot.Everything},
		{"denied to everyone", me, []string{red}, []bot.TestOverwrite{{ID: guild, Deny: send}}, view | embed},
		{"allowed to everyone", me, nil, []bot.TestOverwrite{{ID: guild, Allow: embed}}, view | send | embed},
		{"allowed beats denied in one", me, nil, []bot.TestOverwrite{{ID: guild, Allow: send, Deny: send}}, view | send},
		{"a role beats everyone", me, []string{red}, []bot.TestOverwrite{{ID: red, Allow: send}, {ID: guild, Deny: send}}, view | send | embed},
		{"roles apply together", me, []string{red, blue}, []bot.TestOverwrite{{ID: red, Allow: send}, {ID: blue, Deny: send}}, view | send | embed},
		{"in whatever order", me, []string{red, blue}, []bot.TestOverwrite{{ID: blue, Deny: send}, {ID: red, Allow: send}}, view | send | embed},
		{"others' roles do not apply", me, []string{blue}, []bot.TestOverwrite{{ID: red, Deny: view | send}}, view | send},
		{"the member beats roles", me, []string{red}, []bot.TestOverwrite{{ID: me, Member: true, Deny: embed}, {ID: red, Allow: embed}}, view | send},
		{"other members do not count", me, nil, []bot.TestOverwrite{{ID: "6", Member: true, Deny: view | send}}, view | send},
		{"an overwrite is a role's or a member's", me, []string{red}, []bot.TestOverwrite{{ID: red, Member: true, Deny: embed}, {ID: me, Deny: view}}, view | send | embed},
		{"what cannot be seen still tells the rest", me, []string{red}, []bot.TestOverwrite{{ID: guild, Deny: view}}, send | embed},
	}
	for _, tt := range tests {
		if got := bot.ChannelPermissions(guild, owner, roles, tt.member, tt.roles, tt.overwrites); got != tt.want {
			t.Errorf("%s: %b, want %b", tt.name, got, tt.want)
		}
	}
}
