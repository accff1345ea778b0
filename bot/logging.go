package bot

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/redisconn"
)

// NewLogger returns the log that the configuration asks for, written to w.
func NewLogger(c Config, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// BridgeLogs sends what the libraries log by themselves to log. They have one
// logger each for the whole process, so this is for a main function to call,
// once and before anything else.
func BridgeLogs(log *slog.Logger) {
	redisconn.BridgeLog(log)
	discordgo.Logger = func(level, _ int, format string, args ...any) {
		if level == discordgo.LogError { // the sessions have their own words for the rest
			log.LogAttrs(context.Background(), slog.LevelWarn, "discordgo",
				slog.String("text", redactedLine(format, args)))
		}
	}
}

// redactedLine formats a line of discordgo's with nothing in it that may come
// from a payload or be a credential: errors and durations stay, everything
// else is left out.
func redactedLine(format string, args []any) string {
	safe := make([]any, len(args))
	for i, arg := range args {
		switch arg.(type) {
		case error, time.Duration:
			safe[i] = arg
		default:
			safe[i] = Secret{}
		}
	}
	line := strings.Join(strings.Fields(fmt.Sprintf(format, safe...)), " ")
	return printable(line)
}
