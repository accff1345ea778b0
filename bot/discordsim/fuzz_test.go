package discordsim_test

import (
	"net/http"
	"testing"

	"progressbot/bot/discordsim"
)

// Whatever a bot sends is accepted or refused as Discord words it, never an
// error of the simulator's own.
func FuzzBodies(f *testing.F) {
	for _, tt := range messageCases {
		f.Add(tt.body)
	}
	f.Add(everything)
	f.Add(largeCommand(4))
	f.Add(controls)
	s, err := discordsim.Start(discordsim.Options{GlobalLimit: -1, RouteLimit: -1, KeepViolations: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, body string) {
		for path, method := range map[string]string{
			messagesPath(discordsim.GeneralChannelID):           http.MethodPost,
			"/applications/" + s.ApplicationID() + "/commands":  http.MethodPut,
			"/applications/" + s.ApplicationID() + "/commands/": http.MethodPost,
			"/users/@me/channels":                               http.MethodPost,
		} {
			if r := do(t, s, method, path, body); r.status >= http.StatusInternalServerError {
				t.Errorf("%s %s: %d %s", method, path, r.status, r.body)
			} else if r.status >= http.StatusBadRequest {
				r.error(t)
			}
		}
	})
}
