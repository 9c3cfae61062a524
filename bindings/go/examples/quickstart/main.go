// Quickstart exports a run of an algorithm, and a step of it.
package main

import (
	"context"
	"log"
	"time"

	"monalabs.io/mona"
)

func classify(ctx context.Context) {
	ctx, leave := mona.Enter(ctx, "image-classifier")
	defer leave()
	mona.Export(ctx, mona.Str("country", "IL"), mona.Null("age"), mona.Bool("is_mobile", true))
	resize(ctx)
	mona.ExportJSON(ctx, map[string]any{"label": "cat", "confidence": 0.97, "boxes": [][]int{{1, 2}}})
}

func resize(ctx context.Context) {
	ctx, leave := mona.Sub(ctx, "resize")
	defer leave()
	mona.Export(ctx, mona.Int("width", 640), mona.F64("milliseconds", 1.5))
}

func main() {
	classify(context.Background())
	// Waits until the collector has it, for two seconds at most; the error says what is in the way.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := mona.Close(ctx); err != nil {
		log.Fatal(err)
	}
}
