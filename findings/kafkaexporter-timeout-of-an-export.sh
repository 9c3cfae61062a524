#!/bin/sh
# OpenTelemetry's exporter to Kafka (kafkaexporter 0.165.1, franz-go 1.22.2), a broker that goes away while it has a request.
#
# The exporter's `timeout`, 5 s by default, is "the timeout for every attempt to send data to the backend", and a change of
# May 2026 made it hold, so that a collector whose broker is away ends when it is told to (pull request 48144). With
# `required_acks: all` it does not hold for what the broker had been sent when it went: the client is idempotent then and gives
# up no record whose fate it does not know, and the exporter does not ask for what would let it
# (AllowIdempotentProduceCancellation, which is there). Such an export returns when the broker is back, hours later if need be;
# whoever waits for it, a receiver with `wait_for_result` say, waits too, and so does Shutdown, past the deadline of its
# context: the collector has to be killed. The same exporter with `required_acks: 1`, and exports that begin when the broker
# is away already, end in time. Seen with a broker from the same makers, in process (kfake).
#
# Needs Go 1.26 or later, whose caches get the modules; all else is made in a temporary folder. Prints what it saw; fails when
# that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/main.go" <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/kafkaexporter"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"
)

const (
	timeout = 2 * time.Second
	// Eight times as long, for a machine that does other things as well.
	patience = 16 * time.Second
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func event() plog.Logs {
	logs := plog.NewLogs()
	logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr("an event")
	return logs
}

// ends says whether it does, and how.
func ends(what func() error) string {
	done := make(chan error, 1)
	go func() { done <- what() }()
	select {
	case err := <-done:
		if err != nil {
			return "an error in time"
		}
		return "done in time"
	case <-time.After(patience):
		return fmt.Sprintf("nothing within %v", patience)
	}
}

func try(acks any) {
	ctx := context.Background()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "events"))
	check(err)
	factory := kafkaexporter.NewFactory()
	config := factory.CreateDefaultConfig()
	check(confmap.NewFromStringMap(map[string]any{
		"brokers":          cluster.ListenAddrs(),
		"timeout":          timeout.String(),
		"logs":             map[string]any{"topic": "events"},
		"producer":         map[string]any{"required_acks": acks},
		"sending_queue":    map[string]any{"enabled": true, "wait_for_result": true},
		"retry_on_failure": map[string]any{"enabled": false},
	}).Unmarshal(config))
	exporter, err := factory.CreateLogs(ctx, exportertest.NewNopSettings(factory.Type()), config)
	check(err)
	check(exporter.Start(ctx, componenttest.NewNopHost()))
	export := func() error { return exporter.ConsumeLogs(ctx, event()) }

	fmt.Printf("acks %v, the broker is there: %s\n", acks, ends(export))
	// It reads the request, and is gone.
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		go cluster.Close()
		return nil, errors.New("gone"), true
	})
	fmt.Printf("acks %v, it goes with the request: %s\n", acks, ends(export))
	fmt.Printf("acks %v, shutdown: %s\n", acks, ends(func() error {
		bounded, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		return exporter.Shutdown(bounded)
	}))
}

func main() {
	try(1)
	try("all")
}
GO
cd "$work"
go mod init finding >go.log 2>&1
go get github.com/open-telemetry/opentelemetry-collector-contrib/exporter/kafkaexporter@v0.165.1 \
    github.com/twmb/franz-go@v1.22.2 \
    github.com/twmb/franz-go/pkg/kfake@v0.0.0-20260421215025-4e7a1e1569ac \
    github.com/twmb/franz-go/pkg/kmsg@v1.15.0 \
    go.opentelemetry.io/collector/component/componenttest@v0.165.0 \
    go.opentelemetry.io/collector/confmap@v1.71.0 \
    go.opentelemetry.io/collector/exporter/exportertest@v0.165.0 \
    go.opentelemetry.io/collector/pdata@v1.71.0 >>go.log 2>&1 || { cat go.log && exit 1; }
go run . >seen
cat seen
cat >expected <<'SEEN'
acks 1, the broker is there: done in time
acks 1, it goes with the request: an error in time
acks 1, shutdown: done in time
acks all, the broker is there: done in time
acks all, it goes with the request: nothing within 16s
acks all, shutdown: nothing within 16s
SEEN
diff expected seen
