package mona

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"
)

// silent is the address of a collector that takes connections and says nothing.
func silent(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "tcp://" + listener.Addr().String()
}

func stuck(t *testing.T) *Client {
	client, err := New(WithEndpoint(silent(t)))
	must(t, err)
	ctx, leave := client.Enter(context.Background(), "")
	must(t, Export(ctx, Int("n", 1)))
	leave()
	return client
}

func TestFlushEndsWithItsContext(t *testing.T) {
	client := stuck(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := client.Flush(ctx)
	status(t, err, StatusTimeout)
	equal(t, errors.Is(err, context.DeadlineExceeded), true)

	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	err = client.Flush(ctx)
	status(t, err, StatusTimeout)
	equal(t, errors.Is(err, context.Canceled), true)
	equal(t, time.Since(began) < hang, true)
	err = client.Close(ctx)
	status(t, err, StatusTimeout)
	equal(t, errors.Is(err, context.Canceled), true)
	stats, err := client.Stats()
	must(t, err)
	equal(t, stats.DroppedClosed, uint64(1))
}

// A deadline far away is no reason to hold a thread once nobody waits.
func TestACancelledFlushLetsGoOfItsThread(t *testing.T) {
	client := stuck(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	time.AfterFunc(50*time.Millisecond, cancel)
	before := runtime.NumGoroutine()
	status(t, client.Flush(ctx), StatusTimeout)
	for end := time.Now().Add(hang); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it waits on")
		}
	}
	status(t, client.Close(ctx), StatusTimeout)
}

func TestAClosedClientAnswersAStatus(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	must(t, Export(ctx, Int("n", 1)))
	must(t, client.Close(soon(t)))
	must(t, client.Close(context.Background()))
	status(t, Export(ctx, Int("n", 2)), StatusClosed)
	status(t, ExportJSON(ctx, map[string]int{"n": 2}), StatusClosed)
	_, err := client.ExportBatch(context.Background(), []Event{{Message: map[string]int{"n": 2}}})
	status(t, err, StatusClosed)
	must(t, client.Flush(soon(t)))
	later, leaveLater := client.Enter(context.Background(), "ranker")
	status(t, FromContext(later).Err(), StatusClosed)
	status(t, Export(later, Int("n", 3)), StatusClosed)
	leaveLater()
	record, found := client.Take()
	equal(t, found, true)
	equal(t, json.Valid(record), true)
}

func TestWrongOptions(t *testing.T) {
	_, err := New(WithQueueSize(0))
	if failed := status(t, err, StatusArgument); failed.Op != "option" || failed.Detail == "" {
		t.Error(failed)
	}
	_, err = New(With("no_such_option", "1"))
	status(t, err, StatusArgument)
	_, err = New(WithEndpoint("nonsense"))
	status(t, err, StatusArgument)
	_, err = New(WithUserID("\xff"))
	status(t, err, StatusUTF8)
	_, err = New(WithSampleRates(map[string]float64{"ranker": 2}))
	status(t, err, StatusArgument)
	client, err := New(WithEndpoint("null:"), WithBlockTimeout(-time.Second))
	status(t, err, StatusArgument)
	equal(t, client == nil, true)
}

func TestWhatAClientTells(t *testing.T) {
	client := memory(t, WithQueueSize(123), WithSampleRates(map[string]float64{"ranker": 0.5}), WithDropFields([]string{"a", "b"}),
		WithFlushInterval(7*time.Millisecond), WithSampleRate(0.25), WithPassword("secret"), WithUsername("me"))
	text, err := client.Describe()
	must(t, err)
	var options map[string]struct {
		Value any `json:"value"`
	}
	must(t, json.Unmarshal(text, &options))
	equal(t, options["queue_size"].Value, 123.0)
	equal(t, options["flush_interval_ms"].Value, 7.0)
	steps, err := client.Check(soon(t))
	must(t, err)
	for _, step := range steps {
		equal(t, step.OK, true)
	}
	stats, err := client.Stats()
	must(t, err)
	equal(t, stats, Stats{})
	if Version() == "" || Implementation() == "" {
		t.Error("no version")
	}
}

func TestCheckOfACollectorThatIsNotThere(t *testing.T) {
	client, err := New(WithEndpoint("tcp://127.0.0.1:1"), WithConnectTimeout(time.Second))
	must(t, err)
	steps, err := client.Check(soon(t))
	if err == nil || len(steps) == 0 || steps[len(steps)-1].Error == "" {
		t.Error(steps, err)
	}
	must(t, client.Close(soon(t)))
}

func TestGlobals(t *testing.T) {
	client := memory(t)
	must(t, client.SetGlobals(map[string]any{"version": 3}))
	status(t, client.SetGlobals(5), StatusJSON)
	status(t, client.SetGlobals(map[string]any{"bad": make(chan int)}), StatusJSON)
	_, leave := client.Enter(context.Background(), "")
	leave()
	must(t, client.SetGlobals(nil))
	_, leave = client.Enter(context.Background(), "")
	leave()
	equal(t, messages(t, client), []map[string]any{{"MONA_GLOBALS": map[string]any{"version": 3.0}}})
}

func TestTheDefaultClient(t *testing.T) {
	if defaultClient.Load() != nil {
		t.Skip("a process has one")
	}
	// Before the first client these do nothing.
	Flush()
	must(t, Close(soon(t)))
	must(t, Init(WithEndpoint("memory:")))
	status(t, Init(WithEndpoint("memory:")), StatusExists)
	client, err := Default()
	must(t, err)
	status(t, Export(context.Background(), Int("n", 1)), StatusNoContext)
	status(t, ExportJSON(context.TODO(), map[string]int{"n": 1}), StatusNoContext)
	ctx, leave := Enter(context.Background(), "", ID("run"))
	must(t, Export(ctx, Int("n", 1)))
	leave()
	_, leave = Sub(context.Background(), "step")
	leave()
	accepted, err := ExportBatch(context.Background(), []Event{{Message: map[string]int{"n": 2}, ID: "batch"}})
	must(t, err)
	equal(t, accepted, 1)
	Flush()
	got := taken(t, client)
	equal(t, len(got), 2)
	equal(t, got[1].Context, "batch")
	must(t, Close(soon(t)))
	Flush()
	status(t, Export(context.Background(), ID("run"), Int("n", 1)), StatusClosed)
}
