package mona

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"monalabs.io/mona/internal/native"
)

// Event is one event of a batch.
type Event struct {
	// Message is what [ExportJSON] takes.
	Message any
	// Class is the class of its context; "" or nil: none.
	Class any
	// ID is the id of its context; "": a new one.
	ID string
	// Time is when it happened; the zero value: now.
	Time time.Time
}

// ExportBatch sends events in one call, each in a context of its own; inside an open context they join that. It gives
// the number of those that were accepted. An event that cannot be sent is left out, and is in the error; the others are
// sent. Of one that is larger or deeper than the options allow the log and [Stats] say it, and that number.
func ExportBatch(ctx context.Context, events []Event) (accepted int, err error) {
	around := FromContext(ctx)
	client, err := clientOf(around)
	if err != nil {
		return 0, err
	}
	return client.exportBatch(around, events)
}

// ExportBatch sends events in one call, as the function [ExportBatch] does, in this client.
func (c *Client) ExportBatch(ctx context.Context, events []Event) (accepted int, err error) {
	return c.exportBatch(FromContext(ctx), events)
}

func (c *Client) exportBatch(around *Context, events []Event) (int, error) {
	var from native.Stack
	if around != nil && !around.isBinding {
		stack, goes, err := around.begin()
		if !goes {
			return 0, err
		}
		defer around.end()
		from = stack
	}
	text, refused := batchText(events)
	var accepted uintptr
	err := c.attempt("batch", func(handle native.Client) native.Status {
		return native.StackExportBatch(handle, from, text, &accepted)
	})
	if c.IsDisabled() {
		// Nothing is checked then.
		refused = nil
	}
	return int(accepted), errors.Join(append(refused, err)...)
}

const messageKey = `{"message":`

// isObject tells whether JSON text is that of an object. In a batch libmona says of others in the log alone.
func isObject(text []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) }

// batchText writes the array that libmona reads. A message that cannot be sent is a number there, which is refused and
// counted as such, and a class none.
func batchText(events []Event) (text []byte, refused []error) {
	text = append(text, '[')
	for place := range events {
		one := &events[place]
		if place > 0 {
			text = append(text, ',')
		}
		member := func(key string, value any, instead string) {
			text = append(text, key...)
			// Behind the others where there is room, but a text of its own: each event may be as long.
			written, cause := appendValue(text[len(text):], value, 0)
			if cause == nil && key == messageKey && !isObject(written) {
				cause = &refusal{reason: fmt.Sprintf("%T is no JSON object, one is expected", value)}
			}
			if cause == nil {
				text = append(text, written...)
				return
			}
			text = append(text, instead...)
			refused = append(refused, &Error{Op: "batch", Status: StatusJSON, Detail: fmt.Sprintf("event %d: %v", place, cause)})
		}
		member(messageKey, one.Message, "0")
		if one.Class != nil && one.Class != "" {
			member(`,"arc_class":`, one.Class, "null")
		}
		if one.ID != "" {
			member(`,"context_id":`, one.ID, "null")
		}
		if !one.Time.IsZero() {
			text = append(text, `,"export_timestamp":`...)
			text = strconv.AppendFloat(text, seconds(one.Time), 'f', -1, 64)
		}
		text = append(text, '}')
	}
	return append(text, ']'), refused
}
