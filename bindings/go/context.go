package mona

import (
	"context"
	"runtime"
	"sync/atomic"

	"monalabs.io/mona/internal/native"
)

// Context is an open context: one run of an algorithm, or a step of it. It travels in a [context.Context], and any
// number of goroutines may export into it.
type Context struct {
	// Nil only where no client could be made; keeps the client from being freed.
	client *Client
	// The empty stack where nothing is open: while disabled, and where it failed. That around it where a step failed.
	stack native.Stack
	// Why nothing is open.
	err error
	// It only says which client is meant.
	isBinding bool
	// Calls that use the stack now, and left once it was left.
	uses atomic.Int64
	// The stack was given back.
	isFreed atomic.Bool
	// Gives the stack back where leave was forgotten.
	forgotten runtime.Cleanup
}

// More than there can be calls at a time: the count is negative from the leave on.
const left = -1 << 40

// late is the answer of an export after the leave.
func (c *Context) late() error {
	warnLate()
	return errLate
}

var errLate = &Error{Op: "export", Status: StatusNoContext,
	Detail: "the context was left before, an export between Enter and the call of leave is expected"}

// key finds the Context in a context.Context.
type key struct{}

// carrier is a context.Context with a Context in it, as one object.
type carrier struct {
	context.Context
	mona Context
}

// Value gives the Context, or what the contexts around it have.
func (c *carrier) Value(asked any) any {
	if asked == (key{}) {
		return &c.mona
	}
	return c.Context.Value(asked)
}

// String says what it is, where a context is printed.
func (c *carrier) String() string { return "mona.Context(" + c.mona.ID() + ")" }

// FromContext gives the innermost context, also one that was left; nil where there is none.
func FromContext(ctx context.Context) *Context {
	if ctx == nil {
		return nil
	}
	found, _ := ctx.Value(key{}).(*Context)
	return found
}

// ContextID gives the full id of the context that is open in ctx, the ids of the run and of its steps joined by dots;
// "" where there is none, and while disabled. Another process goes on with it:
//
//	ctx, leave := mona.Enter(ctx, "", mona.ID(id))
func ContextID(ctx context.Context) string { return FromContext(ctx).ID() }

// ID gives the full id of the context; "" where nothing is open.
func (c *Context) ID() string {
	if c == nil || !c.use() {
		return ""
	}
	defer c.done()
	if c.stack == nil {
		return ""
	}
	id, _ := read(firstText, func(buf []byte, length *uintptr) native.Status { return native.StackID(c.stack, buf, length) })
	return id
}

// Err says why the context could not be opened; nil where it was, and while disabled.
func (c *Context) Err() error {
	if c == nil {
		return nil
	}
	return c.err
}

// use keeps the stack from being freed until done; false where the context was left, and then done must not be called.
func (c *Context) use() bool {
	if c.uses.Add(1) > 0 {
		return true
	}
	c.done()
	return false
}

func (c *Context) done() {
	if c.uses.Add(-1) == left {
		c.free()
	}
}

// leave closes the context: exports that are under way end, later ones are refused.
func (c *Context) leave() {
	for {
		uses := c.uses.Load()
		if uses < 0 {
			return
		}
		if c.uses.CompareAndSwap(uses, uses+left) {
			break
		}
	}
	if c.uses.Load() == left {
		c.free()
	}
}

// free gives the stack back, once: a call that came too late may find nobody else there, and ask for it again.
func (c *Context) free() {
	if c.stack != nil && !c.isFreed.Swap(true) {
		c.forgotten.Stop()
		native.StackFree(c.stack)
		// Until here: else the cleanup could be under way when it is stopped.
		runtime.KeepAlive(c)
	}
}

// Enter opens a context for a run of the algorithm class, in the client of the context around it or the default client,
// and gives the [context.Context] that carries it, and the function that closes it:
//
//	ctx, leave := mona.Enter(ctx, "ranker")
//	defer leave()
//
// Inside another context of [Enter] it joins that: nothing is opened, and what is exported belongs to the same run. To
// open a step of it use [Sub]. An empty class is none. [ID] gives the context an id, [At] its class a time; further
// fields are exported at once.
//
// It does not fail: where nothing could be opened the log says why, [Context.Err] too, and so does each export in it.
// While the client is disabled the context does nothing for its whole life.
func Enter(ctx context.Context, class string, fields ...Field) (context.Context, func()) {
	client, err := clientOf(FromContext(ctx))
	return enter(ctx, client, err, class, fields)
}

