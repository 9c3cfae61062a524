# What the scripts for other systems share; each begins with `. common.sh`.
#
# shellcheck shell=sh disable=SC2034,SC2154 # variables go from one file to the other
set -u

root=$(CDPATH='' cd -- "$here/../.." && pwd)
cd "$root" || exit 1
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target/systems"
# Of their own below cargo's: what is built for other systems never throws an ordinary build's work away.
systems=$(CDPATH='' cd -- "$target/systems" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

passed=0
failed=0
skipped=0

pass() {
    passed=$((passed + 1))
    echo "ok: $1"
}

fail() {
    failed=$((failed + 1))
    echo "FAILED: $1"
}

skip() {
    skipped=$((skipped + 1))
    echo "skipped: $1 ($2)"
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}

# try NAME COMMAND...: the command has to succeed; what it says is shown where it does not.
try() {
    name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        pass "$name"
    else
        tail -n 60 "$work/said"
        fail "$name"
        return 1
    fi
}

# Whether Rust's library for $1 is there, or could be had.
has_target() {
    [ -d "$(rustc --print target-libdir --target "$1" 2>/dev/null)" ] ||
        rustup target add "$1" >/dev/null 2>&1
}

# Finds zig and cargo-zigbuild, or gets them from PyPI; "$zig" runs it.
find_zig() {
    if command -v zig >/dev/null 2>&1 && command -v cargo-zigbuild >/dev/null 2>&1; then
        zig=$(command -v zig)
        return
    fi
    bin=$(CARGO_TARGET_DIR=$target sh tests/venv.sh zig cargo-zigbuild==0.24.0 ziglang==0.17.0 2>"$work/venv") || {
        tail -n 3 "$work/venv"
        return 1
    }
    PATH=$bin:$PATH
    zig=$(tool zig "$bin/python3" -m ziglang)
}

# Makes $systems/bin/NAME, which runs the rest, a word each: where a compiler has to be one.
tool() {
    mkdir -p "$systems/bin"
    file=$systems/bin/$1
    shift
    {
        echo '#!/bin/sh'
        printf 'exec'
        for word; do
            printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"
        done
        # shellcheck disable=SC2016 # for the script that is written
        printf ' "$@"\n'
    } >"$file.$$"
    chmod +x "$file.$$"
    mv "$file.$$" "$file"
    echo "$file"
}

# How the library is built: as it is shipped with `long`, otherwise without optimising, which costs minutes and changes
# nothing that these tests ask. A word for cargo.
quick=
[ "${1:-}" = long ] || quick=--config=tests/systems/quick.toml

# What loads the shared object into the tests' own process, which is one of this system.
loads_it='--skip a_batch_joins_an_enter --skip a_sub_context_keeps_the_client --skip classes_and_timestamps_are_fields
    --skip deep_stacks_are_left --skip scopes_are_left_in_any_order --skip what_was_made_while_disabled
    --skip a_file_that_cannot_be_written_any_more'

# ordinary COMMAND...: cargo for this machine, in the folder and with the flags of `make test`, which has made it before.
ordinary() {
    command=$1
    shift
    cargo "$command" --locked --target-dir "$target" "$@"
}

# The tests in Rust that compile programs in C, with what compiles and runs them for another system: the library in $1,
# TEST_CC and TEST_RUNNER from the environment; the rest are arguments of cargo test.
programs() {
    library=$1
    shift
    ln -sf libmona.so "$library/libmona.so.0"
    (
        export TEST_LIBRARY="$library"
        ordinary test -p mona-tests "$@"
    ) >"$work/tests" 2>&1
    grep -hE '^test .*(FAILED|failed)$|^---- ' "$work/tests" | sort -u
    # shellcheck disable=SC2046 # two numbers
    set -- $(awk '/^test result:/ { passed += $4; failed += $6 } END { print passed + 0, failed + 0 }' "$work/tests")
    if [ "$1" = 0 ] || [ "$2" != 0 ]; then
        tail -n 60 "$work/tests"
    fi
    passed=$((passed + $1))
    failed=$((failed + $2))
    # What broke before it counted anything is a failure too.
    [ "$1" != 0 ] || failed=$((failed + 1))
}

# Counts what another script of this kind counted.
count() {
    passed=$((passed + $1))
    failed=$((failed + $3))
    skipped=$((skipped + $5))
}
