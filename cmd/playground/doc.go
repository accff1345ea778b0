// Command playground is the real bot on a simulated Discord and a sample
// progress API: no account, no key, no network.
//
// It gives a prompt at which one types slash commands, presses buttons and
// picks from menus, and sees the replies drawn in the terminal. Everything
// goes the way it goes in production, over real HTTP and a real websocket;
// only the two far ends are simulated.
//
// It never talks to anything but the loopback interface and keeps its data
// in a temporary folder that it removes.
package main
