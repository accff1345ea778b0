package progressapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Operations, as they stand in [Error.Op].
const (
	opList = "list programs"
	opGet  = "get program"
)

// maxSegment bounds what may stand in a path as one ID. Nothing that the API
// hands out comes near it, but a person may type anything.
const maxSegment = 1024

var (
	errEmptyID = errors.New("empty ID")
	errLongID  = errors.New("ID too long")
)

// Client asks the progress API. It is safe for concurrent use; make one and
// share it.
type Client struct {
	users     string            // base URL up to and with the platform
	authorize func(http.Header) // adds the key; a closure, so that no way of printing a Client shows it
	http      *http.Client
	userAgent string
	gate      Gate
	now       func() time.Time
	large     chan struct{} // see maxLarge

	attempts       int
	attemptTimeout time.Duration
	timeout        time.Duration
}

// NewClient returns a client for the API at baseURL, such as
// "https://api.giftoin.org/api/v1", that presents key with every request.
// Its error names everything that is wrong with the arguments, and shows
// the value of none.
func NewClient(baseURL, key string, opts ...Option) (*Client, error) {
	s := defaults()
	base, err := parseBase(baseURL)
	errs := []error{err, validKey(key)}
	for _, opt := range opts {
		errs = append(errs, opt(s))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	header := s.keyHeader
	return &Client{
		users: base + "/users/" + escapeSegment(s.platform) + "/",
		// Assigned to the map because Header.Set would change the spelling.
		authorize:      func(h http.Header) { h[header] = []string{key} },
		http:           boundedRedirects(s.http),
		userAgent:      s.userAgent,
		gate:           s.gate,
		now:            s.now,
		large:          make(chan struct{}, maxLarge),
		attempts:       s.attempts,
		attemptTimeout: s.attemptTimeout,
		timeout:        s.timeout,
	}, nil
}

// String returns a fixed text; a Client has nothing to show.
func (c *Client) String() string { return "progressapi.Client" }

// CloseIdleConnections closes connections that no call is using. The client
// stays usable.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// ListPrograms returns every program of a person, in the API's order, each
// ID once. A person of whom the API knows nothing has no programs; that is
// an empty list and no error. Other failures are an [*Error]. An ID that is
// empty or longer than 1,024 bytes is never asked for and fails with
// [ErrNotFound].
//
// The list holds at most 10,000 programs, each with at most 5,000 cards;
// what the API sends beyond that is dropped.
func (c *Client) ListPrograms(ctx context.Context, userID string) ([]Program, error) {
	path, err := c.path(userID)
	if err != nil {
		return nil, &Error{Op: opList, Kind: ErrNotFound, Err: err}
	}
	return c.fetch(ctx, call{op: opList, url: path, choose: listed})
}

// GetProgram returns one program of a person. Its failures are an [*Error],
// which matches [ErrNotFound] if the API knows no such person or program, or
// if an ID is empty or longer than 1,024 bytes.
func (c *Client) GetProgram(ctx context.Context, userID, programID string) (Program, error) {
	path, err := c.path(userID, programID)
	if err != nil {
		return Program{}, &Error{Op: opGet, Kind: ErrNotFound, Err: err}
	}
	choose := func(all []Program) ([]Program, bool) { return single(all, programID) }
	programs, err := c.fetch(ctx, call{op: opGet, url: path, choose: choose})
	if err != nil {
		return Program{}, err
	}
	return programs[0], nil
}

// path returns the URL of a person's programs, or of one of them.
func (c *Client) path(userID string, programID ...string) (string, error) {
	for _, id := range append([]string{userID}, programID...) {
		switch {
		case id == "":
			return "", errEmptyID
		case len(id) > maxSegment:
			return "", errLongID
		}
	}
	var b strings.Builder
	b.WriteString(c.users)
	b.WriteString(escapeSegment(userID))
	b.WriteString("/progress/collection-challenges")
	for _, id := range programID {
		b.WriteString("/")
		b.WriteString(escapeSegment(id))
	}
	return b.String(), nil
}

// listed chooses what an overview shows: programs that can be named, each ID
// once. An empty overview is an answer, too.
func listed(all []Program) ([]Program, bool) {
	seen := make(map[string]struct{}, len(all))
	kept := make([]Program, 0, len(all))
	for _, p := range all {
		if p.ID == "" && p.Name == "" || repeated(seen, p.ID) {
			continue
		}
		kept = append(kept, p)
	}
	return kept, true
}

// single chooses the program that was asked for. An answer of one program
// needs no ID to be the right one.
func single(all []Program, id string) ([]Program, bool) {
	if len(all) == 1 {
		p := all[0]
		if p.ID == "" {
			p.ID = id
		}
		return []Program{p}, true
	}
	for i := range all {
		if all[i].ID == id {
			return all[i : i+1], true
		}
	}
	return nil, false
}

// repeated reports whether id was seen before, and notes it. Things without
// an ID are all different.
func repeated(seen map[string]struct{}, id string) bool {
	if id == "" {
		return false
	}
	if _, ok := seen[id]; ok {
		return true
	}
	seen[id] = struct{}{}
	return false
}