// Enter opens a context as the function [Enter] does, in this client. Inside another context it joins that one, and its
// client.
func (c *Client) Enter(ctx context.Context, class string, fields ...Field) (context.Context, func()) {
	return enter(ctx, c, c.usable("enter"), class, fields)
}

// Sub opens a step of the run that is open in ctx, an algorithm class of its own, and gives what [Enter] gives. Where
// no context is open nothing is opened, and exports answer [StatusNoContext]. Where the step could not be opened for
// another reason, such as an id that is not UTF-8, exports belong to the context around it.
func Sub(ctx context.Context, class string, fields ...Field) (context.Context, func()) {
	around := FromContext(ctx)
	client, err := clientOf(around)
	inner := newCarrier(ctx, client, err)
	if err != nil {
		return inner.opened(nil)
	}
	// What stands in a context that does nothing does nothing either, and what stands in none fails.
	from, goes, err := around.begin()
	if inner.mona.err = err; goes {
		inner.mona.err = inner.mona.open("sub", from, class, fields)
		around.end()
	}
	return inner.opened(fields)
}

// Bind gives a [context.Context] in which [Enter] and [ExportBatch] use this client and not the default one. No context
// is open in it.
func (c *Client) Bind(ctx context.Context) context.Context {
	bound := newCarrier(ctx, c, errUnopened)
	bound.mona.isBinding = true
	return bound
}

var errUnopened = &Error{Op: "export", Status: StatusNoContext, Detail: "no context is open, one of Enter is expected"}

func enter(ctx context.Context, client *Client, err error, class string, fields []Field) (context.Context, func()) {
	inner := newCarrier(ctx, client, err)
	if err != nil {
		return inner.opened(nil)
	}
	// In one that was left, or where nothing was opened, a run of its own begins.
	var from native.Stack
	if around := FromContext(ctx); around != nil && around.use() {
		defer around.done()
		from = around.stack
	}
	inner.mona.err = inner.mona.open("enter", from, class, fields)
	return inner.opened(fields)
}

func newCarrier(ctx context.Context, client *Client, err error) *carrier {
	if ctx == nil {
		ctx = context.Background()
	}
	return &carrier{Context: ctx, mona: Context{client: client, err: err}}
}

// opened exports the fields that came with the opening, and gives what a caller gets.
func (c *carrier) opened(fields []Field) (context.Context, func()) {
	if c.mona.stack != nil {
		c.mona.forgotten = runtime.AddCleanup(c, native.StackFree, c.mona.stack)
		for place := range fields {
			if fields[place].kind > kindTime {
				// What is wrong with it is in the log.
				_, _ = c.mona.export(fields)
				break
			}
		}
	}
	return c, c.mona.leave
}

// open moves the stack around it by an enter.
func (c *Context) open(op string, from native.Stack, class string, fields []Field) error {
	given := openingOf(class, fields)
	defer given.free()
	// Not in c itself: C must not get at memory that has pointers of Go.
	var scope uint64
	var to native.Stack
	err := attempt(op, func() native.Status {
		if op == "sub" {
			return native.StackEnterSub(from, given.class, given.id, &scope, &to)
		}
		return native.StackEnter(c.client.handle, from, given.class, given.id, given.time, &scope, &to)
	})
	c.stack = to
	return err
}

// opening is what a context is opened with, as C reads it.
type opening struct {
	block       *native.Block
	class, time *native.Field
	id          string
}

func openingOf(class string, fields []Field) opening {
	var given opening
	named := Str("", class)
	named.kind, named.inner = kindClass, kindStr
	classed, timed := &named, (*Field)(nil)
	for place := range fields {
		switch field := &fields[place]; field.kind {
		case kindClass:
			classed = field
		case kindTime:
			timed = field
		case kindID:
			given.id = field.text
		}
	}
	bytes := len(classed.text)
	if timed != nil {
		bytes += len(timed.text)
	}
	given.block = native.NewBlock(2, bytes)
	classed.addValue(given.block)
	given.class = given.block.At(0)
	if timed != nil {
		timed.addValue(given.block)
		given.time = given.block.At(1)
	}
	return given
}

func (o *opening) free() { o.block.Free() }
