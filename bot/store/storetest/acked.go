package storetest

import (
	"context"
	"strconv"
	"testing"

	"progressbot/bot/store"
)

// nth returns the n-th of many ids.
func nth(n int) string { return strconv.Itoa(100_000_000 + n) }

// WriteOne makes the n-th setting, choice and entry, for [CheckWritten] to
// find after a crash.
func WriteOne(ctx context.Context, s *store.Store, n int) error {
	_, err := s.UpdateSettings(ctx, nth(n), func(s *store.Settings) error {
		s.Template = strconv.Itoa(n)
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.UpdateConsent(ctx, red, nth(n), func(c *store.Consent) error {
		c.Announce = store.Always
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.Add(ctx, entry(red, nth(n)))
	return err
}

// CheckWritten fails the test unless all that [WriteOne] made up to n is
// there.
func CheckWritten(tb testing.TB, s *store.Store, n int) {
	tb.Helper()
	for i := 1; i <= n; i++ {
		settings, err := s.Settings(tb.Context(), nth(i))
		if err != nil || settings.Template != strconv.Itoa(i) {
			tb.Fatalf("setting %d of %d is lost: %v", i, n, err)
		}
		consent, err := s.Consent(tb.Context(), red, nth(i))
		if err != nil || consent.Announce != store.Always {
			tb.Fatalf("choice %d of %d is lost: %v", i, n, err)
		}
		_, err = s.Entry(tb.Context(), entry(red, nth(i)).EntryKey)
		if err != nil {
			tb.Fatalf("entry %d of %d is lost: %v", i, n, err)
		}
	}
}
