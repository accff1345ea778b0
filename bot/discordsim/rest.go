package discordsim

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Route is a class of REST endpoints, for faults and statistics.
type Route string

// The classes of endpoints. RouteAny stands for all of them.
const (
	RouteAny         Route = ""
	RouteGateway     Route = "gateway"     // GET /gateway, /gateway/bot
	RouteApplication Route = "application" // the application and the bot's own user
	RouteCommands    Route = "commands"    // application commands
	RouteCallback    Route = "callback"    // the first answer to an interaction
	RouteFollowUp    Route = "follow-up"   // POST of a follow-up
	RouteEdit        Route = "edit"        // edits of an interaction's messages, @original or follow-up
	RouteWebhookGet  Route = "webhook-get" // GET and DELETE of an interaction's messages
	RoutePost        Route = "post"        // POST of a message to a channel
	RouteHistory     Route = "history"     // GET of a channel's messages
	RouteMessage     Route = "message"     // GET, PATCH and DELETE of one message of a channel
	RouteChannel     Route = "channel"     // GET of a channel, opening of direct messages
	RouteGuild       Route = "guild"       // guilds, their channels and roles, the bot's list of guilds
	RouteMember      Route = "member"      // GET of a member
	RouteMemberRole  Route = "member-role" // PUT and DELETE of a member's role
	RouteUnknown     Route = "unknown"     // everything else
)

// route is one endpoint.
type route struct {
	class   Route
	method  string
	pattern string   // "/channels/{channel}/messages"
	parts   []string // of pattern
	public  bool     // needs no token of the bot's
	handle  func(*call) (reply, *apiError)
}

// call is one request on its way through.
type call struct {
	s     *Server
	r     *http.Request
	route *route
	args  map[string]string // values of the pattern's {names}
	body  []byte            // JSON
	files []upload
}

func (c *call) arg(name string) string { return c.args[name] }

// name is the endpoint as in Discord's documents.
func (rt *route) name() string { return rt.method + " " + rt.pattern }

// reply is a successful answer.
type reply struct {
	status int
	body   any // nil for none
}

func ok(body any) (reply, *apiError)        { return reply{http.StatusOK, body}, nil }
func noContent() (reply, *apiError)         { return reply{status: http.StatusNoContent}, nil }
func failed(e *apiError) (reply, *apiError) { return reply{}, e }

// answer is what goes back over the wire.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func jsonAnswer(status int, body any) answer {
	a := answer{status: status, header: http.Header{}}
	if body != nil {
		a.header.Set("Content-Type", "application/json")
		a.body = mustJSON(body)
	}
	return a
}

func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// mustJSON encodes values of the simulator's own making.
func mustJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("discordsim: " + err.Error()) // a type that cannot be encoded: a bug here
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// serveHTTP is the entrance: the gateway, attachments, or the REST API.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		resetConnection(w)
		return
	}
	defer s.wg.Done()
	path, isREST := apiPath(r.URL.Path)
	switch {
	case websocket.IsWebSocketUpgrade(r):
		s.serveGateway(w, r)
	case isREST:
		s.serveREST(w, r, path)
	case strings.HasPrefix(r.URL.Path, attachmentPath):
		s.serveAttachment(w, r)
	default:
		http.NotFound(w, r)
	}
}

var apiVersion = regexp.MustCompile(`^/api(/v(9|10))?/`)

// apiPath is the path below the API's versioned root.
func apiPath(path string) (string, bool) {
	root := apiVersion.FindString(path)
	return "/" + strings.TrimPrefix(path, root), root != ""
}

// serveREST answers one request to the API, faults and all.
func (s *Server) serveREST(w http.ResponseWriter, r *http.Request, path string) {
	began := time.Now()
	c := &call{s: s, r: r}
	c.route, c.args = s.findRoute(r.Method, path)
	bodyErr := c.readBody(w) // first: only then does the context end when the bot hangs up
	fault := s.restFault(c.route.class)
	if !s.delay(r, fault.Latency) {
		resetConnection(w)
		return
	}
	a := fault.answer(s.Now())
	if !fault.fails() {
		a = s.answerCall(c, bodyErr)
	} else if fault.AfterWork {
		s.answerCall(c, bodyErr)
	}
	if fault.Hang {
		s.hang(r)
	}
	s.tally(c, a)
	s.logREST(c, a, path, time.Since(began))
	if fault.Hang || fault.Reset {
		resetConnection(w)
		return
	}
	a.write(w)
}

// answerCall checks what every request must bring, then does the work.
func (s *Server) answerCall(c *call, bodyErr *apiError) answer {
	if a, banned := s.banned(); banned {
		return a
	}
	if bodyErr != nil {
		return s.refusal(c, bodyErr)
	}
	s.checkUserAgent(c)
	if err := s.authorize(c); err != nil {
		s.violate(Violation{Rule: RuleAuth, Route: c.route.name(), Status: err.status, Code: err.code, Detail: err.message})
		return jsonAnswer(err.status, err.body())
	}
	limit, limited := s.takeToken(c)
	if limited {
		return limit
	}
	var a answer
	rep, err := c.route.handle(c)
	if err != nil {
		a = s.refusal(c, err)
	} else {
		a = jsonAnswer(rep.status, rep.body)
	}
	maps.Copy(a.header, limit.header)
	return a
}

// refusal answers with an error, and remembers it unless the bot could not
// have known better.
func (s *Server) refusal(c *call, err *apiError) answer {
	if !err.worldly() && c.route.class != RouteUnknown {
		s.violate(Violation{Rule: RuleRefused, Route: c.route.name(), Status: err.status, Code: err.code, Detail: err.Error(), Interaction: c.arg("interaction")})
	}
	return jsonAnswer(err.status, err.body())
}

