#!/bin/sh
# Builds libmona, the collector and the digits demo, runs them together and prints what arrived.
#
#     run-demo.sh [--full | --view] [RECORDS.ndjson]
#
# The records go to the file, if one is named. --full prints every figure, not only what fits a screen. On a terminal the
# page with the same data stays until Enter or Ctrl-C; with --view it is there from the beginning, and a browser is opened
# where there is one. CC and CARGO_TARGET_DIR are respected. Exit status: 0 if everything that the demo sent arrived.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
cc=${CC:-cc}
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
built=$target/demo

mode=
case ${1:-} in
--full | --view)
    mode=$1
    shift
    ;;
-*)
    echo "usage: run-demo.sh [--full | --view] [RECORDS.ndjson]" >&2
    exit 2
    ;;
esac

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

# Without what the demo does not use, and fast to build rather than fast: see profile.demo in Cargo.toml.
build() {
    if [ -x "$built/mona-collector" ]; then
        echo "demo: building what changed"
    else
        echo "demo: building libmona and a local collector in $target; the first time that takes a minute or so"
    fi
    cargo build --manifest-path "$root/Cargo.toml" --target-dir "$target" --profile demo -p mona-ffi -p mona-collector \
        --no-default-features --features mona-collector/cli,mona-collector/page
    # Programs look for the library under its soname, which cargo does not use for the file.
    ln -s "$built/libmona.so" "$work/libmona.so.0"
    ln -s "$built/libmona.dylib" "$work/libmona.0.dylib"
    "$cc" -std=c11 -Wall -Wextra -Werror -O2 -I"$root/include" \
        "$here/digits.c" "$here/dataset.c" "$here/softmax.c" \
        -L"$built" -lmona -lm -Wl,-rpath,"$work" -o "$work/digits"
}

# With these arguments besides.
start_collector() {
    rm -f "$work/address"
    "$built/mona-collector" --forward 127.0.0.1:0 --port-file "$work/address" "$@" >"$work/table" &
    collector=$!
    wait_for 10 collector_listens || die "the collector does not listen after 10 s"
    [ -s "$work/address" ]
}

# Its usual port, so that the address stays the same; another where that is taken.
start_page() {
    start_collector "$@" --page 127.0.0.1:8724 2>"$work/said" || start_collector "$@" --page 127.0.0.1:0 2>"$work/said" || {
        cat "$work/said" >&2
        die "the collector ended before it listened"
    }
    page=$(tail -n 1 "$work/address")
}

run_digits() {
    echo "demo: a classifier in C reads handwritten digits, the second half of them with noise"
    MONA_ENDPOINT=tcp://$(head -n 1 "$work/address") "$work/digits" "$here/data/digits.csv"
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

view() {
    start_page --out "$records" --store memory
    echo "demo: look at $page (Ctrl-C ends it)"
    open_browser "$page"
    run_digits
    echo "demo: everything has been sent; the page stays until Ctrl-C: $page"
    wait "$collector" || true
    collector=
}

summary() {
    if [ "$mode" = --full ]; then
        set -- --by label --by noise
    else
        set -- --by noise --brief
    fi
    start_collector --out "$records" --store "$work/store.sqlite" --exit-when-idle "$@" 2>"$work/said" || {
        cat "$work/said" >&2
        die "the collector ended before it listened"
    }
    status=0
    run_digits || status=$?

    # A demo that failed or was disabled may never have connected, and then the collector waits for a connection.
    # When it is asked to end, it sums up as well.
    if [ "$status" -ne 0 ] || ! wait_for 10 collector_is_gone; then
        kill "$collector" 2>/dev/null || true
        wait_for 10 collector_is_gone || die "the collector still runs 10 s after it was asked to end"
    fi
    wait "$collector" || {
        cat "$work/said" >&2
        die "the collector failed"
    }
    collector=
    echo
    cat "$work/table"
    echo
}

# Somebody is there to look at it, and to end it.
stay() {
    start_page --store "$work/store.sqlite"
    echo "All figures: ${page}classes (Enter or Ctrl-C ends the demo)"
    trap 'exit 0' INT
    read -r _ || true
}

build
if [ "$mode" = --view ]; then
    view
    exit 0
fi
summary
if [ "$status" -eq 0 ] && [ -z "${CI:-}" ] && [ -t 0 ] && [ -t 1 ]; then
    stay
elif [ "$mode" = --full ]; then
    echo "In a browser: make view"
else
    echo "All figures: make demo FULL=1; in a browser: make view"
fi
exit "$status"
