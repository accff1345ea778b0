package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"progressbot/commands"
)

// The codes of Discord's error answers that the bot tells apart.
const (
	codeUnknownChannel      = 10003
	codeUnknownGuild        = 10004
	codeUnknownMember       = 10007
	codeUnknownMessage      = 10008
	codeUnknownRole         = 10011
	codeUnknownUser         = 10013
	codeUnknownWebhook      = 10015
	codeUnknownInteraction  = 10062
	codeAlreadyAcknowledged = 40060
	codeCloudflare          = 40333
	codeMissingAccess       = 50001
	codeInvalidWebhookToken = 50027
)

// apiError is an answer of Discord that refuses a call.
type apiError struct {
	Route  string
	Status int
	Code   int // Discord's own, 0 if the answer had none
	// Detail is Discord's message and, for a malformed form, where it is
	// malformed; bounded and printable.
	Detail string
	// RetryAfter is how long a 429 asks to wait.
	RetryAfter time.Duration
	Global     bool // the 429 is for the whole bot
	Shared     bool // the 429 is others' doing and not held against the bot
}

// Error implements error.
func (e *apiError) Error() string {
	s := "discord " + e.Route + ": status " + strconv.Itoa(e.Status)
	if e.Code != 0 {
		s += ", code " + strconv.Itoa(e.Code)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// errorBody is what Discord sends with a refusal.
type errorBody struct {
	Code       int             `json:"code"`
	Message    string          `json:"message"`
	RetryAfter float64         `json:"retry_after"`
	Global     bool            `json:"global"`
	Errors     json.RawMessage `json:"errors"`
}

// newAPIError reads a refusal. The body may be anything: in front of Discord
// stands a proxy that answers in HTML.
func newAPIError(route string, res *http.Response, body []byte) *apiError {
	e := &apiError{Route: route, Status: res.StatusCode}
	var b errorBody
	fromAPI := json.Unmarshal(body, &b) == nil
	if fromAPI {
		e.Code = b.Code
		e.Detail = printable(strings.Join(append([]string{b.Message}, formErrors("", b.Errors)...), "; "))
	}
	if e.Status == http.StatusTooManyRequests {
		e.RetryAfter = retryAfter(res.Header, b.RetryAfter)
		// A 429 that is not Discord's own is its proxy locking out the whole
		// address, so it holds for every call.
		e.Global = !fromAPI || b.Global || res.Header.Get("X-RateLimit-Global") == "true"
		e.Shared = res.Header.Get("X-RateLimit-Scope") == "shared"
	}
	return e
}

// retryAfter finds out how long to wait, from the most to the least exact
// source.
func retryAfter(h http.Header, inBody float64) time.Duration {
	if inBody > 0 {
		return seconds(inBody)
	}
	for _, name := range []string{"X-RateLimit-Reset-After", "Retry-After"} {
		if f, err := strconv.ParseFloat(h.Get(name), 64); err == nil && f > 0 {
			return seconds(f)
		}
	}
	if t, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return min(max(time.Until(t), 0), maxRetryAfter)
	}
	return time.Second
}

// maxRetryAfter is as far as a rate limit is believed.
const maxRetryAfter = 24 * time.Hour

func seconds(f float64) time.Duration {
	if math.IsNaN(f) || f > maxRetryAfter.Seconds() {
		return maxRetryAfter
	}
	return time.Duration(max(f, 0) * float64(time.Second))
}

// formErrors flattens Discord's tree of what is wrong with a form into
// "data.embeds.0.title BASE_TYPE_MAX_LENGTH". The messages are left out:
// the codes say the same and never quote what was sent.
func formErrors(path string, raw json.RawMessage) []string {
	var node map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &node) != nil {
		return nil
	}
	var found []string
	var leaves []struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(node["_errors"], &leaves) == nil {
		for _, leaf := range leaves {
			found = append(found, strings.TrimPrefix(path, ".")+" "+leaf.Code)
		}
	}
	for _, key := range slices.Sorted(func(yield func(string) bool) {
		for k := range node {
			if k != "_errors" && !yield(k) {
				return
			}
		}
	}) {
		if len(path) < maxDetail {
			found = append(found, formErrors(path+"."+key, node[key])...)
		}
	}
	return found
}

const maxDetail = 300

// printable bounds text from outside for an error or a log.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	if len(s) > maxDetail {
		s = strings.ToValidUTF8(s[:maxDetail], "") + "…"
	}
	return strings.Trim(s, "; ")
}

// interactionError gives the errors of calls on an interaction's token the
// meaning that [commands.Responder] promises.
func interactionError(err error) error {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		return err
	}
	switch e.Code {
	case codeUnknownInteraction, codeUnknownWebhook, codeUnknownMessage, codeInvalidWebhookToken:
		return fmt.Errorf("%w: %w", commands.ErrInteractionGone, err)
	case codeAlreadyAcknowledged:
		return fmt.Errorf("%w: %w", commands.ErrAlreadyAnswered, err)
	}
	switch e.Status {
	case http.StatusNotFound:
		return fmt.Errorf("%w: %w", commands.ErrInteractionGone, err)
	case http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge:
		// A malformed form, a text that a filter blocks, too large a file.
		return fmt.Errorf("%w: %w", commands.ErrRejected, err)
	}
	return err
}
