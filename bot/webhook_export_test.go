package bot

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/VictoriaMetrics/metrics"
)

// NewTestWebhook returns an endpoint whose requests are all turned away.
func NewTestWebhook(key ed25519.PublicKey) http.Handler {
	log := slog.New(slog.DiscardHandler)
	set := metrics.NewSet()
	d := newDispatcher(context.Background(), nil, set, log)
	d.close()
	r := newREST(restOptions{metrics: set})
	return newWebhook(key, newIntake(r, d, set, log), set, log).handler()
}

// PostWebhook sends a request to h and returns the status.
func PostWebhook(h http.Handler, body []byte, signature, timestamp string) int {
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/interactions", bytes.NewReader(body))
	req.Header.Set("X-Signature-Ed25519", signature)
	req.Header.Set("X-Signature-Timestamp", timestamp)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code
}
