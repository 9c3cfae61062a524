package mona

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestContextsAndSteps(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "ranker", ID("run"), Str("country", "IL"))
	step, leaveStep := Sub(ctx, "fetch", ID("step"))
	equal(t, ContextID(ctx), "run")
	equal(t, ContextID(step), "run.step")
	must(t, Export(step, Int("n", 1)))
	must(t, Export(ctx, Int("n", 2)))
	joined, leaveJoined := Enter(step, "other", ID("other"))
	equal(t, ContextID(joined), "run.step")
	leaveJoined()
	leaveStep()
	must(t, Export(ctx, Int("n", 3)))
	must(t, Export(ctx, Int("n", 4), ID("elsewhere")))
	leave()
	leave()
	var seen []string
	for _, one := range taken(t, client) {
		seen = append(seen, fmt.Sprint(one.Context, " ", one.Message))
	}
	equal(t, seen, []string{"run map[MONA_ARC_CLASS:ranker]", "run map[country:IL]", "run.step map[MONA_ARC_CLASS:fetch]",
		"run.step map[n:1]", "run map[n:2]", "run map[n:3]", "elsewhere map[n:4]"})
}

func TestAStepOutlivesItsRun(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "", ID("run"))
	step, leaveStep := Sub(ctx, "", ID("step"))
	leave()
	must(t, Export(step, Int("n", 1)))
	leaveStep()
	equal(t, taken(t, client)[0].Context, "run.step")
}

func TestExportAfterLeaveIsAStatus(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	leave()
	status(t, Export(ctx, Int("n", 1)), StatusNoContext)
	status(t, ExportJSON(ctx, map[string]int{"n": 1}), StatusNoContext)
	_, err := ExportBatch(ctx, []Event{{Message: map[string]int{"n": 1}}})
	status(t, err, StatusNoContext)
	equal(t, ContextID(ctx), "")
	step, leaveStep := Sub(ctx, "fetch")
	status(t, FromContext(step).Err(), StatusNoContext)
	status(t, Export(step, Int("n", 1)), StatusNoContext)
	leaveStep()
	// A new run may be opened from there.
	again, leaveAgain := Enter(ctx, "", ID("again"))
	must(t, Export(again, Int("n", 2)))
	leaveAgain()
	equal(t, taken(t, client)[0].Context, "again")
}

func TestNoGoroutineSeesTheContextOfAnother(t *testing.T) {
	const tasks, events = 200, 20
	client := memory(t)
	var group sync.WaitGroup
	for task := range tasks {
		group.Go(func() {
			ctx, leave := client.Enter(context.Background(), "", ID(fmt.Sprint("run", task)))
			defer leave()
			var inner sync.WaitGroup
			for n := range events {
				inner.Go(func() {
					step, leaveStep := Sub(ctx, "", ID(fmt.Sprint("step", n)))
					defer leaveStep()
					runtime.Gosched()
					if err := Export(step, Int("task", task), Int("n", n)); err != nil {
						t.Error(err)
					}
				})
			}
			inner.Wait()
		})
	}
	group.Wait()
	got := taken(t, client)
	equal(t, len(got), tasks*events)
	for _, one := range got {
		if want := fmt.Sprintf("run%v.step%v", one.Message["task"], one.Message["n"]); one.Context != want {
			t.Fatalf("foreign: %s in %s", want, one.Context)
		}
	}
}

func TestLeaveWhileOthersExport(t *testing.T) {
	client := memory(t)
	for range 200 {
		ctx, leave := client.Enter(context.Background(), "")
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 10 {
					if err := Export(ctx, Int("n", 1)); err != nil && !is(err, StatusNoContext) {
						t.Error(err)
					}
					_ = ContextID(ctx)
				}
			})
		}
		group.Go(leave)
		group.Go(leave)
		group.Wait()
		status(t, Export(ctx, Int("n", 1)), StatusNoContext)
	}
}

