#!/bin/sh
# Measures the package: calls with cgo and without, in turns with an empty call, and bursts against fluent-logger-golang.
#
#     bench/run.sh
#
# Figures are lines of four columns with tabs. A module of its own, so that the package does not depend on the other
# logger.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=bindings/harness/setup.sh
. "$here/../../harness/setup.sh"
cd "$here" || exit 1

command -v go >/dev/null 2>&1 || skip_all "go is not found"
export GOFLAGS="${GOFLAGS:-} -buildvcs=false -mod=readonly" GOWORK=off

status=0
for cgo in 1 0; do
    CGO_ENABLED=$cgo go build -o "$MONA_SCRATCH/calls-$cgo" ./calls && "$MONA_SCRATCH/calls-$cgo" || status=1
done
CGO_ENABLED=1 go build -o "$MONA_SCRATCH/burst" ./burst && python3 "$here/burst.py" "$MONA_SCRATCH/burst" || status=1
exit $status
