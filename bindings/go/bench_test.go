package mona

import (
	"context"
	"testing"

	"monalabs.io/mona/internal/native"
)

func nullClient(b *testing.B) context.Context {
	client, err := New(WithEndpoint("null:"))
	if err != nil {
		b.Fatal(err)
	}
	ctx, leave := client.Enter(context.Background(), "ranker")
	b.Cleanup(leave)
	b.Cleanup(func() { _ = client.Close(context.Background()) })
	b.ReportAllocs()
	return ctx
}

func BenchmarkEmptyCall(b *testing.B) {
	if err := load(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		native.ABIVersion()
	}
}

// exportTypical exports the seven fields that all benchmarks of libmona have.
func exportTypical(ctx context.Context) error {
	return Export(ctx, Str("model", "resnet50-v3"), F64("confidence", 0.9731), F64("latency_ms", 12.5), Str("label", "cat"),
		I64("batch", 32), Str("country", "IL"), Bool("is_mobile", true))
}

func BenchmarkTyped(b *testing.B) {
	ctx := nullClient(b)
	for b.Loop() {
		_ = exportTypical(ctx)
	}
}

type typical struct {
	Model      string  `json:"model"`
	Confidence float64 `json:"confidence"`
	Latency    float64 `json:"latency_ms"`
	Label      string  `json:"label"`
	Batch      int     `json:"batch"`
	Country    string  `json:"country"`
	IsMobile   bool    `json:"is_mobile"`
}

func BenchmarkStruct(b *testing.B) {
	ctx := nullClient(b)
	message := &typical{Model: "resnet50-v3", Confidence: 0.9731, Latency: 12.5, Label: "cat", Batch: 32, Country: "IL", IsMobile: true}
	for b.Loop() {
		_ = ExportJSON(ctx, message)
	}
}

func BenchmarkMap(b *testing.B) {
	ctx := nullClient(b)
	message := map[string]any{"model": "resnet50-v3", "confidence": 0.9731, "latency_ms": 12.5, "label": "cat", "batch": 32,
		"country": "IL", "is_mobile": true}
	for b.Loop() {
		_ = ExportJSON(ctx, message)
	}
}

func BenchmarkEnterLeave(b *testing.B) {
	client, err := New(WithEndpoint("null:"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close(context.Background()) })
	b.ReportAllocs()
	for b.Loop() {
		_, leave := client.Enter(context.Background(), "ranker")
		leave()
	}
}
