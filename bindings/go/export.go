package mona

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"monalabs.io/mona/internal/native"
)

// Export sends one event from the context that is open in ctx:
//
//	mona.Export(ctx, mona.F64("score", 0.9), mona.Str("label", "cat"))
//
// It does not wait for the network, and allocates nothing. [At] gives the event another time than now, [ID] another
// context. The error may be ignored: the log says what was wrong, and [Client.Stats] counts it.
func Export(ctx context.Context, fields ...Field) error {
	_, err := FromContext(ctx).export(fields)
	return err
}

// Export sends one event from the context, as the function [Export] does, without a search in a [context.Context].
func (c *Context) Export(fields ...Field) error {
	_, err := c.export(fields)
	return err
}

// ExportJSON sends one event from the context that is open in ctx, given as a value that is a JSON object: a struct with
// the tags of encoding/json, a map, a [][Field], a [json.RawMessage]. Options are [At] and [ID].
//
// The rules are those of encoding/json, but NaN and infinities are allowed, keys of maps may be of any kind that has a
// text, errors are sent as their text, and text that is not UTF-8 is refused. What cannot be sent is an error that
// names where it stands.
func ExportJSON(ctx context.Context, message any, options ...Field) error {
	_, err := FromContext(ctx).exportJSON(message, options)
	return err
}

// ExportJSON sends one event from the context, as the function [ExportJSON] does.
func (c *Context) ExportJSON(message any, options ...Field) error {
	_, err := c.exportJSON(message, options)
	return err
}

// event is the fields of an event, as C reads them.
type event struct {
	block *native.Block
	// The number of fields that stand in the record.
	count int
	time  *native.Field
	id    string
	// The place of a field that cannot be sent, -1 where there is none. No pointer: it would put all fields on the heap.
	bad int
}

// eventOf copies the fields to where C may read them. What is about the event stands behind the others.
func eventOf(fields []Field) (given event) {
	bytes := 0
	for place := range fields {
		bytes += len(fields[place].name) + len(fields[place].text)
	}
	block := native.NewBlock(len(fields)+1, bytes)
	given.block = block
	given.bad = -1
	var timed *Field
	for place := range fields {
		field := &fields[place]
		switch field.kind {
		case kindBad:
			given.bad = place
		case kindTime:
			timed = field
		case kindID:
			given.id = field.text
		case kindClass:
		default:
			field.add(block)
		}
	}
	given.count = block.Len()
	if timed != nil {
		timed.addValue(block)
		given.time = block.At(given.count)
	}
	return given
}

// begin gives the stack that an export goes to, until end; where it does not go, the answer of the export.
func (c *Context) begin() (stack native.Stack, goes bool, err error) {
	if c == nil {
		// Refused by the default client, which counts and logs that.
		_, err = Default()
		return nil, err == nil, err
	}
	if c.stack == nil {
		return nil, false, c.err
	}
	if !c.use() {
		return nil, false, c.late()
	}
	return c.stack, true, nil
}

func (c *Context) end() {
	if c != nil {
		c.done()
	}
}

// export sends fields. Taken tells that the event was accepted, and not skipped on purpose.
func (c *Context) export(fields []Field) (taken bool, err error) {
	given := eventOf(fields)
	defer given.block.Free()
	if given.bad >= 0 {
		field := &fields[given.bad]
		return false, c.refuse(field.refusal().in(field.name))
	}
	if given.id != "" {
		err = c.elsewhere(given.id, func(there native.Stack) error { return exportFields(there, &given) })
		return given.block.Taken(), err
	}
	stack, goes, err := c.begin()
	if !goes {
		return false, err
	}
	err = exportFields(stack, &given)
	c.end()
	return given.block.Taken(), err
}

// exportFields is attempt for the call that has to be fast.
func exportFields(stack native.Stack, given *event) error {
	runtime.LockOSThread()
	status := native.StackExportFields(stack, given.block, given.count, given.time)
	if status == native.Status(StatusOK) {
		runtime.UnlockOSThread()
		return nil
	}
	err := failed("export", status)
	runtime.UnlockOSThread()
	drainLogs()
	return err
}

func (c *Context) exportJSON(message any, options []Field) (taken bool, err error) {
	text, is := rawJSON(message)
	if !is {
		list := lists.Get().(*[]Field)
		fields, isFlat, cause := flat((*list)[:0], message)
		if isFlat && cause == nil {
			fields = append(fields, options...)
			taken, err = c.export(fields)
		}
		if cap(fields) <= keptFields {
			// Texts of the program must not live on here.
			clear(fields)
			*list = fields
			lists.Put(list)
		}
		if cause != nil {
			return false, c.refuse(cause)
		}
		if isFlat {
			return taken, err
		}
		if text, cause = encode(message); cause != nil {
			return false, c.refuse(cause)
		}
	}
	given := eventOf(options)
	defer given.block.Free()
	send := func(stack native.Stack) error {
		return attempt("export", func() native.Status { return native.StackExport(stack, text, given.time, given.block) })
	}
	if given.id != "" {
		err = c.elsewhere(given.id, send)
		return given.block.Taken(), err
	}
	stack, goes, err := c.begin()
	if !goes {
		return false, err
	}
	defer c.end()
	err = send(stack)
	return given.block.Taken(), err
}

// rawJSON gives the text of what is JSON already.
func rawJSON(message any) ([]byte, bool) {
	raw, is := message.(json.RawMessage)
	return raw, is
}

// elsewhere sends to a context of that id that is open for this one call.
func (c *Context) elsewhere(id string, send func(native.Stack) error) error {
	client, err := clientOf(c)
	if err != nil {
		return err
	}
	var scope uint64
	var there native.Stack
	err = attempt("export", func() native.Status {
		return native.StackEnter(client.handle, nil, nil, id, nil, &scope, &there)
	})
	// The client is not freed while it is used.
	runtime.KeepAlive(client)
	if err != nil || there == nil {
		return err
	}
	defer native.StackFree(there)
	return send(there)
}

// notJSON is a value that libmona refuses.
const notJSON = "(a value that cannot be sent)"

// refuse gives libmona an event that it refuses, in the place of one that cannot be sent: so it is counted, logged, and
// no error while disabled.
func (c *Context) refuse(cause *refusal) error {
	stack, goes, err := c.begin()
	if !goes {
		return err
	}
	defer c.end()
	block := native.NewBlock(1, len(cause.path)+len(notJSON))
	defer block.Free()
	block.AddText(cause.path, kindJSON, notJSON)
	err = attempt("export", func() native.Status { return native.StackExportFields(stack, block, 1, nil) })
	var refused *Error
	if errors.As(err, &refused) && refused.Status == StatusJSON {
		refused.Detail = cause.reason
		if cause.path != "" {
			refused.Detail = fmt.Sprintf("field %q: %s", cause.path, cause.reason)
		}
	}
	return err
}
