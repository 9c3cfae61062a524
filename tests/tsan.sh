#!/bin/sh
# Runs what threads do at once under ThreadSanitizer: the core's tests, and C programs with the static library. All of it
# is compiled for that, the standard library too, whose locks would else look like none.
#
# Needs the nightly compiler with its own sources, and cc; without them it says so and stops. Ends with counts.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$root" || exit 1

skip() {
    echo "skipped: ThreadSanitizer ($1)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

case $(uname -sm) in
"Linux x86_64" | "Linux aarch64") ;;
*) skip "64-bit Linux only" ;;
esac
command -v cc >/dev/null 2>&1 || skip "no C compiler"
rustup run nightly rustc --version >/dev/null 2>&1 ||
    skip "rustup toolchain install nightly --profile minimal --component rust-src"
libraries=$(rustup run nightly rustc --print target-libdir)
[ -d "$libraries/../../src/rust/library" ] ||
    rustup component add rust-src --toolchain nightly >/dev/null 2>&1 ||
    skip "rustup component add rust-src --toolchain nightly"
runtime=$libraries/librustc-nightly_rt.tsan.a
[ -f "$runtime" ] || skip "the nightly compiler has no $(basename "$runtime")"

triple=$(rustup run nightly rustc -vV | sed -n 's/^host: //p')
target=${CARGO_TARGET_DIR:-$root/target}/tsan
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Without TLS: ring is C and assembler, which nobody watches.
instrumented() {
    what=$1
    shift
    RUSTFLAGS=-Zsanitizer=thread rustup run nightly cargo "$what" --quiet -Zbuild-std --target "$triple" \
        --target-dir "$target" --no-default-features --features http "$@"
}

passed=0
failed=0

# check NAME COMMAND...: one program, which must end well and without a report
check() {
    name=$1
    shift
    timeout 300 "$@" >"$work/output" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
        printf 'ok    %s\n' "$name"
    else
        failed=$((failed + 1))
        printf 'FAIL  %s (status %s)\n' "$name" "$status"
        head -300 "$work/output" | sed 's/^/      /'
    fi
}

# compile NAME: the program of tests/c/NAME.c as $work/program
compile() {
    cc -std=c11 -Wall -Wextra -Werror -g -O1 -pthread -fsanitize=thread -I include -c "tests/c/$1.c" \
        -o "$work/program.o" || exit 1
    # The runtime is that of the Rust compiler, for all of it.
    cc -o "$work/program" "$work/program.o" "$target/$triple/debug/libmona.a" \
        -Wl,--whole-archive "$runtime" -Wl,--no-whole-archive -Wl,--export-dynamic \
        -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc || exit 1
}

# over ENDPOINT NAME ARGUMENTS...
over() {
    MONA_ENDPOINT=$1
    export MONA_ENDPOINT
    name=$2
    shift 2
    check "$name over ${MONA_ENDPOINT%%:*}:" "$work/program" "$@"
}

# All reports of a program, which then ends with a status of its own. The story of a panic takes many times as long here.
TSAN_OPTIONS="exitcode=66 halt_on_error=0 ${TSAN_OPTIONS:-}"
RUST_BACKTRACE=0
export TSAN_OPTIONS RUST_BACKTRACE

instrumented build -p mona-ffi || exit 1
instrumented test -p mona --lib --no-run --message-format json >"$work/build" || exit 1
tests=$(sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' "$work/build" | tail -1)

# All but the encoder's, which knows no threads.
for part in queue:: sys:: client:: api:: diag:: config:: delivery:: net:: transport::; do
    check "tests of $part" env -C core "$tests" "$part"
done

compile race/threads_meet
over memory: threads_meet
over null: threads_meet
over "file://$work/events.ndjson" threads_meet
# Nobody listens there.
over tcp://127.0.0.1:9 threads_meet
compile stacks/tasks
check "tasks on stacks" "$work/program"
compile load/load
over memory: load 2000
compile life_cycle/passing_threads
over null: passing_threads 200
compile life_cycle/two_defaults
over null: two_defaults
compile life_cycle/late_exports
over null: late_exports

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
