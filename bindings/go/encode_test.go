package mona

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"
)

type Lent struct {
	A int `json:"a"`
	B int
}

type unlent struct {
	C    int
	Deep int `json:"A"`
}

type level string

func (l level) MarshalText() ([]byte, error) { return []byte("level " + l), nil }

type pointed struct{ n int }

func (p *pointed) MarshalJSON() ([]byte, error) { return []byte(`{"pointed":true}`), nil }

type wide struct {
	*Lent
	unlent
	Named   Lent `json:"named"`
	Skip    int  `json:"-"`
	Dash    int  `json:"-,"`
	Bad     int  `json:"bad\"name"`
	Quoted  int  `json:",string"`
	Empty   []int
	Omit    []int          `json:"omit,omitempty"`
	Zero    time.Time      `json:"zero,omitzero"`
	Map     map[int]string `json:"map"`
	Levels  map[level]level
	Bytes   []byte
	Array   [3]float32
	Any     any
	Pointed pointed
	Inside  []pointed
	Number  json.Number
	Raw     json.RawMessage
	Big     *big.Int
	Time    time.Time
	Took    time.Duration
	private int
}

// What encoding/json says of a value, by this package.
func TestEncodesAsEncodingJSON(t *testing.T) {
	moment := time.Date(2024, 2, 29, 12, 0, 0, 5, time.UTC)
	for _, value := range []any{
		nil, true, 1, int8(-1), uint16(2), 1.5, float32(0.1), 1e300, "text \" \\ \n \x01 é 😀", []int{1}, []any{}, []string(nil),
		map[string]any(nil), map[string]int{"a": 1}, &Lent{A: 1}, (*Lent)(nil), moment, level("x"), [2]bool{true}, struct{}{},
		&wide{}, wide{Lent: &Lent{A: 1, B: 2}, unlent: unlent{C: 3, Deep: 4}, Quoted: 5, Omit: []int{1}, Zero: moment,
			Map: map[int]string{7: "x"}, Levels: map[level]level{"k": "v"}, Bytes: []byte("bytes"), Any: []any{1, "x", nil},
			Inside: []pointed{{1}}, Number: "12", Raw: json.RawMessage(`[1]`), Big: big.NewInt(5), Time: moment, Took: 5, private: 1},
		&struct{ P pointed }{}, []*pointed{{1}, nil},
	} {
		want, err := json.Marshal(value)
		must(t, err)
		got, cause := encode(value)
		if cause != nil {
			t.Errorf("%#v: %v", value, cause)
			continue
		}
		var wanted, gotten any
		must(t, json.Unmarshal(want, &wanted))
		if err := json.Unmarshal(got, &gotten); err != nil || !reflect.DeepEqual(wanted, gotten) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Whole numbers stay what they are, and floating-point ones too.
func TestKindsOfNumbers(t *testing.T) {
	text, cause := encode([]any{1, 1.0, math.Copysign(0, -1), 1e21, float32(2), uint64(1 << 63)})
	equal(t, cause == nil, true)
	equal(t, string(text), "[1,1.0,-0.0,1e+21,2.0,9223372036854775808]")
}

type deeper struct{ Name, Tagged, Twice string }

type lender struct {
	deeper
	Tagged string
}

type second struct{ Twice, Alone string }

// The least deep field of a name counts, and of several as deep none.
func TestHiddenFieldsAreThoseOfEncodingJSON(t *testing.T) {
	for _, value := range []any{
		struct {
			deeper
			Name string
		}{deeper{"deep", "b", "c"}, "shallow"},
		struct {
			Name string
			deeper
		}{"shallow", deeper{"deep", "b", "c"}},
		struct {
			lender
			Other string `json:"Tagged"`
		}{lender{deeper{"a", "b", "c"}, "d"}, "e"},
		struct {
			deeper
			second
		}{deeper{"a", "b", "c"}, second{"d", "e"}},
	} {
		want, err := json.Marshal(value)
		must(t, err)
		got, cause := encode(value)
		if cause != nil || string(got) != string(want) {
			t.Errorf("%s %v, want %s", got, cause, want)
		}
	}
}

func TestWordsForNumbersInJSON(t *testing.T) {
	for text, is := range map[string]bool{
		`[NaN,-Infinity,Infinity]`: true, `{"a\"":NaN}`: true, `["\\",NaN]`: true, `NaN`: true,
		`NaN,1`: false, `NaNNaN`: false, `[NaN`: false, `Infinit`: false, `{NaN:1}`: false, `"NaN`: false,
	} {
		got, cause := encode([]any{json.RawMessage(text)})
		if (cause == nil) != is || is && string(got) != "["+text+"]" {
			t.Errorf("%s: %s %v", text, got, cause)
		}
	}
	got, cause := encode([]Field{Any("list", []float64{math.NaN(), math.Inf(-1)})})
	if cause != nil || string(got) != `{"list":[NaN,-Infinity]}` {
		t.Errorf("%s %v", got, cause)
	}
}
