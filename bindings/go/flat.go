package mona

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
)

// Lists of fields, to be used again; not those that grew large.
var lists = sync.Pool{New: func() any { return new(make([]Field, 0, 16)) }}

const keptFields = 1024

// flat gives the members of a message as fields, which is quicker than JSON for all that is not nested; false where the
// message has no members, or says its own text.
func flat(fields []Field, message any) ([]Field, bool, *refusal) {
	switch message := message.(type) {
	case []Field:
		return append(fields, message...), true, nil
	case map[string]any:
		if message == nil {
			return fields, false, nil
		}
		for name, value := range message {
			field := Any(name, value)
			if field.kind == kindBad {
				return fields, true, field.refusal().in(name)
			}
			fields = append(fields, field)
		}
		return fields, true, nil
	}
	value := reflect.ValueOf(message)
	if value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct || saysItself(reflect.PointerTo(value.Type())) {
		return fields, false, nil
	}
	all := membersOf(value.Type())
	for number := range all {
		one := &all[number]
		inner, is := memberIn(value, one.index)
		if !is {
			continue
		}
		if omits, err := one.omits(inner); err != nil {
			return fields, true, err.in(one.name)
		} else if omits {
			continue
		}
		field, err := one.field(inner)
		if err != nil {
			return fields, true, err.in(one.name)
		}
		fields = append(fields, field)
	}
	return fields, true, nil
}

// field gives a member as a field.
func (m *member) field(value reflect.Value) (Field, *refusal) {
	if m.isPlain {
		switch value.Kind() {
		case reflect.String:
			return Str(m.name, value.String()), nil
		case reflect.Float64:
			return F64(m.name, value.Float()), nil
		case reflect.Bool:
			return Bool(m.name, value.Bool()), nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return I64(m.name, value.Int()), nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			return U64(m.name, value.Uint()), nil
		}
	}
	text, err := m.append(nil, value, 1)
	return RawJSON(m.name, string(text)), err
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	typeOfError   = reflect.TypeFor[error]()
)

// saysItself tells whether values of the type have a text of their own.
func saysItself(of reflect.Type) bool {
	return of.NumMethod() > 0 && (of.Implements(marshaler) || of.Implements(textMarshaler) || of.Implements(typeOfError))
}
