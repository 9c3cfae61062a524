//go:build !race

package mona

import (
	"context"
	"testing"
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
