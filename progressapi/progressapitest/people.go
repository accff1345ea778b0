package progressapitest

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// The people who live in every new [API]. Their IDs have the form of Discord
// user IDs.
const (
	Newcomer  = "218953412087480321" // has nothing yet
	Collector = "341670021985402880" // eight collections, one in each state there is
	Finisher  = "402118866523127809" // one collection complete, its reward unclaimed, and one long done
	Veteran   = "155149108183695360" // three hundred collections
	Hostile   = "666000111222333444" // every text and number that could do harm
)

// IDs of the Collector's programs, by the state they are in.
const (
	ProgramHalfway  = "program_reef"     // some cards and a spare, ends in a week
	ProgramAlmost   = "program_winter"   // one card missing, ends tomorrow
	ProgramUntaken  = "program_teahouse" // begun for everybody, no card yet
	ProgramUpcoming = "program_carnival" // begins in three days
	ProgramEnded    = "program_harvest"  // over, half done
	ProgramClaimed  = "program_starline" // complete and claimed
	ProgramEndless  = "program_huts"     // never ends
	ProgramSparse   = "program_postcard" // tells a name and a percentage, nothing else
)

// ProgramFinished is the program that the Finisher has just completed.
const ProgramFinished = "program_lanterns"

// Person is somebody who lives in every new [API].
type Person struct {
	ID    string
	Name  string // what a display of them may call them
	About string // who they are, in half a sentence

	programs func(now time.Time) []Program
}

// People returns who lives in every new [API].
func People() []Person {
	return []Person{
		{Newcomer, "Nilou", "has just arrived and has nothing yet", func(time.Time) []Program { return nil }},
		{Collector, "Kasimir", "has a bit of everything", collector},
		{Finisher, "Fern", "has just found the last lantern", finisher},
		{Veteran, "Valentina", "has been here since the beginning", func(now time.Time) []Program { return Programs(300, now) }},
		{Hostile, "Mallory", "types things that nobody should", hostile},
	}
}

const day = 24 * time.Hour

// collector returns one program for each state that a program can be in.
func collector(now time.Time) []Program {
	all := collections()
	halfway := all.program(ProgramHalfway, now.Add(-20*day), now.Add(7*day), 5)
	halfway.Cards[1].Quantity = 3
	almost := all.program(ProgramAlmost, now.Add(-30*day), now.Add(day), 11)
	ended := all.program(ProgramEnded, now.Add(-60*day), now.Add(-12*day), 4)
	claimed := all.program(ProgramClaimed, now.Add(-90*day), now.Add(30*day), 10)
	claimed.Reward.Claimed = now.Add(-9 * day)
	sparse := Program{
		ID: ProgramSparse, Name: "Postcards from Nowhere", Created: now.Add(-3 * day),
		Fields: map[string]any{
			"size": Omit, "collectedCount": Omit, "environment": Omit, "createdTimestamp": Omit,
			"progressInPercentage": 45, "status": "in_progress",
		},
	}
	return []Program{
		halfway,
		almost,
		all.program(ProgramUntaken, now.Add(-2*day), now.Add(40*day), 0),
		all.program(ProgramUpcoming, now.Add(3*day), now.Add(33*day), 0),
		ended,
		claimed,
		all.program(ProgramEndless, now.Add(-200*day), time.Time{}, 3),
		sparse,
	}
}

// finisher returns a program that has just been completed and an old one.
func finisher(now time.Time) []Program {
	all := collections()
	done := all.program(ProgramClaimed, now.Add(-90*day), now.Add(30*day), 10)
	done.Reward.Claimed = now.Add(-40 * day)
	return []Program{
		all.program(ProgramFinished, now.Add(-14*day), now.Add(5*day), 9),
		done,
	}
}

// sample returns a few collections for somebody nobody has heard of: always
// the same for the same ID, and different ones for different IDs.
func sample(id string, now time.Time) []Program {
	h := fnv.New64a()
	h.Write([]byte(id))
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	all := collections()
	programs := make([]Program, 0, len(all))
	for _, i := range r.Perm(len(all))[:3+r.IntN(4)] {
		begun := now.Add(-time.Duration(1+r.IntN(40)) * day)
		over := begun.Add(60 * day)
		programs = append(programs, all.program(all[i].id, begun, over, r.IntN(len(all[i].cards)+1)))
	}
	return programs
}
