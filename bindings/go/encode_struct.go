package mona

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// member is a field of a struct as a message has it.
type member struct {
	// The key with its colon, in JSON.
	key   []byte
	name  string
	index []int
	// The tag has a name.
	isNamed   bool
	omitEmpty bool
	omitZero  bool
	// The option "string" of the tag: a number or truth value as text.
	isQuoted bool
	// Its kind is all there is to its value.
	isPlain bool
}

// The members of each type that was exported so far, by its reflect.Type.
var members sync.Map

func membersOf(of reflect.Type) []member {
	if known, is := members.Load(of); is {
		return known.([]member)
	}
	found, _ := members.LoadOrStore(of, findMembers(of))
	return found.([]member)
}

// findMembers follows the rules of encoding/json: embedded structs lend their fields, the least deep one of a name
// counts, among those the one that a tag named, and several of them hide each other.
func findMembers(of reflect.Type) []member {
	type place struct {
		of    reflect.Type
		index []int
	}
	var all []member
	seen := map[reflect.Type]bool{}
	for level := []place{{of: of}}; len(level) > 0; {
		var next []place
		for _, here := range level {
			if seen[here.of] {
				continue
			}
			for number := range here.of.NumField() {
				field := here.of.Field(number)
				index := append(slices.Clone(here.index), number)
				inner := field.Type
				if inner.Kind() == reflect.Pointer && inner.Name() == "" {
					inner = inner.Elem()
				}
				isLender := field.Anonymous && inner.Kind() == reflect.Struct
				tag := field.Tag.Get("json")
				if tag == "-" || !field.IsExported() && !isLender {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if !isName(name) {
					name = ""
				}
				if isLender && name == "" {
					next = append(next, place{of: inner, index: index})
					continue
				}
				if field.IsExported() {
					all = append(all, memberOf(&field, name, options, index))
				}
			}
		}
		for _, here := range level {
			seen[here.of] = true
		}
		level = next
	}
	return dominant(all)
}

func memberOf(field *reflect.StructField, name, options string, index []int) member {
	found := member{name: name, index: index, isNamed: name != ""}
	if name == "" {
		found.name = field.Name
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			found.omitEmpty = true
		case "omitzero":
			found.omitZero = true
		case "string":
			kind := field.Type.Kind()
			found.isQuoted = kind >= reflect.Bool && kind <= reflect.Float64
		}
	}
	found.isPlain = !found.isQuoted && !saysItself(reflect.PointerTo(field.Type))
	// A field of Go has a name that UTF-8 can say.
	found.key, _ = appendKey(nil, found.name)
	return found
}

func isName(name string) bool {
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) {
			return false
		}
	}
	return name != ""
}

// dominant leaves one member of each name, in the order of the struct.
func dominant(all []member) []member {
	byName := map[string][]member{}
	for _, one := range all {
		byName[one.name] = append(byName[one.name], one)
	}
	var left []member
	for _, same := range byName {
		slices.SortFunc(same, func(a, b member) int {
			if len(a.index) != len(b.index) {
				return len(a.index) - len(b.index)
			}
			return boolOrder(b.isNamed) - boolOrder(a.isNamed)
		})
		isAlone := len(same) == 1 || len(same[0].index) != len(same[1].index) || same[0].isNamed != same[1].isNamed
		if isAlone {
			left = append(left, same[0])
		}
	}
	slices.SortFunc(left, func(a, b member) int { return slices.Compare(a.index, b.index) })
	return left
}

func boolOrder(is bool) int {
	if is {
		return 1
	}
	return 0
}

func appendStruct(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if depth >= maxDepth {
		return out, tooDeep()
	}
	out = append(out, '{')
	first := true
	all := membersOf(value.Type())
	for number := range all {
		one := &all[number]
		inner, is := memberIn(value, one.index)
		if !is {
			continue
		}
		if omits, err := one.omits(inner); err != nil {
			return out, err.in(one.name)
		} else if omits {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(out, one.key...)
		var err *refusal
		if out, err = one.append(out, inner, depth+1); err != nil {
			return out, err.in(one.name)
		}
	}
	return append(out, '}'), nil
}

func (m *member) omits(value reflect.Value) (bool, *refusal) {
	if m.omitEmpty && isEmpty(value) {
		return true, nil
	}
	if m.omitZero {
		return isZero(value)
	}
	return false, nil
}

// append writes the value.
func (m *member) append(out []byte, value reflect.Value, depth int) ([]byte, *refusal) {
	if !m.isQuoted {
		return appendAddressed(out, value, depth)
	}
	out, err := appendAddressed(append(out, '"'), value, depth)
	return append(out, '"'), err
}

// memberIn follows an index; false where a pointer on the way is nil.
func memberIn(value reflect.Value, index []int) (reflect.Value, bool) {
	for _, number := range index {
		if value.Kind() == reflect.Pointer {
			if value.IsNil() {
				return reflect.Value{}, false
			}
			value = value.Elem()
		}
		value = value.Field(number)
	}
	return value, true
}

func isEmpty(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return value.Len() == 0
	case reflect.Struct:
		return false
	}
	return value.IsZero()
}

// isZero asks the value where it has an opinion, such as a time.Time.
func isZero(value reflect.Value) (is bool, err *refusal) {
	defer outlive(value.Type(), &err)
	if value.CanInterface() {
		if own, is := value.Interface().(interface{ IsZero() bool }); is && !(value.Kind() == reflect.Pointer && value.IsNil()) {
			return own.IsZero(), nil
		}
	}
	return value.IsZero(), nil
}
