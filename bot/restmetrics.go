package bot

import (
	"fmt"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// The names of Discord's routes in errors and metrics.
const (
	routeCallback       = "callback"
	routeEditOriginal   = "edit_original"
	routeDeleteOriginal = "delete_original"
	routeFollowUp       = "follow_up"
	routeGateway        = "gateway"
	routeApplication    = "application"
	routeGetCommands    = "get_commands"
	routePutCommands    = "put_commands"
	routeSelf           = "self"
	routeGuild          = "guild"
	routeOwnGuilds      = "own_guilds"
	routeChannel        = "channel"
	routeGuildChannels  = "guild_channels"
	routeMember         = "member"
	routeHistory        = "history"
	routeCreateMessage  = "create_message"
	routeOpenDM         = "open_dm"
	routeAddRole        = "add_role"
)

func routes() []string {
	return []string{
		routeCallback, routeEditOriginal, routeDeleteOriginal, routeFollowUp,
		routeGateway, routeApplication, routeGetCommands, routePutCommands,
		routeSelf, routeGuild, routeOwnGuilds, routeChannel, routeGuildChannels, routeMember,
		routeHistory, routeCreateMessage, routeOpenDM, routeAddRole,
	}
}

// routeMetrics counts and times the attempts on one route by outcome.
type routeMetrics struct {
	success, refused, limited, faulty, unanswered *metrics.Counter
	took                                          *metrics.PrometheusHistogram
}

func newRouteMetrics(set *metrics.Set) map[string]*routeMetrics {
	all := make(map[string]*routeMetrics)
	for _, route := range routes() {
		count := func(outcome string) *metrics.Counter {
			return set.NewCounter(fmt.Sprintf(`progressbot_discord_requests_total{route=%q,outcome=%q}`, route, outcome))
		}
		all[route] = &routeMetrics{
			success:    count("2xx"),
			refused:    count("4xx"),
			limited:    count("429"),
			faulty:     count("5xx"),
			unanswered: count("none"),
			took: set.NewPrometheusHistogramExt(
				fmt.Sprintf(`progressbot_discord_request_seconds{route=%q}`, route),
				[]float64{.025, .05, .1, .2, .4, .8, 1.6, 3.2, 10}),
		}
	}
	return all
}

// answered notes an attempt that Discord answered with status.
func (m *routeMetrics) answered(status int, took time.Duration) {
	switch {
	case status/100 == 2:
		m.success.Inc()
	case status == http.StatusTooManyRequests:
		m.limited.Inc()
	case status >= 500:
		m.faulty.Inc()
	default:
		m.refused.Inc()
	}
	m.took.Update(took.Seconds())
}

// lost notes an attempt that got no answer.
func (m *routeMetrics) lost(took time.Duration) {
	m.unanswered.Inc()
	m.took.Update(took.Seconds())
}
