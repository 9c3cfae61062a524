package mona

import (
	"context"
	"log"
	"log/slog"
	"reflect"
	"slices"
	"strings"
)

// HandlerOptions are what a [Handler] may be told.
type HandlerOptions struct {
	// Level is the least important record that is exported; nil: [slog.LevelInfo].
	Level slog.Leveler
	// LevelKey and MessageKey are the names of the fields with the level and the text; "": those of slog.
	LevelKey, MessageKey string
	// TimeKey is the name of a field with the time of the record; "": none, for each event has its time.
	TimeKey string
}

// Handler is a [slog.Handler] that exports records from the context that is open in the [context.Context] of the log
// call, with their attributes as fields and groups as objects, and hands all of them on to the next handler:
//
//	slog.SetDefault(slog.New(mona.NewHandler(slog.NewJSONHandler(os.Stderr, nil), nil)))
//	slog.InfoContext(ctx, "ranked", "score", 0.9)
//
// Records outside a context are not exported.
//
// The handler that log/slog begins with cannot be handed records by another one: [slog.SetDefault] makes its way out, the
// package log, call that other one again, and both wait for ever. A [slog.TextHandler] with the same writer stands in for
// it.
type Handler struct {
	next    slog.Handler
	options HandlerOptions
	// The attributes of WithAttrs, in the groups of WithGroup that were open then.
	groups []group
}

type group struct {
	// "" for the outermost one.
	name  string
	attrs []slog.Attr
}

// NewHandler makes a Handler. Next is what else becomes of the records; nil: nothing.
func NewHandler(next slog.Handler, options *HandlerOptions) *Handler {
	if isSlogsFirst(next) {
		next = slog.NewTextHandler(log.Writer(), nil)
	}
	made := &Handler{next: next, groups: []group{{}}}
	if options != nil {
		made.options = *options
	}
	if made.options.Level == nil {
		made.options.Level = slog.LevelInfo
	}
	if made.options.LevelKey == "" {
		made.options.LevelKey = slog.LevelKey
	}
	if made.options.MessageKey == "" {
		made.options.MessageKey = slog.MessageKey
	}
	return made
}

// slogsFirst is the type of the handler that writes to the package log. It has no exported name.
const slogsFirst = "*slog.defaultHandler"

func isSlogsFirst(handler slog.Handler) bool {
	return handler != nil && reflect.TypeOf(handler).String() == slogsFirst
}

func (h *Handler) exports(ctx context.Context, level slog.Level) bool {
	return level >= h.options.Level.Level() && FromContext(ctx) != nil
}

// Enabled tells whether a record of the level goes anywhere.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.exports(ctx, level) || h.next != nil && h.next.Enabled(ctx, level)
}

// Handle exports the record, and hands it on. What is wrong with an event is in libmona's own log, and no error here.
func (h *Handler) Handle(ctx context.Context, record slog.Record) error {
	if h.exports(ctx, record.Level) && ctx.Value(ownLine{}) == nil {
		_ = Export(ctx, h.fields(&record)...)
	}
	if h.next == nil || !h.next.Enabled(ctx, record.Level) {
		return nil
	}
	return h.next.Handle(ctx, record)
}

// WithAttrs gives a handler with further attributes.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	made := h.copy()
	last := &made.groups[len(made.groups)-1]
	last.attrs = slices.Concat(last.attrs, attrs)
	if h.next != nil {
		made.next = h.next.WithAttrs(attrs)
	}
	return made
}

// WithGroup gives a handler that puts what comes into a group.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	made := h.copy()
	made.groups = append(made.groups, group{name: mended(name)})
	if h.next != nil {
		made.next = h.next.WithGroup(name)
	}
	return made
}

func (h *Handler) copy() *Handler {
	made := *h
	made.groups = slices.Clone(h.groups)
	return &made
}

// fields gives the record as an event has it.
func (h *Handler) fields(record *slog.Record) []Field {
	// The innermost group has the attributes of the record; each outer one has it as its last member.
	var inner []Field
	record.Attrs(func(attr slog.Attr) bool {
		inner = appendAttr(inner, attr)
		return true
	})
	for place := len(h.groups) - 1; place >= 0; place-- {
		one := &h.groups[place]
		around := make([]Field, 0, len(one.attrs)+len(inner)+4)
		if place == 0 {
			around = append(around, Str(h.options.LevelKey, record.Level.String()), Str(h.options.MessageKey, mended(record.Message)))
			if !record.Time.IsZero() {
				around = append(around, At(record.Time))
				if h.options.TimeKey != "" {
					around = append(around, Any(h.options.TimeKey, record.Time))
				}
			}
		}
		for _, attr := range one.attrs {
			around = appendAttr(around, attr)
		}
		if place < len(h.groups)-1 {
			inner = appendGroup(nil, h.groups[place+1].name, inner)
		}
		inner = append(around, inner...)
	}
	return inner
}

// appendGroup adds a group of fields, unless it is empty.
func appendGroup(fields []Field, name string, members []Field) []Field {
	if len(members) == 0 {
		return fields
	}
	if name == "" {
		return append(fields, members...)
	}
	return append(fields, Any(name, members))
}

// appendAttr adds an attribute by the rules of slog: an empty one is none, and so is an empty group.
func appendAttr(fields []Field, attr slog.Attr) []Field {
	value := attr.Value.Resolve()
	if attr.Equal(slog.Attr{}) {
		return fields
	}
	key := mended(attr.Key)
	switch value.Kind() {
	case slog.KindGroup:
		var members []Field
		for _, member := range value.Group() {
			members = appendAttr(members, member)
		}
		return appendGroup(fields, key, members)
	case slog.KindBool:
		return append(fields, Bool(key, value.Bool()))
	case slog.KindInt64:
		return append(fields, I64(key, value.Int64()))
	case slog.KindUint64:
		return append(fields, U64(key, value.Uint64()))
	case slog.KindFloat64:
		return append(fields, F64(key, value.Float64()))
	case slog.KindString:
		return append(fields, Str(key, mended(value.String())))
	case slog.KindDuration:
		return append(fields, F64(key, value.Duration().Seconds()))
	}
	field := Any(key, value.Any())
	if field.kind == kindBad {
		// A log record is worth more than the kind of one attribute.
		field = Str(key, mended(textOf(value.Any())))
	}
	return append(fields, field)
}

// mended is text in UTF-8. A log record is worth more than what its text was before.
func mended(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
