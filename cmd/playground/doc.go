// Command playground is the real bot on a simulated Discord and a sample
// progress API: no account, no key, no network.
//
// It serves a page that looks and behaves like a channel of Discord, and
// gives a prompt in the terminal for the same: one types slash commands,
// presses buttons and picks from menus as one of five people, breaks things
// and restarts the bot. Everything goes the way it goes in production, over
// real HTTP and a real websocket; only the two far ends are simulated.
//
// The page answers to its own browser tab alone. With -tour every kind of
// reply is shown in the terminal, unattended.
//
// It never talks to anything but the loopback interface and keeps its data
// in a temporary folder that it removes.
package main
