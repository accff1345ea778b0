package discordsim

import (
	"bytes"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// ExchangeKind says which way an exchange went.
type ExchangeKind string

const (
	ExchangeREST    ExchangeKind = "rest"     // a request of the bot's and its answer
	ExchangeFromBot ExchangeKind = "from-bot" // a gateway payload of the bot's
	ExchangeToBot   ExchangeKind = "to-bot"   // a gateway payload to the bot
	ExchangeWebhook ExchangeKind = "webhook"  // an interaction webhook and the bot's answer
)

// Exchange is one raw exchange with a bot, its tokens redacted and its
// bodies cut after 16 KiB.
type Exchange struct {
	Time     time.Time     `json:"time"`
	Kind     ExchangeKind  `json:"kind"`
	Method   string        `json:"method,omitempty"`
	Path     string        `json:"path,omitempty"`
	Status   int           `json:"status,omitempty"` // HTTP status; gateway close code
	Took     time.Duration `json:"took,omitempty"`
	Request  string        `json:"request,omitempty"`  // what the bot sent
	Response string        `json:"response,omitempty"` // what it got
}

const maxExchangeBody = 16 << 10

// exchangeLog hands exchanges to whoever follows them. It has a lock of its
// own, the innermost of all.
type exchangeLog struct {
	followers atomic.Int32 // nothing is copied while there are none
	mu        sync.Mutex
	subs      map[*ExchangeFeed]struct{}
}

// ExchangeFeed is a bounded stream of exchanges, from [Server.Exchanges].
type ExchangeFeed struct {
	C       <-chan Exchange // closed by Stop
	c       chan Exchange
	log     *exchangeLog
	dropped int
}

// Exchanges follows all exchanges from now on. When the reader is more than
// size behind, the oldest are dropped.
func (s *Server) Exchanges(size int) *ExchangeFeed {
	c := make(chan Exchange, max(size, 1))
	f := &ExchangeFeed{C: c, c: c, log: &s.exchanges}
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	if f.log.subs == nil {
		f.log.subs = make(map[*ExchangeFeed]struct{})
	}
	f.log.subs[f] = struct{}{}
	f.log.followers.Add(1)
	return f
}

// Stop ends the stream. It may be called twice.
func (f *ExchangeFeed) Stop() {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	if _, ok := f.log.subs[f]; ok {
		delete(f.log.subs, f)
		f.log.followers.Add(-1)
		close(f.c)
	}
}

// Dropped is how many exchanges the reader was too slow for.
func (f *ExchangeFeed) Dropped() int {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	return f.dropped
}

func (l *exchangeLog) followed() bool { return l.followers.Load() > 0 }

func (l *exchangeLog) add(e Exchange) {
	e.Path = redact(e.Path)
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.subs {
		select {
		case f.c <- e:
			continue
		default:
		}
		select {
		case <-f.c: // make room
			f.dropped++
		default:
		}
		select {
		case f.c <- e:
		default:
		}
	}
}

func (s *Server) logGateway(kind ExchangeKind, payload []byte) {
	if !s.exchanges.followed() {
		return
	}
	e := Exchange{Time: s.Now(), Kind: kind}
	if kind == ExchangeFromBot {
		e.Request = excerpt(payload)
	} else {
		e.Response = excerpt(payload)
	}
	s.exchanges.add(e)
}

func (s *Server) logGatewayClose(code int, reason string) {
	if s.exchanges.followed() {
		s.exchanges.add(Exchange{Time: s.Now(), Kind: ExchangeToBot, Status: code, Response: "close " + strconv.Itoa(code) + " " + reason})
	}
}

// excerpt is a body to show: cut and without tokens.
func excerpt(body []byte) string {
	if len(body) > maxExchangeBody {
		body = body[:maxExchangeBody]
	}
	return redact(string(bytes.ToValidUTF8(body, []byte("\uFFFD"))))
}

// interactionTokenPrefix begins every interaction token, as it does
// Discord's: base64 of "interaction:".
const interactionTokenPrefix = "aW50ZXJhY3Rpb246"

// tokenPattern matches an interaction token, the value of a JSON field named
// token, and an Authorization value.
var tokenPattern = regexp.MustCompile(interactionTokenPrefix + `[A-Za-z0-9_-]*|("token"\s*:\s*")[^"]*|(Bot )[A-Za-z0-9_.-]{20,}`)

// redact takes out bot and interaction tokens.
func redact(s string) string { return tokenPattern.ReplaceAllString(s, "$1$2[redacted]") }
