#!/bin/sh
# Builds libmona, the collector and the digits demo, runs them together and prints what arrived.
#
#     run-demo.sh [--view] [RECORDS.ndjson]
#
# The records go to the file, if one is named. With --view the collector shows them on a page until Ctrl-C, and a
# browser is opened where there is one. CC and CARGO_TARGET_DIR are respected. Exit status: 0 if
# everything that the demo sent arrived.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
cc=${CC:-cc}
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
release=$target/release

view=
if [ "${1:-}" = --view ]; then
    view=yes
    shift
fi

work=$(mktemp -d)
records=${1:-$work/records.ndjson}
collector=

cleanup() {
    if [ -n "$collector" ] && kill -0 "$collector" 2>/dev/null; then
        kill "$collector"
        wait "$collector" || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' HUP TERM

die() {
    echo "demo: $*" >&2
    exit 1
}

# Waits until a command succeeds, at most so many seconds.
wait_for() {
    tries=$(($1 * 10))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

collector_listens() {
    [ -s "$work/address" ] || ! kill -0 "$collector" 2>/dev/null
}

collector_is_gone() {
    ! kill -0 "$collector" 2>/dev/null
}

build() {
    cargo build --manifest-path "$root/Cargo.toml" --target-dir "$target" --release -p mona-ffi -p mona-collector
    # Programs look for the library under its soname, which cargo does not use for the file.
    ln -s "$release/libmona.so" "$work/libmona.so.0"
    ln -s "$release/libmona.dylib" "$work/libmona.0.dylib"
    "$cc" -std=c11 -Wall -Wextra -Werror -O2 -I"$root/include" \
        "$here/digits.c" "$here/dataset.c" "$here/softmax.c" \
        -L"$release" -lmona -lm -Wl,-rpath,"$work" -o "$work/digits"
}

# With these arguments besides.
start_collector() {
    "$release/mona-collector" --forward 127.0.0.1:0 --port-file "$work/address" --out "$records" "$@" >"$work/table" &
    collector=$!
    wait_for 10 collector_listens || die "the collector does not listen after 10 s"
    [ -s "$work/address" ]
}

# A browser is a convenience: without one the address is enough.
open_browser() {
    case $(uname -s) in
    Darwin) opener=open ;;
    *) opener=xdg-open ;;
    esac
    if [ "$opener" = open ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        if command -v "$opener" >/dev/null 2>&1; then
            "$opener" "$1" >/dev/null 2>&1 &
        fi
    fi
}

show() {
    # Its usual port, so that the address stays the same; another where that is taken.
    start_collector --store memory --page 127.0.0.1:8724 || start_collector --store memory --page 127.0.0.1:0 ||
        die "the collector ended before it listened"
    page=$(tail -n 1 "$work/address")
    echo "demo: look at $page (Ctrl-C ends it)"
    open_browser "$page"
    MONA_ENDPOINT=tcp://$(head -n 1 "$work/address") "$work/digits" "$here/data/digits.csv"
    echo "demo: everything has been sent; the page stays until Ctrl-C: $page"
    wait "$collector" || true
    collector=
}

build
if [ -n "$view" ]; then
    show
    exit 0
fi
start_collector --by label --by noise --exit-when-idle || die "the collector ended before it listened"

status=0
MONA_ENDPOINT=tcp://$(cat "$work/address") "$work/digits" "$here/data/digits.csv" || status=$?

# A demo that failed or was disabled may never have connected, and then the collector waits for a connection.
# When it is asked to end, it sums up as well.
if [ "$status" -ne 0 ] || ! wait_for 10 collector_is_gone; then
    kill "$collector" 2>/dev/null || true
    wait_for 10 collector_is_gone || die "the collector still runs 10 s after it was asked to end"
fi
wait "$collector" || die "the collector failed"
collector=
echo
cat "$work/table"
exit "$status"
