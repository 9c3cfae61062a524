package mona

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestBatch(t *testing.T) {
	client := memory(t)
	accepted, err := client.ExportBatch(context.Background(), []Event{
		{Message: map[string]int{"n": 0}, Class: "ranker", ID: "run", Time: time.Unix(1_500_000_000, 5)},
		{Message: []Field{Int("n", 1)}},
	})
	must(t, err)
	equal(t, accepted, 2)
	got := taken(t, client)
	equal(t, len(got), 3)
	equal(t, got[0].Message, map[string]any{"MONA_ARC_CLASS": "ranker"})
	equal(t, got[1].Context, "run")
	equal(t, got[1].Time, int64(1_500_000_000))
	equal(t, got[2].Message, map[string]any{"n": 1.0})
	accepted, err = client.ExportBatch(context.Background(), nil)
	must(t, err)
	equal(t, accepted, 0)
}

func TestABatchJoinsTheContextAroundIt(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "", ID("run"))
	defer leave()
	_, err := ExportBatch(ctx, []Event{{Message: map[string]int{"n": 0}, ID: "ignored"}})
	must(t, err)
	equal(t, taken(t, client)[0].Context, "run")
}

func TestWhatABatchLeavesOut(t *testing.T) {
	client := memory(t)
	accepted, err := client.ExportBatch(context.Background(), []Event{
		{Message: map[string]int{"n": 0}},
		{Message: map[string]any{"bad": make(chan int)}},
		{Message: "no object"},
		{Message: map[string]int{"n": 1}, Class: make(chan int)},
		{Message: map[string]int{"n": 2}, ID: "\xff"},
		{Message: map[string]int{"n": 3}},
		{},
		{Message: json.RawMessage("{")},
		{Message: json.RawMessage(" {}, {}")},
	})
	equal(t, accepted, 4)
	for _, said := range []string{"event 1: bad: chan int", "event 3: chan int", "event 4: text that is not UTF-8",
		"event 2: string is no JSON object", "event 6: <nil> is no JSON object", "event 7: json.RawMessage", "event 8: json.RawMessage"} {
		if err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%v does not say %q", err, said)
		}
	}
	equal(t, len(taken(t, client)), 4)
	stats, err := client.Stats()
	must(t, err)
	equal(t, stats.Refused, uint64(5))
	must(t, client.SetDisabled(true))
	accepted, err = client.ExportBatch(context.Background(), []Event{{Message: make(chan int)}})
	must(t, err)
	equal(t, accepted, 0)
}
