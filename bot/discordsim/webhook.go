package discordsim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"
)

// maxWebhookAnswer is the largest answer that is read from an endpoint.
const maxWebhookAnswer = 25 << 20

// SetInteractionsEndpoint sends interactions to a URL instead of the
// gateway. As Discord does when the URL is saved, it first sends a PING with
// a good signature and one with a bad one, and refuses an endpoint that does
// not answer them as documented: 200 with {"type":1}, and 401. The URL ""
// goes back to the gateway.
func (s *Server) SetInteractionsEndpoint(ctx context.Context, url string) error {
	if url != "" {
		if err := s.probeEndpoint(ctx, url); err != nil {
			return fmt.Errorf("interactions endpoint: %w", err)
		}
	}
	s.mu.Lock()
	s.endpoint = url
	s.mu.Unlock()
	s.notify()
	return nil
}

func (s *Server) probeEndpoint(ctx context.Context, url string) error {
	if err := s.ProbeBadSignature(ctx, url); err != nil {
		return err
	}
	body := mustJSON(map[string]any{"id": s.newID(), "application_id": s.o.ApplicationID, "type": InteractionPing, "token": newInteractionToken(), "version": 1, "entitlements": []any{}})
	status, header, answer, err := s.send(ctx, url, body, s.sign)
	if err != nil {
		return err
	}
	var pong struct {
		Type int `json:"type"`
	}
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if status != http.StatusOK || kind != "application/json" || json.Unmarshal(answer, &pong) != nil || pong.Type != CallbackPong {
		return fmt.Errorf("PING was answered with status %d, %q %q instead of a PONG", status, kind, excerpt(answer))
	}
	return nil
}

// ProbeBadSignature sends a PING whose signature is wrong, as Discord does
// from time to time, and reports if it was not refused with 401. The URL ""
// is the endpoint in use.
func (s *Server) ProbeBadSignature(ctx context.Context, url string) error {
	if url == "" {
		s.mu.Lock()
		url = s.endpoint
		s.mu.Unlock()
	}
	body := mustJSON(map[string]any{"id": s.newID(), "application_id": s.o.ApplicationID, "type": InteractionPing, "token": newInteractionToken(), "version": 1})
	status, _, _, err := s.send(ctx, url, body, func(stamp string, body []byte) []byte {
		signature := s.sign(stamp, body)
		signature[0] ^= 0xFF
		return signature
	})
	switch {
	case err != nil:
		return err
	case status != http.StatusUnauthorized:
		s.violate(Violation{Rule: RuleWebhook, Status: status, Detail: "a bad signature was not refused with 401"})
		return fmt.Errorf("a bad signature was answered with status %d instead of 401", status)
	}
	return nil
}

// sign is the signature of a webhook's body at a time.
func (s *Server) sign(stamp string, body []byte) []byte {
	return ed25519.Sign(s.key, append([]byte(stamp), body...))
}

// send posts a signed body.
func (s *Server) send(ctx context.Context, url string, body []byte, sign func(string, []byte) []byte) (status int, header http.Header, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	stamp := strconv.FormatInt(s.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)")
	r.Header.Set("X-Signature-Timestamp", stamp)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(sign(stamp, body)))
	began := time.Now()
	res, err := s.client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxWebhookAnswer))
	if s.exchanges.followed() {
		s.exchanges.add(Exchange{
			Time: s.Now(), Kind: ExchangeWebhook, Method: http.MethodPost, Path: r.URL.Path, Status: res.StatusCode,
			Took: time.Since(began), Request: excerpt(answer), Response: excerpt(body),
		})
	}
	return res.StatusCode, res.Header, answer, err
}

// postWebhook delivers an interaction and takes an inline answer.
func (s *Server) postWebhook(endpoint string, i *Interaction, body []byte) {
	ctx, cancel := context.WithTimeout(s.life, AnswerWithin)
	defer cancel()
	status, header, answer, err := s.send(ctx, endpoint, body, s.sign)
	if err != nil {
		if ctx.Err() == nil {
			s.violateWebhook(i, 0, "the endpoint could not be reached")
		}
		return // the interaction times out
	}
	s.count(func(st *Stats) { st.Delivered++ })
	switch {
	case status == http.StatusOK:
		s.answerInline(i, header, answer)
	case status == http.StatusAccepted && len(answer) == 0:
		// answered, or to be answered, through the callback endpoint
	default:
		s.violateWebhook(i, status, "the endpoint must answer 200 with an answer or 202 without a body")
	}
}

func (s *Server) violateWebhook(i *Interaction, status int, detail string) {
	s.violate(Violation{Rule: RuleWebhook, Status: status, Detail: detail, Interaction: i.ID})
}

// answerInline takes the body of a webhook's answer as the first answer.
func (s *Server) answerInline(i *Interaction, header http.Header, body []byte) {
	c := &call{s: s, route: &route{method: http.MethodPost, pattern: "(inline answer)"}, args: map[string]string{"interaction": i.ID}, body: body}
	if kind, params, err := mime.ParseMediaType(header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		c.body, c.files, err = readMultipart(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
		if err != nil {
			s.violateWebhook(i, http.StatusOK, "the multipart answer cannot be read")
			return
		}
	}
	cb, err := s.readCallback(c, i)
	if err == nil {
		s.mu.Lock()
		err = i.answer(cb, s.Now())
		s.mu.Unlock()
	}
	if err != nil {
		s.violate(Violation{Rule: RuleRefused, Route: c.route.name(), Status: err.status, Code: err.code, Detail: err.Error(), Interaction: i.ID})
	}
}
