package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthcheckTime is how long a bot may take to say that it is alive.
const healthcheckTime = 3 * time.Second

// Healthcheck asks the bot that runs on this machine with the same
// configuration whether it is alive. A bot that waits for Discord is: to
// restart it would not help.
func Healthcheck(ctx context.Context, c Config) error {
	if c.OpsAddr == "" {
		return errors.New("OPS_ADDR is off: there is nobody to ask")
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+localAddr(c.OpsAddr)+"/healthz", http.NoBody)
	if err != nil {
		return fmt.Errorf("ask the bot: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the bot: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<10))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("ask the bot: status %d", res.StatusCode)
	}
	return nil
}

// localAddr turns the address of a listener into one to dial.
func localAddr(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
