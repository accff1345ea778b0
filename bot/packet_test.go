package bot_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"progressbot/bot"
)

func TestReadPacket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, message string
		want          bot.Packet
		wantErr       bool
	}{
		{"as Discord writes it", `{"t":"INTERACTION_CREATE","s":3,"op":0,"d":{"a":[1,{"b":"}"}]}}`, bot.Packet{Op: 0, Seq: 3, Kind: "INTERACTION_CREATE", Data: `{"a":[1,{"b":"}"}]}`}, false},
		{"opcode last, space", " { \"d\" : [ ] , \"s\" : null ,\n\"t\":null, \"op\" : 11 } ", bot.Packet{Op: 11, Seq: 0, Kind: "", Data: "[ ]"}, false},
		{"quotes and braces in text", `{"op":0,"d":"\"}]{\\","t":"X"}`, bot.Packet{Op: 0, Seq: 0, Kind: "X", Data: `"\"}]{\\"`}, false},
		{"names in another case", `{"OP":7}`, bot.Packet{Op: 7}, false},
		{"the last one counts", `{"op":0,"op":9,"d":true}`, bot.Packet{Op: 9, Seq: 0, Kind: "", Data: "true"}, false},
		{"unknown members", `{"op":1,"x":{"op":2},"d":null}`, bot.Packet{Op: 1, Seq: 0, Kind: "", Data: "null"}, false},
		{name: "null", message: `null`, wantErr: true},
		{name: "empty", message: ``, wantErr: true},
		{name: "no opcode", message: `{"d":1}`, wantErr: true},
		{name: "array", message: `[{"op":1}]`, wantErr: true},
		{name: "two values", message: `{"op":1}{"op":7}`, wantErr: true},
		{name: "cut off", message: `{"op":1,"d":{"a":"b"`, wantErr: true},
		{name: "cut off in text", message: `{"op":1,"d":"b\`, wantErr: true},
		{name: "opcode is text", message: `{"op":"1"}`, wantErr: true},
		{name: "opcode is negative", message: `{"op":-1}`, wantErr: true},
		{name: "sequence is a fraction", message: `{"op":0,"s":1.5}`, wantErr: true},
		{name: "type is a number", message: `{"op":0,"t":1}`, wantErr: true},
		{name: "escaped name", message: `{"\u006fp":7,"op":0}`, wantErr: true},
		{name: "no colon", message: `{"op" 7}`, wantErr: true},
		{name: "no comma", message: `{"op":7 "d":1}`, wantErr: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := bot.ReadPacket([]byte(tt.message))
			if (err != nil) != tt.wantErr {
				t.Fatalf("error = %v, want one: %v", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzReadPacket holds the scanner against encoding/json: whatever is valid
// JSON and accepted means the same to both.
func FuzzReadPacket(f *testing.F) {
	for _, seed := range []string{
		`{"t":"INTERACTION_CREATE","s":3,"op":0,"d":{"a":[1,{"b":"}"}]}}`,
		`{"op":10,"d":{"heartbeat_interval":41250}}`, `{"op":9,"d":false}`, `{"op":11}`, `null`,
		`{"OP":7,"op":0}`, `{"op":0,"d":"\\\""}`, `{"op" : 1 , "s" : null}`, "{\"op\":1}\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := bot.ReadPacket(message)
		if err != nil || !json.Valid(message) {
			return
		}
		var want struct {
			Op   int             `json:"op"`
			Seq  int64           `json:"s"`
			Kind *string         `json:"t"`
			Data json.RawMessage `json:"d"`
		}
		if err := json.Unmarshal(message, &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if got.Op != want.Op || got.Data != string(want.Data) {
			t.Errorf("got %+v, encoding/json has op %d and data %s", got, want.Op, want.Data)
		}
	})
}
