#!/bin/sh
# Tests the package for Go, with cgo and without: the generated files, the tests of the package, the race detector, the
# fuzzers for some seconds, the conformance scenarios, the examples, and what arrives when a program ends.
#
#     test.sh
#
# What is built stays in a scratch folder and Go's own cache. The closing line counts.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=bindings/harness/setup.sh
. "$here/../harness/setup.sh"
harness=$here/../harness
cd "$here" || exit 1

# How many inputs each fuzzer tries, or how long: some seconds of an idle machine. With a time a loaded machine ends some
# runs as failed.
fuzz_time=${MONA_GO_FUZZ_TIME:-20000x}
# The first release with what go.mod asks for.
oldest=26

command -v go >/dev/null 2>&1 || skip_all "go is not found"
minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
[ "${minor:-0}" -ge $oldest ] || skip_all "$(go env GOVERSION), 1.$oldest is needed"
# A working copy is no release: nothing of git belongs into what is built.
export GOFLAGS="${GOFLAGS:-} -buildvcs=false -mod=readonly" GOWORK=off

formatted() {
    unformatted=$(gofmt -l .)
    [ -z "$unformatted" ] || { echo "gofmt: $unformatted" && false; }
}

check "generated files are up to date" python3 generate.py --check
check "formatting" formatted

# Everything with one way to the C functions.
suite() {
    way=$1
    check "$way: vet" go vet ./...
    counted "$way: tests" sh tests/counted.sh -timeout 300s ./...
    programs=$MONA_SCRATCH/$way
    mkdir -p "$programs"
    check "$way: programs" go build -o "$programs/" ./examples/... ./tests/...
    check "$way: player" go test -c -o "$programs/player" .
    counted "$way: scenarios" python3 "$harness/scenarios.py" --cannot tests/cannot.json -- "$programs/player"
    for example in quickstart batch workers; do
        check "$way: example $example" sh "$harness/example.sh" "$example" "$programs/$example"
    done
    check "$way: example quickstart, no collector" sh "$harness/unreached.sh" "$programs/quickstart"
    ledger "$way" return 0
    ledger "$way" exit 3
    ledger "$way" panic 2
    ledger "$way" close 0
    ledger "$way" terminate 0
}

# Nothing is lost of 8 goroutines of 100 events: ledger WAY END STATUS
ledger() {
    check "$1: ledger of $2" python3 "$harness/ledger.py" --expect 800 --status "$3" -- "$programs/ends" "$2"
}

compiler=$(go env CC)
if command -v "$compiler" >/dev/null 2>&1 && command -v pkg-config >/dev/null 2>&1; then
    export CGO_ENABLED=1
    suite cgo
    if go test -race -c -o /dev/null . 2>/dev/null; then
        counted "race detector" sh tests/counted.sh -race -timeout 300s .
    else
        skip "race detector" "no such library for this machine"
    fi
    for fuzzer in FuzzFields FuzzJSON; do
        check "$fuzzer, $fuzz_time" go test -run XXX -fuzz "$fuzzer" -fuzztime "$fuzz_time" .
    done
    if (cd bench && go mod download) >/dev/null 2>&1; then
        check "benchmarks: vet" sh -c 'cd bench && go vet ./...'
    else
        skip "benchmarks: vet" "fluent-logger-golang cannot be had"
    fi
else
    skip "everything with cgo" "$compiler and pkg-config are needed"
fi
export CGO_ENABLED=0
if go mod download >/dev/null 2>&1; then
    suite purego
    # Its errors are ignored there, as a program may.
    check "purego: without the library" env MONA_LIBRARY="$MONA_SCRATCH/none" "$programs/workers"
else
    skip "everything without cgo" "the module purego cannot be had"
fi
finish
