package embeds

import (
	"time"

	"progressbot/embeds/catalog"
)

// View is the situation a message is built for: who reads it, in which
// language, and how old the data is.
type View struct {
	Words  *catalog.Words
	Now    time.Time
	Asker  string // Discord user ID of the one who asked: the owner of the buttons
	Person Person // whose progress it is
	// Public says that everyone in the channel reads the message: it names
	// the person and carries nothing that is the asker's alone.
	Public bool
	// Unshared says that the asker wanted everyone to read it, and that not
	// everyone may.
	Unshared bool
	// Withheld says that everyone would read it if there were no question
	// for the asker with it.
	Withheld bool
	// Fetched is when the API gave the data. StandIn says that it is old
	// and shown only because the API cannot be reached.
	Fetched time.Time
	StandIn bool
	// WalletURL is where a reward can be claimed, "" for no link.
	// "{user}" in it stands for the person's ID.
	WalletURL string
}

// Person is a member by Discord user ID and display name.
type Person struct {
	ID   string
	Name string
}

// Own reports whether the asker looks at their own progress.
func (v View) Own() bool { return v.Asker == v.Person.ID }
