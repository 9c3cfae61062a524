// Workers has four goroutines, each with a run of its own, and steps in goroutines of theirs.
package main

import (
	"context"
	"fmt"
	"sync"

	"monalabs.io/mona"
)

func score(ctx context.Context, item int) float64 {
	score := float64(item) / 100
	mona.Export(ctx, mona.Int("item", item), mona.F64("score", score))
	return score
}

func rank(ctx context.Context, items []int) {
	best := 0.0
	func() {
		ctx, leave := mona.Sub(ctx, "scoring", mona.ID("scoring"))
		defer leave()
		for _, item := range items {
			best = max(best, score(ctx, item))
		}
	}()
	mona.Export(ctx, mona.F64("best", best))
}

func main() {
	defer mona.Flush()
	var group sync.WaitGroup
	for request := range 4 {
		group.Go(func() {
			ctx, leave := mona.Enter(context.Background(), "ranker", mona.ID(fmt.Sprint("request-", request)))
			defer leave()
			rank(ctx, []int{3, 1, 4})
		})
	}
	group.Wait()
}
