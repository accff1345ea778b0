package announce

import (
	"crypto/sha256"
	"encoding/base32"

	"progressbot/bot/store"
)

// Both are drawn from an alphabet without letters that look alike.
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

const (
	markBytes  = 4  // 6 characters of which are shown
	markLength = 6  // 30 bits: enough for the posts of half an hour in one channel
	nonceBytes = 15 // 24 characters, of the 25 that Discord takes
)

// identify returns the mark and the nonce of the post whose first entry has
// this key. They are the same for every attempt and in every process, so
// that a preview shows the mark that the post will have.
func identify(key store.EntryKey) (mark, nonce string) {
	sum := sha256.Sum256([]byte("post:" + key.String()))
	encode := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString
	return encode(sum[:markBytes])[:markLength], encode(sum[markBytes : markBytes+nonceBytes])
}
