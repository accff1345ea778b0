package commands

import "sync"

// maxDrafts bounds how many drafts are kept, each of at most 4,000 characters.
const maxDrafts = 200

// drafts keeps messages that could not be saved, so that the form opens with
// what was written. They are a convenience: after a restart it opens with
// what is stored, and the draft is still to be read in the channel.
type drafts struct {
	mu   sync.Mutex
	kept recent[string, string]
}

func newDrafts() *drafts { return &drafts{kept: newRecent[string, string](maxDrafts)} }

func draftKey(r *Request) string { return r.Guild + " " + r.User.ID }

func (d *drafts) keep(r *Request, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept.put(draftKey(r), text)
}

func (d *drafts) drop(r *Request) { d.keep(r, "") }

func (d *drafts) of(r *Request) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, _ := d.kept.get(draftKey(r))
	return text
}
