#!/bin/sh
# fluent-logger-golang 1.10.2 (Forward client for Go), a struct whose "msg" tags have what such tags have elsewhere.
#
# Post takes a struct and names its fields by their "msg" tags, the tags of tinylib/msgp, with which the client encodes. There,
# as in encoding/json, "-" leaves a field out, and what follows a comma is an option. Here the whole text of a tag is the key.
# A field marked "-" is sent, under the key "-"; of two such fields the later one's value is sent and the other is lost; a
# field marked "note,omitempty" is sent, though empty, as "note,omitempty". No error is given, and the receiver takes it.
#
# Needs Go 1.26 or later, whose caches get the modules; all else is made in a temporary folder. Prints what it saw; fails when
# that changes.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/main.go" <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"
	"github.com/tinylib/msgp/msgp"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

type plain struct {
	Name string `msg:"name" json:"name"`
	Note string `msg:"note" json:"note"`
}

type withOptions struct {
	Name   string `msg:"name" json:"name"`
	Note   string `msg:"note,omitempty" json:"note,omitempty"`
	Cache  int    `msg:"-" json:"-"`
	Buffer int    `msg:"-" json:"-"`
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	logger, err := fluent.New(fluent.Config{FluentPort: listener.Addr().(*net.TCPAddr).Port})
	check(err)
	conn, err := listener.Accept()
	check(err)
	reader := msgp.NewReader(conn)

	see := func(name string, event any) {
		text, err := json.Marshal(event)
		check(err)
		fmt.Printf("%s, encoding/json: %s\n", name, text)
		check(logger.PostWithTime("a.tag", time.Unix(1700000000, 0), event))
		message, err := reader.ReadIntf()
		check(err)
		// A map in JSON has its keys in order.
		text, err = json.Marshal(message.([]any)[2])
		check(err)
		fmt.Printf("%s, as it arrives: %s\n", name, text)
	}
	see("names", plain{Name: "a"})
	see("options", withOptions{Name: "a", Cache: 1, Buffer: 2})
	check(logger.Close())
}
GO
cd "$work"
go mod init finding >go.log 2>&1
go get github.com/fluent/fluent-logger-golang@v1.10.2 github.com/tinylib/msgp@v1.6.5 >>go.log 2>&1 || { cat go.log && exit 1; }
go run . >seen
cat seen
cat >expected <<'SEEN'
names, encoding/json: {"name":"a","note":""}
names, as it arrives: {"name":"a","note":""}
options, encoding/json: {"name":"a"}
options, as it arrives: {"-":2,"name":"a","note,omitempty":""}
SEEN
diff expected seen
