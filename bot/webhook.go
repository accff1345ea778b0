package bot

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"progressbot/commands"
)

const (
	// maxWebhookBody bounds what Discord may send. Its largest interactions
	// come with a long message and many resolved members.
	maxWebhookBody = 4 << 20
	// maxClockSkew is how far a request's timestamp may be off: a request
	// that was recorded cannot be played back later.
	maxClockSkew = 5 * time.Minute
	// inlineTime is how long an answer is waited for. The router
	// acknowledges long before.
	inlineTime = 4 * time.Second
)

// webhook receives interactions as signed HTTP requests.
type webhook struct {
	key    ed25519.PublicKey
	intake *intake
}

// handler returns the routes of the endpoint.
func (h *webhook) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /interactions", h.receive) // other methods get 405
	return mux
}

// receive answers one request of Discord's. The signature comes first:
// Discord sends bad ones on purpose, and takes the endpoint away from a bot
// that does not refuse them with 401.
func (h *webhook) receive(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest)
		return
	}
	if !h.verify(r.Header, body, received) {
		refuse(w, http.StatusUnauthorized)
		return
	}
	answer := newInlineAnswer()
	defer close(answer.gone)
	switch err := h.intake.take(body, received, answer); {
	case err == nil:
		h.await(w, r, answer)
	case errors.Is(err, commands.ErrPing):
		_ = respondJSON(w, []byte(`{"type":1}`)) // PONG
	case errors.Is(err, errRepeated):
		w.WriteHeader(http.StatusAccepted)
	default:
		refuse(w, http.StatusBadRequest)
	}
}

// await writes the first answer, or says that it went another way.
func (h *webhook) await(w http.ResponseWriter, r *http.Request, answer *inlineAnswer) {
	timer := time.NewTimer(inlineTime)
	defer timer.Stop()
	select {
	case body := <-answer.body:
		answer.written <- respondJSON(w, body)
	case status := <-answer.settled:
		w.WriteHeader(status)
	case <-r.Context().Done(): // Discord hung up
	case <-timer.C:
		w.WriteHeader(http.StatusGatewayTimeout)
	}
}

// verify reports whether Discord signed the body within the last minutes.
func (h *webhook) verify(header http.Header, body []byte, now time.Time) bool {
	signature, err := hex.DecodeString(header.Get("X-Signature-Ed25519"))
	if err != nil || len(signature) != ed25519.SignatureSize {
		return false
	}
	timestamp := header.Get("X-Signature-Timestamp")
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sent, 0)).Abs() > maxClockSkew {
		return false
	}
	signed := make([]byte, 0, len(timestamp)+len(body))
	signed = append(append(signed, timestamp...), body...)
	return ed25519.Verify(h.key, signed, signature)
}

func refuse(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

// respondJSON writes a whole response and makes sure that it left.
func respondJSON(w http.ResponseWriter, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}
