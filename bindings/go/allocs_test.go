//go:build !race

package mona

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestExportAllocatesNothing(t *testing.T) {
	client, err := New(WithEndpoint("null:"))
	must(t, err)
	ctx, leave := client.Enter(context.Background(), "ranker")
	defer leave()
	message := &typical{Model: "resnet50-v3", Confidence: 0.9731}
	for name, export := range map[string]func() error{
		"typed": func() error { return exportTypical(ctx) },
		"JSON":  func() error { return ExportJSON(ctx, message) },
	} {
		// Without cgo a call of the other kind needs memory for its arguments.
		if name == "JSON" && Implementation() != "cgo" {
			continue
		}
		// A garbage collection empties the pool of blocks, rarely.
		if found := testing.AllocsPerRun(1000, func() { must(t, export()) }); found != 0 {
			t.Errorf("%s: %v allocations", name, found)
		}
	}
	must(t, client.Close(soon(t)))
}

// What the stacks of libmona take of memory comes back, left or not.
func TestContextsAreLetGoOf(t *testing.T) {
	client, err := New(WithEndpoint("null:"))
	must(t, err)
	forget := func(count int) {
		for n := range count {
			ctx, leave := client.Enter(context.Background(), "")
			if must(t, Export(ctx, Int("n", n), ID("other"))); n%2 == 0 {
				leave()
			}
			if n%5000 == 0 {
				runtime.GC()
			}
		}
		// The second one ends the cleanups of the first.
		for range 5 {
			runtime.GC()
			time.Sleep(10 * time.Millisecond)
		}
	}
	forget(20_000)
	before := resident(t)
	forget(200_000)
	if grown := resident(t) - before; grown > 20<<20 {
		t.Errorf("%d bytes of 200 000 contexts stayed", grown)
	}
	must(t, client.Close(soon(t)))
}

// resident is the memory that the process has.
func resident(t *testing.T) int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	var all, pages int
	_, err = fmt.Sscan(string(text), &all, &pages)
	must(t, err)
	return pages * os.Getpagesize()
}
