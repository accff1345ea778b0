package discordsim

import (
	"net/http"
	"slices"
	"time"
)

// commandScope checks the application and guild of a commands endpoint and
// returns the scope: the guild's ID, "" for global.
func (s *Server) commandScope(c *call) (string, *apiError) {
	if c.arg("application") != s.o.ApplicationID {
		return "", refuse(http.StatusForbidden, CodeNotYourApplication, "You are not authorized to perform this action on this application")
	}
	guild, scoped := c.args["guild"]
	if !scoped {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.world.guilds[guild]; g == nil || g.WithoutBot {
		return "", missingAccess()
	}
	return guild, nil
}

func (s *Server) getCommands(c *call) (reply, *apiError) {
	scope, err := s.commandScope(c)
	if err != nil {
		return failed(err)
	}
	full := queryBool(c.r, "with_localizations")
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]any, 0, len(s.commands.scopes[scope]))
	for _, cmd := range s.commands.scopes[scope] {
		if full {
			list = append(list, *cmd)
		} else {
			list = append(list, cmd.withoutLocalizations())
		}
	}
	return ok(list)
}

func (s *Server) getCommand(c *call) (reply, *apiError) {
	scope, err := s.commandScope(c)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cmd := s.commands.byID(scope, c.arg("command")); cmd != nil {
		return ok(*cmd)
	}
	return failed(notFound(CodeUnknownCommand, "application command"))
}

// putCommands replaces all commands of a scope. Those whose name and type
// were there keep their ID and do not count as created.
func (s *Server) putCommands(c *call) (reply, *apiError) {
	scope, err := s.commandScope(c)
	if err != nil {
		return failed(err)
	}
	commands, err := s.readCommands(c, scope)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.countCreates(scope, commands); err != nil {
		return failed(err)
	}
	kept := make([]*Command, 0, len(commands))
	changed := len(commands) != len(s.commands.scopes[scope])
	for _, cmd := range commands {
		changed = s.place(cmd) || changed
		kept = append(kept, cmd)
	}
	s.commands.scopes[scope] = kept
	if changed {
		s.commands.changes++
	}
	s.notify()
	list := make([]Command, 0, len(kept))
	for _, cmd := range kept {
		list = append(list, *cmd)
	}
	return ok(list)
}

// place gives a new definition its IDs and reports whether it differs from
// the registered one. Server.mu is held.
func (s *Server) place(cmd *Command) (changed bool) {
	cmd.ApplicationID = s.o.ApplicationID
	old := s.commands.find(cmd.key())
	switch {
	case old == nil:
		cmd.ID, cmd.Version = s.newID(), s.newID()
		return true
	case sameDefinition(*old, *cmd):
		cmd.ID, cmd.Version = old.ID, old.Version
		return false
	}
	cmd.ID, cmd.Version = old.ID, s.newID()
	return true
}

