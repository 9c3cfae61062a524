package mona

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"runtime"
	"testing"
	"time"
)

// Only ends a hang on a loaded machine.
const hang = 60 * time.Second

type record struct {
	UserID  string         `json:"user_id"`
	Context string         `json:"context"`
	Message map[string]any `json:"message"`
	Time    int64          `json:"export_timestamp"`
}

// memory makes a client that keeps its records. What the test's goroutine exports is in the order of the calls: that is
// the order of a thread of the operating system, and of a goroutine only as long as it stays on one.
func memory(t testing.TB, options ...Option) *Client {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	options = append([]Option{WithEndpoint("memory:"), WithFlushInterval(time.Millisecond)}, options...)
	client, err := New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(soon(t)); err != nil {
			t.Error(err)
		}
	})
	return client
}

// soon is a context.Context that only ends a hang.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	t.Cleanup(cancel)
	return ctx
}

// taken gives all records that were exported so far.
func taken(t testing.TB, client *Client) []record {
	t.Helper()
	if err := client.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	var all []record
	for text, found := client.Take(); found; text, found = client.Take() {
		var one record
		if err := json.Unmarshal(text, &one); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		all = append(all, one)
	}
	return all
}

// messages gives what was exported, without records of classes.
func messages(t testing.TB, client *Client) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, one := range taken(t, client) {
		if _, is := one.Message["MONA_ARC_CLASS"]; !is {
			all = append(all, one.Message)
		}
	}
	return all
}

func equal(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func status(t testing.TB, err error, want Status) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) || failed.Status != want {
		t.Fatalf("got %v, want %v", err, want)
	}
	return failed
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