// checkUserAgent notes a User-Agent that Cloudflare may block.
func (s *Server) checkUserAgent(c *call) {
	if ua := c.r.UserAgent(); !userAgent.MatchString(ua) {
		s.violate(Violation{Rule: RuleUserAgent, Route: c.route.name(), Code: 40333, Detail: "User-Agent " + ua})
	}
}

var userAgent = regexp.MustCompile(`^DiscordBot \(\S+, \S+\)`)

// authorize checks the bot's token where one is needed.
func (s *Server) authorize(c *call) *apiError {
	if c.route.public {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.r.Header.Get("Authorization") != "Bot "+s.token {
		return refuse(http.StatusUnauthorized, CodeGeneral, "401: Unauthorized")
	}
	return nil
}

func (s *Server) findRoute(method, path string) (*route, map[string]string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for _, rt := range s.routes {
		if args, ok := rt.match(method, parts); ok {
			return rt, args
		}
	}
	return &route{class: RouteUnknown, method: method, pattern: redact(path), handle: unknownRoute, public: true}, nil
}

func unknownRoute(c *call) (reply, *apiError) {
	c.s.violate(Violation{Rule: RuleUnknownRoute, Route: c.route.name(), Status: http.StatusNotFound})
	return failed(refuse(http.StatusNotFound, CodeGeneral, "404: Not Found"))
}

func (rt *route) match(method string, parts []string) (map[string]string, bool) {
	if method != rt.method || len(parts) != len(rt.parts) {
		return nil, false
	}
	var args map[string]string
	for i, want := range rt.parts {
		switch {
		case strings.HasPrefix(want, "{"):
			if args == nil {
				args = make(map[string]string, 3)
			}
			args[strings.Trim(want, "{}")] = parts[i]
		case want != parts[i]:
			return nil, false
		}
	}
	return args, true
}

// routeTable lists every endpoint. The first match wins.
func (s *Server) routeTable() []*route {
	var table []*route
	add := func(class Route, endpoint string, handle func(*call) (reply, *apiError)) *route {
		method, pattern, _ := strings.Cut(endpoint, " ")
		rt := &route{class: class, method: method, pattern: pattern, parts: strings.Split(strings.Trim(pattern, "/"), "/"), handle: handle}
		table = append(table, rt)
		return rt
	}
	public := func(class Route, endpoint string, handle func(*call) (reply, *apiError)) {
		add(class, endpoint, handle).public = true
	}

	public(RouteCallback, "POST /interactions/{interaction}/{token}/callback", s.postCallback)
	public(RouteEdit, "PATCH /webhooks/{application}/{token}/messages/{message}", s.patchWebhookMessage)
	public(RouteFollowUp, "POST /webhooks/{application}/{token}", s.postFollowUp)
	public(RouteWebhookGet, "GET /webhooks/{application}/{token}/messages/{message}", s.getWebhookMessage)
	public(RouteWebhookGet, "DELETE /webhooks/{application}/{token}/messages/{message}", s.deleteWebhookMessage)

	public(RouteGateway, "GET /gateway", s.getGateway)
	add(RouteGateway, "GET /gateway/bot", s.getGatewayBot)
	add(RouteApplication, "GET /users/@me", s.getSelf)
	add(RouteApplication, "GET /applications/@me", s.getApplication)
	add(RouteApplication, "GET /oauth2/applications/@me", s.getApplication)

	for _, scope := range []string{"/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"} {
		add(RouteCommands, "GET "+scope, s.getCommands)
		add(RouteCommands, "PUT "+scope, s.putCommands)
		add(RouteCommands, "POST "+scope, s.postCommand)
		add(RouteCommands, "GET "+scope+"/{command}", s.getCommand)
		add(RouteCommands, "PATCH "+scope+"/{command}", s.patchCommand)
		add(RouteCommands, "DELETE "+scope+"/{command}", s.deleteCommand)
	}

	add(RouteChannel, "GET /channels/{channel}", s.getChannel)
	add(RoutePost, "POST /channels/{channel}/messages", s.postMessage)
	add(RouteHistory, "GET /channels/{channel}/messages", s.getMessages)
	add(RouteMessage, "GET /channels/{channel}/messages/{message}", s.getMessage)
	add(RouteMessage, "PATCH /channels/{channel}/messages/{message}", s.patchMessage)
	add(RouteMessage, "DELETE /channels/{channel}/messages/{message}", s.deleteMessage)
	add(RouteChannel, "POST /users/@me/channels", s.postDM)

	add(RouteGuild, "GET /users/@me/guilds", s.getOwnGuilds)
	add(RouteGuild, "DELETE /users/@me/guilds/{guild}", s.leaveGuild)
	add(RouteGuild, "GET /guilds/{guild}", s.getGuild)
	add(RouteGuild, "GET /guilds/{guild}/channels", s.getGuildChannels)
	add(RouteGuild, "GET /guilds/{guild}/roles", s.getRoles)
	add(RouteGuild, "GET /guilds/{guild}/roles/{role}", s.getRole)
	add(RouteMember, "GET /guilds/{guild}/members/{user}", s.getMember)
	add(RouteMemberRole, "PUT /guilds/{guild}/members/{user}/roles/{role}", s.putMemberRole)
	add(RouteMemberRole, "DELETE /guilds/{guild}/members/{user}/roles/{role}", s.deleteMemberRole)
	add(RouteMember, "GET /users/{user}", s.getUser)
	return table
}
