package cache_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"progressbot/bot/redisconn"
	"progressbot/bot/redisconn/redistest"
	"progressbot/progressapi/cache"
)

func BenchmarkHit(b *testing.B) {
	c := cache.New(newSource(collection(300, 10)...), cache.Options{})
	b.Cleanup(c.Close)
	ask := func(b *testing.B) {
		if _, err := c.Programs(b.Context(), "123456789012345678", cache.AnyAge); err != nil {
			b.Fatal(err)
		}
	}
	ask(b)
	b.Run("overview", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(b)
		}
	})
	b.Run("overview in parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				ask(b)
			}
		})
	})
	b.Run("last program of 300", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Program(b.Context(), "123456789012345678", "program_299", cache.AnyAge); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRedisHit is a look-up that only Redis can answer.
func BenchmarkRedisHit(b *testing.B) {
	server := redistest.Start(b)
	for _, n := range []int{8, 300} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			client, err := redisconn.Open(server.URL(), redisconn.Options{Timeout: time.Minute})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = client.Close() })
			user := strconv.Itoa(n)
			c := cache.New(newSource(collection(n, 10)...), cache.Options{Redis: client, RedisBudget: time.Minute})
			if _, err := c.Programs(b.Context(), user, cache.AnyAge); err != nil {
				b.Fatal(err)
			}
			c.Close()
			c = cache.New(newSource(), cache.Options{Redis: client, RedisBudget: time.Minute})
			b.Cleanup(c.Close)
			b.ReportAllocs()
			for b.Loop() {
				snap, ok := c.Peek(context.Background(), user)
				if !ok || len(snap.Programs) != n {
					b.Fatal("not in Redis")
				}
				c.ForgetHere(user)
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{1, 8, 300} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			all := collection(n, 10)
			b.ReportAllocs()
			for b.Loop() {
				stored, err := cache.Encode(all, time.Time{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(stored)), "stored-B")
			}
		})
	}
}
