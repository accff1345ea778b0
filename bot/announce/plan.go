package announce

import (
	"cmp"
	"slices"

	"progressbot/bot/store"
)

// batch is the entries that one post settles.
type batch struct {
	entries []store.Entry
	mark    string
	nonce   string
	// resumed says that an attempt to make the post was begun before.
	resumed bool
}

// plan divides the entries of one person in one server into posts: what a
// manager announces is a post of its own, as it was previewed, and the rest
// is one. A step on the way to what a manager announces goes with that.
func plan(entries []store.Entry) []batch {
	var own []batch
	var rest []store.Entry
	for _, e := range entries {
		if e.By == store.ByManager {
			own = append(own, newBatch(e))
		} else {
			rest = append(rest, e)
		}
	}
	together := rest[:0:0]
	for _, e := range rest {
		i := slices.IndexFunc(own, func(b batch) bool { return b.covers(e) })
		if i < 0 {
			together = append(together, e)
			continue
		}
		own[i].entries = append(own[i].entries, e)
	}
	if len(together) > 0 {
		own = append(own, newBatch(together...))
	}
	return own
}

// newBatch returns the post for entries. Its mark and nonce are those of the
// entry that it shows first.
func newBatch(entries ...store.Entry) batch {
	b := batch{entries: entries}
	b.mark, b.nonce = identify(b.shown()[0].EntryKey)
	return b
}

// resume returns the posts that were begun: their entries share a mark.
func resume(begun []store.Entry) []batch {
	var out []batch
	for _, e := range begun {
		i := slices.IndexFunc(out, func(b batch) bool { return b.mark == e.Mark && b.nonce == e.Nonce })
		if i < 0 {
			out = append(out, batch{entries: []store.Entry{e}, mark: e.Mark, nonce: e.Nonce, resumed: true})
			continue
		}
		out[i].entries = append(out[i].entries, e)
	}
	return out
}

// with returns the post for those of its entries that are left. Unless it was
// begun before, it is then another post, with its own mark.
func (b batch) with(left []store.Entry) batch {
	if !b.resumed && len(left) > 0 {
		return newBatch(left...)
	}
	b.entries = left
	return b
}

// covers reports whether e is no news beside what b shows.
func (b batch) covers(e store.Entry) bool {
	return slices.ContainsFunc(b.entries, func(other store.Entry) bool {
		return other.Program == e.Program && further(other, e) < 0
	})
}

// shown is what the post tells: of each program the completion, else the
// furthest step; completions first, then the steps, the furthest first.
func (b batch) shown() []store.Entry {
	var out []store.Entry
	for _, e := range b.entries {
		i := slices.IndexFunc(out, func(other store.Entry) bool { return other.Program == e.Program })
		switch {
		case i < 0:
			out = append(out, e)
		case further(e, out[i]) < 0:
			out[i] = e
		}
	}
	slices.SortStableFunc(out, further)
	return out
}

// further orders entries by how far they are on the way, the furthest first.
func further(a, b store.Entry) int { return cmp.Compare(reachedPercent(b), reachedPercent(a)) }

func reachedPercent(e store.Entry) int {
	if e.Kind == store.Milestone {
		return e.Percent
	}
	return 100
}

// note is what a manager wrote to go with it.
func (b batch) note() string {
	for _, e := range b.entries {
		if e.Note != "" {
			return e.Note
		}
	}
	return ""
}
