package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Milestones says which steps on the way to completion a server announces.
type Milestones int

const (
	NoMilestones Milestones = iota
	HalfWay
	Quarters
)

// Steps returns the steps that m stands for, in percent, ascending. Those of
// [Quarters] are all there are.
func (m Milestones) Steps() []int {
	switch m {
	case HalfWay:
		return []int{50}
	case Quarters:
		return []int{25, 50, 75}
	default:
		return nil
	}
}

// Pictures says which replies come with a drawn card. Announcements do
// unless there are none at all.
type Pictures int

const (
	MostPictures Pictures = iota // all replies but a private overview, whose text is read faster
	AllPictures
	NoPictures
)

// Settings are what a server's managers chose, and what the bot remembers
// having told them.
type Settings struct {
	// Announcements turns automatic announcements and those by hand on.
	Announcements bool
	Channel       string // where to announce; "" until chosen
	Milestones    Milestones
	Template      string // the message; "" for the bot's own
	// PingMember lets an announcement ping the member it is about.
	PingMember bool

	// PublicReplies shows replies to everybody by default.
	PublicReplies bool
	// OthersViewable lets members look at each other's progress, as far as
	// those agree.
	OthersViewable bool
	Pictures       Pictures

	// RewardRoles maps programs to the roles that completing them earns;
	// the program "" stands for any.
	RewardRoles map[string]string

	// Told says when the managers were last told of something, by the kind
	// of notice (see trouble.go). [Store.ResetSettings] keeps it.
	Told map[string]time.Time
}

// Bounds of [Settings]. Of Told the newest are kept.
const (
	MaxTemplate    = 4000 // bytes
	MaxRewardRoles = 100
	maxTold        = 100
)

// DefaultSettings returns what holds for a server that chose nothing.
func DefaultSettings() Settings {
	return Settings{OthersViewable: true}
}

// Settings returns a server's settings, the defaults if it has none.
func (s *Store) Settings(ctx context.Context, server string) (Settings, error) {
	if err := checkID("server", server); err != nil {
		return Settings{}, err
	}
	out := DefaultSettings()
	err := s.driver.View(ctx, func(r Reader) error {
		var err error
		out, err = readSettings(r, server)
		return err
	})
	if err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return out, nil
}

// UpdateSettings changes a server's settings in one piece and returns them.
// fn gets a copy of its own and may be called more than once; its error is
// returned, wrapped, and leaves the settings alone. It returns
// [ErrForgetting] while the server's data is being deleted.
func (s *Store) UpdateSettings(ctx context.Context, server string, fn func(*Settings) error) (Settings, error) {
	if err := checkID("server", server); err != nil {
		return Settings{}, err
	}
	var out Settings
	err := s.driver.Update(ctx, func(tx Tx) error {
		settings, err := readSettings(tx, server)
		if err != nil {
			return err
		}
		if err := fn(&settings); err != nil {
			return err
		}
		if err := settings.check(); err != nil {
			return err
		}
		out = settings
		return writeSettings(tx, server, settings)
	})
	if err != nil {
		return Settings{}, fmt.Errorf("update settings: %w", err)
	}
	return out, nil
}

// ResetSettings puts every choice of a server back to its default and
// returns the settings. What the bot remembers (Told) stays, so that a reset
// repeats nothing.
func (s *Store) ResetSettings(ctx context.Context, server string) (Settings, error) {
	return s.UpdateSettings(ctx, server, func(old *Settings) error {
		fresh := DefaultSettings()
		fresh.Told = old.Told
		*old = fresh
		return nil
	})
}

