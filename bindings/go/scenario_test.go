package mona

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// operation is one of a scenario: its members in their order.
type operation []entry

// entry is a member of an object of the scenario file.
type entry struct {
	name  string
	value any
}

func operations(path, id string) ([]operation, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Scenarios []struct {
			ID  string            `json:"id"`
			Ops []json.RawMessage `json:"ops"`
		} `json:"scenarios"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	for _, scenario := range file.Scenarios {
		if scenario.ID != id {
			continue
		}
		var all []operation
		for _, op := range scenario.Ops {
			read := json.NewDecoder(strings.NewReader(string(op)))
			read.UseNumber()
			members, err := ordered(read)
			if err != nil {
				return nil, err
			}
			all = append(all, members.([]entry))
		}
		return all, nil
	}
	return nil, fmt.Errorf("no scenario %s", id)
}

// ordered reads a value with the members of objects in their order.
func ordered(read *json.Decoder) (any, error) {
	token, err := read.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		members := []entry{}
		for read.More() {
			name, err := read.Token()
			if err != nil {
				return nil, err
			}
			value, err := ordered(read)
			if err != nil {
				return nil, err
			}
			members = append(members, entry{name.(string), value})
		}
		_, err = read.Token()
		return members, err
	case json.Delim('['):
		items := []any{}
		for read.More() {
			item, err := ordered(read)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err = read.Token()
		return items, err
	}
	return token, nil
}

func (o operation) raw(name string) any {
	for _, member := range o {
		if member.name == name {
			return member.value
		}
	}
	return nil
}

func (o operation) has(name string) bool { return o.raw(name) != nil }

func (o operation) text(name string) string {
	text, _ := o.raw(name).(string)
	return text
}

func (o operation) value(name string) any { return valueOf(o.raw(name)) }

// timestamp is the member of that name. In the language of the recorded client true is the number 1.
func (o operation) timestamp() any {
	if given := o.value("export_timestamp"); given != true {
		return given
	}
	return 1
}

func (o operation) options() []Option {
	var options []Option
	for _, member := range o.raw("params").([]entry) {
		options = append(options, With(member.name, fmt.Sprint(member.value)))
	}
	return options
}

func (o operation) opening(id string) opening {
	fields := []Field{Class(o.value("arc_class")), Timestamp(o.timestamp()), ID(o.text(id))}
	return openingOf("", fields)
}

// odd stands for a value that another language has, and JSON has not.
type odd struct {
	text string
	Pipe chan int
}

func (o odd) String() string { return o.text }

var odds = map[string]any{
	"set":      map[struct{ int }]bool{{1}: true},
	"bytes":    func() {},
	"datetime": odd{text: "2020-01-01 00:00:00"},
	"object":   make(chan int),
	"complex":  odd{text: "1j"},
	"decimal":  complex(1, 5),
	"mapping":  odd{},
}

// valueOf gives a value of the scenario file as Go has it.
func valueOf(given any) any {
	switch given := given.(type) {
	case json.Number:
		return numberOf(given.String())
	case []any:
		items := make([]any, len(given))
		for place, item := range given {
			items[place] = valueOf(item)
		}
		return items
	case []entry:
		if len(given) == 1 && strings.HasPrefix(given[0].name, "$") {
			return specialOf(given[0].name, given[0].value)
		}
		fields := make([]Field, len(given))
		for place, member := range given {
			fields[place] = Any(member.name, valueOf(member.value))
		}
		return fields
	}
	return given
}

func numberOf(text string) any {
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number
	}
	if number, err := strconv.ParseUint(text, 10, 64); err == nil {
		return number
	}
	if number, is := new(big.Int).SetString(text, 10); is {
		return number
	}
	number, _ := strconv.ParseFloat(text, 64)
	return number
}

func specialOf(name string, given any) any {
	switch name {
	case "$float":
		return map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[given.(string)]
	case "$int":
		return numberOf(given.(string))
	case "$json_text":
		return json.RawMessage(given.(string))
	case "$nonjson":
		return odds[given.(string)]
	case "$utf16":
		return surrogates(given.([]any))
	case "$repeat":
		members := operation(given.([]entry))
		return strings.Repeat(members.text("s"), int(members.value("n").(int64)))
	case "$map":
		var fields []Field
		for _, pair := range given.([]any) {
			key, _ := keyOf(reflect.ValueOf([]any{valueOf(pair.([]any)[0])}).Index(0))
			fields = append(fields, Any(key, valueOf(pair.([]any)[1])))
		}
		return fields
	case "$nest":
		members := operation(given.([]entry))
		inner := members.value("leaf")
		for range members.value("depth").(int64) {
			if members.text("kind") == "list" {
				inner = []any{inner}
			} else {
				inner = map[string]any{"k": inner}
			}
		}
		return inner
	}
	return nil
}

// surrogates gives text with each half of a pair by itself, as bytes that are not UTF-8.
func surrogates(units []any) string {
	var text []byte
	for _, unit := range units {
		number, _ := unit.(json.Number).Int64()
		if number < 0x80 {
			text = append(text, byte(number))
		} else {
			text = append(text, 0xE0|byte(number>>12), 0x80|byte(number>>6&0x3f), 0x80|byte(number&0x3f))
		}
	}
	return string(text)
}
