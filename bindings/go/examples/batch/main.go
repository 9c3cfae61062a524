// Batch exports many events in one call, each in a context of its own.
package main

import (
	"context"
	"fmt"
	"os"

	"monalabs.io/mona"
)

func main() {
	defer mona.Flush()
	events := make([]mona.Event, 100)
	for position := range events {
		events[position] = mona.Event{Class: "ranker", Message: map[string]int{"position": position}}
	}
	accepted, err := mona.ExportBatch(context.Background(), events)
	fmt.Fprintln(os.Stderr, accepted, "events were accepted")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
