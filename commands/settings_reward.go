package commands

import (
	"context"
	"errors"
	"strings"

	"github.com/bwmarrin/discordgo"

	"progressbot/bot/store"
	"progressbot/embeds"
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// rewardOption is /settings reward-role.
func (s *settings) rewardOption() *discordgo.ApplicationCommandOption {
	collection := optionOf(discordgo.ApplicationCommandOptionString, catalog.CommandSettingsCollection, catalog.CommandSettingsCollectionAbout)
	collection.Autocomplete = true
	return subcommand(catalog.CommandSettingsReward, catalog.CommandSettingsRewardAbout,
		collection,
		optionOf(discordgo.ApplicationCommandOptionRole, catalog.CommandSettingsRole, catalog.CommandSettingsRoleAbout),
		optionOf(discordgo.ApplicationCommandOptionBoolean, catalog.CommandSettingsRemove, catalog.CommandSettingsRemoveAbout),
	)
}

// collected is a collection as far as a manager and the bot know it; the zero
// value stands for any.
type collected struct {
	id   string
	name string // "" if not known
	note string // what has to be said about it, in words
}

func (c collected) shown(w *catalog.Words) string {
	return embeds.CollectionName(w, c.id, c.name)
}

func (c collected) choice() embeds.ProgramChoice {
	return embeds.ProgramChoice{Ref: embeds.ProgramRef(c.id), Name: c.name}
}

// reward changes a reward role, or shows a panel.
func (s *settings) reward(ctx context.Context, r Request) (Reply, error) {
	c, err := s.typedCollection(ctx, &r)
	if err != nil {
		return Reply{}, err
	}
	role, removes := r.Options[roleOption].Text, r.Options[removeOption].Bool
	switch {
	case removes:
		return s.drop(ctx, &r, c)
	case role != "":
		return s.give(ctx, &r, c, role)
	case c.id != "":
		return s.showReward(ctx, &r, c, c.note, false)
	default:
		return s.rewardsPanel(ctx, r)
	}
}

// typedCollection returns the collection that was named: by the ID of one that
// has a role already, one of the manager's own, or by an ID that only the
// manager knows. While their own cannot be looked up, it takes for an ID only
// what is no name.
func (s *settings) typedCollection(ctx context.Context, r *Request) (collected, error) {
	typed := strings.TrimSpace(r.Options[collectionOption].Text)
	if fold(typed) == "" || typed == embeds.AnyCollection {
		return collected{}, nil
	}
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return collected{}, again(r, embeds.ActionRewardRoles, err)
	}
	programs, missing := s.mine(ctx, r, ownWithin)
	for id := range got.RewardRoles {
		if id != "" && (id == typed || embeds.ProgramRef(id) == typed) {
			return collected{id: id, name: nameOf(programs, id)}, nil
		}
	}
	if found, ok := pick(programs, typed); ok {
		return collected{id: found.ID, name: found.Name}, nil
	}
	said := catalog.RewardTypedID
	if missing != nil {
		if embeds.ProgramRef(typed) != typed || !isNoName(typed) {
			return collected{}, again(r, embeds.ActionRewardRoles, missing)
		}
		said = catalog.RewardUnsureID
	}
	if embeds.ProgramRef(typed) != typed {
		return collected{}, refuse(embeds.ProblemView{
			Kind: embeds.NoSuchCollection, Typed: typed, Nearest: nearest(programs, typed), Back: allRewards(r),
		})
	}
	w := catalog.For(r.Locale)
	return collected{id: typed, note: w.Text(said, embeds.Escape(typed, maxTyped))}, nil
}

// referred returns the collection that a button or a menu refers to.
func (s *settings) referred(ctx context.Context, r *Request, ref string) (collected, error) {
	if ref == "" {
		return collected{}, nil
	}
	programs := s.own(ctx, r)
	if found, ok := embeds.FindProgram(programs, ref); ok {
		return collected{id: found.ID, name: found.Name}, nil
	}
	if embeds.ProgramRef(ref) == ref {
		return collected{id: ref}, nil
	}
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return collected{}, again(r, embeds.ActionRewardRoles, err)
	}
	for id := range got.RewardRoles {
		if embeds.ProgramRef(id) == ref {
			return collected{id: id}, nil
		}
	}
	return collected{}, refuse(embeds.ProblemView{Kind: embeds.CollectionGone, Back: allRewards(r)})
}

// allRewards leads to the panel on all reward roles.
func allRewards(r *Request) string {
	return embeds.Action{Name: embeds.ActionRewardRoles, Owner: r.User.ID}.Encode()
}

func (s *settings) rewardsPanel(ctx context.Context, r Request) (Reply, error) {
	return s.showRewards(ctx, &r, "", false)
}

