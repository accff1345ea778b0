package progressapi_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"progressbot/progressapi"
	"progressbot/progressapi/progressapitest"
)

// The examples talk to a fake API; NewClient takes the real one's URL and key
// just the same.
func startSample() *progressapitest.Server {
	noon := time.Date(2025, time.December, 1, 12, 0, 0, 0, time.UTC)
	server, err := progressapitest.Start(progressapitest.Options{Now: func() time.Time { return noon }})
	if err != nil {
		panic(err)
	}
	return server
}

func ExampleClient_ListPrograms() {
	server := startSample()
	defer server.Close()

	client, err := progressapi.NewClient(server.URL(), progressapitest.DefaultKey, progressapi.WithUserAgent("progressbot/1.0.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()

	programs, err := client.ListPrograms(context.Background(), progressapitest.Collector)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range programs[:3] {
		fmt.Printf("%s: %d of %d cards (%d %%), ends %s\n", p.Name, p.Collected, p.Size, p.Percent, p.Ends.Format(time.DateOnly))
	}
	// Output:
	// Reef Explorers: 5 of 10 cards (50 %), ends 2025-12-08
	// Winter Lights: 11 of 12 cards (91 %), ends 2025-12-02
	// The Cats of Tea House Lane: 0 of 8 cards (0 %), ends 2026-01-10
}

func ExampleClient_GetProgram() {
	server := startSample()
	defer server.Close()

	client, err := progressapi.NewClient(server.URL(), progressapitest.DefaultKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()

	p, err := client.GetProgram(context.Background(), progressapitest.Finisher, progressapitest.ProgramFinished)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Name, "is complete:", p.Completion() == progressapi.Complete)
	fmt.Println(p.Reward.Name, "can be claimed:", p.Reward.Claimable())
	// Output:
	// Nine Lanterns is complete: true
	// River Keeper can be claimed: true
}

// A caller branches on what it can do about a failure.
func ExampleError() {
	server := startSample()
	defer server.Close()

	client, err := progressapi.NewClient(server.URL(), "a-key-that-was-revoked")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()

	_, err = client.ListPrograms(context.Background(), progressapitest.Collector)
	failure, _ := errors.AsType[*progressapi.Error](err)
	switch {
	case errors.Is(err, progressapi.ErrKeyRefused):
		fmt.Println("tell the operator:", err)
	case errors.Is(err, progressapi.ErrRateLimited):
		fmt.Println("wait", failure.RetryAfter)
	case err != nil:
		fmt.Println("try later:", err)
	}
	// Output:
	// tell the operator: list programs: progress API refused the key (status 400, code 1001)
}
