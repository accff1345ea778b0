package store

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound: there is no such record, or it was deleted meanwhile.
	ErrNotFound = errors.New("not found in the store")
	// ErrConflict: somebody else holds the lease or has changed the record;
	// nothing was written.
	ErrConflict = errors.New("changed or held by another process")
	// ErrConsent: the person's own choice forbids it; nothing was written.
	ErrConsent = errors.New("refused by the person's own choice")
	// ErrForgetting: what is stored about the person or the server is being
	// deleted just now; nothing was written.
	ErrForgetting = errors.New("is being deleted")
	// ErrUnfinished: a deletion has begun, or may have. What has begun is
	// completed later without anybody asking again.
	ErrUnfinished = errors.New("deletion is not finished")
	// ErrForgotten: the data is older than the moment at which the person
	// was forgotten; nothing was written.
	ErrForgotten = errors.New("older than the person's deletion")
	// ErrInvalid: the caller passed what cannot be stored.
	ErrInvalid = errors.New("invalid value for the store")
	// ErrFull: a bound of the store is reached; nothing was written.
	ErrFull = errors.New("limit of the store reached")
	// ErrBusy: so many others changed the same records that the change was
	// given up; nothing was written.
	ErrBusy = errors.New("store is too busy")
	// ErrDamaged: what is stored cannot be read. Nothing is overwritten.
	ErrDamaged = errors.New("stored data is damaged")
	// ErrLocked: another process has the store's file open.
	ErrLocked = errors.New("store is in use by another process")
	// ErrNewerSchema: the data was written by a newer version of the bot;
	// see [SchemaError].
	ErrNewerSchema = errors.New("stored data is from a newer version of progressbot")
)

// SchemaError is the [ErrNewerSchema] that tells the versions.
type SchemaError struct {
	Found int // the version of the stored data
	Known int // the newest version this program can read
}

// Error implements error.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("%v: its schema is version %d, this program knows versions up to %d", ErrNewerSchema, e.Found, e.Known)
}

// Unwrap makes errors.Is(err, ErrNewerSchema) hold.
func (e *SchemaError) Unwrap() error { return ErrNewerSchema }

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}
