package storetest

import (
	"errors"

	"progressbot/bot/store"
)

func testNewerSchema(e *env) {
	e.reopenDriver()
	e.update(func(tx store.Tx) { tx.Put("schema", []byte("2")) })
	_, err := store.Open(e.Context(), e.driver)
	e.fails(err, store.ErrNewerSchema)
	var schema *store.SchemaError
	if !errors.As(err, &schema) || schema.Found != 2 || schema.Known != 1 {
		e.Errorf("error %v does not tell the versions", err)
	}
	same(e, "the mark", []string{"2"}, e.get("schema"))
}

func testUnreadableSchema(e *env) {
	e.reopenDriver()
	for _, mark := range []string{"", "x", "0", "-1", "1.5"} {
		e.update(func(tx store.Tx) { tx.Put("schema", []byte(mark)) })
		_, err := store.Open(e.Context(), e.driver)
		e.fails(err, store.ErrDamaged)
		same(e, "the mark", []string{mark}, e.get("schema"))
	}
}

// testPin: where processes share a database, one of an older version stops
// writing once a newer one has changed the layout.
func testPin(e *env) {
	if !e.backend.Shared {
		e.reopen()
		same(e, "the mark", []string{"1"}, e.get("schema"))
		return
	}
	newer := e.openDriver()
	e.more = append(e.more, newer)
	e.ok(newer.Update(e.Context(), func(tx store.Tx) error {
		tx.Put("schema", []byte("2"))
		return nil
	}))
	_, err := e.UpdateSettings(e.Context(), red, func(s *store.Settings) error {
		s.Announcements = true
		return nil
	})
	e.fails(err, store.ErrNewerSchema)
	same(e, "settings", []string{"none"}, e.get("settings:"+red))
}

func testDamagedRecord(e *env) {
	for _, garbage := range []string{"", "x", "\x01{", "\x01[]", "\x09{}"} {
		e.update(func(tx store.Tx) { tx.Put("settings:"+red, []byte(garbage)) })
		_, err := e.Settings(e.Context(), red)
		e.fails(err, store.ErrDamaged)
		_, err = e.UpdateSettings(e.Context(), red, func(*store.Settings) error { return nil })
		e.fails(err, store.ErrDamaged)
		same(e, "the record", []string{garbage}, e.get("settings:"+red))
	}
	e.choose(red, alice, store.Always)
	e.choose(red, bob, store.Always)
	e.update(func(tx store.Tx) { tx.Put("watch:"+alice, []byte("\x02\x01")) })
	claims, err := e.ClaimDue(e.Context(), at(0), 10, lease)
	e.fails(err, store.ErrDamaged)
	if len(claims) != 1 || claims[0].Person != bob {
		e.Errorf("one unreadable state hides the others: got %v", claims)
	}
}