// readCommands reads the body of a bulk overwrite.
func (s *Server) readCommands(c *call, scope string) ([]*Command, *apiError) {
	v, err := decodeJSON(c.body)
	if err != nil {
		return nil, err
	}
	f := &form{}
	o := object{form: f, at: &node{}, m: map[string]any{"": v}}
	limit := maxChatCommands + 2*maxMenuCommands
	var commands []*Command
	counts := map[int]int{}
	seen := map[commandKey]bool{}
	if _, isList := v.([]any); !isList {
		f.fail(&node{}, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
	}
	for i, item := range o.list("", 0, limit) {
		item.at = &node{parent: o.at, key: itoa64(int64(i))}
		obj, isObject := item.object()
		if !isObject {
			continue
		}
		cmd := readCommand(obj, scope)
		if seen[cmd.key()] {
			obj.fail("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		seen[cmd.key()] = true
		counts[cmd.Type]++
		commands = append(commands, cmd)
	}
	s.noteForm(c, f)
	if err := f.err(); err != nil {
		return nil, err
	}
	s.checkSchema(c, schemaCommandsPut, v)
	return commands, tooManyCommands(counts)
}

func tooManyCommands(counts map[int]int) *apiError {
	for kind, n := range counts {
		limit := maxMenuCommands
		if kind == CommandChatInput {
			limit = maxChatCommands
		}
		if n > limit {
			return refuse(http.StatusBadRequest, CodeMaxCommands, "Maximum number of application commands reached ("+itoa64(int64(limit))+")")
		}
	}
	return nil
}

// countCreates counts the commands that are new in their scope towards the
// day's limit. Server.mu is held.
func (s *Server) countCreates(scope string, commands []*Command) *apiError {
	created := slices.DeleteFunc(slices.Clone(commands), func(c *Command) bool { return s.commands.find(c.key()) != nil })
	if len(created) == 0 {
		return nil
	}
	w := s.commands.created[scope]
	if w == nil {
		w = &window{}
		s.commands.created[scope] = w
	}
	now := s.Now()
	if now.Sub(w.start) >= 24*time.Hour {
		*w = window{start: now}
	}
	if w.n+len(created) > maxDailyCreates {
		return refuse(http.StatusBadRequest, CodeMaxCommandCreates, "Max number of daily application command creates has been reached (200)")
	}
	w.n += len(created)
	return nil
}

// postCommand makes one command, or replaces the one of the same name.
func (s *Server) postCommand(c *call) (reply, *apiError) {
	scope, err := s.commandScope(c)
	if err != nil {
		return failed(err)
	}
	cmd, err := s.readOneCommand(c, scope, nil)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.countCreates(scope, []*Command{cmd}); err != nil {
		return failed(err)
	}
	list := s.commands.scopes[scope]
	index := slices.IndexFunc(list, func(other *Command) bool { return other.key() == cmd.key() })
	if s.place(cmd) {
		s.commands.changes++
	}
	s.notify()
	if index >= 0 {
		list[index] = cmd
		return ok(*cmd)
	}
	counts := map[int]int{cmd.Type: 1}
	for _, other := range list {
		counts[other.Type]++
	}
	if err := tooManyCommands(counts); err != nil {
		return failed(err)
	}
	s.commands.scopes[scope] = append(list, cmd)
	return reply{http.StatusCreated, *cmd}, nil
}

// readOneCommand reads a definition from the body. For an edit, what the
// body leaves out is taken from the command as it was.
func (s *Server) readOneCommand(c *call, scope string, old *Command) (*Command, *apiError) {
	f := &form{}
	o, err := f.readObject(c.body)
	if err != nil {
		return nil, err
	}
	if old != nil {
		var was map[string]any
		v, _ := decodeJSON(mustJSON(*old))
		was, _ = v.(map[string]any)
		for key, value := range was {
			if _, sent := o.m[key]; !sent {
				o.m[key] = value
			}
		}
	}
	cmd := readCommand(o, scope)
	s.noteForm(c, f)
	return cmd, f.err()
}

func (s *Server) patchCommand(c *call) (reply, *apiError) {
	scope, err := s.commandScope(c)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	old := s.commands.byID(scope, c.arg("command"))
	s.mu.Unlock()
	if old == nil {
		return failed(notFound(CodeUnknownCommand, "application command"))
	}
	cmd, err := s.readOneCommand(c, scope, old)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.commands.find(cmd.key()); other != nil && other.ID != old.ID {
		return failed(refuse(http.StatusBadRequest, 40041, "An application command with that name already exists"))
	}
	cmd.ApplicationID, cmd.ID, cmd.Version = old.ApplicationID, old.ID, s.newID()
	list := s.commands.scopes[scope]
	index := slices.Index(list, old)
	if index < 0 {
		return failed(notFound(CodeUnknownCommand, "application command"))
	}
	list[index] = cmd
	s.commands.changes++
	s.notify()
	return ok(*cmd)
}

func (s *Server) deleteCommand(c *call) (reply, *apiError) {
	scope, err := s.commandScope(c)
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.commands.scopes[scope]
	index := slices.IndexFunc(list, func(cmd *Command) bool { return cmd.ID == c.arg("command") })
	if index < 0 {
		return failed(notFound(CodeUnknownCommand, "application command"))
	}
	s.commands.scopes[scope] = slices.Delete(list, index, index+1)
	s.commands.changes++
	s.notify()
	return noContent()
}

// queryBool reads a boolean query string as Discord documents it.
func queryBool(r *http.Request, key string) bool {
	switch r.URL.Query().Get(key) {
	case "true", "True", "1":
		return true
	}
	return false
}

// noteForm turns a form's notes into violations.
func (s *Server) noteForm(c *call, f *form) {
	if len(f.notes) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noteFormLocked(c, f)
}

// noteFormLocked is noteForm with Server.mu held.
func (s *Server) noteFormLocked(c *call, f *form) {
	for _, note := range f.notes {
		s.violateLocked(Violation{Rule: RuleUndocumented, Route: c.route.name(), Detail: note, Interaction: c.arg("interaction")})
	}
}
