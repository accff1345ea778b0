package faulttest

import (
	"fmt"
	"net/http"
	"time"

	"progressbot/bot/discordsim"
)

// gatewayFaults are those of the connection by which interactions come. What
// Discord could not deliver within three seconds, no bot can answer.
func gatewayFaults() []fault {
	var all []fault
	add := func(name string, begin func(d *discordsim.Server)) *fault {
		any := []string{seenFresh, seenSaved, seenNoAnswer, seenNobody}
		all = append(all, fault{
			part: "gateway", name: name,
			begin: func(w *world) (func() error, error) {
				begin(w.discord)
				return func() error { w.discord.ClearFaults(); return nil }, nil
			},
			want: [states][]string{any, any, any, any},
			back: time.Minute, passing: true,
		})
		return &all[len(all)-1]
	}
	addLasting := func(name string, begin func(d *discordsim.Server)) {
		f := add(name, begin)
		f.passing, f.notice = false, (*running).missesGateway
	}
	add("op 1, heartbeat requested", func(d *discordsim.Server) { d.RequestHeartbeats() })
	add("op 7, reconnect", func(d *discordsim.Server) { d.Reconnect() })
	add("op 9, session goes on", func(d *discordsim.Server) { d.InvalidateSessions(true) })
	add("op 9, session is over", func(d *discordsim.Server) { d.InvalidateSessions(false) })
	addLasting("silence", func(d *discordsim.Server) { d.SetGatewayFaults(discordsim.GatewayFaults{Silent: true}) })
	addLasting("heartbeats without ACK", func(d *discordsim.Server) { d.SetGatewayFaults(discordsim.GatewayFaults{NoACKs: true}) })
	add("dropped", func(d *discordsim.Server) { d.DropConnections() })
	add("dropped in mid-frame", func(d *discordsim.Server) { d.DropMidFrame() })
	add("garbage frame", func(d *discordsim.Server) { d.SendGarbage() })
	add("op 1 while it closes", func(d *discordsim.Server) { d.RequestHeartbeatsAndClose(discordsim.CloseUnknownError) })
	for _, code := range []int{1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009} {
		add(fmt.Sprint("close code ", code), func(d *discordsim.Server) { d.CloseConnections(code) })
	}
	for _, h := range []struct {
		name string
		kind discordsim.HandshakeKind
	}{
		{"op 7 as the first packet", discordsim.HandshakeReconnect},
		{"op 9 as the first packet, session is over", discordsim.HandshakeInvalid},
		{"op 9 as the first packet, session goes on", discordsim.HandshakeInvalidResumable},
		{"not even a HELLO", discordsim.HandshakeSilent},
		{"nothing after HELLO", discordsim.HandshakeStall},
	} {
		add(h.name, func(d *discordsim.Server) {
			d.FailHandshakes(discordsim.Handshake{Kind: h.kind})
			d.DropConnections()
		})
	}
	addLasting("connections refused", func(d *discordsim.Server) {
		d.SetGatewayFaults(discordsim.GatewayFaults{RefuseConnections: true})
		d.DropConnections()
	})
	addLasting("GET /gateway/bot fails", func(d *discordsim.Server) {
		d.InjectREST(discordsim.RESTFault{Route: discordsim.RouteGateway, Status: http.StatusServiceUnavailable})
		d.InvalidateSessions(false)
	})
	add("no session start left for 3 s", func(d *discordsim.Server) {
		d.ExhaustSessionStarts(3 * time.Second)
		d.InvalidateSessions(false)
	})
	add("sessions over, one may start in 5 s", func(d *discordsim.Server) { d.InvalidateSessions(false) }).setup = func(s *setup) {
		s.Discord.Gateway.IdentifyInterval = 0 // as Discord has it
		s.Discord.Gateway.Shards = 3
	}
	return all
}

// missesGateway waits until the bot has noticed that its connection is of no
// use.
func (r *running) missesGateway() (sight, error) {
	_, err := r.log.await("gateway connection ended")
	return sight{}, err
}
