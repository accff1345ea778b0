package commands

import (
	"context"
	"time"

	"progressbot/bot/store"
	"progressbot/embeds"
)

// consentWithin is how long somebody who wants to look at another waits to
// hear whether they may.
const consentWithin = time.Second

// ConsentReader knows what people chose. [store.Store] is one.
type ConsentReader interface {
	// Consent returns a person's choices as the server may know them, those
	// that hold outside servers for "".
	Consent(ctx context.Context, server, person string) (store.Consent, error)
}

// access decides who may see whose progress, and in front of whom.
type access struct {
	Deps
	servers *servers
}

// grant is what somebody may do with another's progress.
type grant struct {
	// public says that everyone in the channel may see it, too.
	public bool
}

// mayView returns what the asker may do with person's progress, or why
// nothing. It decides by the server and by what the person chose, never by
// whether there is any progress, and where either is not known the answer is
// no. What people chose is read anew each time: a choice holds from the
// moment it was made, in every process.
func (a *access) mayView(ctx context.Context, r *Request, person User) (grant, error) {
	rank := rankOf(r, person)
	switch rank {
	case store.Self:
		return grant{public: true}, nil
	case store.Stranger:
		return grant{}, refuse(embeds.ProblemView{Kind: embeds.NotTogether})
	}
	rules, err := a.servers.rules(ctx, r.Guild)
	if err != nil {
		return grant{}, err
	}
	if rank == store.Fellow && !rules.OthersViewable {
		return grant{}, refuse(embeds.ProblemView{Kind: embeds.ServerPrivate})
	}
	ctx, cancel := context.WithTimeout(ctx, consentWithin)
	defer cancel()
	consent, err := a.People.Consent(ctx, r.Guild, person.ID)
	if err := a.stored(err); err != nil {
		return grant{}, err
	}
	if !consent.MayView(rank, rules.OthersViewable) {
		return grant{}, refuse(embeds.ProblemView{Kind: embeds.PrivateProgress, Person: person.Name})
	}
	return grant{public: consent.MayView(store.Fellow, rules.OthersViewable)}, nil
}

// rankOf is what the asker is to person, as far as the request tells.
func rankOf(r *Request, person User) store.Rank {
	switch {
	case person.ID == r.User.ID:
		return store.Self
	case r.Guild == "" || !person.Member:
		return store.Stranger
	case r.manages():
		return store.Manager
	default:
		return store.Fellow
	}
}
