package bot

// RedactedLine makes a line of discordgo's fit for a log.
func RedactedLine(format string, args ...any) string { return redactedLine(format, args) }
