package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/bwmarrin/discordgo"
)

// rest is the bot's own client of Discord's REST API.
//
// discordgo's is not used: it sends all edits of interaction responses one
// after the other, its rate limiter leaks a bucket for every interaction, and
// its waits ignore the context. The API version is discordgo's, so that REST
// and gateway use the same one.
//
// It is safe for concurrent use. Its errors never hold a URL or a token.
type rest struct {
	base      string // origin and version
	auth      string
	userAgent string
	client    *http.Client
	limits    *limits
	metrics   map[string]*routeMetrics
	refused   func(error)
}

// restOptions are what a rest client is made from.
type restOptions struct {
	origin    string
	token     Secret
	version   string // the bot's own
	transport http.RoundTripper
	metrics   *metrics.Set
	refused   func(error) // is told when Discord refuses the token
}

func newREST(o restOptions) *rest {
	return &rest{
		base:      o.origin + "/api/v" + discordgo.APIVersion,
		auth:      "Bot " + o.token.Reveal(),
		userAgent: "DiscordBot (https://github.com/giftoin/progressbot, " + o.version + ")",
		client: &http.Client{
			Transport: o.transport,
			// A redirect would carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		limits:  newLimits(),
		metrics: newRouteMetrics(o.metrics),
		refused: o.refused,
	}
}

// newTransport returns the connection pool for Discord. Against a proxy or a
// simulator it is HTTP/1.1, where the default of two idle connections per
// host would mean a new handshake for nearly every answer under load. The
// pings find a dead HTTP/2 connection before a person has to.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // the answers are small, and nothing has to be unpacked
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
}

const (
	// maxAnswer bounds the body of an answer. The longest is the list of
	// registered commands.
	maxAnswer = 8 << 20
	// maxAttempts bounds the tries of one call within its deadline. With the
	// pauses between them they bridge about a quarter of a minute.
	maxAttempts = 12
	// callTimeout is the deadline of a call whose caller set none.
	callTimeout = 30 * time.Second
	// attemptTimeout is how long one attempt may take unless the call is
	// less patient.
	attemptTimeout = 10 * time.Second
)

// call is one request to Discord and how it may be repeated.
type call struct {
	route  string // its name in errors and metrics; holds no ID
	method string
	path   string // below the API's version; may hold an interaction token
	// bucket is what shares a rate limit with the call and outlives it, ""
	// for calls on an interaction's token, each of which is on its own.
	bucket      string
	body        []byte
	contentType string
	patience    time.Duration // of one attempt, 0 for attemptTimeout
	// unrepeatable calls are tried again only where Discord cannot have
	// carried out the one before.
	unrepeatable bool
	// carriedOut recognises the error by which Discord says that an earlier
	// attempt of the same call was carried out. Nil for none.
	carriedOut func(*apiError) bool
}

// bare reports whether c is sent without authorization, because the interaction's
// token in its path is all it takes.
func (c *call) bare() bool { return c.bucket == "" }

// get reads what is at path. Its rate limit is for the path, whatever the query.
func (r *rest) get(ctx context.Context, route, path string, out any) error {
	bucket, _, _ := strings.Cut(path, "?")
	return r.do(ctx, call{route: route, method: http.MethodGet, path: path, bucket: "GET " + bucket}, out)
}

// send sends in as JSON.
func (r *rest) send(ctx context.Context, route, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("discord %s: encode request: %w", route, err)
	}
	return r.do(ctx, call{
		route: route, method: method, path: path, bucket: method + " " + path, body: body, contentType: "application/json",
	}, out)
}

// do sends c until it succeeds, fails for good, or runs out of time, and
// decodes the answer into out unless that is nil.
func (r *rest) do(ctx context.Context, c call, out any) error {
	body, _, err := r.try(ctx, &c)
	if err != nil || body == nil {
		return err
	}
	return decodeAnswer(&c, body, out)
}

