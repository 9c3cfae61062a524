//go:build !cgo

package mona

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A program lives on where libmona cannot be loaded, and where nobody looked at the error of New. One with cgo is ended by
// the loader before.
func TestWithoutTheLibrary(t *testing.T) {
	const inside = "MONA_TEST_WITHOUT_THE_LIBRARY"
	if os.Getenv(inside) == "" {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		again.Env = append(os.Environ(), inside+"=1", "MONA_LIBRARY=/no/such/library")
		out, err := again.CombinedOutput()
		if err != nil || strings.Count(string(out), "MONA_LIBRARY") != 1 {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	status(t, Init(), StatusIO)
	client, err := New()
	status(t, err, StatusIO)
	for _, client := range []*Client{client, new(Client)} {
		ctx, leave := Enter(client.Bind(context.Background()), "ranker")
		if Export(ctx, Int("n", 1)) == nil || ExportJSON(ctx, Event{}, ID("other")) == nil || ContextID(ctx) != "" {
			t.Error("a call without the library went well")
		}
		leave()
		inner, leave := client.Enter(ctx, "ranker")
		_, leaveStep := Sub(inner, "step")
		leaveStep()
		leave()
		if _, err := ExportBatch(ctx, []Event{{}}); err == nil {
			t.Error("a batch without the library went well")
		}
		_, err := client.Describe()
		status(t, err, StatusArgument)
		_, err = client.Check(ctx)
		status(t, err, StatusArgument)
		status(t, client.SetGlobals(nil), StatusArgument)
		status(t, client.Flush(ctx), StatusArgument)
		status(t, client.Close(ctx), StatusArgument)
		if _, found := client.Take(); found || !client.IsDisabled() && Version() != "" {
			t.Error("something came from nowhere")
		}
	}
	Flush()
	must(t, Close(context.Background()))
}