func TestForgottenLeave(t *testing.T) {
	client := memory(t)
	for range 1000 {
		ctx, _ := client.Enter(context.Background(), "")
		must(t, Export(ctx, Int("n", 1)))
	}
	runtime.GC()
	runtime.GC()
	equal(t, len(messages(t, client)), 1000)
}

func TestAStepThatFailsStandsInItsRun(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "", ID("run"))
	step, leaveStep := Sub(ctx, "step", ID("\xff"))
	status(t, FromContext(step).Err(), StatusUTF8)
	must(t, Export(step, Int("n", 1)))
	leaveStep()
	must(t, Export(ctx, Int("n", 2)))
	leave()
	for _, one := range taken(t, client) {
		equal(t, one.Context, "run")
	}
	ctx, leave = client.Enter(context.Background(), "", ID("\xff"))
	status(t, Export(ctx, Int("n", 3)), StatusUTF8)
	leave()
}

func TestDisabledContextsDoNothingForLife(t *testing.T) {
	client := memory(t)
	must(t, client.SetDisabled(true))
	equal(t, client.IsDisabled(), true)
	ctx, leave := client.Enter(context.Background(), "ranker")
	step, leaveStep := Sub(ctx, "step")
	must(t, client.SetDisabled(false))
	must(t, Export(ctx, Int("n", 1)))
	must(t, Export(step, Int("n", 1), Any("bad", make(chan int))))
	must(t, FromContext(step).Err())
	leaveStep()
	leave()
	equal(t, len(taken(t, client)), 0)
}

func TestContextsOfOthers(t *testing.T) {
	client := memory(t)
	type other struct{}
	ctx, leave := client.Enter(context.WithValue(context.Background(), other{}, "kept"), "", ID("run"))
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	equal(t, ctx.Value(other{}), "kept")
	must(t, Export(ctx, Int("n", 1)))
	cancel()
	step, leaveStep := Sub(ctx, "step")
	defer leaveStep()
	equal(t, step.Err(), context.Canceled)
	// What is over for others may still be said.
	must(t, Export(step, Int("n", 2)))
	if !strings.Contains(fmt.Sprint(ctx), "mona.Context(run)") {
		t.Error(ctx)
	}
}

func TestNilsDoNotCrash(t *testing.T) {
	kept := memory(t)
	var none *Context
	equal(t, none.ID(), "")
	must(t, none.Err())
	var nowhere context.Context
	equal(t, FromContext(nowhere) == nil, true)
	inner, leaveInner := kept.Enter(nowhere, "")
	leaveInner()
	must(t, inner.Err())
	var client *Client
	status(t, client.Flush(soon(t)), StatusArgument)
	status(t, client.Close(soon(t)), StatusArgument)
	status(t, new(Client).SetDisabled(true), StatusArgument)
	status(t, client.SetGlobals(nil), StatusArgument)
	_, err := client.Stats()
	status(t, err, StatusArgument)
	ctx, leave := client.Enter(context.Background(), "x")
	status(t, Export(ctx, Int("n", 1)), StatusArgument)
	leave()
	must(t, new(Context).Export(Int("n", 1)))
}

func TestBoundClient(t *testing.T) {
	client := memory(t)
	ctx := client.Bind(context.Background())
	status(t, Export(ctx, Int("n", 0)), StatusNoContext)
	step, leaveStep := Sub(ctx, "step")
	status(t, Export(step, Int("n", 0)), StatusNoContext)
	leaveStep()
	run, leave := Enter(ctx, "", ID("run"))
	must(t, Export(run, Int("n", 1)))
	leave()
	_, err := ExportBatch(ctx, []Event{{Message: map[string]int{"n": 2}, ID: "batch"}})
	must(t, err)
	must(t, Export(ctx, Int("n", 3), ID("elsewhere")))
	var ids []string
	for _, one := range taken(t, client) {
		ids = append(ids, one.Context)
	}
	equal(t, ids, []string{"run", "batch", "elsewhere"})
}
