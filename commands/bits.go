package commands

import (
	"math/big"
	"strings"
)

// Bits is a set of permissions as Discord writes it: a decimal number in a
// string. Discord promises no upper bound, for new permissions take higher
// bits. Bits holds the lower 64, among which are all that the bot knows.
type Bits int64

// maxBits bounds the digits of a set. It leaves room for a thousand
// permissions.
const maxBits = 300

// UnmarshalJSON implements json.Unmarshaler. It never fails: what is no
// number grants nothing.
func (b *Bits) UnmarshalJSON(raw []byte) error {
	*b = 0
	digits := strings.Trim(string(raw), `"`)
	n, ok := new(big.Int).SetString(digits, 10)
	if len(digits) > maxBits || !ok || n.Sign() < 0 {
		return nil
	}
	const lower = 1<<64 - 1
	n.And(n, new(big.Int).SetUint64(lower))
	*b = Bits(n.Uint64()) //nolint:gosec // a bit set: the sign bit is a bit like any other
	return nil
}