func (s *Settings) check() error {
	if s.Channel != "" {
		if err := checkID("channel", s.Channel); err != nil {
			return err
		}
	}
	if s.Milestones < NoMilestones || s.Milestones > Quarters {
		return invalid("milestones %d do not exist", s.Milestones)
	}
	if s.Pictures < MostPictures || s.Pictures > NoPictures {
		return invalid("pictures %d do not exist", s.Pictures)
	}
	if len(s.Template) > MaxTemplate {
		return invalid("template has %d bytes, at most %d are kept", len(s.Template), MaxTemplate)
	}
	if len(s.RewardRoles) > MaxRewardRoles {
		return fmt.Errorf("%w: at most %d reward roles", ErrFull, MaxRewardRoles)
	}
	for program, role := range s.RewardRoles {
		if len(program) > maxProgramID {
			return invalid("program id has %d bytes", len(program))
		}
		if err := checkID("role", role); err != nil {
			return err
		}
	}
	return nil
}

// settingsRecord is the stored form of [Settings]. Its fields are named so
// that an absent one means the default.
type settingsRecord struct {
	Announcements bool          `json:"announcements,omitempty"`
	Channel       string        `json:"channel,omitempty"`
	Milestones    Milestones    `json:"milestones,omitempty"`
	Template      raw           `json:"template,omitempty"`
	Ping          bool          `json:"ping,omitempty"`
	Public        bool          `json:"public,omitempty"`
	HideOthers    bool          `json:"hide_others,omitempty"`
	NoCards       bool          `json:"no_cards,omitempty"` // of the two at most one
	AllCards      bool          `json:"all_cards,omitempty"`
	Roles         []namedString `json:"roles,omitempty"`
	Told          []namedTime   `json:"told,omitempty"`
}

type namedString struct {
	Name  raw    `json:"n,omitempty"`
	Value string `json:"v"`
}

type namedTime struct {
	Name raw   `json:"n,omitempty"`
	At   int64 `json:"t"`
}

func readSettings(r Reader, server string) (Settings, error) {
	var rec settingsRecord
	if err := get(r, settingsKey(server), &rec); err != nil {
		return Settings{}, err
	}
	return rec.settings(), nil
}

func (rec *settingsRecord) settings() Settings {
	out := Settings{
		Announcements:  rec.Announcements,
		Channel:        rec.Channel,
		Milestones:     rec.Milestones,
		Template:       string(rec.Template),
		PingMember:     rec.Ping,
		PublicReplies:  rec.Public,
		OthersViewable: !rec.HideOthers,
		Pictures:       rec.pictures(),
		RewardRoles:    make(map[string]string, len(rec.Roles)),
		Told:           timesFrom(rec.Told),
	}
	for _, role := range rec.Roles {
		out.RewardRoles[string(role.Name)] = role.Value
	}
	return out
}

func (rec *settingsRecord) pictures() Pictures {
	switch {
	case rec.NoCards:
		return NoPictures
	case rec.AllCards:
		return AllPictures
	default:
		return MostPictures
	}
}

func writeSettings(tx Tx, server string, s Settings) error {
	if err := ensureServer(tx, server); err != nil {
		return err
	}
	rec := settingsRecord{
		Announcements: s.Announcements,
		Channel:       s.Channel,
		Milestones:    s.Milestones,
		Template:      raw(s.Template),
		Ping:          s.PingMember,
		Public:        s.PublicReplies,
		HideOthers:    !s.OthersViewable,
		NoCards:       s.Pictures == NoPictures,
		AllCards:      s.Pictures == AllPictures,
		Told:          timesTo(s.Told, maxTold),
	}
	for _, program := range sortedKeys(s.RewardRoles) {
		rec.Roles = append(rec.Roles, namedString{Name: raw(program), Value: s.RewardRoles[program]})
	}
	return put(tx, settingsKey(server), rec)
}

func timesFrom(list []namedTime) map[string]time.Time {
	out := make(map[string]time.Time, len(list))
	for _, e := range list {
		out[string(e.Name)] = fromMillis(e.At)
	}
	return out
}

// timesTo returns the newest entries of m, newest first.
func timesTo(m map[string]time.Time, limit int) []namedTime {
	out := make([]namedTime, 0, len(m))
	for name, at := range m {
		out = append(out, namedTime{Name: raw(name), At: millis(at)})
	}
	slices.SortFunc(out, func(a, b namedTime) int {
		return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), limit)]
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
