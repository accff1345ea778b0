package discordsim

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"
)

// The interaction types.
const (
	InteractionPing         = 1
	InteractionCommand      = 2
	InteractionComponent    = 3
	InteractionAutocomplete = 4
	InteractionModalSubmit  = 5
)

// The callback types.
const (
	CallbackPong         = 1
	CallbackMessage      = 4
	CallbackDefer        = 5 // "thinking…"
	CallbackDeferUpdate  = 6
	CallbackUpdate       = 7
	CallbackAutocomplete = 8
	CallbackModal        = 9
)

// State is how far an interaction has come, as its user sees it.
type State string

const (
	StateWaiting  State = "waiting"   // no answer yet
	StateThinking State = "thinking"  // deferred
	StateAnswered State = "answered"  // a message, an update, choices or a modal
	StateTimedOut State = "timed-out" // "The application did not respond"
)

var (
	// ErrTimedOut is returned when a bot did not answer an interaction
	// within its time: 3 s for the first answer, 15 min after a deferral.
	ErrTimedOut = errors.New("the application did not respond")
	// ErrNotConnected is returned when there is neither a gateway session
	// nor an interactions endpoint that an interaction could go to.
	ErrNotConnected = errors.New("the application is not connected")
)

// Interaction is one use of a command, component or modal and what came of
// it. Its methods may be called while the bot works on it.
type Interaction struct {
	ID      string
	Type    int
	User    string // who used it
	Channel string
	Guild   string // "" in direct messages
	Command string // as "settings show"; of the message's command for a component
	Started time.Time

	s     *Server
	token string
	began time.Time // real time, for FirstAnswer

	// Guarded by Server.mu.
	state        State
	callback     int
	accepted     [sha256.Size]byte // digest of the first answer
	original     *Message          // the first answer, or the component's message
	followUps    []*Message        // and whatever else its token made
	source       *Message          // the message a component or modal came from
	modal        *Modal
	choices      []Choice
	choiceType   int // option type of the focused option
	owners       map[string]string
	private      bool // messages are ephemeral whatever the bot says
	answeredIn   time.Duration
	refused      int
	edits        int
	followUpsN   int
	deferredPost bool // a follow-up may still stand in for the deferred answer
	changed      signal
}

// interactionStore is guarded by Server.mu.
type interactionStore struct {
	keep    int
	byID    map[string]*Interaction
	byToken map[string]*Interaction
	order   []*Interaction // oldest first
	waiting []*Interaction // for the first answer, by deadline
	pending []*Interaction // deferred, by end of token life (roughly)
	wake    chan struct{}
}

func newInteractionStore(keep int) interactionStore {
	return interactionStore{
		keep: keep, byID: make(map[string]*Interaction), byToken: make(map[string]*Interaction), wake: make(chan struct{}, 1),
	}
}

func (st *interactionStore) add(i *Interaction) {
	st.byID[i.ID] = i
	st.byToken[i.token] = i
	st.order = append(st.order, i)
	st.waiting = append(st.waiting, i)
	if len(st.waiting) == 1 {
		st.nudge()
	}
	st.evict()
}

func (st *interactionStore) nudge() {
	select {
	case st.wake <- struct{}{}:
	default:
	}
}

// evict drops the oldest settled interactions beyond what is to be kept.
// Unsettled ones stay, up to eight times as many.
func (st *interactionStore) evict() {
	if len(st.order) <= st.keep+st.keep/4 {
		return
	}
	kept := st.order[:0]
	excess := len(st.order) - st.keep
	for _, i := range st.order {
		if excess > 0 && (i.settled() || len(st.order) > 8*st.keep) {
			excess--
			delete(st.byID, i.ID)
			delete(st.byToken, i.token)
			continue
		}
		kept = append(kept, i)
	}
	clear(st.order[len(kept):])
	st.order = kept
}

func (i *Interaction) settled() bool { return i.state == StateAnswered || i.state == StateTimedOut }

// watchDeadlines times interactions out.
func (s *Server) watchDeadlines() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.mu.Lock()
		next := s.expireInteractions(s.Now())
		s.mu.Unlock()
		timer.Reset(next)
		select {
		case <-timer.C:
		case <-s.interactions.wake:
		case <-s.done:
			return
		}
	}
}

// expireInteractions times out what is due and returns how long to wait for
// the next one. Server.mu is held.
func (s *Server) expireInteractions(now time.Time) time.Duration {
	st := &s.interactions
	next := time.Hour
	expire := func(queue []*Interaction, state State, life time.Duration) []*Interaction {
		n := 0
		for ; n < len(queue); n++ {
			i := queue[n]
			if i.state != state {
				continue
			}
			if left := i.Started.Add(life).Sub(now); left > 0 {
				next = min(next, left)
				break
			}
			i.state = StateTimedOut
			s.stats.TimedOut++
			i.touch()
		}
		rest := queue[n:]
		if len(rest) == 0 {
			return nil // let the array go
		}
		return rest
	}
	st.waiting = expire(st.waiting, StateWaiting, AnswerWithin)
	st.pending = expire(st.pending, StateThinking, TokenLife)
	return next
}

