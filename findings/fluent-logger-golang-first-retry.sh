#!/bin/sh
# fluent-logger-golang 1.10.2 (Forward client for Go), the wait before the first retry of a connection.
#
# The README gives RetryWait as the wait before the first retry, and RetryWait * 1.5^(N-1) before the N-th. The first retry
# comes at once, whatever RetryWait is, and RetryWait is waited before the second: the factor is counted from one too few and
# then cut to a whole number, 1.5^-1 to 0. Seen with an asynchronous logger, a RetryWait of six seconds and a server that starts
# two seconds after the event: with MaxRetry 2 both attempts are over by then and the event is lost, where the README has the
# second one at six seconds. MaxRetry 3 is what it takes to wait once.
#
# Needs Go 1.26 or later, whose caches get the modules; all else is made in a temporary folder. Takes some ten seconds. Prints
# what it saw; fails when that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/main.go" <<'GO'
package main

import (
	"fmt"
	"net"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// see posts an event while nothing listens, and starts a server two seconds later.
func see(maxRetry int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	address := listener.Addr().(*net.TCPAddr)
	check(listener.Close())

	sent := make(chan error, 1)
	logger, err := fluent.New(fluent.Config{
		FluentPort:          address.Port,
		Async:               true,
		RetryWait:           6000,
		MaxRetry:            maxRetry,
		AsyncResultCallback: func(_ []byte, err error) { sent <- err },
	})
	check(err)
	check(logger.Post("a.tag", map[string]int{"n": 7}))

	server := time.After(2 * time.Second)
	for started := false; ; {
		select {
		case err := <-sent:
			fmt.Printf("MaxRetry %d: server started: %t, result: %v\n", maxRetry, started, err)
			check(logger.Close())
			return
		case <-server:
			listener, err := net.Listen("tcp", address.String())
			check(err)
			defer listener.Close()
			started = true
		}
	}
}

func main() {
	see(2)
	see(3)
}
GO
cd "$work"
go mod init finding >go.log 2>&1
go get github.com/fluent/fluent-logger-golang@v1.10.2 github.com/tinylib/msgp@v1.6.5 >>go.log 2>&1 ||
    { cat go.log && exit 1; }
go run . >seen 2>errors || { cat seen errors && exit 1; }
cat seen
cat >expected <<'SEEN'
MaxRetry 2: server started: false, result: fluent#write: could not connect to fluentd after 2 retries
MaxRetry 3: server started: true, result: <nil>
SEEN
diff expected seen