// try sends c until it succeeds, fails for good, or runs out of time. It
// returns the body of the answer, nil where only an earlier attempt is known to
// have been carried out; unsure says whether a call that failed may have been.
func (r *rest) try(ctx context.Context, c *call) (body []byte, unsure bool, err error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	for attempt := 1; ; attempt++ {
		if err := r.limits.enter(ctx, c); err != nil {
			return nil, unsure, fmt.Errorf("discord %s: %w", c.route, err)
		}
		body, err := r.attempt(ctx, c)
		if err == nil {
			return body, false, nil
		}
		if unsure && c.wasCarriedOut(err) {
			return nil, false, nil
		}
		unsure = unsure || maybeCarriedOut(err)
		wait, again := c.again(attempt, err)
		if !again || !pause(ctx, wait) {
			return nil, unsure, err
		}
	}
}

// again decides whether an attempt that failed with err is followed by another,
// and after which wait.
func (c *call) again(attempt int, err error) (time.Duration, bool) {
	refusal, refused := errors.AsType[*apiError](err)
	switch {
	case attempt >= maxAttempts:
		return 0, false
	case refused && refusal.Status == http.StatusTooManyRequests:
		return refusal.RetryAfter, true
	case refused && refusal.Status < http.StatusInternalServerError:
		return 0, false
	case c.unrepeatable && maybeCarriedOut(err):
		return 0, false
	}
	wait := min(50*time.Millisecond<<attempt, 2*time.Second)
	return wait/2 + rand.N(wait), true
}

// wasCarriedOut reports whether err says that an earlier attempt was carried
// out.
func (c *call) wasCarriedOut(err error) bool {
	refusal, refused := errors.AsType[*apiError](err)
	return refused && c.carriedOut != nil && c.carriedOut(refusal)
}

// maybeCarriedOut reports whether Discord may have carried out an attempt that
// failed with err.
func maybeCarriedOut(err error) bool {
	if refusal, refused := errors.AsType[*apiError](err); refused {
		return refusal.Status >= http.StatusInternalServerError
	}
	return !neverSent(err)
}

// attempt sends c once and returns the body of a successful answer.
func (r *rest) attempt(ctx context.Context, c *call) ([]byte, error) {
	patience := c.patience
	if patience == 0 {
		patience = attemptTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := r.request(ctx, c)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	res, err := r.client.Do(req)
	if err != nil {
		r.metrics[c.route].lost(time.Since(began))
		return nil, fmt.Errorf("discord %s: %w", c.route, withoutURL(err))
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	r.metrics[c.route].answered(res.StatusCode, time.Since(began))
	if err != nil {
		return nil, fmt.Errorf("discord %s: read answer: %w", c.route, withoutURL(err))
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("discord %s: answer is larger than %d bytes", c.route, maxAnswer)
	}
	if res.StatusCode/100 == 2 {
		r.limits.learn(c, res.Header, nil)
		return body, nil
	}
	refusal := newAPIError(c.route, res, body)
	r.limits.learn(c, res.Header, refusal)
	if refusal.Status == http.StatusUnauthorized && !c.bare() {
		r.refused(refusal)
	}
	return nil, refusal
}

func (r *rest) request(ctx context.Context, c *call) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, r.base+c.path, body)
	if err != nil {
		return nil, fmt.Errorf("discord %s: malformed request", c.route) // the cause repeats the URL
	}
	req.Header.Set("User-Agent", r.userAgent)
	if c.body != nil {
		req.Header.Set("Content-Type", c.contentType)
	}
	if !c.bare() {
		req.Header.Set("Authorization", r.auth)
	}
	return req, nil
}

func decodeAnswer(c *call, body []byte, out any) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("discord %s: read answer: %w", c.route, err)
	}
	return nil
}

// withoutURL strips the URL that net/http puts into its errors: it holds the
// interaction's token.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// neverSent reports whether a request failed before any of it could reach
// Discord.
func neverSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
