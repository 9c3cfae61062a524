package mona

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
)

// appendOwn writes values that say their own text.
func appendOwn(out []byte, value reflect.Value) (text []byte, done bool, err *refusal) {
	if value.Kind() == reflect.Pointer && value.IsNil() {
		return append(out, "null"...), true, nil
	}
	defer func() {
		if err != nil {
			text, done = out, true
		}
	}()
	defer outlive(value.Type(), &err)
	switch own := value.Interface().(type) {
	case json.Number:
		if own == "" {
			own = "0"
		}
		if own[0] != '-' && (own[0] < '0' || own[0] > '9') {
			return out, true, noJSON(fmt.Sprintf("json.Number(%q)", string(own)))
		}
		text, err = appendRaw(out, []byte(own), value.Type())
		return text, true, err
	case json.RawMessage:
		if own == nil {
			return append(out, "null"...), true, nil
		}
		text, err = appendRaw(out, own, value.Type())
		return text, true, err
	case json.Marshaler:
		said, cause := own.MarshalJSON()
		if cause != nil {
			return out, true, &refusal{reason: fmt.Sprintf("%s: %v", value.Type(), cause)}
		}
		text, err = appendRaw(out, said, value.Type())
		return text, true, err
	case encoding.TextMarshaler:
		plain, cause := own.MarshalText()
		if cause != nil {
			return out, true, &refusal{reason: fmt.Sprintf("%s: %v", value.Type(), cause)}
		}
		text, err = appendString(out, string(plain))
		return text, true, err
	case error:
		text, err = appendString(out, own.Error())
		return text, true, err
	}
	return out, false, nil
}

// appendRaw writes what is JSON already. It has to be one value: "1,2" in a list would be two.
func appendRaw(out, raw []byte, from reflect.Type) ([]byte, *refusal) {
	if !json.Valid(raw) && !json.Valid(withoutWords(raw)) {
		return out, noJSON(from.String() + " with a text that is not one JSON value")
	}
	return append(out, raw...), nil
}

// withoutWords gives JSON with numbers in the places of the words for NaN and infinities, which libmona takes.
func withoutWords(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	isText := false
	for place := 0; place < len(raw); place++ {
		rest := raw[place:]
		switch {
		case isText && raw[place] == '\\' && len(rest) > 1:
			out = append(out, rest[0])
			place++
		case raw[place] == '"':
			isText = !isText
		case !isText && bytes.HasPrefix(rest, []byte("NaN")):
			out = append(out, '0')
			place += len("NaN") - 1
			continue
		case !isText && bytes.HasPrefix(rest, []byte("Infinity")):
			out = append(out, '0')
			place += len("Infinity") - 1
			continue
		}
		out = append(out, raw[place])
	}
	return out
}

// outlive is deferred where a method of the program is called: one that panics is an event that is refused, and the
// program lives on.
func outlive(of reflect.Type, err **refusal) {
	if cause := recover(); cause != nil {
		*err = &refusal{reason: fmt.Sprintf("%s panics: %v", of, cause)}
	}
}
