package bot

import (
	"io"
	"net/http"

	"github.com/VictoriaMetrics/metrics"
)

// ops is what operators and their machines ask about the running process. It
// answers from the process's own state and asks nobody else, so that a probe
// can neither be slow nor a load.
type ops struct {
	metrics *metrics.Set
	// notReady returns why the bot cannot be used just now, "" if it can.
	notReady func() string
}

func (o *ops) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if why := o.notReady(); why != "" {
			http.Error(w, why, http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		o.metrics.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
		metrics.WriteFDMetrics(w) // lists the descriptors, of which there are hundreds at most
	})
	return mux
}
