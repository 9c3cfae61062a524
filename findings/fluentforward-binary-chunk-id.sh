#!/bin/sh
# OpenTelemetry's receiver for Fluent Forward (fluentforwardreceiver 0.165.1), a chunk whose id is MessagePack *bin*.
#
# A client of the Forward protocol that puts the option "chunk" on a message is owed {"ack": <the same id>}. The protocol
# calls the id a string and is older than MessagePack's two types of string; clients that write their ids as bytes exist
# (komamitsu/fluency issue 181), and for keys of records this receiver takes either type. The id it takes as *str* alone. As
# *bin* it counts as no id: the event goes down the pipeline, no acknowledgement comes, the connection stays open, nothing is
# logged. A client that waits for the acknowledgement sends the event again, and each time it is stored once more. Seen with
# the receiver alone and a consumer that keeps everything, over plain TCP on loopback.
#
# Needs Go 1.26 or later, whose caches get the modules; all else is made in a temporary folder. Prints what it saw; fails when
# that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/main.go" <<'GO'
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/fluentforwardreceiver"
	"github.com/tinylib/msgp/msgp"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// record is [1, {"n": 7}].
var record = []byte{0x92, 1, 0x81, 0xa1, 'n', 7}

// message is [tag, entries, {"chunk": id}], the id a string or bytes.
func message(entries []byte, id any) []byte {
	data := msgp.AppendArrayHeader(nil, 3)
	data = msgp.AppendString(data, "a.tag")
	data = msgp.AppendBytes(data, entries)
	data = msgp.AppendMapHeader(data, 1)
	data = msgp.AppendString(data, "chunk")
	data, err := msgp.AppendIntf(data, id)
	check(err)
	return data
}

func main() {
	ctx := context.Background()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	address := free.Addr().String()
	check(free.Close())
	factory, sink := fluentforwardreceiver.NewFactory(), new(consumertest.LogsSink)
	config := factory.CreateDefaultConfig().(*fluentforwardreceiver.Config)
	config.ListenAddress = address
	receiver, err := factory.CreateLogs(ctx, receivertest.NewNopSettings(factory.Type()), config, sink)
	check(err)
	check(receiver.Start(ctx, componenttest.NewNopHost()))

	send := func(name string, data []byte) {
		before := sink.LogRecordCount()
		conn, err := net.Dial("tcp", address)
		check(err)
		defer conn.Close()
		_, err = conn.Write(data)
		check(err)
		check(conn.SetReadDeadline(time.Now().Add(2 * time.Second)))
		answer := make([]byte, 64)
		count, err := conn.Read(answer)
		said := "silence for two seconds"
		if err == io.EOF {
			said = "closed"
		} else if count > 0 {
			var text bytes.Buffer
			_, err = msgp.CopyToJSON(&text, bytes.NewReader(answer[:count]))
			check(err)
			said = text.String()
		}
		fmt.Printf("%s: %d stored, %s\n", name, sink.LogRecordCount()-before, said)
	}
	send("id as str", message(record, "an id"))
	send("id as bin", message(record, []byte("an id")))
	send("id as bin, sent again", message(record, []byte("an id")))
	check(receiver.Shutdown(ctx))
}
GO
cd "$work"
go mod init finding >go.log 2>&1
go get github.com/open-telemetry/opentelemetry-collector-contrib/receiver/fluentforwardreceiver@v0.165.1 \
    github.com/tinylib/msgp@v1.6.5 \
    go.opentelemetry.io/collector/component/componenttest@v0.165.0 \
    go.opentelemetry.io/collector/consumer/consumertest@v0.165.0 \
    go.opentelemetry.io/collector/receiver/receivertest@v0.165.0 >>go.log 2>&1 || { cat go.log && exit 1; }
go run . >seen
cat seen
cat >expected <<'SEEN'
id as str: 1 stored, {"ack":"an id"}
id as bin: 1 stored, silence for two seconds
id as bin, sent again: 1 stored, silence for two seconds
SEEN
diff expected seen