// touch wakes those who wait for the interaction. Server.mu is held.
func (i *Interaction) touch() {
	i.changed.broadcast()
	i.s.notify()
}

// await waits until ok holds; it is called with Server.mu held.
func (i *Interaction) await(ctx context.Context, ok func() (done bool, err error)) error {
	for {
		changed := i.changed.wait()
		i.s.mu.Lock()
		done, err := ok()
		i.s.mu.Unlock()
		if done || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-i.s.done:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Answer is the first answer to an interaction.
type Answer struct {
	Type    int      // callback type
	Message *Message // of types 4, 5 and 7; "thinking" for 5
	Choices []Choice // of type 8
	Modal   *Modal   // of type 9
	After   time.Duration
}

// Await waits for the first answer, a deferral included.
func (i *Interaction) Await(ctx context.Context) (Answer, error) {
	err := i.await(ctx, func() (bool, error) {
		if i.state == StateTimedOut && i.callback == 0 {
			return false, ErrTimedOut
		}
		return i.callback != 0, nil
	})
	if err != nil {
		return Answer{}, err
	}
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	a := Answer{Type: i.callback, Choices: i.choices, Modal: i.modal, After: i.answeredIn}
	if i.original != nil && i.callback != CallbackDeferUpdate {
		a.Message = new(*i.original)
	}
	return a, nil
}

// AwaitMessage waits for the message that the user gets in the end: the
// answer that is no "thinking" any more, the component's message after its
// update, or, if the bot deleted its deferred answer, the first follow-up.
func (i *Interaction) AwaitMessage(ctx context.Context) (Message, error) {
	var m Message
	err := i.await(ctx, func() (bool, error) {
		final := i.final()
		switch {
		case final != nil:
			m = *final
			return true, nil
		case i.state == StateTimedOut:
			return false, ErrTimedOut
		case i.state == StateAnswered && (i.callback == CallbackModal || i.callback == CallbackAutocomplete):
			return false, errors.New("the answer is no message")
		}
		return false, nil
	})
	return m, err
}

// final is the message that the user gets in the end, nil if there is none
// yet. Server.mu is held.
func (i *Interaction) final() *Message {
	updated := i.callback != CallbackDeferUpdate || i.edits > 0
	if i.original != nil && !i.original.Thinking() && updated && i.callback != 0 {
		return i.original
	}
	if len(i.followUps) > 0 {
		return i.followUps[0]
	}
	return nil
}

// AwaitFollowUp waits for the nth follow-up, counting from 1.
func (i *Interaction) AwaitFollowUp(ctx context.Context, n int) (Message, error) {
	var m Message
	err := i.await(ctx, func() (bool, error) {
		if len(i.followUps) >= n {
			m = *i.followUps[n-1]
			return true, nil
		}
		return false, nil
	})
	return m, err
}

// AwaitEdit waits until the bot has edited messages of the interaction at
// least n times and returns the first answer as it is then.
func (i *Interaction) AwaitEdit(ctx context.Context, n int) (Message, error) {
	var m Message
	err := i.await(ctx, func() (bool, error) {
		if i.edits >= n && i.original != nil {
			m = *i.original
			return true, nil
		}
		return false, nil
	})
	return m, err
}

// State is how far the interaction has come.
func (i *Interaction) State() State {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.state
}

// FirstAnswer is the real time from the event to the first answer, 0 if
// there was none yet.
func (i *Interaction) FirstAnswer() time.Duration {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.answeredIn
}

// Outcome counts what a bot did with an interaction.
type Outcome struct {
	Answers   int // first answers accepted: 0 or 1
	Refused   int // further or late ones, refused
	Edits     int
	FollowUps int
}

// Outcome counts what the bot did so far.
func (i *Interaction) Outcome() Outcome {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	o := Outcome{Refused: i.refused, Edits: i.edits, FollowUps: i.followUpsN}
	if i.callback != 0 {
		o.Answers = 1
	}
	return o
}

// Messages lists what the interaction made and is still there: the first
// answer unless it updated a component's message, then the follow-ups.
func (i *Interaction) Messages() []Message {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	var list []Message
	if i.original != nil && i.original != i.source {
		list = append(list, *i.original)
	}
	for _, m := range i.followUps {
		list = append(list, *m)
	}
	return list
}

// Visible lists the people of the guild who see the interaction's final
// message: only its user if it is ephemeral, else all who view the channel.
func (i *Interaction) Visible() []string {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	m := i.final()
	p, ok := i.s.world.place(i.Channel)
	if m == nil || !ok {
		return nil
	}
	if m.Ephemeral() {
		return []string{m.Asker}
	}
	if p.guild == nil {
		return slices.Clone(p.channel.Recipients)
	}
	var seen []string
	for _, member := range p.guild.Members {
		if i.s.canView(p, member.UserID) {
			seen = append(seen, member.UserID)
		}
	}
	return seen
}
