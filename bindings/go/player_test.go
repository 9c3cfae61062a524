package mona

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"monalabs.io/mona/internal/native"
)

// The rule is 3 s; the rest is for a loaded machine.
const reloadTime = 20 * time.Second

// TestMain runs the tests, or as "mona.test SCENARIOS.json ID" plays one conformance scenario and prints what it gave as
// JSON. Nothing is judged here. It is a test for the sake of the moves of stacks, which a program of Go has no use for.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && !strings.HasPrefix(os.Args[1], "-") {
		if err := play(os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// task is a thread of a scenario: a goroutine that does what it is told, and the stack it stands in.
type task struct {
	stack native.Stack
	jobs  chan func()
}

// player has the threads of a scenario, and by its handle the scope of each enter that was not left yet.
type player struct {
	tasks  map[string]*task
	blocks map[string]uint64
}

type outcome struct {
	OK     any    `json:"ok"`
	Err    string `json:"err,omitempty"`
	Detail string `json:"detail,omitempty"`
	Emits  uint64 `json:"emits"`
}

// MarshalJSON leaves ok out where there is an error.
func (o outcome) MarshalJSON() ([]byte, error) {
	if o.Err != "" {
		return json.Marshal(map[string]any{"err": o.Err, "detail": o.Detail, "emits": o.Emits})
	}
	return json.Marshal(map[string]any{"ok": o.OK, "emits": o.Emits})
}

func play(path, id string) error {
	ops, err := operations(path, id)
	if err != nil {
		return err
	}
	p := &player{tasks: map[string]*task{}, blocks: map[string]uint64{}}
	p.start("main")
	started := time.Now().Unix()
	results := []outcome{}
	for _, op := range ops {
		results = append(results, p.perform(op))
	}
	seen := map[string]any{"implementation": native.Implementation, "results": results, "started": started}
	records, stats := []string{}, map[string]any{}
	if client := defaultClient.Load(); client != nil {
		ctx, cancel := context.WithTimeout(context.Background(), reloadTime)
		defer cancel()
		_ = client.Flush(ctx)
		for record, found := client.Take(); found; record, found = client.Take() {
			records = append(records, string(record))
		}
		counted, _ := client.Stats()
		text, _ := json.Marshal(counted)
		_ = json.Unmarshal(text, &stats)
	}
	seen["records"], seen["stats"], seen["ended"] = records, stats, time.Now().Unix()
	return json.NewEncoder(os.Stdout).Encode(seen)
}

func (p *player) start(name string) *task {
	made := &task{jobs: make(chan func())}
	p.tasks[name] = made
	go func() {
		// The order of its events is that of a thread of the operating system.
		runtime.LockOSThread()
		for job := range made.jobs {
			job()
		}
	}()
	return made
}

func (t *task) do(job func()) {
	done := make(chan struct{})
	t.jobs <- func() { defer close(done); job() }
	<-done
}

func accepted() uint64 {
	client := defaultClient.Load()
	if client == nil {
		return 0
	}
	stats, _ := client.Stats()
	return stats.Accepted
}

func (p *player) perform(op operation) (result outcome) {
	before := accepted()
	name := "main"
	if op.has("thread") {
		name = op.text("thread")
	}
	here := p.tasks[name]
	here.do(func() {
		value, err := p.run(here, op)
		var failed *Error
		if errors.As(err, &failed) {
			result.Err, result.Detail = failed.Status.String(), failed.Error()
		} else if err != nil {
			result.Err, result.Detail = "error", err.Error()
		} else {
			result.OK = value
		}
	})
	result.Emits = accepted() - before
	return result
}

// isLoss tells the failures that a program of the older client sees.
func isLoss(err error) bool {
	return is(err, StatusDropped) || is(err, StatusTimeout) || is(err, StatusClosed) || is(err, StatusIO)
}

// quiet is what an operation answers that gives the id afterwards.
func (t *task) quiet(err error, value any) (any, error) {
	if isLoss(err) {
		return nil, err
	}
	return value, nil
}

func (t *task) id() string { return (&Context{stack: t.stack}).ID() }

// moved takes the stack after a move.
func (t *task) moved(op string, move func(to *native.Stack) native.Status) error {
	if _, err := Default(); err != nil {
		return err
	}
	var to native.Stack
	err := attempt(op, func() native.Status { return move(&to) })
	native.StackFree(t.stack)
	t.stack = to
	return err
}

// step gives the id of the innermost sub-context, if an operation opened one.
func (t *task) step(before string) string {
	after := t.id()
	if len(after) > len(before) && before != "" {
		return after[len(before)+1:]
	}
	return ""
}

func (p *player) run(t *task, op operation) (any, error) {
	switch op.text("op") {
	case "init_client":
		if err := Init(op.options()...); err != nil && !is(err, StatusExists) {
			return nil, err
		}
		return nil, nil
	case "init", "new_context_enter":
		given := op.opening("context_id")
		defer given.free()
		client, err := Default()
		if err != nil {
			return nil, err
		}
		err = t.moved("enter", func(to *native.Stack) native.Status {
			if !op.has("handle") {
				return native.StackOpen(client.handle, t.stack, given.class, given.id, given.time, to)
			}
			var scope uint64
			status := native.StackEnter(client.handle, t.stack, given.class, given.id, given.time, &scope, to)
			p.blocks[op.text("handle")] = scope
			return status
		})
		return t.quiet(err, t.id())
	case "init_sub_context", "new_sub_context_enter":
		given := op.opening("sub_context_id")
		defer given.free()
		before := t.id()
		err := t.moved("sub", func(to *native.Stack) native.Status {
			if !op.has("handle") {
				return native.StackOpenSub(t.stack, given.class, given.id, to)
			}
			var scope uint64
			status := native.StackEnterSub(t.stack, given.class, given.id, &scope, to)
			p.blocks[op.text("handle")] = scope
			return status
		})
		return t.quiet(err, t.step(before))
	case "new_context_exit", "new_sub_context_exit":
		scope := p.blocks[op.text("handle")]
		return false, t.moved("leave", func(to *native.Stack) native.Status { return native.StackLeave(t.stack, scope, to) })
	case "close_sub_context":
		id := ""
		if op.has("sub_context_id") {
			id = op.text("sub_context_id")
		}
		err := t.moved("close sub", func(to *native.Stack) native.Status { return native.StackCloseSub(t.stack, id, to) })
		return t.quiet(err, t.id())
	case "get_full_context_id":
		return t.id(), nil
	case "reset":
		return nil, t.moved("reset", func(to *native.Stack) native.Status { return native.StackReset(t.stack, to) })
	case "export":
		return t.export(op)
	case "export_batch":
		return nil, t.batch(op.value("events").([]any))
	}
	return p.control(t, op)
}

func (p *player) control(t *task, op operation) (any, error) {
	client, err := Default()
	if err != nil {
		return nil, err
	}
	switch op.text("op") {
	case "set_global_init_message":
		message := op.value("message")
		if message == nil {
			message = json.RawMessage("null")
		}
		return t.quiet(client.SetGlobals(message), nil)
	case "set_disabled":
		return nil, client.SetDisabled(op.value("disabled").(bool))
	case "close":
		ctx, cancel := context.WithTimeout(context.Background(), reloadTime)
		defer cancel()
		return nil, client.Close(ctx)
	case "write_config":
		return nil, writeConfig(client, op)
	case "thread_start":
		started := p.start(op.text("new"))
		if op.text("kind") != "inherit" {
			return nil, nil
		}
		id := t.id()
		started.do(func() {
			var scope uint64
			err = started.moved("enter", func(to *native.Stack) native.Status {
				return native.StackEnter(client.handle, nil, nil, id, nil, &scope, to)
			})
		})
		return nil, err
	case "thread_join":
		close(p.tasks[op.text("target")].jobs)
		return nil, nil
	}
	return nil, fmt.Errorf("no such operation: %v", op)
}

// here is the context of the task as the package has it.
func (t *task) here() *Context {
	if t.stack == nil {
		return nil
	}
	return &Context{stack: t.stack, client: defaultClient.Load()}
}

func (t *task) export(op operation) (any, error) {
	if _, err := Default(); err != nil {
		return nil, err
	}
	var options []Field
	if op.has("export_timestamp") {
		options = append(options, Timestamp(op.timestamp()))
	}
	message := op.value("message")
	if fields, is := message.([]Field); is && len(fields)%2 == 0 {
		// Half of them as JSON text, so that both ways are played.
		if text, cause := encode(fields); cause == nil {
			message = json.RawMessage(text)
		}
	}
	taken, err := t.here().exportJSON(message, options)
	if isLoss(err) {
		return nil, err
	}
	if err != nil || !taken {
		return nil, nil
	}
	return true, nil
}

func (t *task) batch(events []any) error {
	client, err := Default()
	if err != nil {
		return err
	}
	text, cause := encode(events)
	if cause != nil {
		return cause
	}
	var accepted uintptr
	err = attempt("batch", func() native.Status {
		return native.StackExportBatch(client.handle, t.stack, text, &accepted)
	})
	// A context that was opened without an enter is gone, as it would be from a thread.
	hasMessage := bytes.Contains(text, []byte(`"message":`))
	var reset native.Stack
	if native.StackReset(t.stack, &reset); reset != nil {
		native.StackFree(reset)
	} else if hasMessage && !client.IsDisabled() {
		native.StackFree(t.stack)
		t.stack = nil
	}
	return err
}

func writeConfig(client *Client, op operation) error {
	path := os.Getenv("MONA_CLIENT_CONFIG_FILE")
	stats, _ := client.Stats()
	target := path
	if op.has("rename") && op.value("rename").(bool) {
		target += ".fresh"
	}
	if err := os.WriteFile(target, []byte(op.text("content")), 0o600); err != nil {
		return err
	}
	if target != path {
		if err := os.Rename(target, path); err != nil {
			return err
		}
	}
	for end := time.Now().Add(reloadTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if now, _ := client.Stats(); now.ConfigReloads != stats.ConfigReloads {
			break
		}
	}
	return nil
}
