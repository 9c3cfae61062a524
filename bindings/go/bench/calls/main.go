// Calls measures what a call of the package costs the thread that makes it, in turns with an empty call of the same
// kind: rounds of each, and the median of the rounds.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"monalabs.io/mona"
	"monalabs.io/mona/bench/internal/cost"
	"monalabs.io/mona/internal/native"
)

const (
	// Enough for a median that a busy machine does not move.
	rounds = 41
	// Long enough that the clock does not count, short enough to take turns often.
	calls = 20_000
)

type subject struct {
	name string
	call func()
}

// typical is the event of seven fields that all benchmarks of libmona have.
type typical struct {
	Model      string  `json:"model"`
	Confidence float64 `json:"confidence"`
	Latency    float64 `json:"latency_ms"`
	Label      string  `json:"label"`
	Batch      int     `json:"batch"`
	Country    string  `json:"country"`
	IsMobile   bool    `json:"is_mobile"`
}

func main() {
	client, err := mona.New(mona.WithEndpoint("null:"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, leave := client.Enter(context.Background(), "image-classifier")
	defer leave()
	event := &typical{"resnet50-v3", 0.9731, 12.5, "cat", 32, "IL", true}
	dictionary := map[string]any{"model": "resnet50-v3", "confidence": 0.9731, "latency_ms": 12.5, "label": "cat", "batch": 32,
		"country": "IL", "is_mobile": true}
	subjects := []subject{
		{"empty call", func() { native.ABIVersion() }},
		{"typed", func() {
			_ = mona.Export(ctx, mona.Str("model", "resnet50-v3"), mona.F64("confidence", 0.9731), mona.F64("latency_ms", 12.5),
				mona.Str("label", "cat"), mona.I64("batch", 32), mona.Str("country", "IL"), mona.Bool("is_mobile", true))
		}},
		{"struct", func() { _ = mona.ExportJSON(ctx, event) }},
		{"map", func() { _ = mona.ExportJSON(ctx, dictionary) }},
		{"enter and leave", func() {
			_, leave := client.Enter(context.Background(), "image-classifier")
			leave()
		}},
	}
	measure(subjects)
}

func measure(subjects []subject) {
	runtime.LockOSThread()
	way := native.Implementation
	took := make([][]float64, len(subjects))
	for round := range rounds {
		for turn := range subjects {
			at := (round + turn) % len(subjects)
			began := cost.Thread()
			for range calls {
				subjects[at].call()
			}
			took[at] = append(took[at], float64(cost.Thread()-began)/calls)
		}
	}
	for at, subject := range subjects {
		slices.Sort(took[at])
		fmt.Printf("go\t%s %s\t%.0f\tns\n", way, subject.name, took[at][rounds/2])
	}
	for _, subject := range subjects[1:] {
		fmt.Printf("go\t%s %s\t%.0f\tallocations\n", way, subject.name, testing.AllocsPerRun(calls, subject.call))
	}
}
