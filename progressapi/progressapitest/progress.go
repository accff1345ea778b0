package progressapitest

import (
	"fmt"
	"net/http"
)

// maxPeople bounds the people that are remembered.
const maxPeople = 10_000

// Unknown says how the API answers about people and programs it does not
// know. The real one's way is not published; each of these is possible.
type Unknown int

const (
	UnknownEmpty    Unknown = iota // an empty list; 404 for a single program
	UnknownNull                    // data that is null
	UnknownNoData                  // a status and no data
	UnknownNotFound                // 404 with code 5250
	UnknownRefused                 // 400 with code 5250
	UnknownSample                  // everybody has a few collections begun, never the same ones
)

// SetPrograms sets what a person has, in this order. A person may be new.
func (a *API) SetPrograms(person string, programs ...Program) {
	a.mu.Lock()
	defer a.mu.Unlock()
	own := make([]Program, len(programs))
	for i := range programs {
		own[i] = programs[i].clone()
	}
	a.people[person] = own
	delete(a.away, person)
}

// Programs returns what a person has.
func (a *API) Programs(person string) []Program {
	a.mu.Lock()
	defer a.mu.Unlock()
	programs, _ := a.person(person)
	copies := make([]Program, len(programs))
	for i := range programs {
		copies[i] = programs[i].clone()
	}
	return copies
}

// Forget makes a person unknown.
func (a *API) Forget(person string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.people, person)
	delete(a.away, person)
}

// Advance gives a person n more cards of a program, missing ones first.
func (a *API) Advance(person, program string, n int) error {
	return a.Change(person, program, func(p *Program) { p.add(n) })
}

// Claim claims the reward of a completed program.
func (a *API) Claim(person, program string) error {
	claimed := false
	err := a.Change(person, program, func(p *Program) {
		if p.Reward != nil && p.complete() {
			p.Reward.Claimed, claimed = a.clock(), true
		}
	})
	if err == nil && !claimed {
		return fmt.Errorf("program %q has no reward to claim", program)
	}
	return err
}

// Change changes a program of a person. The change must not call the API.
func (a *API) Change(person, program string, change func(*Program)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	programs, _ := a.person(person)
	for i := range programs {
		if programs[i].ID == program {
			change(&programs[i])
			return nil
		}
	}
	return fmt.Errorf("person %q has no program %q", person, program)
}

// person returns what a person has. The caller holds the lock.
func (a *API) person(id string) ([]Program, bool) {
	if programs, ok := a.people[id]; ok {
		return programs, true
	}
	if p, ok := a.away[id]; ok {
		// Not before: making hundreds of programs takes a while.
		programs := p.programs(a.opened)
		a.people[id] = programs
		delete(a.away, id)
		return programs, true
	}
	if a.opts.Unknown != UnknownSample {
		return nil, false
	}
	programs := sample(id, a.clock())
	if len(a.people) < maxPeople {
		a.people[id] = programs
	}
	return programs, true
}

// unknown answers about a person or program that the API does not know.
func (a *API) unknown(w http.ResponseWriter, r *http.Request, t target) {
	switch a.opts.Unknown {
	case UnknownNull:
		a.write(w, r, http.StatusOK, marshal(map[string]any{"data": nil, "status": a.status(0)}))
	case UnknownNoData:
		a.write(w, r, http.StatusOK, marshal(map[string]any{"status": a.status(0)}))
	case UnknownRefused:
		a.fail(w, r, http.StatusBadRequest, CodeCampaignNotFound)
	case UnknownEmpty:
		if t.endpoint == List {
			a.write(w, r, http.StatusOK, []byte("[]"))
			return
		}
		fallthrough
	default:
		a.fail(w, r, http.StatusNotFound, CodeCampaignNotFound)
	}
}
