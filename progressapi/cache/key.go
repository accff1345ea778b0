package cache

import (
	"crypto/sha256"
	"encoding/hex"
)

// key names one answer of the API: a person's overview, or one program.
type key struct {
	user    string
	program string // empty: the overview
}

// prefix begins every Redis key of this package. The version changes with the
// meaning of what is stored, so that old and new processes can run together.
const prefix = "progressbot:cache:v1:"

// The fields of a person's hash.
const (
	fieldOverview  = "o"
	fieldSuccess   = "t" // when the API last answered for the person, ms since 1970
	fieldForgotten = "f" // when the person was forgotten, ms since 1970
)

// data returns the Redis key of everything that is known about the person.
// The braces make it one cluster slot with the locks.
func (k key) data() string { return prefix + "{" + safe(k.user) + "}" }

// field returns where in the hash the answer is.
func (k key) field() string {
	if k.program == "" {
		return fieldOverview
	}
	return "p:" + safe(k.program)
}

// lock returns the Redis key of the lock of whoever asks the API.
func (k key) lock() string { return k.data() + ":lock:" + k.field() }

// maxSafe is how long an ID may be to stand in a key as it is.
const maxSafe = 64

// safe returns id if it is plain and short, as the IDs of Discord and of the
// API are, and else a digest of it, which a plain one can never equal.
func safe(id string) string {
	if id == "" || len(id) > maxSafe || !plain(id) {
		sum := sha256.Sum256([]byte(id))
		return "#" + hex.EncodeToString(sum[:16])
	}
	return id
}

func plain(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}
