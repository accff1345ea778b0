package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// ProgramKey stands for a program id wherever a key is needed: ids come from
// outside, hold any bytes and have any length. It is the head of the id's
// SHA-256; 96 bits keep two programs of the same API apart.
type ProgramKey [12]byte

// KeyOf returns the key of a program id.
func KeyOf(program string) ProgramKey {
	sum := sha256.Sum256([]byte(program))
	return ProgramKey(sum[:])
}

// String returns the key in 16 characters of the URL-safe base64 alphabet.
func (k ProgramKey) String() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// The records whose keys are listed elsewhere, by what begins their keys.
const (
	forgetKind     = "forget"
	standingKind   = "standing"
	draftsKind     = "drafts"
	entryKind      = "entry"
	completionKind = "completion"
)

// Keys of records.
const schemaKey = "schema"

func settingsKey(server string) string { return "settings:" + server }
func serverKey(server string) string   { return "server:" + server }
func recapsKey(server string) string   { return "recaps:" + server }
func personKey(person string) string   { return "person:" + person }
func watchKey(person string) string    { return "watch:" + person }
func forgetKey(person string) string   { return forgetKind + ":" + person }

func outboxKey(server, person string) string   { return "outbox:" + server + ":" + person }
func standingKey(server, person string) string { return standingKind + ":" + server + ":" + person }
func draftsKey(server, person string) string   { return draftsKind + ":" + server + ":" + person }

// entryPrefix begins the keys of a person's entries in a server;
// [EntryKey.String] is the whole of one.
func entryPrefix(server, person string) string { return entryKind + ":" + server + ":" + person + ":" }

// completionPrefix begins the keys of a person's completions in a server. The
// text of the program's key follows.
func completionPrefix(server, person string) string {
	return completionKind + ":" + server + ":" + person + ":"
}

func completionKey(server, person, program string) string {
	return completionPrefix(server, person) + program
}

// isCompletion reports whether a key is that of a completion.
func isCompletion(key string) bool { return strings.HasPrefix(key, completionKind+":") }

// Names of sets.
const (
	watchQueue  = "watch"   // persons by when to look
	outboxQueue = "outbox"  // server:person by when to work on it
	serversSet  = "servers" // servers by when the bot left, MaxScore while it is there
	forgetsSet  = "forgets" // persons by when they asked to be forgotten
	expirySet   = "expiry"  // keys of records by when to delete them
)

func personsSet(server string) string        { return "persons:" + server }               // persons with anything stored there
func storedSet(server, person string) string { return "stored:" + server + ":" + person } // keys of the person's entries and completions there
func waitingSet(server string) string        { return "waiting:" + server }               // persons with entries that wait, or did when they were last tried
func completedSet(server string) string      { return "completed:" + server }             // person:program by when it was completed
func overallBoard(server string) string      { return "board:" + server + ":all" }        // persons, best first

func programBoard(server string, program ProgramKey) string {
	return "board:" + server + ":" + program.String()
}

// Members of sets that consist of two parts, see splitMember.

func outboxMember(server, person string) string     { return server + ":" + person }
func completedMember(person, program string) string { return person + ":" + program }

// splitMember returns the parts of a member.
func splitMember(member string) (first, second string) {
	first, second, _ = strings.Cut(member, ":")
	return first, second
}

// newToken returns a token that no other claim has.
func newToken() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// checkID returns an error unless id is a Discord id, which is what makes
// ids safe as parts of keys.
func checkID(what, id string) error {
	if n, err := strconv.ParseUint(id, 10, 64); err != nil || n == 0 || id[0] == '0' || id[0] == '+' {
		return invalid("%s is not a Discord id", what)
	}
	return nil
}

func checkIDs(server, person string) error {
	if err := checkID("server", server); err != nil {
		return err
	}
	return checkID("person", person)
}

// maxProgramID bounds the ids of programs, in bytes.
const maxProgramID = 4096

// IsProgram reports whether the store takes id for that of a program. The
// API promises neither that a program has one nor how long it is.
func IsProgram(id string) bool { return id != "" && len(id) <= maxProgramID }

func checkProgram(program string) error {
	if !IsProgram(program) {
		return invalid("a program id has 1 to %d bytes, this one has %d", maxProgramID, len(program))
	}
	return nil
}
