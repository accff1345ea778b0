package faulttest

import (
	"context"
	"fmt"
	"regexp"

	"progressbot/bot/logtest"
)

// logBuffer is a log whose tests wait with patience.
type logBuffer struct{ *logtest.Buffer }

func newLogBuffer() *logBuffer { return &logBuffer{logtest.New()} }

// await waits until the log matches and returns the last group of the match.
func (b *logBuffer) await(pattern string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	found, err := b.Await(ctx, regexp.MustCompile(pattern))
	if err != nil {
		return "", fmt.Errorf("the log has no line like %s:\n%s", pattern, b)
	}
	return found, nil
}

// complaints returns the lines of the log that an operator is to notice.
func (b *logBuffer) complaints() []string {
	return regexp.MustCompile(`(?m)^.*level=(?:WARN|ERROR).*$`).FindAllString(b.String(), -1)
}
