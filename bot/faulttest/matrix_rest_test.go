package faulttest

import (
	"net/http"
	"time"

	"progressbot/bot/discordsim"
	"progressbot/progressapi/progressapitest"
)

// restFaults are those of the way back to Discord. The ones of the edit meet
// an answer that was late and had to be acknowledged first.
func restFaults() []fault {
	var all []fault
	add := func(name string, f discordsim.RESTFault, wants ...string) {
		all = append(all, fault{
			part: "REST", name: name,
			begin: func(w *world) (func() error, error) {
				if f.Route == discordsim.RouteEdit {
					w.api.Inject(progressapitest.Rule{Fault: progressapitest.Latency(1300 * time.Millisecond), Times: 1})
				}
				w.discord.InjectREST(f)
				return func() error { w.discord.ClearFaults(); w.api.Mend(); return nil }, nil
			},
			want: [states][]string{wants, wants, wants, wants},
			back: time.Minute, single: true,
		})
	}
	json429 := &discordsim.RateLimit{RetryAfter: 300 * time.Millisecond}
	html429 := &discordsim.RateLimit{RetryAfter: time.Second, HTML: true}
	bare429 := &discordsim.RateLimit{RetryAfter: time.Second, HTML: true, NoHeaders: true}
	for _, r := range []struct {
		name  string
		route discordsim.Route
	}{{"callback", discordsim.RouteCallback}, {"edit", discordsim.RouteEdit}} {
		once := func(f discordsim.RESTFault) discordsim.RESTFault {
			f.Route, f.Times = r.route, 1
			return f
		}
		add(r.name+" 500", once(discordsim.RESTFault{Status: http.StatusInternalServerError}), seenFresh)
		add(r.name+" stored, then 502", once(discordsim.RESTFault{Status: http.StatusBadGateway, AfterWork: true}), seenFresh)
		add(r.name+" reset", once(discordsim.RESTFault{Reset: true}), seenFresh)
		add(r.name+" stored, then reset", once(discordsim.RESTFault{Reset: true, AfterWork: true}), seenFresh)
		add(r.name+" 429 in JSON", once(discordsim.RESTFault{RateLimit: json429}), seenFresh)
		add(r.name+" 429 in HTML", once(discordsim.RESTFault{RateLimit: html429}), seenFresh)
		add(r.name+" 429 in HTML, without headers", once(discordsim.RESTFault{RateLimit: bare429}), seenFresh)
		add(r.name+" slow", once(discordsim.RESTFault{Latency: 800 * time.Millisecond}), seenFresh)
		add(r.name+" hangs", once(discordsim.RESTFault{Hang: true}), seenFresh)
		add(r.name+" stored, then hangs", once(discordsim.RESTFault{Hang: true, AfterWork: true}), seenFresh)
	}
	rejected := discordsim.RESTFault{Route: discordsim.RouteCallback, Times: 1, Code: discordsim.CodeInvalidFormBody}
	add("callback rejected", rejected, seenWrong)
	rejected.Route = discordsim.RouteEdit
	add("edit rejected", rejected, seenWrong, seenFresh) // what is known needs no edit
	add("interaction is gone", discordsim.RESTFault{
		Route: discordsim.RouteCallback, Status: http.StatusNotFound, Code: discordsim.CodeUnknownInteraction,
	}, seenNoAnswer)
	add("everything 503", discordsim.RESTFault{Status: http.StatusServiceUnavailable}, seenNoAnswer)
	return all
}
