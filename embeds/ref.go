package embeds

import (
	"crypto/sha256"
	"encoding/base64"

	"progressbot/progressapi"
)

const (
	maxRef = 32 // characters of a reference
	// hashMark begins a reference that is a hash, and is in no other.
	hashMark  = '~'
	hashBytes = 15 // so that 20 characters of base64 hold them
)

// ProgramRef returns a short name for the program with this ID that fits
// into an [Action] and a menu's value: the ID itself where it is short and
// plain, else a hash of it. It is "" for "".
func ProgramRef(id string) string {
	if id == "" || isPlainRef(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string(hashMark) + base64.RawURLEncoding.EncodeToString(sum[:hashBytes])
}

// FindProgram returns the first of programs that ref refers to.
func FindProgram(programs []progressapi.Program, ref string) (progressapi.Program, bool) {
	if !isRef(ref) {
		return progressapi.Program{}, false
	}
	for i := range programs {
		id := programs[i].ID
		if id == ref && isPlainRef(ref) || ref[0] == hashMark && ProgramRef(id) == ref {
			return programs[i], true
		}
	}
	return progressapi.Program{}, false
}

func isRef(s string) bool {
	if s != "" && s[0] == hashMark {
		return isPlainRef(s[1:])
	}
	return isPlainRef(s)
}

func isPlainRef(s string) bool {
	return len(s) >= 1 && len(s) <= maxRef-1 && all(s, func(c byte) bool {
		return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-'
	})
}
