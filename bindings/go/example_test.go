package mona_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"monalabs.io/mona"
)

// inMemory binds ctx to a client for examples, and gives what prints its records.
func inMemory() (ctx context.Context, show func()) {
	client, err := mona.New(mona.WithEndpoint("memory:"))
	if err != nil {
		fmt.Println(err)
	}
	ctx = client.Bind(context.Background())
	// For the order of what is printed.
	runtime.LockOSThread()
	return ctx, func() {
		defer runtime.UnlockOSThread()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := client.Close(ctx); err != nil {
			fmt.Println(err)
		}
		for record, found := client.Take(); found; record, found = client.Take() {
			var one struct {
				Context string          `json:"context"`
				Message json.RawMessage `json:"message"`
			}
			if err := json.Unmarshal(record, &one); err != nil {
				fmt.Println(err)
			}
			fmt.Println(one.Context, string(one.Message))
		}
	}
}

func Example() {
	ctx, show := inMemory()
	defer show()

	ctx, leave := mona.Enter(ctx, "ranker", mona.ID("run-1"))
	defer leave()
	mona.Export(ctx, mona.Int("items", 3), mona.F64("score", 0.9))

	step, leaveStep := mona.Sub(ctx, "fetch", mona.ID("step-1"))
	defer leaveStep()
	mona.Export(step, mona.Bool("is_cached", true))
	// Output:
	// run-1 {"MONA_ARC_CLASS":"ranker"}
	// run-1 {"items":3,"score":0.9}
	// run-1.step-1 {"MONA_ARC_CLASS":"fetch"}
	// run-1.step-1 {"is_cached":true}
}

func ExampleExportJSON() {
	ctx, show := inMemory()
	defer show()
	ctx, leave := mona.Enter(ctx, "", mona.ID("run-1"))
	defer leave()

	type scores struct {
		Label  string             `json:"label"`
		Scores map[string]float64 `json:"scores"`
		Note   string             `json:"note,omitempty"`
	}
	mona.ExportJSON(ctx, scores{Label: "cat", Scores: map[string]float64{"cat": 0.97}})

	err := mona.ExportJSON(ctx, map[string]any{"features": []any{1, make(chan int)}})
	fmt.Println(errors.Is(err, mona.StatusJSON), err)
	// Output:
	// true mona: export: field "features[1]": chan int cannot be sent, a value that JSON has is expected
	// run-1 {"label":"cat","scores":{"cat":0.97}}
}

func ExampleExportBatch() {
	ctx, show := inMemory()
	defer show()
	accepted, err := mona.ExportBatch(ctx, []mona.Event{
		{ID: "run-1", Class: "ranker", Message: map[string]any{"score": 0.9}},
		{ID: "run-2", Message: []mona.Field{mona.F64("score", 0.8)}},
	})
	fmt.Println(accepted, err)
	// Output:
	// 2 <nil>
	// run-1 {"MONA_ARC_CLASS":"ranker"}
	// run-1 {"score":0.9}
	// run-2 {"score":0.8}
}

func ExampleNewHandler() {
	ctx, show := inMemory()
	defer show()
	log := slog.New(mona.NewHandler(slog.DiscardHandler, nil))
	ctx, leave := mona.Enter(ctx, "", mona.ID("run-1"))
	defer leave()
	log.InfoContext(ctx, "ranked", "score", 0.9, slog.Group("request", "items", 3))
	// Output:
	// run-1 {"level":"INFO","msg":"ranked","score":0.9,"request":{"items":3}}
}

func ExampleClient_Close() {
	client, err := mona.New(mona.WithEndpoint("null:"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	fmt.Println(client.Close(ctx))

	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	err = mona.Export(ctx, mona.F64("score", 0.9))
	fmt.Println(errors.Is(err, mona.StatusClosed))
	// Output:
	// <nil>
	// true
}