// showRewards shows the panel on all reward roles.
func (s *settings) showRewards(ctx context.Context, r *Request, note string, problem bool) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(r, embeds.ActionRewardRoles, err)
	}
	v := s.view(r, got)
	v.Note, v.Problem = note, problem
	s.inspectRoles(ctx, r, &v)
	programs := s.own(ctx, r)
	nameCollections(v.Settings.RewardRoles, programs)
	return panel(r, embeds.RewardRoleSettings(v, choicesOf(programs))), nil
}

// choicesOf offers collections by reference, as many as a menu holds.
func choicesOf(programs []progressapi.Program) []embeds.ProgramChoice {
	var list []embeds.ProgramChoice
	for _, p := range programs[:min(len(programs), embeds.LimitOptions)] {
		list = append(list, embeds.ProgramChoice{Ref: embeds.ProgramRef(p.ID), Name: p.Name})
	}
	return list
}

// showReward shows the panel on the role of one collection.
func (s *settings) showReward(ctx context.Context, r *Request, c collected, note string, problem bool) (Reply, error) {
	got, err := s.servers.get(ctx, r.Guild)
	if err != nil {
		return Reply{}, again(r, embeds.ActionRewardRoles, err)
	}
	v := s.view(r, got)
	v.Note, v.Problem = note, problem
	s.inspectRoles(ctx, r, &v)
	return panel(r, embeds.RewardRoleOf(v, c.choice())), nil
}

func (s *settings) rewardPanel(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	return s.openReward(ctx, &r, a.Program)
}

func (s *settings) pickReward(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	return s.openReward(ctx, &r, r.Values[0])
}

func (s *settings) openReward(ctx context.Context, r *Request, ref string) (Reply, error) {
	if ref == "" {
		return Reply{}, errUnknown
	}
	c, err := s.referred(ctx, r, ref)
	if err != nil {
		return Reply{}, err
	}
	return s.showReward(ctx, r, c, "", false)
}

func (s *settings) giveRole(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	c, err := s.referred(ctx, &r, a.Program)
	if err != nil {
		return Reply{}, err
	}
	return s.give(ctx, &r, c, r.Values[0])
}

func (s *settings) dropRole(ctx context.Context, r Request, a embeds.Action) (Reply, error) {
	c, err := s.referred(ctx, &r, a.Program)
	if err != nil {
		return Reply{}, err
	}
	return s.drop(ctx, &r, c)
}

func (s *settings) removeRole(ctx context.Context, r Request, _ embeds.Action) (Reply, error) {
	if len(r.Values) != 1 {
		return Reply{}, errUnknown
	}
	ref := r.Values[0]
	if ref == embeds.AnyCollection {
		ref = ""
	}
	c, err := s.referred(ctx, &r, ref)
	if err != nil {
		return Reply{}, err
	}
	return s.drop(ctx, &r, c)
}

// give stores the role that a collection earns, if the bot can give it.
func (s *settings) give(ctx context.Context, r *Request, c collected, role string) (Reply, error) {
	w := catalog.For(r.Locale)
	fault := embeds.RoleUnchecked
	if g, err := s.guild(ctx, r); err == nil {
		fault = g.chosenFault(role, r)
	}
	if fault != embeds.RoleFine {
		return s.afterReward(ctx, r, c, embeds.RoleProblem(w, role, fault), true)
	}
	_, err := s.servers.change(ctx, r.Guild, func(st *store.Settings) error {
		if st.RewardRoles == nil {
			st.RewardRoles = map[string]string{}
		}
		st.RewardRoles[c.id] = role
		return nil
	})
	if errors.Is(err, store.ErrFull) {
		return s.showRewards(ctx, r, w.Text(catalog.RewardFull, store.MaxRewardRoles), true)
	}
	if err := s.saved(err); err != nil {
		return Reply{}, again(r, embeds.ActionRewardRoles, err)
	}
	s.servers.wake(ctx, r.Guild)
	note := w.Text(catalog.RewardSaved, embeds.RoleMention(role), c.shown(w))
	if c.note != "" {
		note += "\n" + c.note
	}
	return s.afterReward(ctx, r, c, note, false)
}

// drop lets a collection earn no role of its own any more.
func (s *settings) drop(ctx context.Context, r *Request, c collected) (Reply, error) {
	w := catalog.For(r.Locale)
	was := false
	_, err := s.servers.change(ctx, r.Guild, func(st *store.Settings) error {
		_, was = st.RewardRoles[c.id]
		delete(st.RewardRoles, c.id)
		return nil
	})
	if err := s.saved(err); err != nil {
		return Reply{}, again(r, embeds.ActionRewardRoles, err)
	}
	said := catalog.RewardRemoved
	if !was {
		said = catalog.RewardNotThere
	}
	return s.showRewards(ctx, r, w.Text(said, c.shown(w)), !was)
}

// afterReward shows what has become of a change where it was made: in the
// panel of the collection, or in that of all.
func (s *settings) afterReward(ctx context.Context, r *Request, c collected, note string, problem bool) (Reply, error) {
	if c.id == "" {
		return s.showRewards(ctx, r, note, problem)
	}
	return s.showReward(ctx, r, c, note, problem)
}
