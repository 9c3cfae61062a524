package mona

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever fields say, the event is refused with a status, or arrives as it was.
func FuzzFields(f *testing.F) {
	f.Add("score", "cat", uint64(1), uint8(5), uint16(1))
	f.Add("", "\xff", uint64(math.MaxUint64), uint8(6), uint16(3))
	f.Add("a\x00b", `{"a":[1,2`, uint64(0x7ff8000000000000), uint8(7), uint16(40))
	f.Add("MONA_x", `"\ud800"`, uint64(1<<63), uint8(4), uint16(0))
	client := memory(f)
	ctx, leave := client.Enter(context.Background(), "")
	f.Cleanup(leave)
	f.Fuzz(func(t *testing.T, name, text string, number uint64, kind uint8, times uint16) {
		value := text
		if len(text) < 64 {
			value = strings.Repeat(text, int(times%512))
		}
		fields := []Field{Int("before", 1), {name: name, text: value, number: number, kind: int32(kind % 9)}, Int("after", 2)}
		err := Export(ctx, fields...)
		got := messages(t, client)
		if err != nil {
			if _, is := err.(*Error); !is || len(got) != 0 {
				t.Fatal(err, got)
			}
			return
		}
		if kind%9 == uint8(kindStr) && name != "before" && name != "after" && !strings.HasPrefix(name, "MONA_") {
			if !utf8.ValidString(name+value) || len(got) != 1 || got[0][name] != value {
				t.Fatalf("%q: %q", value, got)
			}
		}
	})
}

// Whatever encoding/json reads is written so that it reads the same again, and libmona takes it, or refuses it with a
// status.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a": [1, 2.5, "x", null, true], "b": {"c": {}}}`))
	f.Add([]byte(`{"\u0000": "\ud83d\ude00", "": [[[]]]}`))
	f.Add([]byte(`[1e308, -0, 1e-7, 123456789012345678901234567890]`))
	f.Add([]byte(`"\ud800"`))
	client := memory(f)
	ctx, leave := client.Enter(context.Background(), "")
	f.Cleanup(leave)
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := ExportJSON(ctx, json.RawMessage(text)); err != nil {
			if _, is := err.(*Error); !is {
				t.Fatal(err)
			}
		}
		var value, again any
		if json.Unmarshal(text, &value) == nil {
			written, cause := encode(value)
			if cause != nil || json.Unmarshal(written, &again) != nil || !reflect.DeepEqual(value, again) {
				t.Fatalf("%s: %v, from %s", written, cause, text)
			}
			if err := ExportJSON(ctx, value); err != nil {
				if _, is := err.(*Error); !is {
					t.Fatal(err)
				}
			}
		}
		taken(t, client)
	})
}
