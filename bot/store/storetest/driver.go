package storetest

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"progressbot/bot/store"
)

// update runs fn in a transaction of the driver.
func (e *env) update(fn func(store.Tx)) {
	e.Helper()
	e.ok(e.driver.Update(e.Context(), func(tx store.Tx) error {
		fn(tx)
		return nil
	}))
}

// view runs fn on the driver.
func (e *env) view(fn func(store.Reader)) {
	e.Helper()
	e.ok(e.driver.View(e.Context(), func(r store.Reader) error {
		fn(r)
		return nil
	}))
}

func (e *env) get(keys ...string) []string {
	e.Helper()
	var out []string
	e.view(func(r store.Reader) {
		got, err := r.Get(keys...)
		e.ok(err)
		for _, v := range got {
			if v == nil {
				out = append(out, "none")
			} else {
				out = append(out, string(v))
			}
		}
	})
	return out
}

func testRecords(e *env) {
	binary := string([]byte{0, 1, 0xff, '\n'})
	e.update(func(tx store.Tx) {
		tx.Put("a", []byte("1"))
		tx.Put("b", []byte(binary))
		tx.Put("c", []byte("gone"))
		tx.Delete("c")
		tx.Put("d", []byte("old"))
		tx.Put("d", []byte("new"))
		tx.Delete("never there")
		got, err := tx.Get("a")
		e.ok(err)
		if got[0] != nil {
			e.Errorf("a transaction reads its own change %q", got[0])
		}
	})
	same(e, "records", []string{"new", binary, "none", "1", "none", "1"}, e.get("d", "b", "c", "a", "never there", "a"))
	e.reopen()
	same(e, "records after reopening", []string{"1", binary}, e.get("a", "b"))
}

func testSets(e *env) {
	e.update(func(tx store.Tx) {
		tx.SetPut("s", "b", 2)
		tx.SetPut("s", "bb", 2)
		tx.SetPut("s", "a", 2)
		tx.SetPut("s", "low", -5)
		tx.SetPut("s", "min", store.MinScore)
		tx.SetPut("s", "max", store.MaxScore)
		tx.SetPut("s", "moved", 1)
		tx.SetPut("s", "gone", 1)
		tx.SetPut("st", "other", 2)
	})
	e.update(func(tx store.Tx) {
		tx.SetPut("s", "moved", 1_800_000_000_000)
		tx.SetDelete("s", "gone")
		tx.SetDelete("s", "never there")
		tx.SetDelete("no such set", "x")
	})
	all := []store.Member{
		{Name: "min", Score: store.MinScore},
		{Name: "low", Score: -5},
		{Name: "a", Score: 2},
		{Name: "b", Score: 2},
		{Name: "bb", Score: 2},
		{Name: "moved", Score: 1_800_000_000_000},
		{Name: "max", Score: store.MaxScore},
	}
	for _, c := range []struct {
		name string
		span store.Span
		want []store.Member
	}{
		{"all", store.Span{Min: store.MinScore, Max: store.MaxScore, Limit: 100}, all},
		{"a page", store.Span{Min: store.MinScore, Max: store.MaxScore, Offset: 2, Limit: 2}, all[2:4]},
		{"beyond the end", store.Span{Min: store.MinScore, Max: store.MaxScore, Offset: 7, Limit: 2}, nil},
		{"none", store.Span{Min: store.MinScore, Max: store.MaxScore}, nil},
		{"by score", store.Span{Min: -5, Max: 2, Limit: 100}, all[1:5]},
		{"between scores", store.Span{Min: 3, Max: 4, Limit: 100}, nil},
		{"by score from offset", store.Span{Min: 2, Max: 2, Offset: 1, Limit: 100}, all[3:5]},
	} {
		e.view(func(r store.Reader) {
			got, err := r.Range("s", c.span)
			e.ok(err)
			same(e, c.name, c.want, got)
		})
	}
	e.view(func(r store.Reader) {
		n, err := r.Count("s", -5, 2)
		e.ok(err)
		same(e, "count", 4, n)
		n, err = r.Count("no such set", store.MinScore, store.MaxScore)
		e.ok(err)
		same(e, "count of nothing", 0, n)
		score, found, err := r.Score("s", "moved")
		e.ok(err)
		same(e, "score", 1_800_000_000_000, score)
		same(e, "score is found", true, found)
		_, found, err = r.Score("s", "gone")
		e.ok(err)
		same(e, "score of a member that is gone", false, found)
	})
}

