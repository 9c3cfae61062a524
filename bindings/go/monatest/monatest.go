// Package monatest keeps what the tests of a program export, in memory:
//
//	func TestRank(t *testing.T) {
//		ctx, recorded := monatest.New(t)
//		rank(ctx, items)
//		if got := recorded.Messages(); len(got) != 1 || got[0]["score"] != 0.9 { ... }
//	}
package monatest

import (
	"context"
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"monalabs.io/mona"
)

// Only ends a hang: in memory nothing has to be waited for.
const patience = time.Minute

// Record is what is sent of an event.
type Record struct {
	// Context is the full id of its context.
	Context string `json:"context"`
	// Message has the fields. The record of a class has the field MONA_ARC_CLASS, that of globals MONA_GLOBALS.
	Message map[string]any `json:"message"`
	// Timestamp is when it happened, in seconds since 1970.
	Timestamp int64 `json:"export_timestamp"`
}

// Recorder has what was exported.
type Recorder struct {
	t      testing.TB
	client *mona.Client
	taken  []Record
}

// New makes a client that keeps its records until the test ends, and gives a [context.Context] in which the functions of
// package mona use it. Options are those of [mona.New].
//
// The goroutine that calls it stays on its thread of the operating system until the test ends, because what a thread
// exported keeps its order. What other goroutines exported stands anywhere between.
func New(t testing.TB, options ...mona.Option) (context.Context, *Recorder) {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	options = append([]mona.Option{mona.WithFlushInterval(time.Millisecond)}, options...)
	client, err := mona.New(append(options, mona.WithEndpoint("memory:"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(context.Background()) })
	return client.Bind(t.Context()), &Recorder{t: t, client: client}
}

// Client is the client of the recorder.
func (r *Recorder) Client() *mona.Client { return r.client }

// Records gives all records that were exported so far; those of the test's own goroutine in their order.
func (r *Recorder) Records() []Record {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.client.Flush(ctx); err != nil {
		r.t.Fatal(err)
	}
	for text, found := r.client.Take(); found; text, found = r.client.Take() {
		var one Record
		if err := json.Unmarshal(text, &one); err != nil {
			r.t.Fatal(err)
		}
		r.taken = append(r.taken, one)
	}
	return r.taken
}

// Messages gives the messages that were exported so far, without the records of classes and globals.
func (r *Recorder) Messages() []map[string]any {
	r.t.Helper()
	var messages []map[string]any
	for _, one := range r.Records() {
		_, isClass := one.Message["MONA_ARC_CLASS"]
		_, isGlobals := one.Message["MONA_GLOBALS"]
		if !isClass && !isGlobals {
			messages = append(messages, one.Message)
		}
	}
	return messages
}
