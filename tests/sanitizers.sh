#!/bin/sh
# Runs C and C++ programs of the suites once more, compiled for AddressSanitizer and UndefinedBehaviorSanitizer, with
# the library as it is shipped, shared and static: hosts that are built so must not be told of faults of ours, leaks
# included. Programs that fork are the suite `host`'s.
#
# Ends with the counts of the suites. Without such a compiler it says so and stops.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
cd "$root" || exit 1

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

flags="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
echo 'int main(void) { return 0; }' >"$work/none.c"
# shellcheck disable=SC2086 # a list of words
if ! ${CC:-cc} $flags "$work/none.c" -o "$work/none" 2>/dev/null || ! "$work/none" 2>/dev/null; then
    echo "skipped: hosts with sanitizers (the C compiler makes no program with $flags)"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

# Not CC and CXX: the C in the library's dependencies is compiled as ever.
TEST_CC="${CC:-cc} $flags"
TEST_CXX="${CXX:-c++} $flags"
ASAN_OPTIONS="detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:${ASAN_OPTIONS:-}"
UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export TEST_CC TEST_CXX ASAN_OPTIONS UBSAN_OPTIONS

failed=0
cargo test -p mona-tests --test interface || failed=1
cargo test -p mona-tests --test bad_input -- --exact json_that_is_none text_that_is_not_utf8 options_that_are_wrong \
    an_environment_that_is_wrong || failed=1
# Those that neither fork nor measure memory.
cargo test -p mona-tests --test life_cycle -- --exact never_started two_defaults exports_from_destructors \
    exit_without_close_delivers_from_the_static_library close_is_bounded || failed=1
# A thread whose storage was destroyed makes some anew for a call of its last moments; nobody destroys that.
ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" cargo test -p mona-tests --test life_cycle -- --exact \
    exports_from_exit_handlers_and_thread_specific_storage || failed=1
exit $failed
