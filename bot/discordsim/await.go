package discordsim

import (
	"context"
	"slices"
)

// AwaitReady waits until connected gateway sessions cover every server that
// the bot is in as well as direct messages, or until there is an interactions
// endpoint: from then on every interaction is delivered.
func (s *Server) AwaitReady(ctx context.Context) error {
	return s.await(ctx, func() bool {
		s.mu.Lock()
		endpoint := s.endpoint
		s.mu.Unlock()
		return endpoint != "" || s.covered()
	})
}

// AwaitRegistered waits until commands of all these names are registered,
// globally or in some server; without names, until any command is.
func (s *Server) AwaitRegistered(ctx context.Context, names ...string) error {
	return s.await(ctx, func() bool {
		commands := s.Commands()
		return len(commands) > 0 && !slices.ContainsFunc(names, func(name string) bool {
			return !slices.ContainsFunc(commands, func(c Command) bool { return c.Name == name })
		})
	})
}

// AwaitDisconnected waits until no gateway connection is left.
func (s *Server) AwaitDisconnected(ctx context.Context) error {
	return s.await(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.gateway.conns) == 0
	})
}

// AwaitSession waits until a session fulfils the condition.
func (s *Server) AwaitSession(ctx context.Context, want func(SessionInfo) bool) (found SessionInfo, err error) {
	err = s.await(ctx, func() bool {
		sessions := s.Sessions()
		i := slices.IndexFunc(sessions, want)
		if i >= 0 {
			found = sessions[i]
		}
		return i >= 0
	})
	return found, err
}
