package discordsim_test

import (
	"runtime"
	"testing"

	"progressbot/bot/discordsim"
)

// Not parallel: it looks at the heap. Tens of thousands of interactions must
// not leave more behind than thousands.
func TestMemoryIsBounded(t *testing.T) {
	s, h := hookWorld(t, discordsim.Options{KeepInteractions: 64, KeepMessages: 64, KeepAttachments: 1 << 16, RouteLimit: -1})
	kind, body := multipartBody(t, `{"type":4,"data":{"content":"c","attachments":[{"id":0}]}}`, map[string]string{"a.txt": string(make([]byte, 4096))})
	h.inline = func(event) (int, string, string) { return 200, kind, string(body) }
	ctx := within(t)
	var first, last *discordsim.Interaction
	run := func(n int) uint64 {
		for range n {
			i, _ := h.invoke(t, discordsim.Invocation{})
			if _, err := i.AwaitMessage(ctx); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = i
			}
			last = i
		}
		s.Advance(discordsim.AnswerWithin) // empties the queue of deadlines
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := run(300)
	after := run(1200)
	if grown := int64(after) - int64(before); grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes over 1200 interactions", grown)
	}
	if n := len(s.Messages(discordsim.GeneralChannelID, "")); n > 80 {
		t.Errorf("%d messages are remembered", n)
	}
	if _, known := s.Message(first.Messages()[0].ID); known {
		t.Error("the first message is still there")
	}
	if _, known := s.Message(last.Messages()[0].ID); !known {
		t.Error("the last message is gone")
	}
	if data := s.AttachmentData(first.Messages()[0].Attachments[0]); data != nil {
		t.Error("the first attachment is still there")
	}
}
