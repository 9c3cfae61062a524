package mona

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestTypedValues(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	must(t, Export(ctx, F64("f", 0.5), I64("i", math.MinInt64), U64("u", math.MaxUint64), Int("n", -1), Bool("t", true),
		Bool("b", false), Str("s", "שלום"), Str("empty", ""), Null("null"), RawJSON("j", `{"a":[1]}`), F64("nan", math.NaN()),
		Str("", "no name"), Str("nul", "a\x00b")))
	if err := client.Flush(soon(t)); err != nil {
		t.Fatal(err)
	}
	text, _ := client.Take()
	for _, part := range []string{`"f":0.5`, `"i":-9223372036854775808`, `"u":18446744073709551615`, `"n":-1`, `"t":true`,
		`"b":false`, `"s":"שלום"`, `"empty":""`, `"null":null`, `"j":{"a":[1]}`, `"nan":null`, `"":"no name"`, `"nul":"a\u0000b"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
}

type named struct {
	Score  float64           `json:"score"`
	Tags   []string          `json:"tags,omitempty"`
	When   time.Time         `json:"when"`
	Inner  *named            `json:"inner"`
	Labels map[string]string `json:"labels"`
	hidden int
}

func TestJSONValues(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	must(t, ExportJSON(ctx, &named{Score: math.Inf(1), Inner: &named{Tags: []string{"x"}}, hidden: 1}))
	must(t, ExportJSON(ctx, map[any]any{1: "a", nil: "b", 2.5: "c", true: "d"}))
	must(t, ExportJSON(ctx, []Field{Int("a", 1), Any("b", []Field{Str("c", "d")}), Any("err", errors.New("broken"))}))
	must(t, ExportJSON(ctx, json.RawMessage(`{"raw": 1}`)))
	must(t, ExportJSON(ctx, []Field{Any("deep", []Field{F64("nan", math.NaN())})}))
	got := messages(t, client)
	equal(t, len(got), 5)
	equal(t, got[0], map[string]any{"score": nil, "when": "0001-01-01T00:00:00Z", "labels": nil, "inner": map[string]any{
		"score": 0.0, "tags": []any{"x"}, "when": "0001-01-01T00:00:00Z", "labels": nil, "inner": nil}})
	equal(t, got[1], map[string]any{"1": "a", "null": "b", "2.5": "c", "true": "d"})
	equal(t, got[2], map[string]any{"a": 1.0, "b": map[string]any{"c": "d"}, "err": "broken"})
	equal(t, got[3], map[string]any{"raw": 1.0})
	equal(t, got[4], map[string]any{"deep": map[string]any{"nan": nil}})
}

type cycle struct{ Next *cycle }

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("at the disco") }

type badKey struct{ n *int }

func (k *badKey) MarshalText() ([]byte, error) { return []byte{byte(*k.n)}, nil }

type badZero struct{ n *int }

func (z badZero) IsZero() bool { return *z.n == 0 }

type omitsBadZero struct {
	N badZero `json:"n,omitzero"`
}

func TestBadValuesNameTheField(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	round := &cycle{}
	round.Next = round
	for _, bad := range []struct {
		value any
		said  string
	}{
		{make(chan int), "chan int cannot be sent"},
		{func() {}, "func() cannot be sent"},
		{1i, "complex128 cannot be sent"},
		{round, "a cycle"},
		{"\xff", "UTF-8 is expected"},
		{panics{}, "at the disco"},
		{[]any{map[string]any{"deep": make(chan int)}}, `"bad[0].deep": chan int`},
		{map[struct{ int }]int{{1}: 1}, "key of kind struct"},
		{map[*badKey]int{{}: 1}, "*mona.badKey panics"},
		{[]any{omitsBadZero{}}, `"bad[0].n": mona.badZero panics`},
		{[]any{json.RawMessage("1,2")}, `"bad[0]": json.RawMessage with a text that is not one JSON value`},
		{[]any{json.RawMessage{}}, "not one JSON value"},
		{map[string]any{"n": json.Number(`1,"evil":2`)}, `"bad.n": json.Number`},
		{[]any{json.Number("{}")}, `json.Number("{}")`},
		{[]Field{RawJSON("n", `1,"evil":2`)}, `"bad.n": `},
	} {
		must(t, Export(ctx, Int("before", 1)))
		for _, err := range []error{Export(ctx, Int("fine", 1), Any("bad", bad.value)),
			ExportJSON(ctx, map[string]any{"fine": 1, "bad": bad.value})} {
			if err == nil || !strings.Contains(err.Error(), bad.said) || !strings.Contains(err.Error(), "bad") {
				t.Errorf("%v does not say %q", err, bad.said)
			}
		}
		must(t, Export(ctx, Int("after", 1)))
	}
	equal(t, len(messages(t, client)), 2*15)
	stats, err := client.Stats()
	must(t, err)
	equal(t, stats.Refused, uint64(2*15))
}

// The path into a cycle has as many names as there may be levels.
func TestTheErrorOfACycleIsShort(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	name := "a name of some length é"
	round := map[string]any{}
	round[name] = round
	err := status(t, ExportJSON(ctx, round), StatusJSON)
	if !strings.Contains(err.Detail, name+"."+name) || !strings.Contains(err.Detail, "a cycle") || len(err.Detail) > 1000 {
		t.Errorf("%d bytes: %.1000s", len(err.Detail), err.Detail)
	}
	status(t, Export(ctx, Any("round", round)), StatusJSON)
	status(t, ExportJSON(ctx, omitsBadZero{}), StatusJSON)
	must(t, ExportJSON(ctx, map[string]any{"none": map[*badKey]int{nil: 1}}))
	equal(t, messages(t, client), []map[string]any{{"none": map[string]any{"": 1.0}}})
}

// The same value in many places has more text than there is memory for.
func TestAValueThatGrowsIsRefused(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	type pair struct{ A, B any }
	var anys, pairs any = "x", "x"
	for range 60 {
		anys = map[string]any{"a": anys, "b": []any{anys}}
		pairs = &pair{A: pairs, B: pairs}
	}
	for _, value := range []any{anys, pairs} {
		if err := ExportJSON(ctx, value); err == nil || !strings.Contains(err.Error(), "bytes of JSON") {
			t.Error(err)
		}
	}
	large := map[string]any{"text": strings.Repeat("x", longestText/4)}
	small := Event{Message: map[string]int{"n": 1}}
	_, err := ExportBatch(ctx, []Event{{Message: large}, {Message: large}, {Message: large}, {Message: anys}, small, {Message: large},
		{Message: large}, small})
	if err == nil || strings.Count(err.Error(), "bytes of JSON") != 1 {
		t.Errorf("%.2000s", err)
	}
	equal(t, messages(t, client), []map[string]any{{"n": 1.0}, {"n": 1.0}})
}

func TestBadFields(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	if err := status(t, Export(ctx, Str("label", "\xff")), StatusUTF8); !strings.Contains(err.Detail, "label") {
		t.Error(err)
	}
	status(t, Export(ctx, Str("\xff", "x")), StatusUTF8)
	if err := status(t, Export(ctx, RawJSON("raw", "{")), StatusJSON); !strings.Contains(err.Detail, "raw") {
		t.Error(err)
	}
	status(t, Export(ctx, Str("long", strings.Repeat("x", 3<<20))), StatusLimit)
	status(t, ExportJSON(ctx, 5), StatusJSON)
	status(t, ExportJSON(ctx, nil), StatusJSON)
	status(t, ExportJSON(ctx, json.RawMessage("")), StatusJSON)
	status(t, ExportJSON(ctx, map[string]any{"big": new(big.Int).Lsh(big.NewInt(1), 70)}), StatusJSON)
	must(t, Export(ctx))
	must(t, Export(ctx, Str("MONA_x", "reserved")))
	equal(t, len(messages(t, client)), 0)
}

func TestManyAndLargeFields(t *testing.T) {
	client := memory(t, WithMaxEventBytes(2<<20))
	ctx, leave := client.Enter(context.Background(), "")
	defer leave()
	fields := make([]Field, 5000)
	for place := range fields {
		fields[place] = Int("n"+strings.Repeat("0", place%7)+string(rune('a'+place%26)), place)
	}
	must(t, Export(ctx, fields...))
	must(t, Export(ctx, Str("long", strings.Repeat("x", 1<<20))))
	got := messages(t, client)
	equal(t, len(got), 2)
	equal(t, len(got[1]["long"].(string)), 1<<20)
}

func TestTimes(t *testing.T) {
	client := memory(t)
	ctx, leave := client.Enter(context.Background(), "ranker", At(time.Unix(1_500_000_000, 0)))
	defer leave()
	must(t, Export(ctx, Int("n", 0), At(time.Unix(1_600_000_000, 999_999_999))))
	must(t, Export(ctx, Int("n", 1), Timestamp(1_600_000_001)))
	must(t, Export(ctx, Int("n", 2), Timestamp("soon")))
	must(t, Export(ctx, Int("n", 3), Timestamp(make(chan int))))
	must(t, ExportJSON(ctx, map[string]int{"n": 4}, At(time.Unix(-5, 0))))
	must(t, Export(ctx, Int("n", 5), At(time.Unix(0, 0))))
	must(t, Export(ctx, Int("n", 6), At(time.Time{})))
	got := taken(t, client)
	equal(t, got[0].Time, int64(1_500_000_000))
	equal(t, got[1].Time, int64(1_600_000_000))
	equal(t, got[2].Time, int64(1_600_000_001))
	equal(t, got[3].Message["MONA_INVALID_EXPORT_TIMESTAMP"], "soon")
	if _, is := got[4].Message["MONA_INVALID_EXPORT_TIMESTAMP"].(string); !is {
		t.Error(got[4])
	}
	equal(t, got[5].Time, int64(-5))
	equal(t, got[6].Time, int64(0))
	equal(t, got[7].Time > 1_600_000_000, true)
}
