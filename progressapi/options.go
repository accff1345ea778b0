package progressapi

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Defaults of [NewClient].
const (
	DefaultPlatform       = "discord"
	DefaultKeyHeader      = "x-gft_api_key"
	DefaultAttempts       = 3
	DefaultAttemptTimeout = 5 * time.Second
	DefaultTimeout        = 10 * time.Second
)

// maxRedirects bounds how often one attempt may be sent on within the host.
const maxRedirects = 3

// Option changes how a [Client] works; see [NewClient].
type Option func(*settings) error

type settings struct {
	platform       string
	keyHeader      string
	http           *http.Client
	userAgent      string
	gate           Gate
	now            func() time.Time
	attempts       int
	attemptTimeout time.Duration
	timeout        time.Duration
}

func defaults() *settings {
	return &settings{
		platform:       DefaultPlatform,
		keyHeader:      DefaultKeyHeader,
		http:           &http.Client{Transport: newTransport()},
		userAgent:      "progressbot",
		gate:           openGate{},
		now:            time.Now,
		attempts:       DefaultAttempts,
		attemptTimeout: DefaultAttemptTimeout,
		timeout:        DefaultTimeout,
	}
}

// WithPlatform sets the platform whose user IDs are asked for, such as
// "discord" (the default) or "roblox".
func WithPlatform(platform string) Option {
	return func(s *settings) error {
		if platform == "" || len(platform) > maxSegment {
			return errors.New("platform is empty or too long")
		}
		s.platform = platform
		return nil
	}
}

// WithKeyHeader sets the name of the header that carries the key, and sends
// it in exactly this spelling. The API knows "x-gft_api_key" (the default),
// "x-gft-api-key" and "gft-api-key"; proxies that drop names with an
// underscore need one of the latter.
func WithKeyHeader(name string) Option {
	return func(s *settings) error {
		if !validHeaderName(name) {
			return errors.New("key header is not a usable header name")
		}
		s.keyHeader = name
		return nil
	}
}

// WithHTTPClient sets the HTTP client to send with. The [Client] uses a copy
// of it with its own redirect policy. The default has a transport of its own
// with connections kept for re-use.
func WithHTTPClient(hc *http.Client) Option {
	return func(s *settings) error {
		if hc == nil {
			return errors.New("HTTP client is nil")
		}
		s.http = hc
		return nil
	}
}

// WithUserAgent sets the User-Agent header, such as "progressbot/1.4.0".
func WithUserAgent(agent string) Option {
	return func(s *settings) error {
		if agent == "" || !printable(agent, ' ') {
			return errors.New("user agent is empty or not plain text")
		}
		s.userAgent = agent
		return nil
	}
}

// WithGate sets the gate that every attempt passes. The default is open.
func WithGate(g Gate) Option {
	return func(s *settings) error {
		if g == nil {
			return errors.New("gate is nil")
		}
		s.gate = g
		return nil
	}
}

// WithClock sets the clock that stamps the arrival of an answer, from which
// a remaining time becomes an end and a Retry-After date a duration. The
// default is [time.Now].
func WithClock(now func() time.Time) Option {
	return func(s *settings) error {
		if now == nil {
			return errors.New("clock is nil")
		}
		s.now = now
		return nil
	}
}

// WithAttempts sets how often a call may be sent in all, 1 to 10. 1 means
// never to repeat. The default is [DefaultAttempts].
func WithAttempts(n int) Option {
	return func(s *settings) error {
		if n < 1 || n > 10 {
			return errors.New("attempts are not between 1 and 10")
		}
		s.attempts = n
		return nil
	}
}

// WithTimeouts sets how long one attempt may take from connecting to the
// last byte, and how long a call may take whose context has no deadline. The
// defaults are [DefaultAttemptTimeout] and [DefaultTimeout].
func WithTimeouts(attempt, call time.Duration) Option {
	return func(s *settings) error {
		if attempt <= 0 || call <= 0 {
			return errors.New("timeouts are not positive")
		}
		s.attemptTimeout, s.timeout = attempt, call
		return nil
	}
}

// newTransport returns a transport for one API host: connections are kept
// for re-use, their number is bounded, and dead ones are found out.
func newTransport() *http.Transport {
	dialer := &net.Dialer{
		Timeout:         2 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 3 * time.Second},
		TLSHandshakeTimeout:    2 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    64,
		MaxConnsPerHost:        256,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// boundedRedirects returns a copy of hc that follows redirects only within
// the host that was asked. net/http repeats every header but a few known
// ones wherever it is sent, so a redirect elsewhere would hand out the key.
func boundedRedirects(hc *http.Client) *http.Client {
	bounded := *hc
	bounded.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || !sameHost(via[len(via)-1].URL, next.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &bounded
}

// sameHost reports whether to is the host of from, reached no less safely.
func sameHost(from, to *url.URL) bool {
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return false
	}
	if from.Scheme == to.Scheme {
		return port(from) == port(to)
	}
	return from.Scheme == "http" && port(from) == "80" && to.Scheme == "https" && port(to) == "443"
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// parseBase returns baseURL in the form that paths are appended to.
func parseBase(baseURL string) (string, error) {
	u, err := url.Parse(baseURL)
	switch {
	case err != nil:
		return "", errors.New("base URL cannot be parsed")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("base URL is neither http nor https")
	case u.Hostname() == "":
		return "", errors.New("base URL has no host")
	case u.User != nil:
		return "", errors.New("base URL holds credentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("base URL has a query or a fragment")
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// escapeSegment escapes s so that it stays one path segment whatever it
// holds. The dot segments would be resolved away if they stood unescaped.
func escapeSegment(s string) string {
	switch s {
	case ".", "..":
		return strings.ReplaceAll(s, ".", "%2E")
	default:
		return url.PathEscape(s)
	}
}

func validKey(key string) error {
	switch {
	case key == "":
		return errors.New("API key is empty")
	case !printable(key):
		return errors.New("API key holds spaces, line ends or other characters that no key has")
	default:
		return nil
	}
}

// printable reports whether s is visible ASCII, apart from the extra bytes.
func printable(s string, extra ...byte) bool {
	for i := range len(s) {
		if (s[i] <= ' ' || s[i] > '~') && !strings.ContainsRune(string(extra), rune(s[i])) {
			return false
		}
	}
	return true
}

// validHeaderName reports whether name is a token of RFC 9110 and none of
// the headers that the client or net/http set themselves.
func validHeaderName(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "", "Accept", "Accept-Encoding", "Connection", "Content-Length", "Host", "Transfer-Encoding", "User-Agent":
		return false
	}
	return printable(name) && !strings.ContainsAny(name, `"(),/:;<=>?@[\]{}`)
}
