package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"sync"
	"time"

	"progressbot/bot/discordsim"
)

//go:embed web
var assets embed.FS

// Bounds of what the page may ask for.
const (
	maxPageBody     = 64 << 10
	maxModals       = 64 // open at the same time; the oldest are dropped
	exchangesBehind = 256
)

// page serves the playground to a browser on this machine. The browser draws
// what [view] tells and posts what a person does; everything that happens in
// between is the real bot's.
type page struct {
	stage *stage
	host  string // what the browser must call this server, against rebinding

	mu     sync.Mutex
	modals []*discordsim.Interaction // answered with a modal, newest last
}

// handler returns the page's routes.
func (p *page) handler() http.Handler {
	web, err := fs.Sub(assets, "web")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(web))
	mux.HandleFunc("GET /api/view", p.view)
	mux.HandleFunc("GET /api/events", p.events)
	mux.HandleFunc("GET /api/attachment/{message}/{index}", p.attachment)
	mux.HandleFunc("POST /api/command", post(p.command))
	mux.HandleFunc("POST /api/suggest", post(p.suggest))
	mux.HandleFunc("POST /api/press", post(p.press))
	mux.HandleFunc("POST /api/choose", post(p.choose))
	mux.HandleFunc("POST /api/submit", post(p.submit))
	mux.HandleFunc("POST /api/stage", post(p.direct))
	return p.guard(mux)
}

// guard keeps other sites out: the page drives a bot, if only a simulated
// one, so a request must come from the page itself.
func (p *page) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		site := r.Header.Get("Sec-Fetch-Site")
		if r.Host != p.host || r.Method != http.MethodGet && site != "" && site != "same-origin" {
			http.Error(w, "this page is for its own browser tab", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// post decodes a request, runs act and encodes what it returns. Errors are
// the page's to show: they are about what a person did at the playground.
func post[In any](act func(context.Context, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, "want JSON", http.StatusUnsupportedMediaType)
			return
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPageBody)).Decode(&in); err != nil {
			http.Error(w, "unreadable JSON", http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		out, err := act(ctx, in)
		if err != nil {
			out = map[string]string{"error": err.Error()}
		}
		writeJSON(w, out)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// The browser may have gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}

// doing is who does something where, part of every request.
type doing struct {
	Person  string `json:"person"`
	Channel string `json:"channel"`
}

type commandDoing struct {
	doing
	Command string         `json:"command"`
	Options map[string]any `json:"options"`
	Focus   string         `json:"focus"`
	Target  string         `json:"target"`
}

func (d commandDoing) invocation() discordsim.Invocation {
	return discordsim.Invocation{
		Command: d.Command, User: d.Person, Channel: d.Channel,
		Options: whole(d.Options), Focus: d.Focus, Target: d.Target,
	}
}

// whole turns JSON's numbers into the integers that options are.
func whole(options map[string]any) map[string]any {
	for name, v := range options {
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			options[name] = int64(f)
		}
	}
	return options
}

func (p *page) command(ctx context.Context, d commandDoing) (any, error) {
	if d.Target != "" {
		return p.outcome(ctx)(p.stage.discord.InvokeUser(d.invocation()))
	}
	return p.outcome(ctx)(p.stage.discord.Invoke(d.invocation()))
}

func (p *page) suggest(ctx context.Context, d commandDoing) (any, error) {
	i, err := p.stage.discord.Autocomplete(d.invocation())
	if err != nil {
		return nil, err
	}
	answer, err := i.Await(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]any{"choices": answer.Choices}, nil
}

type controlDoing struct {
	doing
	Message string   `json:"message"`
	Control string   `json:"control"` // custom ID
	Values  []string `json:"values"`
}

func (p *page) press(ctx context.Context, d controlDoing) (any, error) {
	return p.outcome(ctx)(p.stage.discord.Press(d.Person, d.Message, d.Control))
}

func (p *page) choose(ctx context.Context, d controlDoing) (any, error) {
	return p.outcome(ctx)(p.stage.discord.Choose(d.Person, d.Message, d.Control, d.Values...))
}

type modalDoing struct {
	doing
	Interaction string            `json:"interaction"`
	Fields      map[string]string `json:"fields"`
}

func (p *page) submit(ctx context.Context, d modalDoing) (any, error) {
	i := p.takeModal(d.Interaction)
	if i == nil {
		return nil, errors.New("that window is not open any more")
	}
	return p.outcome(ctx)(p.stage.discord.Submit(i, d.Fields))
}

// stageDoing is something that no member of a server could do.
type stageDoing struct {
	doing
	Action string `json:"action"` // "fault", "advance", "restart", "mode"
	Name   string `json:"name"`   // which fault, which mode
	On     bool   `json:"on"`
	Count  int    `json:"count"`
}

// direct changes the stage.
func (p *page) direct(ctx context.Context, d stageDoing) (any, error) {
	switch d.Action {
	case "fault":
		return struct{}{}, p.stage.setFault(d.Name, d.On)
	case "advance":
		told, err := p.stage.advance(d.Person, min(max(d.Count, 1), 100))
		return map[string]string{"told": told}, err
	case "restart":
		return struct{}{}, p.stage.restart(ctx)
	case "mode":
		return struct{}{}, p.stage.switchMode(ctx, d.Name)
	default:
		return nil, fmt.Errorf("nothing is called %q", d.Action)
	}
}

// outcome waits for the first answer to an interaction. Messages reach the
// page by themselves; only a modal has to be handed over.
func (p *page) outcome(ctx context.Context) func(*discordsim.Interaction, error) (any, error) {
	return func(i *discordsim.Interaction, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		answer, err := i.Await(ctx)
		if err != nil {
			return nil, err
		}
		out := map[string]any{"took": answer.After.Milliseconds()}
		if answer.Modal != nil {
			p.keepModal(i)
			out["modal"], out["interaction"] = answer.Modal, i.ID
		}
		return out, nil
	}
}

func (p *page) keepModal(i *discordsim.Interaction) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.modals = append(p.modals, i)
	if extra := len(p.modals) - maxModals; extra > 0 {
		p.modals = append([]*discordsim.Interaction(nil), p.modals[extra:]...)
	}
}

func (p *page) takeModal(id string) *discordsim.Interaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, i := range p.modals {
		if i.ID == id {
			p.modals = append(p.modals[:n], p.modals[n+1:]...)
			return i
		}
	}
	return nil
}

// serve listens on the loopback interface until ctx ends and tells the
// address as soon as it is known.
func (p *page) serve(ctx context.Context, addr string, told func(url string)) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("serve the page: %w", err)
	}
	p.host = listener.Addr().String()
	server := &http.Server{
		Handler: p.handler(), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	told("http://" + p.host)
	select {
	case err = <-ended:
	case <-ctx.Done():
		// Event streams never end by themselves, so they are cut.
		err = errors.Join(server.Close(), <-ended)
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the page: %w", err)
	}
	return nil
}
