package commands

// Help is /help over any commands.
var Help = help
