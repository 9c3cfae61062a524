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
cargo test -p mona-tests --test stacks tasks_on_four_threads || failed=1
# Not the set-user-ID program: the loader gives such a one no libraries of the compiler's.
cargo test -p mona-tests --test bad_input -- --skip a_set_user_id_program_reads_the_button_alone || failed=1
cargo test -p mona-tests --test cpp program_ || failed=1
# Those that neither fork nor measure memory.
cargo test -p mona-tests --test life_cycle -- --exact never_started two_defaults exports_from_destructors \
    exports_from_exit_handlers_and_thread_specific_storage exit_without_close_delivers_from_the_static_library \
    close_is_bounded || failed=1
exit $failed
