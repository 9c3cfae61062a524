package mona

import (
	"math"
	"strings"
	"time"

	"monalabs.io/mona/internal/native"
)

// Field is one field of an event, or something about the event: see [At] and [ID]. The functions with names of kinds
// make one.
type Field struct {
	name   string
	text   string
	number uint64
	kind   int32
	// The kind of the value, in a field that is about the event.
	inner int32
}

// Kinds beside those of libmona: they say something about the event, and stand in no record.
const (
	// A value that cannot be sent; text says why.
	kindBad int32 = -1 - iota
	kindTime
	kindID
	kindClass
)

// writtenHere is the number of a JSON field whose text encode wrote: one value, but not what encoding/json calls valid
// where NaN or an infinity is in it.
const writtenHere = 1

// F64 is a field with a floating-point number. NaN and infinities are sent as the option "nonfinite" says.
func F64(name string, value float64) Field {
	return Field{name: name, kind: kindF64, number: math.Float64bits(value)}
}

// I64 is a field with a whole number.
func I64(name string, value int64) Field {
	return Field{name: name, kind: kindI64, number: uint64(value)}
}

// Int is a field with a whole number.
func Int(name string, value int) Field {
	return Field{name: name, kind: kindI64, number: uint64(int64(value))}
}

// U64 is a field with a whole number that is not negative.
func U64(name string, value uint64) Field { return Field{name: name, kind: kindU64, number: value} }

// Bool is a field that is true or false.
func Bool(name string, value bool) Field {
	field := Field{name: name, kind: kindBool}
	if value {
		field.number = 1
	}
	return field
}

// Str is a field with text in UTF-8. An event with other text is refused.
func Str(name, value string) Field { return Field{name: name, kind: kindStr, text: value} }

// Null is a field that is null.
func Null(name string) Field { return Field{name: name, kind: kindNull} }

// RawJSON is a field with one JSON value as text, for arrays and objects that are JSON already.
func RawJSON(name, value string) Field { return Field{name: name, kind: kindJSON, text: value} }

// Any is a field with any value that [ExportJSON] can say inside a message. What it cannot say is refused when the
// event is exported, with an error that names the field.
func Any(name string, value any) Field {
	switch value := value.(type) {
	case nil:
		return Null(name)
	case bool:
		return Bool(name, value)
	case int:
		return Int(name, value)
	case int64:
		return I64(name, value)
	case uint64:
		return U64(name, value)
	case float64:
		return F64(name, value)
	case string:
		return Str(name, value)
	}
	text, err := encode(value)
	if err != nil {
		return Field{name: name, kind: kindBad, text: err.path + badMark + err.reason}
	}
	return Field{name: name, kind: kindJSON, text: string(text), number: writtenHere}
}

// At is the time of the event, instead of now, which the zero value stands for. In [Enter] it is that of the record of the class.
func At(moment time.Time) Field {
	return Field{kind: kindTime, inner: kindF64, number: math.Float64bits(seconds(moment))}
}

// seconds gives a moment as libmona reads it. It cuts fractions of seconds; those of milliseconds could round them up.
func seconds(moment time.Time) float64 {
	if moment.IsZero() {
		return now
	}
	whole := float64(moment.Unix()) + float64(moment.Nanosecond()/1e6)/1e3
	if whole == now {
		return atTheEpoch
	}
	return whole
}

const (
	// MONA_NOW.
	now = 0
	// A moment that is cut to the first second of 1970.
	atTheEpoch = 1e-9
)

// Timestamp is the time of the event as another program gave it: seconds since 1970 as any number, or a [time.Time].
// Nil, 0, "" and false are now. Anything else is no time: the event is sent with the time of now, and what was given
// stands in the field MONA_INVALID_EXPORT_TIMESTAMP.
func Timestamp(value any) Field {
	if moment, is := value.(time.Time); is {
		return At(moment)
	}
	return about(kindTime, value)
}

// Class is the class of a context where it is no text; it takes the place of the argument of [Enter] and [Sub].
func Class(value any) Field { return about(kindClass, value) }

// ID is the id of the context that [Enter] or [Sub] opens, to continue a run that began elsewhere. In an export it is
// that of the context the event belongs to, whatever the [context.Context] has.
func ID(id string) Field { return Field{kind: kindID, text: id} }

// about wraps a value of any kind.
func about(kind int32, value any) Field {
	field := Any("", value)
	if field.kind == kindBad {
		// Reported in the record: text is all that can be said of it.
		field = Str("", textOf(value))
	}
	field.kind, field.inner = kind, field.kind
	return field
}

// badMark stands between the path and the reason in the text of a bad field.
const badMark = "\x00"

// refusal says why a bad field cannot be sent.
func (f *Field) refusal() *refusal {
	path, reason, _ := strings.Cut(f.text, badMark)
	return &refusal{path: path, reason: reason}
}

// add puts a field behind the others of a block.
func (f *Field) add(block *native.Block) { f.addAs(block, f.kind) }

// addValue puts what a field wraps that is about the event behind the others of a block.
func (f *Field) addValue(block *native.Block) { f.addAs(block, f.inner) }

func (f *Field) addAs(block *native.Block, kind int32) {
	if kind == kindStr || kind == kindJSON {
		block.AddText(f.name, kind, f.text)
	} else {
		block.AddNumber(f.name, kind, f.number)
	}
}
