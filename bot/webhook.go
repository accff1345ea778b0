package bot

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/VictoriaMetrics/metrics"

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
	key       ed25519.PublicKey
	intake    *intake
	log       *slog.Logger
	complaint throttle // of the clock

	unsigned, outdated, unread *metrics.Counter
}

func newWebhook(key ed25519.PublicKey, in *intake, set *metrics.Set, log *slog.Logger) *webhook {
	refused := func(reason string) *metrics.Counter {
		return set.NewCounter(fmt.Sprintf(`progressbot_webhook_refused_total{reason=%q}`, reason))
	}
	return &webhook{
		key: key, intake: in, log: log, complaint: throttle{every: time.Minute},
		unsigned: refused("signature"), outdated: refused("timestamp"), unread: refused("body"),
	}
}

// handler returns the routes of the endpoint.
func (h *webhook) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /interactions", h.receive) // other methods get 405
	return mux
}

// receive answers one request. Whatever Discord did not sign is refused with
// 401: Discord sends such requests to test the endpoint, and disables one that
// accepts them. The headers are checked first, so that nobody can make the bot
// read a large body without at least the form of a signature.
func (h *webhook) receive(w http.ResponseWriter, r *http.Request) {
	received := time.Now()
	signed, ok := readSignature(r.Header)
	if !ok {
		h.unsigned.Inc()
		refuse(w, http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	if err != nil {
		h.unread.Inc()
		status := http.StatusBadRequest
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		refuse(w, status)
		return
	}
	if !h.verify(signed, body, received) {
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

// signature is what the headers of a request say about its origin.
type signature struct {
	value     []byte
	timestamp string // as it was sent, which is what is signed
	at        time.Time
}

// readSignature returns the signature in h, and false if there is none that is
// well-formed.
func readSignature(h http.Header) (signature, bool) {
	value, err := hex.DecodeString(h.Get("X-Signature-Ed25519"))
	if err != nil || len(value) != ed25519.SignatureSize {
		return signature{}, false
	}
	timestamp := h.Get("X-Signature-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return signature{}, false
	}
	return signature{value, timestamp, time.Unix(seconds, 0)}, true
}

// verify reports whether Discord signed the body, within maxClockSkew of now.
func (h *webhook) verify(s signature, body []byte, now time.Time) bool {
	signed := make([]byte, 0, len(s.timestamp)+len(body))
	signed = append(append(signed, s.timestamp...), body...)
	if !ed25519.Verify(h.key, signed, s.value) {
		h.unsigned.Inc()
		return false
	}
	if skew := now.Sub(s.at); skew.Abs() > maxClockSkew {
		h.outdated.Inc()
		if h.complaint.allow(now) {
			h.log.Warn("a signed interaction was refused for its age: it is replayed, or this machine's clock is wrong",
				"age", skew.Round(time.Second))
		}
		return false
	}
	return true
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
