#!/bin/sh
# Runs C programs against the release library under memcheck: no invalid access, no use of undefined
# bytes, and no more bytes lost (definitely or indirectly) with ten times the events.
# Ends with `N passed, N failed`. Needs a C compiler and cargo; without valgrind it says so and stops.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
if ! command -v valgrind >/dev/null 2>&1; then
    echo "valgrind: not installed, memcheck is skipped"
    echo "0 passed, 0 failed"
    exit 0
fi

target=${CARGO_TARGET_DIR:-$root/target}
# One by one: features of two packages that are built together are those of both, and other suites use these files.
for package in mona-ffi mona-collector; do
    (cd "$root" && cargo build --release --quiet -p "$package" --target-dir "$target") || exit 1
done
work=$(mktemp -d) || exit 1
collector=
clean() {
    [ -n "$collector" ] && kill "$collector" 2>/dev/null && wait "$collector" 2>/dev/null
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

ln -s "$target/release/libmona.so" "$work/libmona.so.0"
suppressions=$root/tests/valgrind.supp
passed=0
failed=0

pass() {
    passed=$((passed + 1))
    printf 'ok    %s\n' "$1"
}

fail() {
    failed=$((failed + 1))
    printf 'FAIL  %s\n' "$1"
    # What the program said before what memcheck did, which is long.
    sed 's/^/      /' "$work/stdout"
    [ -f "${2:-}" ] && sed 's/^/      /' "$2" | head -60
}

# compile NAME SOURCE: an executable $work/NAME
compile() {
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -g -O1 -pthread -I "$root/include" "$root/tests/c/$2" \
        -o "$work/$1" "$work/libmona.so.0" "-Wl,-rpath,$work" -ldl
}

# memcheck LOG PROGRAM ARGUMENTS...: 0 if the program succeeded and memcheck found no error. One thread runs at a time
# there; fairly, or two that never wait can keep the sender from its turn for more than a minute.
memcheck() {
    log=$1
    shift
    valgrind --quiet --fair-sched=try --error-exitcode=97 --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=none --num-callers=30 --suppressions="$suppressions" --log-file="$log" \
        --verbose "$@" >"$work/stdout" 2>&1
}

# lost LOG: bytes definitely and indirectly lost
lost() {
    awk '/definitely lost:|indirectly lost:/ { gsub(",", "", $4); sum += $4 } END { print sum + 0 }' "$1"
}

# check NAME ARGUMENTS...: one run of $work/NAME
check() {
    name=$1
    shift
    if memcheck "$work/$name.log" "$work/$name" "$@"; then
        pass "$name $*"
    else
        fail "$name $*" "$work/$name.log"
    fi
}

# grows ENDPOINT: load with N and 10 N events; what is lost must be the same
grows() {
    few=2000
    many=20000
    MONA_ENDPOINT=$1
    export MONA_ENDPOINT
    if ! memcheck "$work/few.log" "$work/load" $few; then
        fail "load $few over $2" "$work/few.log"
        return
    fi
    if ! memcheck "$work/many.log" "$work/load" $many; then
        fail "load $many over $2" "$work/many.log"
        return
    fi
    lost_few=$(lost "$work/few.log")
    lost_many=$(lost "$work/many.log")
    if [ "$lost_many" -le "$lost_few" ]; then
        pass "load over $2: $lost_few bytes lost with $few events, $lost_many with $many"
    else
        fail "load over $2: $lost_few bytes lost with $few events, $lost_many with $many" "$work/many.log"
    fi
}

compile load load/load.c || exit 1
for name in json utf8 options; do
    compile "$name" "bad_input/$name.c" || exit 1
done
for name in exit_without_close late_exports two_defaults fork_child passing_threads; do
    compile "$name" "life_cycle/$name.c" || exit 1
done
compile levels log/levels.c || exit 1
compile stacks interface/stacks.c || exit 1
for name in tasks fork; do
    compile "$name" "stacks/$name.c" || exit 1
done

# A collector of its own, on a port that the system chooses.
"$target/release/mona-collector" --forward 127.0.0.1:0 --port-file "$work/port" --out "$work/records.ndjson" \
    >"$work/collector.log" 2>&1 &
collector=$!
waited=0
while [ ! -s "$work/port" ] && [ $waited -lt 600 ]; do
    sleep 0.1
    waited=$((waited + 1))
done
address=$(head -n 1 "$work/port") || exit 1
case $address in
*:*) ;;
*) address=127.0.0.1:$address ;;
esac

# Slow under memcheck; nothing here is about time.
MONA_EXIT_FLUSH_MS=30000
MONA_ACK_TIMEOUT_MS=60000
export MONA_EXIT_FLUSH_MS MONA_ACK_TIMEOUT_MS

grows "memory:" memory
grows "null:" null
grows "file://$work/events.ndjson" file
grows "tcp://$address" tcp

MONA_ENDPOINT=memory:
export MONA_ENDPOINT
check json
check utf8
check options
check stacks
check tasks
MONA_LOGGING_LEVEL=10 check levels 10
MONA_ENDPOINT=tcp://$address
check exit_without_close 200
check late_exports
check two_defaults
check fork_child
check passing_threads 40
check fork 3

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
