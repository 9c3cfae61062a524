package mona

import (
	"encoding"
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// The option max_depth cannot be larger; a value that is deeper has a cycle, or is refused anyway.
const maxDepth = 10_000

// No event of more bytes can be sent, as the option max_event_bytes cannot be larger than 2 MiB and no byte takes more
// than six of JSON. A value that has the same one in many places may have more than there is memory for.
const longestText = 6 * 2 << 20

// encode gives the JSON text of a value, by the rules of encoding/json with these differences: NaN and infinities are
// the words that libmona takes for them, keys of maps may be of any kind that has a text in JSON, [][Field] is an
// object in its order, an error is its text, text that is not UTF-8 is refused and not mended, maps are not sorted, and
// nothing is escaped for HTML.
func encode(value any) ([]byte, *refusal) { return appendValue(nil, value, 0) }

// appendValue has the kinds that need no reflection. What is in out belongs to the same event.
func appendValue(out []byte, value any, depth int) ([]byte, *refusal) {
	if len(out) > longestText {
		return out, tooLong()
	}
	switch value := value.(type) {
	case nil:
		return append(out, "null"...), nil
	case bool:
		return strconv.AppendBool(out, value), nil
	case int:
		return strconv.AppendInt(out, int64(value), 10), nil
	case int64:
		return strconv.AppendInt(out, value, 10), nil
	case float64:
		return appendFloat(out, value, 64), nil
	case string:
		return appendString(out, value)
	case map[string]any:
		return appendStringMap(out, value, depth)
	case []any:
		return appendAnys(out, value, depth)
	case []Field:
		return appendFields(out, value)
	case Field:
		return appendFieldValue(out, &value)
	}
	return appendReflected(out, reflect.ValueOf(value), depth)
}

func appendStringMap(out []byte, value map[string]any, depth int) ([]byte, *refusal) {
	if value == nil {
		return append(out, "null"...), nil
	}
	if depth >= maxDepth {
		return out, tooDeep()
	}
	out = append(out, '{')
	first := true
	for key, inner := range value {
		if !first {
			out = append(out, ',')
		}
		first = false
		var err *refusal
		if out, err = appendKey(out, key); err != nil {
			return out, err
		}
		if out, err = appendValue(out, inner, depth+1); err != nil {
			return out, err.in(key)
		}
	}
	return append(out, '}'), nil
}

func appendAnys(out []byte, value []any, depth int) ([]byte, *refusal) {
	if value == nil {
		return append(out, "null"...), nil
	}
	if depth >= maxDepth {
		return out, tooDeep()
	}
	out = append(out, '[')
	for place, inner := range value {
		if place > 0 {
			out = append(out, ',')
		}
		var err *refusal
		if out, err = appendValue(out, inner, depth+1); err != nil {
			return out, err.in("[" + strconv.Itoa(place) + "]")
		}
	}
	return append(out, ']'), nil
}

// appendFields writes fields as an object. Those that are about an event are no part of it.
func appendFields(out []byte, fields []Field) ([]byte, *refusal) {
	out = append(out, '{')
	first := true
	for place := range fields {
		field := &fields[place]
		if field.kind < kindBad {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		var err *refusal
		if out, err = appendKey(out, field.name); err != nil {
			return out, err
		}
		if out, err = appendFieldValue(out, field); err != nil {
			return out, err.in(field.name)
		}
	}
	return append(out, '}'), nil
}

func appendFieldValue(out []byte, field *Field) ([]byte, *refusal) {
	switch field.kind {
	case kindBool:
		return strconv.AppendBool(out, field.number != 0), nil
	case kindI64:
		return strconv.AppendInt(out, int64(field.number), 10), nil
	case kindU64:
		return strconv.AppendUint(out, field.number, 10), nil
	case kindF64:
		return appendFloat(out, math.Float64frombits(field.number), 64), nil
	case kindStr:
		return appendString(out, field.text)
	case kindJSON:
		if field.number == writtenHere {
			return append(out, field.text...), nil
		}
		return appendRaw(out, []byte(field.text), typeOfField)
	case kindBad:
		return out, field.refusal()
	}
	return append(out, "null"...), nil
}

// appendReflected has the rest.
func appendReflected(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if !value.IsValid() {
		return append(out, "null"...), nil
	}
	if len(out) > longestText {
		return out, tooLong()
	}
	if value.Type().NumMethod() > 0 && value.CanInterface() {
		if text, done, err := appendOwn(out, value); done {
			return text, err
		}
	} else if value.CanAddr() && reflect.PointerTo(value.Type()).NumMethod() > 0 && value.Addr().CanInterface() {
		if text, done, err := appendOwn(out, value.Addr()); done {
			return text, err
		}
	}
	switch value.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(out, value.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(out, value.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(out, value.Uint(), 10), nil
	case reflect.Float32:
		return appendFloat(out, value.Float(), 32), nil
	case reflect.Float64:
		return appendFloat(out, value.Float(), 64), nil
	case reflect.String:
		return appendString(out, value.String())
	case reflect.Interface, reflect.Pointer:
		if value.IsNil() {
			return append(out, "null"...), nil
		}
		if depth >= maxDepth {
			return out, tooDeep()
		}
		// A pointer is no level of the message, but a cycle of them has to end.
		return appendElem(out, value.Elem(), depth+1)
	case reflect.Slice:
		if value.IsNil() {
			return append(out, "null"...), nil
		}
		if value.Type().Elem().Kind() == reflect.Uint8 && !hasMethods(value.Type().Elem()) {
			return appendBase64(out, value.Bytes()), nil
		}
		return appendList(out, value, depth)
	case reflect.Array:
		return appendList(out, value, depth)
	case reflect.Map:
		return appendMap(out, value, depth)
	case reflect.Struct:
		return appendStruct(out, value, depth)
	}
	return out, noJSON(value.Type().String())
}

func hasMethods(of reflect.Type) bool { return reflect.PointerTo(of).NumMethod() > 0 }

// appendElem goes on without reflection where there is a value to do so with.
func appendElem(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if value.IsValid() && value.CanInterface() && !value.CanAddr() {
		return appendValue(out, value.Interface(), depth)
	}
	return appendAddressed(out, value, depth)
}

// appendAddressed keeps the address, by which a value may have more methods, but for lists of fields.
func appendAddressed(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if value.IsValid() && value.CanInterface() && (value.Type() == typeOfFields || value.Type() == typeOfField) {
		return appendValue(out, value.Interface(), depth)
	}
	return appendReflected(out, value, depth)
}

var (
	typeOfFields = reflect.TypeFor[[]Field]()
	typeOfField  = reflect.TypeFor[Field]()
)

func appendList(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if depth >= maxDepth {
		return out, tooDeep()
	}
	out = append(out, '[')
	for place := range value.Len() {
		if place > 0 {
			out = append(out, ',')
		}
		var err *refusal
		if out, err = appendAddressed(out, value.Index(place), depth+1); err != nil {
			return out, err.in("[" + strconv.Itoa(place) + "]")
		}
	}
	return append(out, ']'), nil
}

func appendMap(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if value.IsNil() {
		return append(out, "null"...), nil
	}
	if depth >= maxDepth {
		return out, tooDeep()
	}
	out = append(out, '{')
	each := value.MapRange()
	for first := true; each.Next(); first = false {
		if !first {
			out = append(out, ',')
		}
		key, err := keyOf(each.Key())
		if err != nil {
			return out, err
		}
		if out, err = appendKey(out, key); err != nil {
			return out, err
		}
		if out, err = appendElem(out, each.Value(), depth+1); err != nil {
			return out, err.in(key)
		}
	}
	return append(out, '}'), nil
}

// keyOf gives the text of a key of a map.
func keyOf(key reflect.Value) (said string, err *refusal) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	if key.Kind() == reflect.Interface {
		key = key.Elem()
		if !key.IsValid() {
			return "null", nil
		}
		if key.Kind() == reflect.String {
			return key.String(), nil
		}
	}
	if own, is := key.Interface().(encoding.TextMarshaler); is {
		if key.Kind() == reflect.Pointer && key.IsNil() {
			return "", nil
		}
		defer outlive(key.Type(), &err)
		text, cause := own.MarshalText()
		if cause != nil {
			return "", &refusal{reason: fmt.Sprintf("key of kind %s: %v", key.Type(), cause)}
		}
		return string(text), nil
	}
	switch key.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64:
		text, err := appendReflected(nil, key, 0)
		return string(text), err
	}
	return "", noJSON("key of kind " + key.Type().String())
}

func appendFloat(out []byte, value float64, bits int) []byte {
	switch {
	case math.IsNaN(value):
		return append(out, "NaN"...)
	case math.IsInf(value, 1):
		return append(out, "Infinity"...)
	case math.IsInf(value, -1):
		return append(out, "-Infinity"...)
	}
	start := len(out)
	out = strconv.AppendFloat(out, value, 'g', -1, bits)
	if slices.ContainsFunc(out[start:], func(b byte) bool { return b == '.' || b == 'e' }) {
		return out
	}
	// Whole numbers stay floating-point ones in the record.
	return append(out, ".0"...)
}

func appendBase64(out []byte, value []byte) []byte {
	out = append(out, '"')
	out = base64.StdEncoding.AppendEncode(out, value)
	return append(out, '"')
}

// textOf is what can be said of any value.
func textOf(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", value)
		}
	}()
	return fmt.Sprint(value)
}
