package mona

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"monalabs.io/mona/internal/native"
)

// How long Flush waits: as long as a C program waits at its exit, and a little for a collector that is far away.
const flushTime = 5 * time.Second

// Between looks at a context.Context that can be cancelled: the longest that a call waits on behind that, with the
// operating-system thread that it holds.
const slice = time.Second

// The longest check where there is no deadline: it begins anew each time, and libmona's own time-outs are shorter.
const checkTime = 30 * time.Second

// Flush sends what the default client has in its queue, and waits five seconds for it at most. Go ends a program
// without the exit handlers of C, so main has to call it:
//
//	defer mona.Flush()
//
// [os.Exit] and [log.Fatal] run no deferred calls: call it before them. It does nothing where no default client was
// made, and what it could not deliver is said in the log.
func Flush() {
	if client := defaultClient.Load(); client != nil {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		// What is left over stands in the log.
		_ = client.Flush(ctx)
	}
}

// Close flushes and closes the default client, as [Client.Close] does. Where none was made it does nothing.
func Close(ctx context.Context) error {
	client := defaultClient.Load()
	if client == nil {
		return nil
	}
	return client.Close(ctx)
}

// Flush waits until everything that was accepted before the call is delivered, or in the spool, or until ctx is done.
// Then the error is [StatusTimeout] and that of ctx, and what is left goes on being sent.
func (c *Client) Flush(ctx context.Context) error {
	defer drainLogs()
	_, err := wait(ctx, "flush", slice, func(milliseconds uint32) (struct{}, error) {
		return struct{}{}, c.attempt("flush", func(handle native.Client) native.Status {
			return native.ClientFlush(handle, milliseconds)
		})
	})
	return err
}

// Close flushes for as long as ctx lets it, and stops the client for good. What is not delivered by then goes to the
// spool, or is counted as DroppedClosed; the error is then [StatusTimeout], and that of ctx where it was the reason.
// Contexts stay usable, and exports answer [StatusClosed]. Closing again does nothing.
func (c *Client) Close(ctx context.Context) error {
	flushed := c.Flush(ctx)
	if is(flushed, StatusClosed) {
		flushed = nil
	}
	// What a flush could not do, a close that waits would not do either.
	milliseconds := uint32(0)
	if flushed == nil {
		milliseconds = uint32(slice / time.Millisecond)
	}
	err := c.attempt("close", func(handle native.Client) native.Status { return native.ClientClose(handle, milliseconds) })
	drainLogs()
	var failed *Error
	if errors.As(err, &failed) && ctx != nil {
		failed.Cause = ctx.Err()
	}
	return err
}

// wait makes a call that waits, and stops to wait for it when ctx is done. The call ends later then, within a slice of
// time.
func wait[T any](ctx context.Context, op string, slice time.Duration, call func(milliseconds uint32) (T, error)) (T, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	if ctx.Done() == nil {
		return call(math.MaxUint32)
	}
	type outcome struct {
		value T
		err   error
	}
	ended := make(chan outcome, 1)
	go func() {
		deadline, isLimited := ctx.Deadline()
		for {
			limit, isLast := slice, false
			if isLimited {
				limit = min(slice, max(time.Until(deadline), 0))
				isLast = limit < slice
			}
			value, err := call(uint32(limit.Milliseconds()))
			if isLast || ctx.Err() != nil || !is(err, StatusTimeout) {
				ended <- outcome{value: value, err: err}
				return
			}
		}
	}()
	select {
	case result := <-ended:
		var failed *Error
		if errors.As(result.err, &failed) && failed.Status == StatusTimeout {
			// Its time was that of ctx, whose own clock may be a little behind.
			failed.Cause = cmp.Or(ctx.Err(), context.DeadlineExceeded)
		}
		return result.value, result.err
	case <-ctx.Done():
		var none T
		return none, &Error{Op: op, Status: StatusTimeout, Cause: ctx.Err()}
	}
}
