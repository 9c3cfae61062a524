// Burst exports events of seven fields as fast as it can, by libmona or by the Forward logger of Go, and says what a
// call cost its caller. How many arrived says the collector.
//
//	burst mona|fluent EVENTS
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"
	"monalabs.io/mona"
	"monalabs.io/mona/bench/internal/cost"
)

// Only ends a hang.
const patience = 5 * time.Minute

func main() {
	if len(os.Args) != 3 {
		fail("usage: burst mona|fluent EVENTS")
	}
	events, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err)
	}
	export, closed := byMona()
	if os.Args[1] == "fluent" {
		export, closed = byFluent()
	}
	// The first call connects, or makes what is made once.
	refused := 0
	runtime.LockOSThread()
	began, clock := cost.Thread(), time.Now()
	for n := range events {
		if export(n) != nil {
			refused++
		}
	}
	spent, took := cost.Thread()-began, time.Since(clock)
	runtime.UnlockOSThread()
	closed()
	fmt.Printf("cpu %.0f\nwall %.0f\nrefused %d\n", float64(spent)/float64(events), float64(took.Nanoseconds())/float64(events), refused)
}

func byMona() (export func(n int) error, closed func()) {
	ctx, leave := mona.Enter(context.Background(), "image-classifier")
	export = func(n int) error {
		return mona.Export(ctx, mona.Str("model", "resnet50-v3"), mona.F64("confidence", 0.9731), mona.F64("latency_ms", 12.5),
			mona.Str("label", "cat"), mona.Int("batch", n), mona.Str("country", "IL"), mona.Bool("is_mobile", true))
	}
	return export, func() {
		leave()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := mona.Close(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func byFluent() (export func(n int) error, closed func()) {
	host, port, err := net.SplitHostPort(strings.TrimPrefix(os.Getenv("MONA_ENDPOINT"), "tcp://"))
	if err != nil {
		fail(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		fail(err)
	}
	logger, err := fluent.New(fluent.Config{FluentHost: host, FluentPort: number, Async: true})
	if err != nil {
		fail(err)
	}
	export = func(n int) error {
		return logger.Post("mona.client.message", map[string]any{"model": "resnet50-v3", "confidence": 0.9731, "latency_ms": 12.5,
			"label": "cat", "batch": n, "country": "IL", "is_mobile": true})
	}
	return export, func() {
		if err := logger.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