func testUpdateWhole(e *env) {
	e.update(func(tx store.Tx) { tx.Put("a", []byte("old")) })
	boom := errors.New("boom")
	err := e.driver.Update(e.Context(), func(tx store.Tx) error {
		tx.Put("a", []byte("new"))
		tx.Put("b", []byte("new"))
		tx.SetPut("s", "m", 1)
		return boom
	})
	e.fails(err, boom)
	same(e, "records", []string{"old", "none"}, e.get("a", "b"))
	e.view(func(r store.Reader) {
		_, found, err := r.Score("s", "m")
		e.ok(err)
		same(e, "member", false, found)
	})
}

func testUpdateByMany(e *env) {
	const workers, rounds = 8, 25
	drivers := []store.Driver{e.driver}
	if e.backend.Shared {
		d := e.openDriver()
		e.more = append(e.more, d)
		drivers = append(drivers, d)
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range rounds {
				err := drivers[w%len(drivers)].Update(e.Context(), func(tx store.Tx) error {
					got, err := tx.Get("n")
					if err != nil {
						return err
					}
					n, _ := strconv.Atoi(string(got[0]))
					tx.Put("n", []byte(strconv.Itoa(n+1)))
					return nil
				})
				if err != nil {
					e.Error(err)
				}
			}
		})
	}
	wg.Wait()
	same(e, "sum", []string{strconv.Itoa(workers * rounds)}, e.get("n"))
}

func (e *env) claim(now time.Duration, n int, token string) []string {
	e.Helper()
	got, err := e.driver.Claim(e.Context(), "q", at(now), n, lease, token)
	e.ok(err)
	names := []string{}
	for _, m := range got {
		names = append(names, m.Name)
	}
	return names
}

func (e *env) leases(members ...string) []string {
	e.Helper()
	var out []string
	e.update(func(tx store.Tx) {
		got, err := tx.Leases("q", members...)
		e.ok(err)
		out = got
	})
	return out
}

func testClaim(e *env) {
	e.update(func(tx store.Tx) {
		for i, name := range []string{"a", "b", "c", "later"} {
			tx.SetPut("q", name, at(time.Duration(i)*time.Second).UnixMilli())
		}
	})
	same(e, "nobody is due", []string{}, e.claim(-1, 5, "t0"))
	same(e, "none wanted", []string{}, e.claim(5*time.Second, 0, "t0"))
	same(e, "first batch", []string{"a", "b"}, e.claim(2*time.Second, 2, "t1"))
	same(e, "second batch", []string{"c"}, e.claim(2*time.Second, 5, "t2"))
	same(e, "leases", []string{"t1", "t2", ""}, e.leases("a", "c", "later"))
	e.update(func(tx store.Tx) {
		tx.SetPut("q", "a", at(time.Hour).UnixMilli())
		tx.Unlease("q", "a")
	})
	same(e, "lease that was ended", []string{""}, e.leases("a"))
	same(e, "before the leases end", []string{}, e.claim(2*time.Second+lease-time.Millisecond, 5, "t3")[1:])
	same(e, "when the leases end", []string{"b", "c"}, e.claim(2*time.Second+lease, 5, "t4"))
	same(e, "lease that was taken over", []string{"t4"}, e.leases("b"))
}

func testClaimMember(e *env) {
	e.update(func(tx store.Tx) { tx.SetPut("q", "a", at(time.Hour).UnixMilli()) })
	claim := func(member string, now time.Duration, token string) error {
		return e.driver.ClaimMember(e.Context(), "q", member, at(now), lease, token)
	}
	e.fails(claim("nobody", 0, "t0"), store.ErrNotFound)
	e.ok(claim("a", 0, "t1"))
	e.fails(claim("a", time.Second, "t2"), store.ErrConflict)
	same(e, "lease", []string{"t1"}, e.leases("a"))
	e.ok(claim("a", lease, "t3"))
	same(e, "lease after the first ended", []string{"t3"}, e.leases("a"))
}
